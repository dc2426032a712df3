//! From safe HTML back to text.

use super::html::SafeHtml;
use super::markup::{Event, walk};
use super::policy::{self, Role};

/// The readable text of HTML: blocks and line breaks as lines, a blank line between paragraphs, entities
/// decoded, links as their text.
///
/// The result is text: put into HTML it has to be escaped like any other.
#[must_use]
pub fn plain(html: &SafeHtml) -> String {
    let mut text = Text { output: String::with_capacity(html.as_str().len()), gap: 0 };
    walk(html.as_str(), |event| match event {
        Event::Text(piece) => text.push(piece),
        Event::Open(tag) => text.boundary(tag.name()),
        Event::Close(name) => text.boundary(name),
    });
    text.output
}

struct Text {
    output: String,
    /// The line ends due before the next piece.
    gap: usize,
}

impl Text {
    fn push(&mut self, piece: &str) {
        if self.output.is_empty() {
            self.gap = 0;
        }
        for _ in 0..std::mem::take(&mut self.gap) {
            self.output.push('\n');
        }
        self.output.push_str(piece);
    }

    fn boundary(&mut self, name: &str) {
        match policy::element(name).map(|element| element.role) {
            Some(Role::LineBreak) => self.gap += 1,
            Some(Role::Paragraph | Role::Block | Role::Heading | Role::Preformatted | Role::Rule) => {
                self.gap = self.gap.max(2);
            }
            Some(Role::Item) => self.gap = self.gap.max(1),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::sanitise;
    use super::*;

    fn text(html: &str) -> String {
        plain(&sanitise(html))
    }

    #[test]
    fn paragraphs_and_breaks_become_lines() {
        assert_eq!(text("<p>a<br>b</p><p>c</p>"), "a\nb\n\nc");
        assert_eq!(text("a<ul><li>b</li><li>c</li></ul>d"), "a\n\nb\nc\n\nd");
        assert_eq!(text("<pre>a\n b</pre>c"), "a\n b\n\nc");
    }

    #[test]
    fn entities_are_decoded_once() {
        assert_eq!(text("&lt;b&gt; &amp;amp; &quot;&nbsp;&eacute;"), "<b> &amp; \"\u{A0}é");
    }

    #[test]
    fn links_are_their_whole_text() {
        let html = "<a href='https://e.example/abc'><span class=invisible>https://</span>e.example/a<span class=invisible>bc</span></a>";
        assert_eq!(text(html), "https://e.example/abc");
    }
}
