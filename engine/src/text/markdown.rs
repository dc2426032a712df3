//! Markdown into HTML, not yet safe.

use std::borrow::Cow;

use pulldown_cmark::{CowStr, Event, Options, Parser, html};

use super::markup::SWALLOWING;

/// CommonMark with strikethrough. Line breaks stay line breaks, as people expect of a post.
pub(super) fn to_html(source: &str) -> String {
    let events = Parser::new_ext(source, Options::ENABLE_STRIKETHROUGH).map(|event| match event {
        Event::SoftBreak => Event::HardBreak,
        Event::Html(markup) => Event::Html(spare_the_rest(markup)),
        Event::InlineHtml(markup) => Event::InlineHtml(spare_the_rest(markup)),
        other => other,
    });
    let mut output = String::with_capacity(source.len() * 3 / 2);
    html::push_html(&mut output, events);
    output
}

/// Turns tags that swallow the text after them (a stray `<title>` or `<script>`) into text.
fn spare_the_rest(markup: CowStr<'_>) -> CowStr<'_> {
    match without_swallowing_tags(&markup) {
        Cow::Borrowed(_) => markup,
        Cow::Owned(text) => text.into(),
    }
}

fn without_swallowing_tags(markup: &str) -> Cow<'_, str> {
    let mut output = String::new();
    let mut copied = 0;
    for (position, _) in markup.match_indices('<') {
        let name = markup[position + 1..].trim_start_matches('/');
        let length = name.bytes().take_while(u8::is_ascii_alphanumeric).count();
        if SWALLOWING.iter().any(|tag| tag.eq_ignore_ascii_case(&name[..length])) {
            output.push_str(&markup[copied..position]);
            output.push_str("&lt;");
            copied = position + 1;
        }
    }
    if copied == 0 {
        return Cow::Borrowed(markup);
    }
    output.push_str(&markup[copied..]);
    Cow::Owned(output)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_breaks_stay() {
        assert_eq!(to_html("a\nb\n\nc"), "<p>a<br />\nb</p>\n<p>c</p>\n");
    }

    #[test]
    fn tags_that_swallow_what_follows_become_text() {
        assert_eq!(to_html("x <TITLE> y <b>z</b>"), "<p>x &lt;TITLE> y <b>z</b></p>\n");
        assert_eq!(to_html("<script>\nx\n</script>\n\ny"), "&lt;script>\nx\n&lt;/script>\n<p>y</p>\n");
        assert_eq!(to_html("a <titles>"), "<p>a <titles></p>\n");
    }
}
