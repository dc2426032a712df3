//! HTML of any origin as a stream of texts and tags.
//!
//! This is the tokenizer of the HTML standard (of the html5ever crate) without its tree builder. Trees
//! repeat formatting elements that were left open, up to the square of the input; a stream cannot grow.

use std::borrow::Cow;
use std::cell::RefCell;

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{
    BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};

use super::characters::{cleaned, prefix_length};

/// Elements whose content is not markup and not for readers. An end tag that is missing makes the rest theirs.
pub(super) const SWALLOWING: [&str; 9] =
    ["iframe", "noembed", "noframes", "plaintext", "script", "style", "textarea", "title", "xmp"];

/// How much input goes to the tokenizer at once, in bytes.
const PIECE: usize = 4096;
/// A single tag or comment longer than this, in bytes, ends the text: the tokenizer takes the square of the
/// number of attributes of a tag.
const MAX_CONSTRUCT: usize = 4 * PIECE;

/// A piece of HTML.
#[derive(Debug)]
pub(super) enum Event<'e> {
    /// Text between two tags, entities decoded, without unwanted characters.
    Text(&'e str),
    Open(StartTag<'e>),
    /// The name in an end tag, in lower case.
    Close(&'e str),
}

/// A start tag.
#[derive(Debug)]
pub(super) struct StartTag<'e>(&'e Tag);

impl StartTag<'_> {
    /// The name, in lower case.
    pub(super) fn name(&self) -> &str {
        &self.0.name
    }

    /// The value of an attribute, entities decoded, without unwanted characters.
    pub(super) fn attribute(&self, name: &str) -> Option<Cow<'_, str>> {
        let attribute = self.0.attrs.iter().find(|attribute| &*attribute.name.local == name)?;
        Some(cleaned(&attribute.value))
    }
}

/// Reads HTML from left to right. Comments, declarations and the content of [`SWALLOWING`] elements are left out.
pub(super) fn walk(html: &str, on_event: impl FnMut(Event<'_>)) {
    let state = State { on_event, text: String::new(), swallower: None, tokens: 0 };
    let options = TokenizerOpts { discard_bom: false, ..TokenizerOpts::default() };
    let tokenizer = Tokenizer::new(Sink(RefCell::new(state)), options);
    let queue = BufferQueue::default();
    let mut rest = html;
    let mut since_last_token = 0;
    while !rest.is_empty() && since_last_token < MAX_CONSTRUCT {
        let (piece, after) = rest.split_at(prefix_length(rest, PIECE));
        rest = after;
        let tokens_before = tokenizer.sink.0.borrow().tokens;
        queue.push_back(StrTendril::from(piece));
        // The result says whether the sink asked for a pause, which it never does.
        let _ = tokenizer.feed(&queue);
        let progressed = tokenizer.sink.0.borrow().tokens > tokens_before;
        since_last_token = if progressed { 0 } else { since_last_token + piece.len() };
    }
    tokenizer.end();
    tokenizer.sink.0.borrow_mut().flush();
}

struct State<F> {
    on_event: F,
    /// Text since the last tag.
    text: String,
    /// The element whose content is being left out.
    swallower: Option<String>,
    tokens: usize,
}

impl<F: FnMut(Event<'_>)> State<F> {
    fn flush(&mut self) {
        if !self.text.is_empty() {
            let text = std::mem::take(&mut self.text);
            (self.on_event)(Event::Text(&cleaned(&text)));
        }
    }

    fn tag(&mut self, tag: &Tag) -> TokenSinkResult<()> {
        if let Some(name) = &self.swallower {
            if tag.kind == TagKind::EndTag && **name == *tag.name {
                self.swallower = None;
            }
            return TokenSinkResult::Continue;
        }
        if tag.kind == TagKind::StartTag && SWALLOWING.contains(&&*tag.name) {
            self.swallower = Some(tag.name.to_string());
            return match &*tag.name {
                "plaintext" => TokenSinkResult::Plaintext,
                "title" | "textarea" => TokenSinkResult::RawData(RawKind::Rcdata),
                "script" => TokenSinkResult::RawData(RawKind::ScriptData),
                _ => TokenSinkResult::RawData(RawKind::Rawtext),
            };
        }
        self.flush();
        match tag.kind {
            TagKind::StartTag => (self.on_event)(Event::Open(StartTag(tag))),
            TagKind::EndTag => (self.on_event)(Event::Close(&tag.name)),
        }
        TokenSinkResult::Continue
    }
}

struct Sink<F>(RefCell<State<F>>);

impl<F: FnMut(Event<'_>)> TokenSink for Sink<F> {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut state = self.0.borrow_mut();
        match token {
            Token::TagToken(tag) => {
                state.tokens += 1;
                return state.tag(&tag);
            }
            Token::CharacterTokens(text) => {
                state.tokens += 1;
                if state.swallower.is_none() {
                    state.text.push_str(&text);
                }
            }
            Token::CommentToken(_) => state.tokens += 1,
            Token::DoctypeToken(_) | Token::NullCharacterToken | Token::EOFToken | Token::ParseError(_) => {}
        }
        TokenSinkResult::Continue
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outline(html: &str) -> String {
        let mut outline = String::new();
        walk(html, |event| match event {
            Event::Text(text) => outline.push_str(text),
            Event::Open(tag) => {
                let href = tag.attribute("href").unwrap_or_default();
                outline.push_str(&format!("[{}{href}]", tag.name()));
            }
            Event::Close(name) => outline.push_str(&format!("[/{name}]")),
        });
        outline
    }

    #[test]
    fn tags_and_texts_come_in_order_entities_decoded() {
        assert_eq!(outline("a&amp;<B>b</B><!-- c --><a href='&quot;x'>"), "a&[b]b[/b][a\"x]");
    }

    #[test]
    fn text_is_one_event_however_it_was_cut() {
        let text = "é".repeat(10_000);
        let mut events = 0;
        walk(&text, |event| {
            events += 1;
            assert!(matches!(event, Event::Text(whole) if whole == text));
        });
        assert_eq!(events, 1);
    }

    #[test]
    fn what_is_no_markup_is_left_out() {
        assert_eq!(outline("a<script>if (b<c) '</scrip'</script>d"), "ad");
        assert_eq!(outline("a<title><b>x</title>b<style>"), "ab");
        assert_eq!(outline("a<plaintext>b</plaintext>c"), "a");
    }

    #[test]
    fn unwanted_characters_do_not_return_as_entities() {
        assert_eq!(outline("a&#1;b&#xFFFE;c&#xFEFF;d<a href='x&#2;y'>"), "abcd[axy]");
    }

    #[test]
    fn a_tag_without_end_ends_the_text() {
        let attributes: String = (0..20_000).map(|number| format!(" a{number}")).collect();
        assert_eq!(outline(&format!("before<b{attributes}>after")), "before");
    }
}
