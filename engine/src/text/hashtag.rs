//! The grammar of hashtags.

use super::characters::is_letter_mark;

/// The longest hashtag, in characters without its sign. It keeps keys of indexes bounded.
const MAX_HASHTAG: usize = 250;

/// The length in bytes of the hashtag's name at the start of `text`, which begins after the sign. `before` is
/// the character in front of the sign.
///
/// A name has letters, digits, marks, underscores and the joiners of the world's scripts, at least one letter
/// among them, and begins and ends with something else than a joiner.
pub(super) fn scan_hashtag(text: &str, before: Option<char>) -> Option<usize> {
    if before.is_some_and(is_glue) || !text.starts_with(is_name) {
        return None;
    }
    let mut end = 0;
    let mut has_letter = false;
    for (count, (position, character)) in text.char_indices().enumerate() {
        if is_name(character) {
            if count >= MAX_HASHTAG {
                return None;
            }
            has_letter |= character.is_alphabetic();
            end = position + character.len_utf8();
        } else if !is_joiner(character) || count >= MAX_HASHTAG {
            break;
        }
    }
    let after = &text[end..];
    let goes_on = after.starts_with(['#', '＃']) || after.starts_with("://");
    (has_letter && !goes_on).then_some(end)
}

fn is_glue(character: char) -> bool {
    character.is_alphanumeric() || is_letter_mark(character) || matches!(character, '_' | '&' | '/' | '=')
}

fn is_name(character: char) -> bool {
    character.is_alphanumeric()
        || is_letter_mark(character)
        || matches!(
            character,
            '_' | '\u{05F3}' | '\u{05F4}' // Hebrew geresh and gershayim
                | '\u{0F0B}' | '\u{0F0C}' // Tibetan tsheg
                | '\u{3003}' // ditto
                | '\u{309B}' | '\u{309C}' // Japanese voicing
                | '\u{A67E}'
        )
}

fn is_joiner(character: char) -> bool {
    matches!(
        character,
        '\u{00B7}' // middle dot, as in Catalan
            | '\u{05BE}' // Hebrew maqaf
            | '\u{200C}' | '\u{200D}' // zero width, in Persian and Indic scripts
            | '\u{301C}' | '\u{FF5E}' // wave dash
            | '\u{30A0}' | '\u{30FB}' // Japanese double hyphen and middle dot
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Option<&str> {
        scan_hashtag(text, None).map(|length| &text[..length])
    }

    #[test]
    fn a_name_needs_a_letter() {
        assert_eq!(found("2026 was"), None);
        assert_eq!(found("_"), None);
        assert_eq!(found("1st"), Some("1st"));
        assert_eq!(found("_a"), Some("_a"));
    }

    #[test]
    fn joiners_stand_inside_only() {
        assert_eq!(found("il·lusió·"), Some("il·lusió"));
        assert_eq!(found("·a"), None);
        assert_eq!(found("ラブ〜"), Some("ラブ"));
    }

    #[test]
    fn an_emoji_made_of_the_sign_is_no_hashtag() {
        assert_eq!(found("\u{FE0F}\u{20E3}"), None);
        assert_eq!(found("1\u{FE0F}\u{20E3}"), None);
    }

    #[test]
    fn nothing_is_a_hashtag_inside_a_word_or_entity() {
        for before in ['a', 'é', '語', '_', '&', '/'] {
            assert_eq!(scan_hashtag("tag", Some(before)), None, "{before}");
        }
        assert_eq!(found("a#b"), None);
        assert_eq!(found("http://example.com"), None);
    }

    #[test]
    fn a_name_has_its_limit() {
        assert!(found(&"a".repeat(250)).is_some());
        assert_eq!(found(&"a".repeat(251)), None);
    }
}
