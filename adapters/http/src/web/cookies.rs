//! Cookies: the few that pages need.

use std::time::Duration;

use http::header::COOKIE;
use http::{HeaderMap, HeaderValue};

/// A cookie of this instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cookie {
    /// Somebody is signed in.
    Session,
    /// A form was shown to somebody who is not.
    Visitor,
}

impl Cookie {
    /// Its name. Over https, browsers then let nobody but this very host set it.
    fn name(self, secure: bool) -> &'static str {
        match (self, secure) {
            (Self::Session, true) => "__Host-koinon",
            (Self::Session, false) => "koinon",
            (Self::Visitor, true) => "__Host-koinon-visitor",
            (Self::Visitor, false) => "koinon-visitor",
        }
    }

    /// Its value in a request.
    pub(super) fn read(self, headers: &HeaderMap, secure: bool) -> Option<&str> {
        let name = self.name(secure);
        headers
            .get_all(COOKIE)
            .iter()
            .filter_map(|line| line.to_str().ok())
            .flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find(|(given, _)| *given == name)
            .map(|(_, value)| value)
    }

    /// The header line that sets it, until the browser is closed or for `age`.
    pub(super) fn set(self, value: &str, age: Option<Duration>, secure: bool) -> HeaderValue {
        let age = age.map(|age| format!("; Max-Age={}", age.as_secs())).unwrap_or_default();
        let secured = if secure { "; Secure" } else { "" };
        let line = format!("{}={value}; Path=/; HttpOnly; SameSite=Lax{secured}{age}", self.name(secure));
        HeaderValue::try_from(line).expect("secrets are base64url, which any header may hold")
    }

    /// The header line that makes the browser forget it.
    pub(super) fn forget(self, secure: bool) -> HeaderValue {
        self.set("", Some(Duration::ZERO), secure)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(lines: &[&str]) -> HeaderMap {
        lines.iter().map(|line| (COOKIE, HeaderValue::from_str(line).unwrap())).collect()
    }

    #[test]
    fn a_cookie_is_found_among_others_and_in_any_line() {
        let headers = headers(&["a=b; koinon-visitor=v", "x=y;koinon=s=1"]);
        assert_eq!(Cookie::Session.read(&headers, false), Some("s=1"));
        assert_eq!(Cookie::Visitor.read(&headers, false), Some("v"));
        assert_eq!(Cookie::Session.read(&headers, true), None);
    }

    #[test]
    fn over_https_a_cookie_is_bound_to_the_host() {
        let line = Cookie::Session.set("s", Some(Duration::from_secs(60)), true);
        assert_eq!(line, "__Host-koinon=s; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=60");
        assert_eq!(Cookie::Visitor.set("v", None, false), "koinon-visitor=v; Path=/; HttpOnly; SameSite=Lax");
        assert!(Cookie::Session.forget(true).to_str().unwrap().ends_with("Max-Age=0"));
    }
}
