//! URLs in running text.
//!
//! Own code rather than a link finder, since those disagree with what people post: underscores in subdomains, a
//! fragment right after the host, East Asian punctuation and marks of direction as ends.

use super::characters::{is_url_break, is_word};
use super::host::{is_public_host, scan_host};

/// A longer URL, in bytes, stays text.
const MAX_URL: usize = 4096;

/// The length in bytes of the `http` or `https` URL at the start of `text`. `before` is the character in front
/// of it, `None` at the start of a line.
pub(super) fn scan_url(text: &str, before: Option<char>) -> Option<usize> {
    if before
        .is_some_and(|character| is_word(character) || matches!(character, '@' | '＠' | '#' | '＃' | '$'))
    {
        return None;
    }
    let scheme = scheme_length(text)?;
    let host = scan_host(&text[scheme..])?;
    if !is_public_host(&text[scheme..scheme + host]) {
        return None;
    }
    let authority = scheme + host + port_length(&text[scheme + host..]);
    match text[authority..].chars().next() {
        // What looked like a host was a user name: such addresses are written to deceive.
        Some('@') => None,
        Some('/' | '?' | '#') => scan_path(&text[authority..]).map(|path| authority + path),
        _ => Some(authority),
    }
}

/// The length of `http://` or `https://` in any case, 0 if `text` starts with neither.
pub(super) fn scheme_length(text: &str) -> Option<usize> {
    ["https://", "http://"]
        .into_iter()
        .find(|scheme| text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)))
        .map(str::len)
}

fn port_length(text: &str) -> usize {
    let Some(port) = text.strip_prefix(':') else { return 0 };
    match port.bytes().take_while(u8::is_ascii_digit).count() {
        0 => 0,
        digits => 1 + digits,
    }
}

/// The length of path, query and fragment: up to the last character that can end a URL, before the first that
/// cannot be in one or that closes a bracket which was opened outside. `None` if it goes on for ever.
fn scan_path(text: &str) -> Option<usize> {
    let mut open = Vec::new();
    let mut end = 0;
    for (position, character) in text.char_indices() {
        if position > MAX_URL {
            return None;
        }
        match character {
            _ if is_url_break(character) => break,
            '(' => open.push(')'),
            '[' => open.push(']'),
            '{' => open.push('}'),
            ')' | ']' | '}' if open.last() == Some(&character) => {
                open.pop();
                end = position + 1;
            }
            ')' | ']' | '}' => break,
            '!' | '?' | '.' | ',' | ':' | ';' | '*' | '~' | '|' | '\\' | '^' | '\'' | '‘' | '’' | '…' =>
                {}
            _ => end = position + character.len_utf8(),
        }
    }
    Some(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Option<&str> {
        scan_url(text, None).map(|length| &text[..length])
    }

    #[test]
    fn the_punctuation_of_the_sentence_stays_outside() {
        assert_eq!(found("https://example.com/a, and"), Some("https://example.com/a"));
        assert_eq!(found("https://example.com/a)."), Some("https://example.com/a"));
        assert_eq!(found("https://example.com/a…"), Some("https://example.com/a"));
        assert_eq!(found("https://example.com/見る。次"), Some("https://example.com/見る"));
    }

    #[test]
    fn brackets_that_open_in_the_url_close_in_it() {
        assert_eq!(found("http://example.com/A_(b)"), Some("http://example.com/A_(b)"));
        assert_eq!(found("http://example.com/A_(b))"), Some("http://example.com/A_(b)"));
        assert_eq!(found("http://example.com/[a](b)"), Some("http://example.com/[a](b)"));
    }

    #[test]
    fn a_fragment_or_query_may_follow_the_host() {
        assert_eq!(found("http://example.com#top x"), Some("http://example.com#top"));
        assert_eq!(found("HTTP://example.com:8080?a=b"), Some("HTTP://example.com:8080?a=b"));
        assert_eq!(found("http://example.com: x"), Some("http://example.com"));
    }

    #[test]
    fn a_user_name_in_front_of_the_host_is_no_link() {
        assert_eq!(found("https://bank.example@evil.example/"), None);
        assert_eq!(found("https://bank.example:443@evil.example/"), None);
    }

    #[test]
    fn a_url_without_end_is_no_link() {
        assert_eq!(found(&format!("http://example.com/{}", "a".repeat(5000))), None);
    }
}
