//! Where mentions and hashtags lead, and how links are shown.

use super::entities::MentionName;
use super::url::scheme_length;

/// How much of a URL is shown, in characters after scheme and `www.`.
const SHOWN_CHARACTERS: usize = 30;

/// Resolves what a text refers to into places. Asked once for each occurrence, in order.
pub trait Links {
    /// The profile of the account of that name. `None`, where there is no such account or it may not be
    /// mentioned: then the mention stays plain text.
    fn profile(&self, name: &MentionName) -> Option<ProfileLink>;

    /// The URL of the page of a hashtag, given as written, without its sign.
    fn hashtag(&self, tag: &str) -> String;
}

/// The profile that a mention leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProfileLink {
    /// Absolute URL of the profile page.
    pub url: String,
    /// What is shown after the `@`, customarily the bare user name.
    pub name: String,
}

/// A URL in the three pieces it is shown in: hidden start, visible middle, hidden end.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ShortUrl<'u> {
    pub(super) start: &'u str,
    pub(super) middle: &'u str,
    pub(super) end: &'u str,
}

/// Shortens a URL for display. The host is always shown whole, lest a long subdomain hide where a link leads.
pub(super) fn shorten(url: &str) -> ShortUrl<'_> {
    let scheme = scheme_length(url).unwrap_or_default();
    let has_www = url[scheme..].get(..4).is_some_and(|start| start.eq_ignore_ascii_case("www."));
    let (start, rest) = url.split_at(scheme + if has_www { 4 } else { 0 });
    let host = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let shown = rest.char_indices().nth(SHOWN_CHARACTERS).map_or(rest.len(), |(position, _)| position);
    let (middle, end) = rest.split_at(shown.max(host));
    ShortUrl { start, middle, end }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_url_is_shown_whole_but_for_its_scheme() {
        assert_eq!(
            shorten("https://www.example.com/a"),
            ShortUrl { start: "https://www.", middle: "example.com/a", end: "" }
        );
    }

    #[test]
    fn a_long_url_is_cut_at_thirty_characters() {
        assert_eq!(
            shorten("http://example.com/ä234567890123456789/more"),
            ShortUrl { start: "http://", middle: "example.com/ä23456789012345678", end: "9/more" }
        );
    }

    #[test]
    fn the_host_is_never_cut() {
        let host = "bank.example.com.account.login.secure.evil.example";
        assert_eq!(shorten(&format!("https://{host}/path")).middle, host);
    }
}
