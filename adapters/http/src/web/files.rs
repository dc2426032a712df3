//! Uploaded files, and the pictures of those who have none.

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use http::{HeaderName, HeaderValue, Method, Response};
use koinon_engine::Error;
use koinon_engine::media::{BlobId, FileType};

use super::refuse;
use crate::body::Body;
use crate::call::Call;
use crate::endpoint::{Access, Answer, Endpoint, route};
use crate::failure::Failure;
use crate::router::Route;

pub(super) fn routes() -> Vec<Route<Endpoint>> {
    vec![
        route(Method::GET, "/media/{file}", Access::Open, refuse, media),
        route(Method::GET, "/avatars/original/missing.png", Access::Open, refuse, |_| async {
            Ok(picture(include_bytes!("../../assets/avatar.png")))
        }),
        route(Method::GET, "/headers/original/missing.png", Access::Open, refuse, |_| async {
            Ok(picture(include_bytes!("../../assets/header.png")))
        }),
    ]
}

/// A file by the hash of its content, which nobody guesses: who knows it has been shown it.
async fn media(call: Call) -> Answer {
    let name = call.params.text("file").unwrap_or_default();
    let (hash, extension) = name.split_once('.').ok_or(Failure::Engine(Error::NotFound))?;
    let blob: BlobId = hash.parse().map_err(|_| Failure::Engine(Error::NotFound))?;
    let file_type = FileType::ALL.into_iter().find(|known| known.extension() == extension);
    let (Some(file_type), Some(bytes)) = (file_type, call.engine().file(blob).await?) else {
        return Err(Failure::Engine(Error::NotFound));
    };
    let mut response = Response::new(Body::full(bytes));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(file_type.mime()));
    // The content belongs to its address for ever.
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
    // Whatever someone managed to upload, it must not act as a page of this instance.
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox"));
    headers.insert(CONTENT_DISPOSITION, HeaderValue::from_static("inline"));
    headers.insert(
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("cross-origin"),
    );
    Ok(response)
}

fn picture(bytes: &'static [u8]) -> Response<Body> {
    let mut response = Response::new(Body::full(Bytes::from_static(bytes)));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("image/png"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=86400"));
    response
}
