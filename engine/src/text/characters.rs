//! Classes of characters that the grammars of this module share.

use std::borrow::Cow;

use unicode_normalization::char::is_combining_mark;

/// The text without characters that no reader sees and some formats forbid, its line ends as `\n`.
pub(super) fn cleaned(source: &str) -> Cow<'_, str> {
    if !source.chars().any(is_unwanted) {
        return Cow::Borrowed(source);
    }
    let mut text = String::with_capacity(source.len());
    let mut characters = source.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\r' if characters.peek() == Some(&'\n') => {}
            '\r' => text.push('\n'),
            _ if is_unwanted(character) => {}
            _ => text.push(character),
        }
    }
    Cow::Owned(text)
}

/// Control characters but tab and newline, the non-characters that XML 1.0 forbids, and the byte order mark,
/// which parsers drop from the start of a text and nowhere else.
fn is_unwanted(character: char) -> bool {
    match character {
        '\n' | '\t' => false,
        '\u{FEFF}' | '\u{FFFE}' | '\u{FFFF}' => true,
        _ => character.is_control(),
    }
}

/// The length in bytes of the longest prefix of whole characters within `limit` bytes.
pub(super) fn prefix_length(text: &str, limit: usize) -> usize {
    let mut end = limit.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    end
}

/// A combining mark that belongs to a letter. Variation selectors and the marks that turn symbols into other
/// symbols (keycaps) are marks too, but of emoji.
pub(super) fn is_letter_mark(character: char) -> bool {
    is_combining_mark(character)
        && !matches!(character, '\u{FE00}'..='\u{FE0F}' | '\u{20D0}'..='\u{20FF}' | '\u{E0100}'..='\u{E01EF}')
}

/// A letter, digit or mark of a script that sets no spaces between words, or attaches particles without one.
/// There a mention or a URL begins and ends in the middle of what looks like a word.
pub(super) fn is_unspaced(character: char) -> bool {
    matches!(
        character,
        '\u{0E00}'..='\u{0EFF}'       // Thai, Lao
            | '\u{1000}'..='\u{109F}' // Myanmar
            | '\u{1100}'..='\u{11FF}' // Hangul letters
            | '\u{1780}'..='\u{17FF}' // Khmer
            | '\u{2E80}'..='\u{2FDF}' // Han radicals
            | '\u{3005}'..='\u{3007}'
            | '\u{3021}'..='\u{3029}'
            | '\u{3031}'..='\u{3035}'
            | '\u{3038}'..='\u{303C}'
            | '\u{3041}'..='\u{31FF}' // Kana, Bopomofo, Hangul letters
            | '\u{3400}'..='\u{4DBF}'
            | '\u{4E00}'..='\u{9FFF}'
            | '\u{A960}'..='\u{A97F}'
            | '\u{AC00}'..='\u{D7FF}' // Hangul syllables
            | '\u{F900}'..='\u{FAFF}'
            | '\u{FF66}'..='\u{FFDC}' // half-width Kana and Hangul
            | '\u{1AFF0}'..='\u{1B16F}'
            | '\u{20000}'..='\u{3FFFD}'
    )
}

/// A character that glues what follows or precedes it into one word: a letter or digit of a script that puts
/// spaces between words, or an underscore.
pub(super) fn is_word(character: char) -> bool {
    character == '_'
        || ((character.is_alphanumeric() || is_letter_mark(character)) && !is_unspaced(character))
}

/// A character that no URL written in running text contains: white space, controls of direction and width,
/// quotation marks and brackets of running text, and East Asian punctuation.
pub(super) fn is_url_break(character: char) -> bool {
    character.is_whitespace()
        || character.is_control()
        || matches!(
            character,
            '<' | '>'
                | '"'
                | '`'
                | '«'
                | '»'
                | '“'
                | '”'
                | '„'
                | '\u{200B}'
                | '\u{200E}'
                | '\u{200F}'
                | '\u{202A}'..='\u{202E}'
                | '\u{2060}'..='\u{206F}'
                | '\u{3001}'..='\u{3003}'
                | '\u{3008}'..='\u{3011}'
                | '\u{3014}'..='\u{301B}'
                | '\u{301D}'..='\u{301F}'
                | '\u{FF01}'..='\u{FF0F}'
                | '\u{FF1A}'..='\u{FF20}'
                | '\u{FF3B}'..='\u{FF3D}'
                | '\u{FF5B}'..='\u{FF65}'
        )
}
