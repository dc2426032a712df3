//! Sending a browser back to the program that sent it here.

use form_urlencoded::Serializer;
use http::{HeaderValue, Response};
use koinon_engine::oauth::OauthError;

use crate::body::Body;
use crate::failure::Failure;
use crate::web::page::see_other;

/// Sends the browser to `redirect_uri`, one of the program's own, with `parameters` in its query. Always with 303:
/// a 307 would send the password along. // B12
pub(super) fn to_program(redirect_uri: &str, parameters: &[(&str, &str)]) -> Result<Response<Body>, Failure> {
    let location = with_parameters(redirect_uri, parameters);
    // Registered addresses are ASCII.
    let location = HeaderValue::try_from(location).map_err(|_| OauthError::UnknownRedirectUri)?;
    Ok(see_other(location))
}

/// `uri`, which has no fragment, with more parameters in its query.
fn with_parameters(uri: &str, parameters: &[(&str, &str)]) -> String {
    let query = Serializer::new(String::new()).extend_pairs(parameters).finish();
    let separator = match uri.split_once('?') {
        None => "?",
        Some((_, before)) if before.is_empty() || before.ends_with('&') => "",
        Some(_) => "&",
    };
    format!("{uri}{separator}{query}")
}

/// What a content security policy calls the place a redirect URI leads to: browsers hold the redirect that answers a
/// form against the policy of the page. None where there is nothing to be sent to.
pub(super) fn policy_source(redirect_uri: &str) -> Option<String> {
    let (scheme, rest) = redirect_uri.split_once(':')?;
    let scheme = scheme.to_ascii_lowercase();
    if scheme == "urn" {
        return None;
    }
    let host = rest.strip_prefix("//").and_then(|rest| rest.split(['/', '?']).next());
    // What has no name in such a policy (IPv6 addresses, say) is left to the scheme, and nothing that could end a
    // directive gets in.
    let host = host.filter(|host| {
        !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-:".contains(&byte))
    });
    match host {
        Some(host) if matches!(scheme.as_str(), "http" | "https") => Some(format!("{scheme}://{host}")),
        _ => Some(format!("{scheme}:")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_join_what_the_address_has_already() {
        let with = |uri| with_parameters(uri, &[("code", "a b"), ("state", "é&=")]);
        let added = "code=a+b&state=%C3%A9%26%3D";
        for (uri, expected) in [
            ("https://a.example/cb", format!("https://a.example/cb?{added}")),
            ("https://a.example/cb?x=y", format!("https://a.example/cb?x=y&{added}")),
            ("https://a.example/cb?", format!("https://a.example/cb?{added}")),
            ("https://a.example/cb?x=y&", format!("https://a.example/cb?x=y&{added}")),
            ("myapp:cb", format!("myapp:cb?{added}")),
        ] {
            assert_eq!(with(uri), expected);
        }
    }

    #[test]
    fn a_redirect_uri_never_adds_a_directive_to_the_policy() {
        for (uri, source) in [
            ("https://a.example:8443/cb?x", Some("https://a.example:8443")),
            ("HTTPS://a.example", Some("https://a.example")),
            ("http://127.0.0.1:4002/cb", Some("http://127.0.0.1:4002")),
            ("http://[::1]:4002/cb", Some("http:")),
            ("https://a;script-src*/cb", Some("https:")),
            ("https://a,b/cb", Some("https:")),
            ("com.example.app:/cb", Some("com.example.app:")),
            ("myapp://cb", Some("myapp:")),
            ("urn:ietf:wg:oauth:2.0:oob", None),
        ] {
            assert_eq!(policy_source(uri).as_deref(), source, "{uri}");
        }
    }
}
