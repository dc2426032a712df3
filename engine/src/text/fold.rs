//! Folding: the form in which differences of case, width and accent disappear.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::{decompose_canonical, is_combining_mark};

/// The form by which hashtags are compared and indexed: without its sign, without differences of case and
/// width, Latin and Greek letters without accents. `#Café`, `#CAFE` and `#ｃａｆé` are one tag.
///
/// ```
/// use koinon_engine::text::tag_key;
///
/// assert_eq!(tag_key("#Straße"), "strasse");
/// assert_eq!(tag_key("Łódź"), tag_key("lodz"));
/// assert_ne!(tag_key("ハ"), tag_key("バ"));
/// ```
#[must_use]
pub fn tag_key(tag: &str) -> String {
    fold(tag.trim_start_matches(['#', '＃']))
}

/// The folded text. Folding twice changes nothing.
pub(super) fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let mut folded = String::with_capacity(text.len());
    let mut bare = false;
    for character in text.nfkc().flat_map(char::to_lowercase).nfkc() {
        if bare && is_combining_mark(character) {
            continue;
        }
        let base = base_letter(character);
        let letters = spelled_out(base);
        bare = letters.is_some() || matches!(base, 'a'..='z' | 'α'..='ω');
        match letters {
            Some(letters) => folded.push_str(letters),
            None => folded.push(base),
        }
    }
    folded
}

/// The letter under its accents where it is Latin or Greek. Elsewhere marks tell letters apart: и and й are two.
fn base_letter(character: char) -> char {
    if character.is_ascii() {
        return character;
    }
    let mut base = None;
    decompose_canonical(character, |part| {
        base.get_or_insert(part);
    });
    match base {
        Some('ς') => 'σ',
        Some(letter @ ('a'..='z' | 'α'..='ω' | 'ø' | 'æ')) => letter,
        _ => character,
    }
}

/// How letters without a decomposition are written where the keyboard lacks them.
fn spelled_out(character: char) -> Option<&'static str> {
    Some(match character {
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'ø' => "o",
        'đ' | 'ð' => "d",
        'þ' => "th",
        'ł' => "l",
        'ħ' => "h",
        'ı' => "i",
        'ŋ' => "n",
        'ŧ' => "t",
        'ĸ' => "k",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_width_and_accents_fold_away() {
        for written in ["Café", "CAFE", "ｃａｆé", "cafe\u{301}"] {
            assert_eq!(tag_key(written), "cafe", "{written}");
        }
        assert_eq!(tag_key("ΟΔΌΣ"), tag_key("οδός"));
        assert_eq!(tag_key("İstanbul"), "istanbul");
        assert_eq!(tag_key("ﾊﾞ"), "バ");
    }

    #[test]
    fn marks_that_tell_letters_apart_stay() {
        assert_ne!(tag_key("край"), tag_key("краи"));
        assert_ne!(tag_key("が"), tag_key("か"));
        assert_eq!(tag_key("महात्मा"), "महात्मा");
    }

    #[test]
    fn the_sign_is_no_part_of_the_key() {
        assert_eq!(tag_key("#Rust"), "rust");
        assert_eq!(tag_key("＃Rust"), "rust");
    }
}
