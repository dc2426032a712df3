//! How pages word a refusal.

use http::header::{ALLOW, RETRY_AFTER};
use http::{HeaderValue, Response, StatusCode};
use koinon_engine::Error;

use super::page::bare;
use crate::api::methods;
use crate::body::Body;
use crate::failure::Failure;

/// A refusal as a page. What is hidden looks like what does not exist. // R59
pub(crate) fn refuse(failure: &Failure) -> Response<Body> {
    let status = match failure {
        Failure::Engine(Error::NotSignedIn) => StatusCode::FORBIDDEN,
        other => other.status(),
    };
    let (title, text) = match failure {
        Failure::Engine(Error::NotSignedIn) => {
            ("Sign in first", "This instance shows its posts only to those who are signed in.".to_owned())
        }
        Failure::Engine(error @ (Error::Store(_) | Error::Blob(_))) => {
            tracing::error!(%error, "a page failed");
            (
                "Something went wrong",
                "The server cannot do this at the moment; nothing was changed.".to_owned(),
            )
        }
        _ if status == StatusCode::NOT_FOUND => {
            ("Not found", "There is no such page, or it is not meant for you.".to_owned())
        }
        Failure::TooMany(_) => {
            ("Too many requests", "That was tried too often. Please wait a while.".to_owned())
        }
        other => ("This did not work", format!("{other}.")),
    };
    let mut response = bare(status, title, &text);
    let headers = response.headers_mut();
    match failure {
        Failure::TooMany(decision) => decision.write_headers(headers),
        Failure::MethodNotAllowed(allow) => {
            headers.insert(ALLOW, methods(allow));
        }
        _ if status.is_server_error() => {
            headers.insert(RETRY_AFTER, HeaderValue::from_static("30"));
        }
        _ => {}
    }
    response
}
