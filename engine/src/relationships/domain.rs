//! One spelling for each domain.

use idna::AsciiDenyList;

use crate::error::{Error, Invalid};

/// Bytes of a domain name, as DNS has it.
const DOMAIN_BYTES: usize = 253;

/// The one spelling of a domain: lower case, ASCII, without a dot at the end; a port stays.
///
/// # Errors
/// [`Error::Invalid`] for what is no domain.
pub(super) fn normalised(text: &str) -> Result<String, Error> {
    let malformed = || Error::from(Invalid::Malformed("Domain"));
    // Unicode takes at most four bytes where ASCII takes one or more; anything longer need not be looked at.
    if text.len() > 4 * DOMAIN_BYTES {
        return Err(malformed());
    }
    let text = text.trim();
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) => (host, Some(port.parse::<u16>().map_err(|_| malformed())?)),
        None => (text, None),
    };
    let host = idna::domain_to_ascii_cow(host.as_bytes(), AsciiDenyList::URL).map_err(|_| malformed())?;
    let host = host.strip_suffix('.').unwrap_or(&host);
    let sound = host.len() <= DOMAIN_BYTES && host.split('.').all(|label| (1..=63).contains(&label.len()));
    if !sound {
        return Err(malformed());
    }
    Ok(match port {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_a_domain_is_the_same_domain() {
        for spelling in
            ["münchen.example", "MÜNCHEN.example.", " xn--mnchen-3ya.EXAMPLE ", "mu\u{308}nchen.example"]
        {
            assert_eq!(normalised(spelling).unwrap(), "xn--mnchen-3ya.example", "{spelling:?}");
        }
        assert_eq!(normalised("Localhost:3000").unwrap(), "localhost:3000");
    }

    #[test]
    fn what_is_no_domain_is_refused() {
        let long = format!("{}.example", "a".repeat(64));
        let longer = "a.".repeat(200);
        for text in
            ["", ".", "a..b", "a b", "https://a.example", "@a.example", "a.example/x", "a:b", &long, &longer]
        {
            assert!(normalised(text).is_err(), "{text:?}");
        }
    }
}
