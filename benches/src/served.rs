//! The instance behind a real socket, with one static response beside it.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use http::Response;
use http::header::{CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use koinon_engine::Engine;
use koinon_http::{Api, Body, Options};
use koinon_tower::KoinonService;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tower_service::Service;

use crate::Failure;

/// A running server on loopback. Ends when dropped.
#[derive(Debug)]
pub(crate) struct Served {
    pub(crate) address: SocketAddr,
    fixed: Arc<Mutex<Vec<u8>>>,
    _runtime: Runtime,
}

impl Served {
    pub(crate) fn start(engine: &Engine) -> Result<Self, Failure> {
        let runtime = Runtime::new()?;
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"))?;
        let address = listener.local_addr()?;
        let service = KoinonService::new(Api::new(engine.clone(), Options::default())?);
        let fixed = Arc::new(Mutex::new(Vec::new()));
        runtime.spawn(accept(listener, service, Arc::clone(&fixed)));
        Ok(Self { address, fixed, _runtime: runtime })
    }

    /// What `/static` answers from now on.
    pub(crate) fn answer_with(&self, bytes: Vec<u8>) {
        *self.fixed.lock().unwrap_or_else(PoisonError::into_inner) = bytes;
    }
}

async fn accept(listener: TcpListener, service: KoinonService, fixed: Arc<Mutex<Vec<u8>>>) {
    while let Ok((stream, peer)) = listener.accept().await {
        let service = service.for_client(peer.ip());
        let bytes = fixed.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let fixed = hyper::body::Bytes::from(bytes);
        // Without it, small answers wait for the client's acknowledgement.
        let _ = stream.set_nodelay(true);
        tokio::spawn(async move {
            let handler = service_fn(move |request: http::Request<hyper::body::Incoming>| {
                let (mut service, fixed) = (service.clone(), fixed.clone());
                async move {
                    if request.uri().path() == "/static" {
                        let mut response = Response::new(Body::full(fixed));
                        let json = HeaderValue::from_static("application/json; charset=utf-8");
                        response.headers_mut().insert(CONTENT_TYPE, json);
                        return Ok::<_, Infallible>(response);
                    }
                    service.call(request).await
                }
            });
            // A client that goes away ends its connection, not the measurement.
            let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), handler).await;
        });
    }
}
