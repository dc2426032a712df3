//! How the endpoints of OAuth word a refusal: RFC 6749, section 5.2. // E4

use http::header::{CACHE_CONTROL, PRAGMA, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use koinon_engine::oauth::OauthError;
use serde::Serialize;

use crate::answer::json_with_status;
use crate::body::Body;
use crate::credentials::CredentialError;
use crate::failure::Failure;

#[derive(Serialize)]
struct ErrorEntity<'a> {
    error: &'a str,
    error_description: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    identifier: Option<&'static str>,
}

/// A refusal in the format of OAuth.
pub(super) fn refuse(failure: &Failure) -> Response<Body> {
    let (status, error) = kind(failure);
    let text = match failure {
        // What is wrong inside is for the log, not for clients.
        Failure::Engine(error) => {
            tracing::error!(%error, "an OAuth request failed");
            "The server cannot do this at the moment; nothing was changed"
        }
        other => &other.to_string(),
    };
    let entity = ErrorEntity { error, error_description: text, identifier: None };
    let mut response = json_with_status(status, &entity);
    let headers = response.headers_mut();
    forbid_caching(headers);
    if status == StatusCode::UNAUTHORIZED {
        headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static(r#"Basic realm="koinon""#));
    }
    if let Failure::TooMany(decision) = failure {
        decision.write_headers(headers);
    }
    response
}

/// A refusal of someone who proved who they are but may not act, as clients of Pleroma know it. // E6
pub(super) fn refuse_disabled(text: &str, identifier: &'static str) -> Response<Body> {
    let entity = ErrorEntity { error: text, error_description: text, identifier: Some(identifier) };
    let mut response = json_with_status(StatusCode::FORBIDDEN, &entity);
    forbid_caching(response.headers_mut());
    response
}

/// Keeps what is secret out of every cache on the way. // E3
pub(super) fn forbid_caching(headers: &mut HeaderMap) {
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(PRAGMA, HeaderValue::from_static("no-cache"));
}

/// Status code and `error`.
fn kind(failure: &Failure) -> (StatusCode, &'static str) {
    match failure {
        Failure::Oauth(error) => {
            let status = match error {
                OauthError::InvalidClient => StatusCode::UNAUTHORIZED,
                OauthError::UnauthorizedClient => StatusCode::FORBIDDEN,
                _ => StatusCode::BAD_REQUEST,
            };
            (status, error.code())
        }
        Failure::Credentials(CredentialError::MoreThanOne) | Failure::Param(_) => {
            (StatusCode::BAD_REQUEST, "invalid_request")
        }
        Failure::Credentials(_) => (StatusCode::UNAUTHORIZED, "invalid_client"),
        Failure::TooMany(_) => (StatusCode::TOO_MANY_REQUESTS, "temporarily_unavailable"),
        other => match other.status() {
            status @ (StatusCode::SERVICE_UNAVAILABLE | StatusCode::INSUFFICIENT_STORAGE) => {
                (status, "temporarily_unavailable")
            }
            status if status.is_server_error() => (status, "server_error"),
            status => (status, "invalid_request"),
        },
    }
}
