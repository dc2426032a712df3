use super::*;
use crate::params::{ParamLimits, Params};
use proptest::prelude::*;

fn authorization(value: &[u8]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(AUTHORIZATION, value.try_into().unwrap());
    headers
}

fn params(query: &str, body: &str) -> RequestParams {
    let limits = ParamLimits::default();
    RequestParams {
        query: Params::from_query(query, &limits).unwrap(),
        body: Params::from_query(body, &limits).unwrap(),
    }
}

fn token(token: &str, place: TokenPlace) -> Credentials {
    Credentials::Bearer(BearerToken { token: token.to_owned(), place })
}

fn basic(user: &str, password: &str) -> BasicCredentials {
    BasicCredentials { user: user.to_owned(), password: password.to_owned() }
}

#[test]
fn a_request_without_credentials_has_none() {
    let read = read_credentials(&HeaderMap::new(), &params("", ""), TokenPlaces::Streaming);
    assert_eq!(read, Ok(Credentials::Absent));
}

#[test]
fn the_scheme_may_be_in_any_case() {
    for scheme in ["Bearer", "bearer", "BEARER", "bEaReR"] {
        let headers = authorization(format!("{scheme} abc").as_bytes());
        assert_eq!(read_authorization(&headers), Ok(token("abc", TokenPlace::Header)));
    }
}

#[test]
fn tokens_have_the_characters_of_rfc_6750() {
    for good in ["a", "0-._~+/", "mF_9.B5f-4.1JqM", "abc==", "undefined"] {
        let headers = authorization(format!("Bearer {good}").as_bytes());
        assert_eq!(read_authorization(&headers), Ok(token(good, TokenPlace::Header)));
    }
    for bad in ["a b", "a=b", "=", "a,b", "\"a\"", "a:b", "abc ", "<a>"] {
        let headers = authorization(format!("Bearer {bad}").as_bytes());
        assert_eq!(read_authorization(&headers), Err(CredentialError::MalformedToken), "{bad:?}");
    }
}

#[test]
fn exactly_one_space_follows_the_scheme() {
    for bad in ["Bearer", "Bearer ", "Bearer  abc", " abc", " ", "", "Bearer\tabc", "Basic  YTpi"] {
        assert_eq!(
            read_authorization(&authorization(bad.as_bytes())),
            Err(CredentialError::MalformedHeader),
            "{bad:?}"
        );
    }
}

#[test]
fn a_header_that_is_not_ascii_is_malformed_and_nothing_worse() {
    for bad in [&b"Bearer \xff\xfe"[..], "Bearer ☕".as_bytes(), b"\xff"] {
        assert_eq!(read_authorization(&authorization(bad)), Err(CredentialError::MalformedHeader));
    }
}

#[test]
fn other_schemes_are_handed_on() {
    let headers = authorization(b"OAuth oauth_consumer_key=\"x\", oauth_token=\"y\"");
    let expected = Credentials::Other {
        scheme: "oauth".to_owned(),
        value: "oauth_consumer_key=\"x\", oauth_token=\"y\"".to_owned(),
    };
    assert_eq!(read_authorization(&headers), Ok(expected));
}

#[test]
fn the_body_may_hold_the_token_on_every_route() {
    for places in [TokenPlaces::Ordinary, TokenPlaces::Streaming] {
        let read = read_credentials(&HeaderMap::new(), &params("", "access_token=abc"), places);
        assert_eq!(read, Ok(token("abc", TokenPlace::Body)));
    }
}

#[test]
fn the_query_may_hold_the_token_on_streaming_routes_only() {
    let sent = params("access_token=abc", "");
    let read = |places| read_credentials(&HeaderMap::new(), &sent, places);
    assert_eq!(read(TokenPlaces::Streaming), Ok(token("abc", TokenPlace::Query)));
    assert_eq!(read(TokenPlaces::Ordinary), Ok(Credentials::Absent));
}

#[test]
fn the_subprotocol_may_hold_the_token_on_streaming_routes_only() {
    for offer in ["abc", "abc, other", " abc ,other"] {
        let mut headers = HeaderMap::new();
        headers.insert(SEC_WEBSOCKET_PROTOCOL, offer.parse().unwrap());
        let read = |places| read_credentials(&headers, &params("", ""), places);
        assert_eq!(read(TokenPlaces::Streaming), Ok(token("abc", TokenPlace::Subprotocol)));
        assert_eq!(read(TokenPlaces::Ordinary), Ok(Credentials::Absent));
    }
}

#[test]
fn credentials_in_two_places_are_refused_even_if_they_are_equal() {
    let bearer = authorization(b"Bearer abc");
    let twice = read_credentials(&bearer, &params("", "access_token=abc"), TokenPlaces::Ordinary);
    assert_eq!(twice, Err(CredentialError::MoreThanOne));
    let with_query = read_credentials(&bearer, &params("access_token=abc", ""), TokenPlaces::Streaming);
    assert_eq!(with_query, Err(CredentialError::MoreThanOne));
    let with_basic =
        read_credentials(&authorization(b"Basic YTpi"), &params("", "access_token=a"), TokenPlaces::Ordinary);
    assert_eq!(with_basic, Err(CredentialError::MoreThanOne));
    let repeated = read_credentials(
        &HeaderMap::new(),
        &params("", "access_token=a&access_token=a"),
        TokenPlaces::Ordinary,
    );
    assert_eq!(repeated, Err(CredentialError::MoreThanOne));
    let mut two_lines = authorization(b"Bearer abc");
    two_lines.append(AUTHORIZATION, "Bearer abc".parse().unwrap());
    assert_eq!(read_authorization(&two_lines), Err(CredentialError::MoreThanOne));
    assert_eq!(CredentialError::MoreThanOne.status(), 400);
}

#[test]
fn a_query_token_beside_a_header_is_not_seen_on_ordinary_routes() {
    let read =
        read_credentials(&authorization(b"Bearer abc"), &params("access_token=x", ""), TokenPlaces::Ordinary);
    assert_eq!(read, Ok(token("abc", TokenPlace::Header)));
}

#[test]
fn a_token_parameter_that_is_empty_is_none_and_one_that_is_no_text_is_malformed() {
    let read = |body: &str| read_credentials(&HeaderMap::new(), &params("", body), TokenPlaces::Ordinary);
    assert_eq!(read("access_token="), Ok(Credentials::Absent));
    assert_eq!(read("access_token[]=a"), Err(CredentialError::MalformedToken));
    assert_eq!(read("access_token[a]=a"), Err(CredentialError::MalformedToken));
    assert_eq!(read("access_token=a%00b"), Err(CredentialError::MalformedToken));
    assert_eq!(CredentialError::MalformedToken.status(), 401);
}

#[test] // R33, R34
fn basic_credentials_may_have_colons_and_any_letters() {
    for (encoded, user, password) in [
        ("YWxpY2U6c2VjcmV0", "alice", "secret"),
        ("YTpiOmM6", "a", "b:c:"),
        ("8J+YgDrDpMO2w7w=", "😀", "äöü"),
        ("8J+YgDrDpMO2w7w", "😀", "äöü"),
        ("Og==", "", ""),
    ] {
        assert_eq!(parse_basic(encoded), Ok(basic(user, password)));
        let headers = authorization(format!("basic {encoded}").as_bytes());
        assert_eq!(read_authorization(&headers), Ok(Credentials::Basic(basic(user, password))));
    }
}

#[test]
fn broken_basic_credentials_tell_what_is_broken() {
    assert_eq!(parse_basic("!!!"), Err(CredentialError::BasicNotBase64));
    assert_eq!(parse_basic("YWxpY2U"), Err(CredentialError::BasicWithoutColon));
    assert_eq!(parse_basic("/zov"), Err(CredentialError::BasicNotUtf8));
    assert_eq!(CredentialError::BasicNotBase64.status(), 401);
}

#[test]
fn debugging_shows_no_secrets() {
    let shown = format!(
        "{:?} {:?} {:?}",
        token("SECRET", TokenPlace::Header),
        Credentials::Basic(basic("alice", "SECRET")),
        Credentials::Other { scheme: "oauth".to_owned(), value: "SECRET".to_owned() },
    );
    assert!(!shown.contains("SECRET"), "{shown}");
    let params = params("access_token=SECRET", "password=SECRET");
    assert!(!format!("{params:?}").contains("SECRET"));
}

proptest! {
    #[test]
    fn no_header_makes_reading_panic(
        value in proptest::collection::vec(any::<u8>(), 0..60),
        scheme in "(?i)(bearer|basic|) ?",
    ) {
        let line: Vec<u8> = scheme.into_bytes().into_iter().chain(value).collect();
        if let Ok(value) = http::HeaderValue::from_bytes(&line) {
            let mut headers = HeaderMap::new();
            headers.insert(AUTHORIZATION, value.clone());
            headers.insert(SEC_WEBSOCKET_PROTOCOL, value);
            let _ = read_credentials(&headers, &RequestParams::default(), TokenPlaces::Streaming);
        }
    }
}
