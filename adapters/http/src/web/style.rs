//! What belongs to the look of all pages: their style sheet and their icon.

use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, Method, Response};

use super::refuse;
use crate::body::Body;
use crate::endpoint::{Access, Endpoint, route};
use crate::router::Route;

pub(super) fn routes() -> Vec<Route<Endpoint>> {
    vec![
        route(Method::GET, "/assets/koinon.css", Access::Open, refuse, |_| async {
            Ok(asset(include_str!("../../assets/koinon.css"), "text/css; charset=utf-8"))
        }),
        route(Method::GET, "/assets/koinon.svg", Access::Open, refuse, |_| async {
            Ok(asset(include_str!("../../assets/koinon.svg"), "image/svg+xml"))
        }),
    ]
}

fn asset(content: &'static str, media_type: &'static str) -> Response<Body> {
    let mut response = Response::new(Body::from(content));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=86400"));
    response
}
