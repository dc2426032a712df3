//! The two names of an instance: the domain in its accounts, and the address it is reached at.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use http::Uri;
use http::uri::Authority;

/// The domain of the accounts, in lower case, with a port where that is not the usual one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Domain(String);

impl Domain {
    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it leads nowhere but to this machine.
    pub fn is_loopback(&self) -> bool {
        let authority = self.0.parse::<Authority>().ok();
        let host = authority.as_ref().map_or(self.0.as_str(), Authority::host);
        let address = host.trim_matches(['[', ']']).parse::<IpAddr>();
        host == "localhost"
            || host.ends_with(".localhost")
            || address.is_ok_and(|address| address.is_loopback())
    }
}

impl Default for Domain {
    fn default() -> Self {
        Self("localhost".into())
    }
}

impl fmt::Display for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Domain {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        if text.contains("://") {
            return Err(AddressError::SchemeInDomain);
        }
        let authority = text.parse().map_err(|_| AddressError::Domain)?;
        check_authority(&authority).map_err(|()| AddressError::Domain)?;
        Ok(Self(text.to_ascii_lowercase()))
    }
}

/// Where an instance is reached: `http` or `https`, host and port, without a slash at the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseUrl(String);

impl BaseUrl {
    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for BaseUrl {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let uri: Uri = text.parse().map_err(|_| AddressError::Url)?;
        let (Some(scheme @ ("http" | "https")), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return Err(AddressError::Url);
        };
        check_authority(authority).map_err(|()| AddressError::Url)?;
        if uri.path() != "/" || uri.query().is_some() || text.contains('#') {
            return Err(AddressError::PathInUrl);
        }
        Ok(Self(format!("{scheme}://{}", authority.as_str().to_ascii_lowercase())))
    }
}

/// Why a text is no name of an instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// No host name, or more than one.
    #[error("not a domain; expected something like social.example")]
    Domain,
    /// A whole address.
    #[error("a domain has no https:// in front")]
    SchemeInDomain,
    /// No address of the web.
    #[error("not a web address; expected something like https://social.example")]
    Url,
    /// The instance would be one of several below the same host.
    #[error("the address must not have a path; an instance needs a host of its own")]
    PathInUrl,
}

/// Refuses user names, ports that are no numbers, and hosts with anything but letters, digits, hyphens and dots.
fn check_authority(authority: &Authority) -> Result<(), ()> {
    let host = authority.host();
    let is_name = !host.is_empty()
        && host.split('.').all(|label| {
            !label.is_empty()
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        });
    let is_ipv6 = host.starts_with('[');
    let port = authority.as_str().strip_prefix(host);
    let is_port = |port: &str| port.strip_prefix(':').is_some_and(|port| port.parse::<u16>().is_ok());
    let ends_well = port.is_some_and(|port| port.is_empty() || is_port(port));
    if (is_name || is_ipv6) && ends_well { Ok(()) } else { Err(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_is_a_host_with_or_without_a_port() {
        for (text, domain) in [
            ("social.example", "social.example"),
            ("Social.Example:8443", "social.example:8443"),
            ("localhost", "localhost"),
            ("127.0.0.1:3000", "127.0.0.1:3000"),
            ("[::1]:3000", "[::1]:3000"),
            ("xn--mller-kva.example", "xn--mller-kva.example"),
        ] {
            assert_eq!(text.parse(), Ok(Domain(domain.into())), "{text}");
        }
        for text in [
            "",
            "a b",
            "a/b",
            "user@social.example",
            "a..b",
            "-a.example",
            "a:port",
            "a:99999",
            "müller.example",
        ] {
            assert_eq!(text.parse::<Domain>(), Err(AddressError::Domain), "{text}");
        }
        assert_eq!("https://a.example".parse::<Domain>(), Err(AddressError::SchemeInDomain));
    }

    #[test]
    fn loopback_domains_are_told_apart_from_others() {
        for text in ["localhost", "localhost:3000", "a.localhost", "127.0.0.1", "127.1.2.3:80", "[::1]:3000"]
        {
            assert!(text.parse::<Domain>().unwrap().is_loopback(), "{text}");
        }
        for text in ["social.example", "localhost.example", "192.0.2.1", "[2001:db8::1]"] {
            assert!(!text.parse::<Domain>().unwrap().is_loopback(), "{text}");
        }
    }

    #[test]
    fn a_base_url_has_a_scheme_and_a_host_and_nothing_behind() {
        for (text, url) in [
            ("https://Social.Example/", "https://social.example"),
            ("http://localhost:3000", "http://localhost:3000"),
            ("http://[::1]:3000/", "http://[::1]:3000"),
        ] {
            assert_eq!(text.parse(), Ok(BaseUrl(url.into())), "{text}");
        }
        for text in
            ["social.example", "ftp://social.example", "https://", "https://u@social.example", "/x", ""]
        {
            assert_eq!(text.parse::<BaseUrl>(), Err(AddressError::Url), "{text}");
        }
        for text in ["https://social.example/x", "https://social.example/?a=b", "https://social.example/#a"] {
            assert_eq!(text.parse::<BaseUrl>(), Err(AddressError::PathInUrl), "{text}");
        }
    }
}
