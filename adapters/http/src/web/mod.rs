//! Pages for browsers, without scripts.

use http::Response;

use crate::body::Body;
use crate::endpoint::Endpoint;
use crate::failure::Failure;
use crate::router::Route;

/// The routes of pages and files.
pub(crate) fn routes() -> Vec<Route<Endpoint>> {
    Vec::new()
}

/// A refusal as a page.
pub(crate) fn refuse(failure: &Failure) -> Response<Body> {
    let mut response = Response::new(Body::full(failure.to_string()));
    *response.status_mut() = failure.status();
    response
}
