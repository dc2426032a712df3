//! Host names as people write them in running text.

use std::net::Ipv4Addr;

use super::characters::{is_unspaced, is_url_break};

/// The longest host name of the domain name system, in characters.
const MAX_HOST: usize = 253;
/// The longest label of a host name, in characters.
const MAX_LABEL: usize = 63;

/// The length in bytes of what could be a host name at the start of `text`, a trailing dot left out.
///
/// A top-level label in Latin letters ends where a script without spaces goes on: `example.comへ` is
/// `example.com`. The first label may mix scripts.
pub(super) fn scan_host(text: &str) -> Option<usize> {
    let mut end = 0;
    let mut label = Label::default();
    let mut characters = 0;
    for (position, character) in text.char_indices() {
        characters += 1;
        if characters > MAX_HOST {
            return None;
        }
        match character {
            '.' if label.length == 0 => break,
            '.' => label = Label { is_first: false, ..Label::default() },
            _ if !is_host_character(character) => break,
            _ if label.is_latin_top_level() && is_unspaced(character) => break,
            _ => {
                label.length += 1;
                label.is_latin &= character.is_ascii_alphabetic();
                end = position + character.len_utf8();
            }
        }
    }
    (end > 0).then_some(end)
}

/// Whether the name can be that of a host on the internet: an IPv4 address, or labels of letters, digits and
/// inner hyphens under a top-level label of letters. Underscores occur in subdomains only.
pub(super) fn is_public_host(host: &str) -> bool {
    if host.parse::<Ipv4Addr>().is_ok() {
        return true;
    }
    let mut labels = host.rsplit('.');
    let top_level = labels.next().is_some_and(is_top_level);
    let domain = labels.next().is_some_and(|label| is_label(label) && !label.contains('_'));
    top_level && domain && labels.all(is_label)
}

/// What has been read of a label.
struct Label {
    is_first: bool,
    length: usize,
    is_latin: bool,
}

impl Default for Label {
    fn default() -> Self {
        Self { is_first: true, length: 0, is_latin: true }
    }
}

impl Label {
    fn is_latin_top_level(&self) -> bool {
        !self.is_first && self.is_latin && self.length >= 2
    }
}

fn is_host_character(character: char) -> bool {
    if character.is_ascii() {
        character.is_ascii_alphanumeric() || matches!(character, '-' | '_')
    } else {
        !is_url_break(character)
    }
}

fn is_label(label: &str) -> bool {
    let edges = ['-', '_'];
    !label.is_empty()
        && label.chars().count() <= MAX_LABEL
        && !label.starts_with(edges)
        && !label.ends_with(edges)
        && (label.is_ascii() || !is_punycode(label))
}

fn is_top_level(label: &str) -> bool {
    is_label(label)
        && label.chars().nth(1).is_some()
        && (is_punycode(label) || label.chars().all(|c| c.is_ascii_alphabetic() || !c.is_ascii()))
}

fn is_punycode(label: &str) -> bool {
    label.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("xn--"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_ends_before_the_dot_of_a_sentence() {
        assert_eq!(scan_host("example.com. Next"), Some("example.com".len()));
        assert_eq!(scan_host("example.com..x"), Some("example.com".len()));
    }

    #[test]
    fn a_latin_top_level_label_ends_where_kana_begin() {
        assert_eq!(scan_host("example.comへ"), Some("example.com".len()));
        assert_eq!(scan_host("exampleへ.com"), Some("exampleへ.com".len()));
        assert_eq!(scan_host("例え.みんな/"), Some("例え.みんな".len()));
    }

    #[test]
    fn public_hosts_have_a_top_level_label_of_letters() {
        for host in ["example.com", "a_b.c-d.com", "xn--ls8h.la", "例え.xn--q9jyb4c", "192.0.2.7"] {
            assert!(is_public_host(host), "{host}");
        }
        for host in [
            "localhost",
            "example.c",
            "example.c0m",
            "-a.com",
            "a-.com",
            "a_b.com",
            "a.b-c",
            "xn--へ.com",
            "300.1.1.1",
        ] {
            assert!(!is_public_host(host), "{host}");
        }
    }

    #[test]
    fn labels_and_names_have_their_limits() {
        assert!(!is_public_host(&format!("{}.com", "a".repeat(64))));
        assert_eq!(scan_host(&"a.".repeat(200)), None);
    }
}
