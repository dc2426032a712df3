//! Cross-origin requests: web clients live on other origins than the server they talk to.
//!
//! Every API answer, errors included, is open to every origin. Authority comes from a token that the client
//! has to present itself, never from cookies, so `Access-Control-Allow-Credentials` is not sent and must not
//! be.

use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE,
    ACCESS_CONTROL_REQUEST_METHOD, ORIGIN,
};
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode};

use crate::body::Body;

/// Methods a script of another origin may use.
const METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");

/// Request headers such a script may set. The asterisk covers any other, but never `Authorization`, which has
/// to be named.
const REQUEST_HEADERS: HeaderValue =
    HeaderValue::from_static("Authorization, Content-Type, Idempotency-Key, Accept, Cache-Control, *");

/// Answer headers such a script may read.
const EXPOSED_HEADERS: HeaderValue = HeaderValue::from_static(
    "Link, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, Retry-After, X-Request-Id, Idempotency-Key",
);

/// Seconds a browser may remember a preflight; the most that Chromium grants.
const MAX_AGE: HeaderValue = HeaderValue::from_static("7200");

/// Opens an answer to scripts of every origin. For every API answer, whatever its status.
pub fn open(headers: &mut HeaderMap) {
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED_HEADERS);
    headers.remove(ACCESS_CONTROL_ALLOW_CREDENTIALS);
}

/// Whether a browser asks beforehand if a request is allowed. To be answered before any authentication.
pub fn is_preflight(method: &Method, headers: &HeaderMap) -> bool {
    method == Method::OPTIONS
        && headers.contains_key(ORIGIN)
        && headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD)
}

/// The answer to a preflight. The same for every path: what a path really takes is told by the request
/// itself.
pub fn preflight() -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    let headers = response.headers_mut();
    open(headers);
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, METHODS);
    headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, REQUEST_HEADERS);
    headers.insert(ACCESS_CONTROL_MAX_AGE, MAX_AGE);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(headers: &HeaderMap, name: &str) -> Vec<String> {
        headers[name].to_str().unwrap().split(", ").map(str::to_ascii_lowercase).collect()
    }

    #[test]
    fn every_answer_is_open_to_every_origin_and_shows_the_headers_clients_read() {
        let mut headers = HeaderMap::new();
        open(&mut headers);
        assert_eq!(headers["access-control-allow-origin"], "*");
        let exposed = listed(&headers, "access-control-expose-headers");
        for name in [
            "link",
            "x-ratelimit-limit",
            "x-ratelimit-remaining",
            "x-ratelimit-reset",
            "x-request-id",
            "idempotency-key",
        ] {
            assert!(exposed.iter().any(|exposed| exposed == name), "{name} is not exposed");
        }
    }

    #[test]
    fn credentials_are_never_allowed_even_if_a_handler_tried() {
        let mut headers = HeaderMap::new();
        headers.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
        open(&mut headers);
        assert!(!headers.contains_key(ACCESS_CONTROL_ALLOW_CREDENTIALS));
        assert!(!preflight().headers().contains_key(ACCESS_CONTROL_ALLOW_CREDENTIALS));
    }

    #[test]
    fn opening_twice_leaves_one_line_of_each() {
        let mut headers = HeaderMap::new();
        open(&mut headers);
        open(&mut headers);
        assert_eq!(headers.len(), 2);
    }

    #[test]
    fn a_preflight_is_granted_what_the_measured_clients_ask_for() {
        let answer = preflight();
        assert_eq!(answer.status(), StatusCode::NO_CONTENT);
        assert_eq!(answer.headers()["access-control-allow-origin"], "*");
        let methods = listed(answer.headers(), "access-control-allow-methods");
        for method in ["get", "post", "put", "patch", "delete"] {
            assert!(methods.iter().any(|allowed| allowed == method), "{method} is not allowed");
        }
        let headers = listed(answer.headers(), "access-control-allow-headers");
        for name in ["authorization", "content-type", "idempotency-key"] {
            assert!(headers.iter().any(|allowed| allowed == name), "{name} is not allowed");
        }
        let seconds: u32 = answer.headers()["access-control-max-age"].to_str().unwrap().parse().unwrap();
        assert!(seconds > 0);
    }

    #[test]
    fn only_options_with_both_headers_is_a_preflight() {
        let mut headers = HeaderMap::new();
        assert!(!is_preflight(&Method::OPTIONS, &headers));
        headers.insert(ORIGIN, HeaderValue::from_static("https://client.example"));
        assert!(!is_preflight(&Method::OPTIONS, &headers));
        headers.insert(ACCESS_CONTROL_REQUEST_METHOD, HeaderValue::from_static("POST"));
        assert!(is_preflight(&Method::OPTIONS, &headers));
        assert!(!is_preflight(&Method::POST, &headers));
    }
}
