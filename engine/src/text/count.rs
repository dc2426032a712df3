//! How long a post is.

use unicode_segmentation::UnicodeSegmentation;

use super::characters::cleaned;
use super::tokens::{Token, tokens};

/// What a link counts, however long it is.
pub const CHARACTERS_PER_LINK: usize = 23;

/// The length of a source text in characters as a reader sees them (grapheme clusters), counted as Mastodon
/// does: each link counts [`CHARACTERS_PER_LINK`], a mention of an account elsewhere only its local part.
///
/// ```
/// use koinon_engine::text::count_characters;
///
/// assert_eq!(count_characters("👨‍👩‍👧 e\u{301}"), 3);
/// assert_eq!(count_characters("https://example.com/a/very/long/path/indeed"), 23);
/// assert_eq!(count_characters("@alice@social.example hi"), "@alice hi".len());
/// ```
#[must_use]
pub fn count_characters(source: &str) -> usize {
    let source = cleaned(source);
    let mut count = 0;
    let mut counted = 0;
    for (place, token) in tokens(&source, None) {
        let length = match token {
            Token::Link(_) => CHARACTERS_PER_LINK,
            Token::Mention(mention) => 1 + mention.username.len(),
            Token::Hashtag(_) | Token::Shortcode(_) => continue,
        };
        count += source[counted..place.start].graphemes(true).count() + length;
        counted = place.end;
    }
    count + source[counted..].graphemes(true).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_end_is_one_character() {
        assert_eq!(count_characters("a\r\nb\nc"), 5);
    }

    #[test]
    fn hashtags_and_shortcodes_count_as_written() {
        assert_eq!(count_characters("#rust :blobcat:"), 15);
    }

    #[test]
    fn each_link_counts_the_same() {
        assert_eq!(count_characters("http://a.example, https://b.example/?c"), 2 * CHARACTERS_PER_LINK + 2);
    }
}
