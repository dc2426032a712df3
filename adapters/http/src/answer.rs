//! Making responses.

use http::header::{CONTENT_TYPE, LINK};
use http::{HeaderValue, Response, StatusCode};
use koinon_engine::page::Page;
use serde::Serialize;

use crate::body::Body;
use crate::call::Call;
use crate::endpoint::Answer;
use crate::json::{Plain, WriteJson};

/// Bytes that an answer has at least room for.
const SMALL: usize = 512;
/// Bytes that most items of a page have room in.
const ITEM: usize = 2_560;

/// `entity` as JSON.
pub(crate) fn json(entity: &impl Serialize) -> Answer {
    Ok(json_with_status(StatusCode::OK, entity))
}

/// `entity` as JSON, with a status code.
pub(crate) fn json_with_status(status: StatusCode, entity: &impl Serialize) -> Response<Body> {
    written(status, &Plain(entity), SMALL)
}

/// `entity` as JSON it writes itself.
pub(crate) fn entity(entity: &impl WriteJson) -> Answer {
    Ok(written(StatusCode::OK, entity, ITEM))
}

/// Writes `entity` into a buffer of `capacity` bytes, which grows where that is too small.
fn written(status: StatusCode, entity: &impl WriteJson, capacity: usize) -> Response<Body> {
    let mut json = Vec::with_capacity(capacity);
    entity.write_json(&mut json);
    let mut response = Response::new(Body::full(json));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    response
}

/// An object without fields.
pub(crate) fn empty_object() -> Answer {
    json(&serde_json::Map::new())
}

/// The items of a page as a JSON array, with links to the pages around it. // R10
pub(crate) fn page<'p, T, E: WriteJson>(
    call: &Call,
    page: &'p Page<T>,
    entity: impl FnMut(&'p T) -> E,
) -> Answer {
    let entities: Vec<E> = page.items.iter().map(entity).collect();
    let mut response = written(StatusCode::OK, &entities, entities.len() * ITEM + SMALL);
    if let Some(link) = call.link(page) {
        response.headers_mut().insert(LINK, link);
    }
    Ok(response)
}
