//! Pages for browsers, without scripts.

mod files;
mod health;

use http::Response;

use crate::body::Body;
use crate::endpoint::Endpoint;
use crate::failure::Failure;
use crate::router::Route;

/// The routes of pages and files.
pub(crate) fn routes() -> Vec<Route<Endpoint>> {
    let mut routes = files::routes();
    routes.extend(health::routes());
    routes
}

/// A refusal as a page.
pub(crate) fn refuse(failure: &Failure) -> Response<Body> {
    let mut response = Response::new(Body::full(failure.to_string()));
    *response.status_mut() = failure.status();
    response
}
