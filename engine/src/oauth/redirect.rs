//! Where a browser may be sent with a code.

/// The redirect URI of programs without a browser of their own: the code is shown for copying. // B14
pub const OUT_OF_BAND: &str = "urn:ietf:wg:oauth:2.0:oob";

/// Schemes whose addresses do something else than lead to a program. // A2
const FORBIDDEN_SCHEMES: &[&str] = &[
    "about",
    "blob",
    "chrome",
    "content",
    "data",
    "file",
    "filesystem",
    "ftp",
    "ftps",
    "jar",
    "javascript",
    "mailto",
    "resource",
    "urn",
    "vbscript",
    "view-source",
    "ws",
    "wss",
];

/// Why a program may not register a redirect URI.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RedirectUriError {
    /// There is none.
    #[error("a redirect URI is needed")]
    None,
    /// All of them together are too long.
    #[error("the redirect URIs are longer than 2000 bytes")]
    TooLong,
    /// White space, control characters, backslashes or anything outside of ASCII.
    #[error("a redirect URI has characters that do not belong in a URI")]
    Characters,
    /// It has no scheme.
    #[error("a redirect URI has to be absolute")]
    Relative,
    /// Its scheme does not lead to a program.
    #[error("this scheme is not allowed in a redirect URI")]
    Scheme,
    /// It has a fragment.
    #[error("a redirect URI must not have a fragment")]
    Fragment,
    /// An http address without a host, or with a user name.
    #[error("a redirect URI needs a host and no user name")]
    Host,
}

/// Whether a program may register `uri`. Any scheme of a program's own will do.
pub(super) fn check(uri: &str) -> Result<(), RedirectUriError> {
    if uri == OUT_OF_BAND {
        return Ok(());
    }
    if !uri.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'\\' | b'"' | b'<' | b'>' | b'`'))
    {
        return Err(RedirectUriError::Characters);
    }
    let (scheme, rest) = uri.split_once(':').ok_or(RedirectUriError::Relative)?;
    let scheme = scheme.to_ascii_lowercase();
    let starts_like_a_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic());
    let is_scheme = scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    if !starts_like_a_scheme || !is_scheme || rest.is_empty() {
        return Err(RedirectUriError::Relative);
    }
    if FORBIDDEN_SCHEMES.contains(&scheme.as_str()) {
        return Err(RedirectUriError::Scheme);
    }
    if uri.contains('#') {
        return Err(RedirectUriError::Fragment);
    }
    if matches!(scheme.as_str(), "http" | "https") {
        let authority = rest.strip_prefix("//").and_then(|rest| rest.split(['/', '?']).next());
        if authority.is_none_or(|host| host.is_empty() || host.starts_with(':') || host.contains('@')) {
            return Err(RedirectUriError::Host);
        }
    }
    Ok(())
}

/// Whether `given` is `registered`: character by character, but for the port of a loopback address, which a program
/// on the same machine cannot choose in advance. // B2
pub(super) fn matches(registered: &str, given: &str) -> bool {
    registered == given
        || loopback_without_port(registered)
            .zip(loopback_without_port(given))
            .is_some_and(|(registered, given)| registered == given)
}

/// Host, and what follows the port, of an http address on the loopback interface.
fn loopback_without_port(uri: &str) -> Option<(&'static str, &str)> {
    let (host, rest) = ["http://127.0.0.1", "http://[::1]"]
        .into_iter()
        .find_map(|host| Some((host, uri.strip_prefix(host)?)))?;
    let rest = match rest.strip_prefix(':') {
        None => rest,
        Some(port) => {
            let digits = port.bytes().take_while(u8::is_ascii_digit).count();
            port[..digits].parse::<u16>().ok()?;
            &port[digits..]
        }
    };
    (rest.is_empty() || rest.starts_with(['/', '?'])).then_some((host, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a2_programs_may_register_web_addresses_and_schemes_of_their_own() {
        for uri in [
            OUT_OF_BAND,
            "https://client.example/cb",
            "https://client.example:8443/cb?instance=a&b=c",
            "https://client.example",
            "http://localhost:8080/cb",
            "http://127.0.0.1/cb",
            "http://[::1]:3000/",
            "myapp://oauth",
            "com.example.app:/oauth",
            "MyApp+x://oauth",
        ] {
            assert_eq!(check(uri), Ok(()), "{uri}");
        }
    }

    #[test]
    fn a2_programs_may_not_register_what_leads_elsewhere() {
        use RedirectUriError::{Characters, Fragment, Host, Relative, Scheme};
        for (uri, error) in [
            ("javascript:alert(1)", Scheme),
            ("JaVaScRiPt:alert(1)", Scheme),
            ("java\tscript:alert(1)", Characters),
            (" javascript:alert(1)", Characters),
            ("vbscript:x", Scheme),
            ("data:text/html,x", Scheme),
            ("file:///etc/passwd", Scheme),
            ("blob:https://a.example/1", Scheme),
            ("urn:ietf:wg:oauth:2.0:oob:auto", Scheme),
            ("https://client.example/cb#x", Fragment),
            ("myapp://cb#x", Fragment),
            ("/cb", Relative),
            ("//client.example/cb", Relative),
            ("client.example", Relative),
            ("", Relative),
            ("myapp:", Relative),
            ("1app://x", Relative),
            ("https:/client.example", Host),
            ("https://", Host),
            ("https:///cb", Host),
            ("https://:80/cb", Host),
            ("https://good.example@evil.example/", Host),
            ("https://client.example\\@evil.example", Characters),
            ("https://client.example/c b", Characters),
            ("https://client.example/\r\nLocation: x", Characters),
            ("https://clíent.example/", Characters),
        ] {
            assert_eq!(check(uri), Err(error), "{uri:?}");
        }
    }

    #[test]
    fn b2_only_the_port_of_a_loopback_address_may_vary() {
        assert!(matches("http://127.0.0.1/cb", "http://127.0.0.1:51234/cb"));
        assert!(matches("http://127.0.0.1:1/cb", "http://127.0.0.1:2/cb"));
        assert!(matches("http://[::1]:1/cb?a=b", "http://[::1]/cb?a=b"));
        for (registered, given) in [
            ("http://127.0.0.1/cb", "http://127.0.0.1:80/other"),
            ("http://127.0.0.1/cb", "http://[::1]/cb"),
            ("http://127.0.0.1/", "http://127.0.0.1.evil.example/"),
            ("http://127.0.0.1", "http://127.0.0.1:80@evil.example"),
            ("http://127.0.0.1", "http://127.0.0.1@evil.example"),
            ("http://127.0.0.1/", "http://127.0.0.1:99999/"),
            ("http://127.0.0.1/", "http://127.0.0.1:/"),
            ("http://127.0.0.1/", "https://127.0.0.1:1/"),
            ("http://localhost/cb", "http://localhost:1/cb"),
            ("https://client.example/cb", "https://client.example:444/cb"),
            ("https://client.example/cb", "https://client.example/cb/"),
            ("https://client.example/cb", "https://CLIENT.example/cb"),
        ] {
            assert!(!matches(registered, given), "{registered} {given}");
        }
    }
}
