//! Connections: accepted up to a limit, kept to a pace, and let finish when the server ends.

mod answer;
mod pace;
mod stream_end;

use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use koinon_http::Api;
use koinon_tower::KoinonService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_io_timeout::TimeoutStream;

use crate::config::Patience;

/// Bytes of a request's head and of an answer that is not taken, each connection. More than the limits of the
/// HTTP layer, so that it is the one to refuse, in words.
const BUFFER_BYTES: usize = 64 << 10;
/// Header lines, likewise.
const HEADER_LINES: usize = 128;
/// Pause after the system refused to accept a connection, as when all file descriptors are in use.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Bounds of what clients can take up.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) connections: usize,
    pub(crate) patience: Patience,
}

/// Answers requests until `shutdown` resolves. Requests that have begun by then are finished within the patience
/// for it, streams of events end, idle connections are closed.
pub(crate) async fn serve_connections(
    listener: TcpListener,
    api: &Api,
    limits: Limits,
    shutdown: impl Future<Output = ()>,
) {
    let service = KoinonService::new(api.clone());
    let (end, ending) = watch::channel(false);
    let mut connections = JoinSet::new();
    let permits = Arc::new(Semaphore::new(limits.connections.min(Semaphore::MAX_PERMITS)));
    let mut shutdown = pin!(shutdown);
    loop {
        let accepted = tokio::select! {
            () = &mut shutdown => break,
            accepted = accept(&listener, &permits) => accepted,
            Some(ended) = connections.join_next() => {
                report(ended);
                continue;
            }
        };
        let (stream, peer, permit) = accepted;
        let connection = Connection {
            service: service.for_client(peer.ip()),
            patience: limits.patience,
            ending: ending.clone(),
            permit,
        };
        connections.spawn(connection.serve(stream));
    }
    drop(listener);
    end.send_replace(true);
    let all_ended = async {
        while let Some(ended) = connections.join_next().await {
            report(ended);
        }
    };
    if timeout(limits.patience.shutdown, all_ended).await.is_err() {
        tracing::warn!(
            connections = connections.len(),
            "requests were cut off; they took too long to finish"
        );
        connections.shutdown().await;
    }
}

/// The next connection, once there is room for it. Never fails: what keeps one connection from being accepted is no
/// reason to give up the others.
async fn accept(
    listener: &TcpListener,
    permits: &Arc<Semaphore>,
) -> (TcpStream, SocketAddr, OwnedSemaphorePermit) {
    let permit = Arc::clone(permits).acquire_owned().await.expect("the semaphore is never closed");
    let mut told = false;
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => return (stream, peer, permit),
            Err(error) if is_of_one_connection(&error) => {}
            Err(error) => {
                if !told {
                    tracing::warn!(%error, "no connection can be accepted; trying again");
                    told = true;
                }
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

fn report(ended: Result<(), tokio::task::JoinError>) {
    if let Err(error) = ended
        && error.is_panic()
    {
        tracing::error!("a connection ended in a panic");
    }
}

/// What one connection is served with.
struct Connection {
    service: KoinonService,
    patience: Patience,
    ending: watch::Receiver<bool>,
    permit: OwnedSemaphorePermit,
}

impl Connection {
    async fn serve(self, stream: TcpStream) {
        let Self { service, patience, ending, permit } = self;
        let streams_end = ending.clone();
        // Answers are written in one piece; waiting for more would only delay them.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a connection is gone already");
        }
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(patience.request));
        let answer = service_fn(move |request| {
            answer::answer(service.clone(), request, patience, streams_end.clone())
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(patience.request)
            .max_headers(HEADER_LINES)
            .max_buf_size(BUFFER_BYTES)
            .serve_connection(TokioIo::new(Box::pin(stream)), answer)
            .with_upgrades();
        let mut connection = pin!(connection);
        let ended = tokio::select! {
            ended = connection.as_mut() => ended,
            () = stream_end::wait(ending) => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = ended {
            tracing::debug!(%error, "a connection ended early");
        }
        drop(permit);
    }
}
