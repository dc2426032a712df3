//! The service as a host sees it.

#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use bytes::Bytes;
use futures::executor::block_on;
use http::{Request, StatusCode};
use koinon_engine::media::MemoryBlobs;
use koinon_engine::memory::MemoryStore;
use koinon_engine::settings::Settings;
use koinon_engine::store::schema::TABLES;
use koinon_engine::{Engine, Surroundings};
use koinon_http::{Api, Body, Options};
use koinon_tower::KoinonService;
use tower_service::Service;

fn service() -> KoinonService {
    let store = Arc::new(MemoryStore::new(TABLES));
    let blobs = Arc::new(MemoryBlobs::default());
    let engine = block_on(Engine::open(store, blobs, Settings::default(), Surroundings::default())).unwrap();
    KoinonService::new(Api::new(engine, Options::default()).unwrap())
}

fn get(path: &str) -> Request<Body> {
    Request::get(path).body(Body::empty()).unwrap()
}

#[test]
fn a_request_is_answered_without_any_runtime() {
    let Ok(response) = block_on(service().call(get("/api/v1/timelines/public")));
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.body().as_bytes(), Some(&b"[]"[..]));
}

#[test]
fn bodies_of_other_libraries_are_read() {
    let mut service = service();
    let body = http_body_util::Full::new(Bytes::from_static(b"{\"status\":"));
    let request = Request::post("/api/v1/statuses").header("content-type", "application/json").body(body);
    let Ok(response) = block_on(service.call(request.unwrap()));
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
}

#[test]
fn the_answer_can_be_awaited_on_another_thread() {
    let mut service = service();
    let answer = service.call(get("/api/v1/timelines/public"));
    let Ok(response) = std::thread::spawn(move || block_on(answer)).join().unwrap();
    assert_eq!(response.status(), StatusCode::OK);
}
