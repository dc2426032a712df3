//! Links to other pages, in the header `Link`.
//!
//! ```
//! let here = koinon_http::paging::PageUrl {
//!     public_base: "https://social.example",
//!     path: "/api/v1/timelines/home",
//!     query: "limit=2&max_id=9&only_media=1",
//! };
//! assert_eq!(
//!     koinon_http::paging::link_header(&here, Some("5"), Some("8")).unwrap(),
//!     "<https://social.example/api/v1/timelines/home?limit=2&only_media=1&max_id=5>; rel=\"next\", \
//!      <https://social.example/api/v1/timelines/home?limit=2&only_media=1&min_id=8>; rel=\"prev\""
//! );
//! ```

use form_urlencoded::Serializer;
use http::HeaderValue;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

/// Parameters that say which page is meant. A link to another page replaces them.
const POSITIONS: [&str; 3] = ["max_id", "min_id", "since_id"];

/// Never repeated in a link, because links end up in logs and histories.
const SECRET: &str = "access_token";

/// What may not stand in a path inside the angle brackets of a link.
const UNSAFE_IN_PATH: &AsciiSet =
    &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'?').add(b'#').add(b'\\');

/// Where a page is, as it was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageUrl<'a> {
    /// Scheme and host under which clients reach the server, without a slash at the end; not what the
    /// request's headers say.
    pub public_base: &'a str,
    /// The raw path of the request.
    pub path: &'a str,
    /// The raw query of the request, without the question mark. What is not UTF-8 is repaired.
    pub query: &'a str,
}

impl PageUrl<'_> {
    /// The absolute URL of the same resource with other parameters: those named in `without` are left out,
    /// `with` is added at the end, all others (arrays too) keep their order. Tokens are left out always.
    pub fn with_query(&self, without: &[&str], with: &[(&str, &str)]) -> String {
        let mut query = Serializer::new(String::new());
        let kept = form_urlencoded::parse(self.query.as_bytes()).filter(|(name, _)| {
            let name: &str = name;
            !name.is_empty()
                && name != SECRET
                && !without.contains(&name)
                && with.iter().all(|(replaced, _)| *replaced != name)
        });
        query.extend_pairs(kept).extend_pairs(with);
        let query = query.finish();
        let path = utf8_percent_encode(self.path, UNSAFE_IN_PATH);
        let mark = if query.is_empty() { "" } else { "?" };
        format!("{}{path}{mark}{query}", self.public_base)
    }
}

/// The header for Mastodon's pages: `next` is older (`max_id`), `prev` is newer (`min_id`). `None` if there
/// is neither, as on an empty page.
pub fn link_header(
    here: &PageUrl<'_>,
    next_max_id: Option<&str>,
    prev_min_id: Option<&str>,
) -> Option<HeaderValue> {
    let next = next_max_id.map(|id| ("next", here.with_query(&POSITIONS, &[("max_id", id)])));
    let prev = prev_min_id.map(|id| ("prev", here.with_query(&POSITIONS, &[("min_id", id)])));
    links(next.into_iter().chain(prev))
}

/// A header of any links by their relation, in one unbroken line: `<url>; rel="next", <url>; rel="previous"`.
/// `None` without links.
///
/// URLs are those of [`PageUrl::with_query`]: whatever else cannot stand in a header makes it `None`.
pub fn links<'r>(links: impl IntoIterator<Item = (&'r str, String)>) -> Option<HeaderValue> {
    let lines: Vec<String> =
        links.into_iter().map(|(relation, url)| format!("<{url}>; rel=\"{relation}\"")).collect();
    if lines.is_empty() { None } else { HeaderValue::try_from(lines.join(", ")).ok() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn here(query: &str) -> PageUrl<'_> {
        PageUrl { public_base: "https://social.example", path: "/api/v1/notifications", query }
    }

    fn url(query: &str, without: &[&str], with: &[(&str, &str)]) -> String {
        let url = here(query).with_query(without, with);
        url.strip_prefix("https://social.example/api/v1/notifications").unwrap().to_owned()
    }

    #[test] // R10
    fn the_header_is_exactly_what_clients_take_apart() {
        assert_eq!(
            link_header(&here(""), Some("a"), Some("b")).unwrap(),
            "<https://social.example/api/v1/notifications?max_id=a>; rel=\"next\", \
             <https://social.example/api/v1/notifications?min_id=b>; rel=\"prev\""
        );
    }

    #[test]
    fn a_page_at_an_end_has_one_link_and_an_empty_page_none() {
        let next = link_header(&here(""), Some("a"), None).unwrap();
        assert_eq!(next, "<https://social.example/api/v1/notifications?max_id=a>; rel=\"next\"");
        let prev = link_header(&here(""), None, Some("b")).unwrap();
        assert_eq!(prev, "<https://social.example/api/v1/notifications?min_id=b>; rel=\"prev\"");
        assert_eq!(link_header(&here("limit=3"), None, None), None);
    }

    #[test]
    fn filters_limit_and_arrays_stay_in_order() {
        assert_eq!(
            url("types[]=mention&limit=5&types%5B%5D=follow&q=a+b%26c", &[], &[("max_id", "7")]),
            "?types%5B%5D=mention&limit=5&types%5B%5D=follow&q=a+b%26c&max_id=7"
        );
    }

    #[test]
    fn positions_of_the_asked_page_do_not_leak_into_the_next() {
        let header =
            link_header(&here("min_id=1&max_id=2&since_id=3&limit=4"), Some("5"), Some("6")).unwrap();
        assert_eq!(
            header,
            "<https://social.example/api/v1/notifications?limit=4&max_id=5>; rel=\"next\", \
             <https://social.example/api/v1/notifications?limit=4&min_id=6>; rel=\"prev\""
        );
    }

    #[test]
    fn a_replaced_parameter_appears_once() {
        assert_eq!(url("page=2&per_page=20&page=3", &[], &[("page", "4")]), "?per_page=20&page=4");
    }

    #[test]
    fn tokens_are_never_repeated() {
        assert_eq!(url("access_token=secret&limit=1", &[], &[]), "?limit=1");
        assert_eq!(url("access%5Ftoken=secret", &[], &[]), "");
    }

    #[test]
    fn nothing_a_client_sends_breaks_out_of_the_brackets() {
        let hostile = PageUrl {
            public_base: "https://social.example",
            path: "/tag/\">,<http:/evil/\r\n☕",
            query: "q=%22%3E%0D%0ASet-Cookie:%20x=1,<http://evil>; rel=\"next\"&%FF=%FF",
        };
        let header = link_header(&hostile, Some("1\">"), None).unwrap();
        let text = header.to_str().unwrap();
        assert_eq!(text.matches(['<', '>']).count(), 2, "{text}");
        assert_eq!(text.matches('"').count(), 2, "{text}");
        assert!(text.contains("%E2%98%95"));
    }

    #[test] // R18
    fn other_relations_are_written_in_one_line() {
        let first = here("page=3").with_query(&[], &[("page", "1")]);
        let previous = here("page=3").with_query(&[], &[("page", "2")]);
        assert_eq!(
            links([("first", first), ("previous", previous)]).unwrap(),
            "<https://social.example/api/v1/notifications?page=1>; rel=\"first\", \
             <https://social.example/api/v1/notifications?page=2>; rel=\"previous\""
        );
        assert_eq!(links([]), None);
    }
}
