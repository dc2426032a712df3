//! The one tokenizer: what in a run of text is a mention, a hashtag, a link or a shortcode.

use std::ops::Range;

use super::hashtag::scan_hashtag;
use super::mention::{Mention, scan_mention};
use super::url::scan_url;

/// The longest shortcode, in characters without its colons.
const MAX_SHORTCODE: usize = 64;

/// Something in a text that is more than its characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token<'t> {
    Mention(Mention<'t>),
    /// The name, without its sign.
    Hashtag(&'t str),
    /// The URL as written.
    Link(&'t str),
    /// The code, without its colons.
    Shortcode(&'t str),
}

/// The tokens of `text` with their places in it, from left to right; they never overlap. `before` is the
/// character in front of the text where it continues a line.
pub(super) fn tokens(text: &str, before: Option<char>) -> impl Iterator<Item = (Range<usize>, Token<'_>)> {
    Tokens { text, position: 0, before: [before, None], after_shortcode: false }
}

struct Tokens<'t> {
    text: &'t str,
    position: usize,
    /// The two characters in front of the position, the nearest first.
    before: [Option<char>; 2],
    after_shortcode: bool,
}

impl<'t> Iterator for Tokens<'t> {
    type Item = (Range<usize>, Token<'t>);

    fn next(&mut self) -> Option<Self::Item> {
        while let Some(character) = self.text[self.position..].chars().next() {
            let start = self.position;
            if let Some((length, token)) = self.token_at(character) {
                self.position += length;
                self.before = [self.text[..self.position].chars().next_back(), None];
                self.after_shortcode = matches!(token, Token::Shortcode(_));
                return Some((start..self.position, token));
            }
            self.position += character.len_utf8();
            self.before = [Some(character), self.before[0]];
            self.after_shortcode = false;
        }
        None
    }
}

impl<'t> Tokens<'t> {
    fn token_at(&self, character: char) -> Option<(usize, Token<'t>)> {
        let rest = &self.text[self.position..];
        match character {
            '@' => {
                let mention = scan_mention(rest, self.before)?;
                Some((mention.length(), Token::Mention(mention)))
            }
            '#' | '＃' => {
                let name = &rest[character.len_utf8()..];
                let length = scan_hashtag(name, self.before[0])?;
                Some((character.len_utf8() + length, Token::Hashtag(&name[..length])))
            }
            'h' | 'H' => {
                let length = scan_url(rest, self.before[0])?;
                Some((length, Token::Link(&rest[..length])))
            }
            ':' if self.after_shortcode || !self.before[0].is_some_and(is_code_neighbour) => {
                let length = scan_shortcode(&rest[1..])?;
                Some((length + 2, Token::Shortcode(&rest[1..=length])))
            }
            _ => None,
        }
    }
}

/// The length of the code at the start of `text`, which begins after the first colon.
fn scan_shortcode(text: &str) -> Option<usize> {
    let length = text.bytes().take(MAX_SHORTCODE + 1).take_while(|&byte| is_code(byte)).count();
    let after = text[length..].strip_prefix(':')?;
    let is_code = (1..=MAX_SHORTCODE).contains(&length)
        && !after.starts_with(|next: char| next != ':' && is_code_neighbour(next));
    is_code.then_some(length)
}

fn is_code(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'+')
}

/// What may not touch a shortcode: `12:30:45` and `a::b::c` have none.
fn is_code_neighbour(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, ':' | '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<Token<'_>> {
        tokens(text, None).map(|(_, token)| token).collect()
    }

    fn codes(text: &str) -> Vec<&str> {
        tokens(text, None)
            .filter_map(|(_, token)| match token {
                Token::Shortcode(code) => Some(code),
                _ => None,
            })
            .collect()
    }

    #[test]
    fn the_four_kinds_are_told_apart() {
        assert_eq!(
            found(":a1: @bob@b.example #tag https://c.example/@x#y:z:"),
            [
                Token::Shortcode("a1"),
                Token::Mention(Mention { username: "bob", domain: Some("b.example") }),
                Token::Hashtag("tag"),
                Token::Link("https://c.example/@x#y:z"),
            ]
        );
    }

    #[test]
    fn the_place_of_a_token_covers_its_signs() {
        let text = "é @bob! ＃tag";
        let places: Vec<_> = tokens(text, None).map(|(place, _)| &text[place]).collect();
        assert_eq!(places, ["@bob", "＃tag"]);
    }

    #[test]
    fn times_and_paths_have_no_shortcodes() {
        assert!(codes("12:30:45").is_empty());
        assert!(codes("std::fmt::Display").is_empty());
        assert!(codes("see :a:b").is_empty());
        assert!(codes(": :").is_empty());
    }

    #[test]
    fn shortcodes_may_follow_each_other() {
        assert_eq!(codes("(:a::b_c: :+1::d-e:)"), ["a", "b_c", "+1", "d-e"]);
    }

    #[test]
    fn the_character_in_front_of_a_run_counts() {
        assert_eq!(tokens("@example.com", Some('n')).count(), 0);
        assert_eq!(tokens("#tag", Some('n')).count(), 0);
        assert_eq!(tokens("@example.com", Some(' ')).count(), 1);
    }
}
