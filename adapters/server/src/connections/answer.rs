//! One request: within its time, without a panic that anyone notices, and noted in the log.

use std::convert::Infallible;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures::FutureExt;
use http::header::{CONNECTION, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderValue, Request, Response, StatusCode, Uri};
use hyper::body::Incoming;
use koinon_http::Body;
use koinon_tower::KoinonService;
use tokio::sync::watch;
use tower_service::Service;

use super::pace::{Pace, PacedBody};
use super::stream_end::ServedBody;
use crate::config::Patience;

/// From this length on a part of a path may be a secret; ids and names are shorter.
const SECRET_LENGTH: usize = 40;

/// Answers a request, whatever becomes of it.
pub(super) async fn answer(
    mut service: KoinonService,
    request: Request<Incoming>,
    patience: Patience,
    streams_end: watch::Receiver<bool>,
) -> Result<Response<ServedBody>, Infallible> {
    let pace = Pace::new(patience);
    let (method, uri) = (request.method().clone(), request.uri().clone());
    let answering = service.call(request.map(|body| PacedBody::new(body, Arc::clone(&pace))));
    let response = tokio::select! {
        answered = AssertUnwindSafe(answering).catch_unwind() => match answered {
            Ok(Ok(response)) => response,
            Err(_) => {
                tracing::error!(%method, path = path_to_log(&uri), "a request ended in a panic");
                failure(StatusCode::INTERNAL_SERVER_ERROR, "Internal server error")
            }
        },
        () = pace.too_slow() => too_slow(&pace),
    };
    let status = response.status();
    let milliseconds = pace.elapsed().as_millis();
    if status.is_server_error() {
        tracing::warn!(%method, path = path_to_log(&uri), status = status.as_u16(), milliseconds, "failed");
    } else {
        tracing::debug!(%method, path = path_to_log(&uri), status = status.as_u16(), milliseconds, "answered");
    }
    Ok(ServedBody::in_response(response, streams_end))
}

fn too_slow(pace: &Pace) -> Response<Body> {
    if pace.body_has_ended() {
        let mut response = failure(StatusCode::SERVICE_UNAVAILABLE, "The request took too long");
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("30"));
        response
    } else {
        failure(StatusCode::REQUEST_TIMEOUT, "The request did not arrive in time")
    }
}

fn failure(status: StatusCode, text: &str) -> Response<Body> {
    let mut response = Response::new(Body::from(format!("{{\"error\":\"{text}\"}}")));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    headers.insert(CONNECTION, HeaderValue::from_static("close"));
    response
}

/// The path without anything that could be a secret: no query, and no part that is as long as one.
fn path_to_log(uri: &Uri) -> String {
    let part = |part: &str| if part.len() < SECRET_LENGTH { part.to_owned() } else { "[...]".to_owned() };
    uri.path().split('/').map(part).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_in_paths_and_queries_do_not_get_into_the_log() {
        for (uri, logged) in [
            (
                "/api/v1/statuses/01JABCDEFGHJKMNPQRSTVWXYZ0?access_token=x",
                "/api/v1/statuses/01JABCDEFGHJKMNPQRSTVWXYZ0",
            ),
            ("/setup/HZ0cGt5bMvTLeqNXcIbQp0CPz1WmJyXsnnVrJYxKXkQ", "/setup/[...]"),
            ("/", "/"),
        ] {
            assert_eq!(path_to_log(&uri.parse().unwrap()), logged);
        }
    }
}
