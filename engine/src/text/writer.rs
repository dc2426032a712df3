//! Writes HTML that is well nested by construction.

use super::characters::prefix_length;
use super::policy::{Attributes, Element, Role};

/// The deepest nesting of elements. What is deeper keeps its text and loses its tags.
const MAX_DEPTH: usize = 32;
/// How much is written between empty comments, in bytes. The sanitiser takes them out again; without them its
/// serialiser would search the whole rest of a long text at each `&`.
const MAX_STRETCH: usize = 4096;

/// Takes tags in any order and writes elements that a parser reads back as they were written: each closed,
/// no paragraph around a block, no link in a link, none empty.
#[derive(Debug, Default)]
pub(super) struct Writer {
    output: String,
    open: Vec<Open>,
    /// Elements that would be open if they were not too deep.
    too_deep: usize,
    /// White space with a line break in it, to be written as one space if something follows in the line.
    pending_space: bool,
    /// The character that was written last in this line of text.
    last: Option<char>,
    last_comment: usize,
}

#[derive(Debug)]
struct Open {
    element: Element,
    /// Where the start tag begins.
    start: usize,
    /// Where the content begins.
    content: usize,
}

impl Writer {
    /// Writes text. Outside of preformatted text, line breaks are white space like in all HTML.
    pub(super) fn text(&mut self, text: &str) {
        if self.is_inside(&[Role::Preformatted]) {
            return self.preformatted(text);
        }
        let mut lines = text.split('\n');
        let Some(mut line) = lines.next() else { return };
        for next in lines {
            self.line(line.trim_end_matches([' ', '\t']));
            self.pending_space = true;
            line = next.trim_start_matches([' ', '\t']);
        }
        self.line(line);
    }

    /// Opens an element, closing what may not contain it.
    pub(super) fn open(&mut self, element: Element, attributes: &Attributes<'_>) {
        self.make_room_for(element.role);
        if self.open.len() == MAX_DEPTH {
            self.too_deep += 1;
            return;
        }
        match element.role {
            Role::Inline | Role::Link | Role::Ruby | Role::RubyText => self.write_pending_space(),
            _ => self.end_line(),
        }
        let start = self.output.len();
        self.output.push('<');
        self.output.push_str(element.output);
        for (name, value) in attributes {
            self.output.push(' ');
            self.output.push_str(name);
            self.output.push_str("=\"");
            push_escaped(&mut self.output, value);
            self.output.push('"');
        }
        self.output.push('>');
        self.open.push(Open { element, start, content: self.output.len() });
    }

    /// Closes the innermost open element of that name and everything in it, if there is one.
    pub(super) fn close(&mut self, name: &str) {
        if self.too_deep > 0 {
            self.too_deep -= 1;
        } else if let Some(depth) = self.open.iter().rposition(|open| open.element.name == name) {
            self.close_to(depth);
        }
    }

    /// Breaks the line.
    pub(super) fn line_break(&mut self) {
        self.output.push_str("<br>");
        self.end_line();
    }

    /// Draws a rule between two blocks.
    pub(super) fn rule(&mut self) {
        self.make_room_for(Role::Rule);
        self.output.push_str("<hr>");
        self.end_line();
    }

    /// Keeps apart what was written and what comes next in the line.
    pub(super) fn space(&mut self) {
        self.pending_space = true;
    }

    /// The character in front of the next text, `None` at the start of a line.
    pub(super) fn last(&self) -> Option<char> {
        if self.pending_space { Some(' ') } else { self.last }
    }

    /// Whether what is written now is code.
    pub(super) fn is_in_code(&self) -> bool {
        self.open.iter().any(|open| matches!(open.element.output, "code" | "pre"))
    }

    /// Whether what is written now is the text of a link.
    pub(super) fn is_in_link(&self) -> bool {
        self.is_inside(&[Role::Link])
    }

    /// Closes what is open and gives the HTML.
    pub(super) fn finish(mut self) -> String {
        self.close_to(0);
        self.output
    }

    fn is_inside(&self, roles: &[Role]) -> bool {
        self.open.iter().any(|open| roles.contains(&open.element.role))
    }

    fn line(&mut self, text: &str) {
        let Some(last) = text.chars().next_back() else { return };
        self.write_pending_space();
        self.write_text(text);
        self.last = Some(last);
    }

    fn preformatted(&mut self, text: &str) {
        // A parser drops the line break after the tag.
        let at_start = self
            .open
            .last()
            .is_some_and(|open| open.element.role == Role::Preformatted && open.content == self.output.len());
        let text = if at_start { text.trim_start_matches('\n') } else { text };
        self.write_text(text);
        self.last = text.chars().next_back().or(self.last);
    }

    fn write_text(&mut self, text: &str) {
        let mut rest = text;
        while !rest.is_empty() {
            if self.output.len().saturating_sub(self.last_comment) > MAX_STRETCH {
                self.output.push_str("<!---->");
                self.last_comment = self.output.len();
            }
            let (piece, after) = rest.split_at(prefix_length(rest, MAX_STRETCH));
            push_escaped(&mut self.output, piece);
            rest = after;
        }
    }

    fn write_pending_space(&mut self) {
        if std::mem::take(&mut self.pending_space)
            && self.last.is_some_and(|last| !matches!(last, ' ' | '\t'))
        {
            self.output.push(' ');
            self.last = Some(' ');
        }
    }

    fn end_line(&mut self) {
        self.pending_space = false;
        self.last = None;
    }

    /// Closes the elements that a parser would close, too, when it meets an element of that role.
    fn make_room_for(&mut self, role: Role) {
        let innermost = |closed: fn(Role) -> bool, fence: fn(Role) -> bool| {
            let roles = self.open.iter().map(|open| open.element.role).enumerate().rev();
            roles
                .take_while(|(_, role)| !fence(*role))
                .find(|(_, role)| closed(*role))
                .map(|(depth, _)| depth)
        };
        let no_fence = |_| false;
        let closing = match role {
            Role::Link => innermost(|role| role == Role::Link, no_fence),
            Role::Heading => innermost(|role| role == Role::Heading, no_fence),
            Role::Item => innermost(
                |role| role == Role::Item,
                |role| matches!(role, Role::Block | Role::Heading | Role::Preformatted),
            ),
            Role::RubyText => innermost(|role| role == Role::Ruby, no_fence).map(|depth| depth + 1),
            _ => None,
        };
        if let Some(depth) = closing {
            self.close_to(depth);
        }
        let ends_paragraph = matches!(
            role,
            Role::Paragraph | Role::Block | Role::Heading | Role::Item | Role::Preformatted | Role::Rule
        );
        if ends_paragraph
            && let Some(depth) = self.open.iter().position(|open| open.element.role == Role::Paragraph)
        {
            self.close_to(depth);
        }
    }

    fn close_to(&mut self, depth: usize) {
        while self.open.len() > depth {
            let Some(Open { element, start, content }) = self.open.pop() else { return };
            self.too_deep = 0;
            if !matches!(element.role, Role::Inline | Role::Link | Role::Ruby | Role::RubyText) {
                self.end_line();
            }
            if self.output.len() == content {
                self.output.truncate(start);
            } else {
                self.output.push_str("</");
                self.output.push_str(element.output);
                self.output.push('>');
            }
        }
    }
}

fn push_escaped(output: &mut String, text: &str) {
    let mut copied = 0;
    for (position, byte) in text.bytes().enumerate() {
        let entity = match byte {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            b'"' => "&quot;",
            _ => continue,
        };
        output.push_str(&text[copied..position]);
        output.push_str(entity);
        copied = position + 1;
    }
    output.push_str(&text[copied..]);
}

#[cfg(test)]
mod tests {
    use super::super::policy::element;
    use super::*;

    /// Writes a text of tags without attributes and words, before any sanitiser.
    fn written(html: &str) -> String {
        let mut writer = Writer::default();
        for piece in html.split_inclusive('>') {
            let (text, tag) = piece.split_once('<').unwrap_or((piece, ""));
            writer.text(text);
            match tag.trim_end_matches('>') {
                "" => {}
                "br" => writer.line_break(),
                "hr" => writer.rule(),
                name => match name.strip_prefix('/') {
                    Some(name) => writer.close(name),
                    None => writer.open(element(name).expect("a known element"), &Vec::new()),
                },
            }
        }
        writer.finish()
    }

    #[test]
    fn blocks_end_paragraphs() {
        assert_eq!(written("<p>a<p>b"), "<p>a</p><p>b</p>");
        assert_eq!(written("<p>a<b>b<ul>c"), "<p>a<b>b</b></p><ul>c</ul>");
        assert_eq!(written("<p>a<hr>b"), "<p>a</p><hr>b");
    }

    #[test]
    fn items_links_headings_and_ruby_texts_end_their_likes() {
        assert_eq!(written("<ul><li>a<i>b<li>c"), "<ul><li>a<i>b</i></li><li>c</li></ul>");
        assert_eq!(written("<li>a<ul><li>b"), "<li>a<ul><li>b</li></ul></li>");
        assert_eq!(written("<a>a<b><a>c"), "<a>a</a><a>c</a>");
        assert_eq!(written("<h1>a<h2>b"), "<h1>a</h1><h2>b</h2>");
        assert_eq!(written("<ruby>a<rt>b<rt>c</ruby>"), "<ruby>a<rt>b</rt><rt>c</rt></ruby>");
    }

    #[test]
    fn what_stays_open_is_closed_and_what_was_not_open_is_not() {
        assert_eq!(written("</b><p><b>a</p>b</b>"), "<p><b>a</b></p>b");
    }

    #[test]
    fn empty_elements_are_not_written() {
        assert_eq!(written("<p><b></b><i><u></u></i></p>a<ul><li></ul>"), "a");
    }

    #[test]
    fn line_breaks_are_white_space_but_in_preformatted_text() {
        assert_eq!(written(" a \n\t b\n<br>\nc <b>\nd</b>\n<p>\ne\n"), " a b<br>c <b>d</b><p>e</p>");
        assert_eq!(written("<pre>\n\na\n b</pre>"), "<pre>a\n b</pre>");
    }

    #[test]
    fn what_is_too_deep_loses_its_tags_only() {
        let deep = "<b>".repeat(MAX_DEPTH + 3) + "a" + &"</b>".repeat(MAX_DEPTH + 2) + "b";
        let expected = "<b>".repeat(MAX_DEPTH) + "a" + &"</b>".repeat(MAX_DEPTH - 1) + "b</b>";
        assert_eq!(written(&deep), expected);
    }

    #[test]
    fn long_text_is_interrupted_by_comments_that_the_sanitiser_removes() {
        let text = "é&".repeat(MAX_STRETCH);
        let html = written(&text);
        assert!(html.matches("<!---->").count() > 1);
        let safe = super::super::sanitise(&text).to_string();
        assert_eq!(safe, "é&amp;".repeat(MAX_STRETCH));
    }
}
