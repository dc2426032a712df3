//! Koinon as a `tower::Service`, for hyper, axum, warp and every other host of such services.
//!
//! ```
//! use std::sync::Arc;
//!
//! use futures::executor::block_on;
//! use koinon_engine::media::MemoryBlobs;
//! use koinon_engine::memory::MemoryStore;
//! use koinon_engine::settings::Settings;
//! use koinon_engine::store::schema::TABLES;
//! use koinon_engine::{Engine, Surroundings};
//! use koinon_http::{Api, Body, Options};
//! use koinon_tower::KoinonService;
//! use tower_service::Service;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let store = Arc::new(MemoryStore::new(TABLES));
//! let blobs = Arc::new(MemoryBlobs::default());
//! let engine = block_on(Engine::open(store, blobs, Settings::default(), Surroundings::default()))?;
//! let mut service = KoinonService::new(Api::new(engine, Options::default())?);
//!
//! let request = http::Request::get("/api/v1/nothing").body(Body::empty())?;
//! let Ok(response) = block_on(service.call(request));
//! assert_eq!(response.status(), 404);
//! # Ok(())
//! # }
//! ```
//!
//! In axum, `Router::new().fallback_service(KoinonService::new(api))` serves everything that no route of the host
//! takes. Rates are counted per client, so the host says who that is: [`KoinonService::for_client`], or a
//! [`Peer`] in the extensions of a request.

use std::convert::Infallible;
use std::fmt;
use std::future::Future;
use std::net::IpAddr;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Buf;
use http::{Request, Response};
use koinon_http::body::BoxError;
use koinon_http::{Api, Body, Peer};
use tower_service::Service;

/// An instance as a service over requests with any body. Cheap to clone; always ready; never fails.
#[derive(Debug, Clone)]
pub struct KoinonService {
    api: Api,
    client: Option<Peer>,
}

impl KoinonService {
    /// The service of an instance.
    pub const fn new(api: Api) -> Self {
        Self { api, client: None }
    }

    /// The same service for one connection, whose other end has this address. A [`Peer`] that a request brings
    /// along goes before it.
    #[must_use]
    pub fn for_client(&self, address: IpAddr) -> Self {
        Self { api: self.api.clone(), client: Some(Peer(address)) }
    }

    /// The instance.
    pub const fn api(&self) -> &Api {
        &self.api
    }
}

impl<B> Service<Request<B>> for KoinonService
where
    B: http_body::Body + Send + 'static,
    B::Data: Buf + Send,
    B::Error: Into<BoxError>,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = ResponseFuture;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: Request<B>) -> ResponseFuture {
        if let Some(client) = self.client
            && request.extensions().get::<Peer>().is_none()
        {
            request.extensions_mut().insert(client);
        }
        let api = self.api.clone();
        ResponseFuture(Box::pin(async move { Ok(api.handle(request).await) }))
    }
}

/// The answer in the making. Dropping it gives the request up; what was committed by then stays.
pub struct ResponseFuture(Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>);

impl Future for ResponseFuture {
    type Output = Result<Response<Body>, Infallible>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.as_mut().poll(context)
    }
}

impl fmt::Debug for ResponseFuture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ResponseFuture")
    }
}
