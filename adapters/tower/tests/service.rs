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
use koinon_http::{Api, Body, Options, Peer};
use koinon_tower::KoinonService;
use tower_service::Service;

fn service() -> KoinonService {
    service_with(Options::default())
}

fn service_with(options: Options) -> KoinonService {
    let store = Arc::new(MemoryStore::new(TABLES));
    let blobs = Arc::new(MemoryBlobs::default());
    let engine = block_on(Engine::open(store, blobs, Settings::default(), Surroundings::default())).unwrap();
    KoinonService::new(Api::new(engine, options).unwrap())
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

/// Registers somebody, without a token, for whoever has this address, and answers whether that was too often.
fn is_too_often(service: &KoinonService, peer: Option<[u8; 4]>) -> bool {
    let mut request = Request::post("/api/v1/accounts").body(Body::empty()).unwrap();
    if let Some(peer) = peer {
        request.extensions_mut().insert(Peer(peer.into()));
    }
    let Ok(response) = block_on(service.clone().call(request));
    response.status() == StatusCode::TOO_MANY_REQUESTS
}

#[test]
fn clients_are_told_apart_by_the_address_of_their_connection() {
    let service = service_with(Options { rate_limits: true, ..Options::default() });
    let one = service.for_client([192, 0, 2, 1].into());
    assert!(!is_too_often(&one, None));
    assert!((0..1_000).any(|_| is_too_often(&one, None)), "no rate limits");
    assert!(!is_too_often(&service.for_client([192, 0, 2, 2].into()), None));
}

#[test]
fn a_peer_that_comes_with_the_request_goes_first() {
    let service = service_with(Options { rate_limits: true, ..Options::default() });
    let proxy = service.for_client([192, 0, 2, 1].into());
    assert!((0..1_000).any(|_| is_too_often(&proxy, Some([198, 51, 100, 1]))), "no rate limits");
    assert!(!is_too_often(&proxy, Some([198, 51, 100, 2])));
    assert!(!is_too_often(&proxy, None));
}
