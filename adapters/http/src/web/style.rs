//! The one style sheet of all pages.

use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, Method, Response};

use super::refuse;
use crate::body::Body;
use crate::endpoint::{Access, Endpoint, route};
use crate::router::Route;

pub(super) fn routes() -> Vec<Route<Endpoint>> {
    vec![route(Method::GET, "/assets/koinon.css", Access::Open, refuse, |_| async { Ok(style_sheet()) })]
}

fn style_sheet() -> Response<Body> {
    let mut response = Response::new(Body::from(include_str!("../../assets/koinon.css")));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/css; charset=utf-8"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=86400"));
    response
}
