//! How Mastodon words a refusal: `{"error": "…"}`. // R26

use http::header::{ALLOW, WWW_AUTHENTICATE};
use http::{HeaderValue, Response, StatusCode};
use koinon_engine::Error;
use serde::Serialize;

use crate::answer::json_with_status;
use crate::api::methods;
use crate::body::Body;
use crate::failure::Failure;

#[derive(Serialize)]
struct ErrorEntity<'a> {
    error: &'a str,
}

/// A refusal in Mastodon's format.
pub(crate) fn refuse(failure: &Failure) -> Response<Body> {
    let status = failure.status();
    let text = match failure {
        // What is wrong inside is for the log, not for clients.
        Failure::Engine(error @ (Error::Store(_) | Error::Blob(_))) => {
            tracing::error!(%error, "a request failed");
            storage_text(status)
        }
        other => &other.to_string(),
    };
    let mut response = json_with_status(status, &ErrorEntity { error: text });
    let headers = response.headers_mut();
    match failure {
        Failure::InvalidToken | Failure::Credentials(_) if status == StatusCode::UNAUTHORIZED => {
            let challenge = HeaderValue::from_static(r#"Bearer realm="koinon", error="invalid_token""#);
            headers.insert(WWW_AUTHENTICATE, challenge);
        }
        Failure::MethodNotAllowed(allow) => {
            headers.insert(ALLOW, methods(allow));
        }
        Failure::TooMany(decision) => decision.write_headers(headers),
        _ => {}
    }
    if matches!(status, StatusCode::SERVICE_UNAVAILABLE | StatusCode::INSUFFICIENT_STORAGE) {
        headers.insert(http::header::RETRY_AFTER, HeaderValue::from_static("30"));
    }
    response
}

fn storage_text(status: StatusCode) -> &'static str {
    match status {
        StatusCode::INSUFFICIENT_STORAGE => "The server has run out of space; nothing was changed",
        StatusCode::SERVICE_UNAVAILABLE => {
            "The server is busy or cannot reach its storage; nothing was changed"
        }
        _ => "Something went wrong on our end",
    }
}
