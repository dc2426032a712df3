//! The grammar of mentions: `@user` and `@user@domain`.

use super::characters::is_word;
use super::entities::MentionName;
use super::host::{is_public_host, scan_host};

/// The longest user name that is looked at, in bytes.
const MAX_USERNAME: usize = 128;

/// A mention as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mention<'t> {
    pub(super) username: &'t str,
    pub(super) domain: Option<&'t str>,
}

impl Mention<'_> {
    /// The length in bytes of the whole mention, signs included.
    pub(super) fn length(&self) -> usize {
        1 + self.username.len() + self.domain.map_or(0, |domain| 1 + domain.len())
    }
}

impl From<Mention<'_>> for MentionName {
    fn from(mention: Mention<'_>) -> Self {
        Self { username: mention.username.to_owned(), domain: mention.domain.map(str::to_owned) }
    }
}

/// The mention at the start of `text`, which begins with `@`. `before` are the two characters in front of it,
/// the nearest first.
///
/// User names are ASCII letters, digits and underscores, with dots and hyphens inside; domains have a
/// dot or are `localhost`. Nothing is a mention inside a word, an e-mail address, a path or a censored word
/// (`f@@k`, `s#@t`).
pub(super) fn scan_mention(text: &str, before: [Option<char>; 2]) -> Option<Mention<'_>> {
    if is_glued(before) {
        return None;
    }
    let rest = &text[1..];
    let username = &rest[..username_length(rest)?];
    let after = &rest[username.len()..];
    let (domain, after) = match after.strip_prefix('@') {
        Some(after) => {
            let domain = &after[..scan_domain(after)?];
            (Some(domain), &after[domain.len()..])
        }
        None => (None, after),
    };
    let goes_on = after.starts_with(|next: char| is_word(next) || matches!(next, '@' | '＠'));
    let is_scheme = domain.is_none() && after.starts_with("://");
    (!goes_on && !is_scheme).then_some(Mention { username, domain })
}

fn is_glued(before: [Option<char>; 2]) -> bool {
    match before[0] {
        None => false,
        Some('@' | '＠' | '=') => true,
        Some('!' | '#' | '$' | '%' | '&' | '*' | '/') => before[1].is_some_and(is_word),
        Some(character) => is_word(character),
    }
}

fn username_length(text: &str) -> Option<usize> {
    let mut end = 0;
    for (position, byte) in text.bytes().enumerate().take(MAX_USERNAME + 1) {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' => end = position + 1,
            b'.' | b'-' if end > 0 => {}
            _ => break,
        }
    }
    (1..=MAX_USERNAME).contains(&end).then_some(end)
}

fn scan_domain(text: &str) -> Option<usize> {
    let length = scan_host(text)?;
    let domain = &text[..length];
    (is_public_host(domain) || domain.eq_ignore_ascii_case("localhost")).then_some(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Option<(&str, Option<&str>)> {
        scan_mention(text, [None, None]).map(|mention| (mention.username, mention.domain))
    }

    #[test]
    fn user_names_have_dots_and_hyphens_inside_only() {
        assert_eq!(found("@a.b-c."), Some(("a.b-c", None)));
        assert_eq!(found("@a--"), Some(("a", None)));
        assert_eq!(found("@.a"), None);
        assert_eq!(found("@"), None);
    }

    #[test]
    fn a_domain_is_part_of_the_mention() {
        assert_eq!(found("@alice@social.example."), Some(("alice", Some("social.example"))));
        assert_eq!(found("@alice@münchen.example!"), Some(("alice", Some("münchen.example"))));
        assert_eq!(found("@alice@localhost"), Some(("alice", Some("localhost"))));
        assert_eq!(found("@alice@social.exampleへ"), Some(("alice", Some("social.example"))));
    }

    #[test]
    fn what_is_followed_by_another_sign_or_letter_is_no_mention() {
        assert_eq!(found("@alice@"), None);
        assert_eq!(found("@alice@nowhere"), None);
        assert_eq!(found("@alice@social.example@x"), None);
        assert_eq!(found("@aliceñ"), None);
        assert_eq!(found("@aliceさん"), Some(("alice", None)));
        assert_eq!(found("@http://example.com"), None);
    }

    #[test]
    fn nothing_is_a_mention_inside_a_word_or_path() {
        let with = |nearest, further| scan_mention("@kn", [Some(nearest), Some(further)]).is_some();
        assert!(!with('f', ' '));
        assert!(!with('é', ' '));
        assert!(!with('*', 'f'));
        assert!(!with('/', 'm'));
        assert!(with('*', ' '));
        assert!(with('(', 'f'));
        assert!(with('の', 'f'));
    }

    #[test]
    fn a_user_name_has_its_limit() {
        assert!(found(&format!("@{}", "a".repeat(128))).is_some());
        assert_eq!(found(&format!("@{}", "a".repeat(129))), None);
    }
}
