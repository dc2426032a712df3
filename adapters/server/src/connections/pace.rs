//! How long a request may take: a fixed time, and more for every byte of its body that arrives.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Buf;
use http_body::{Body, Frame, SizeHint};
use tokio::time::{Instant, sleep_until};

use crate::config::Patience;

/// How far a request has come.
#[derive(Debug)]
pub(crate) struct Pace {
    begun: Instant,
    patience: Patience,
    bytes: AtomicU64,
    body_ended: AtomicBool,
}

impl Pace {
    pub(crate) fn new(patience: Patience) -> Arc<Self> {
        Arc::new(Self {
            begun: Instant::now(),
            patience,
            bytes: AtomicU64::new(0),
            body_ended: AtomicBool::new(false),
        })
    }

    /// How long the request has been going on.
    pub(crate) fn elapsed(&self) -> Duration {
        self.begun.elapsed()
    }

    /// Whether it was not the client that was waited for last.
    pub(crate) fn body_has_ended(&self) -> bool {
        self.body_ended.load(Ordering::Relaxed)
    }

    /// Resolves when the request has taken too long, whatever has arrived meanwhile counted.
    pub(crate) async fn too_slow(&self) {
        loop {
            let deadline = self.deadline();
            sleep_until(deadline).await;
            if self.deadline() == deadline {
                return;
            }
        }
    }

    fn deadline(&self) -> Instant {
        let milliseconds = self.bytes.load(Ordering::Relaxed).saturating_mul(1000)
            / self.patience.body_bytes_per_second.max(1);
        self.begun + self.patience.request + Duration::from_millis(milliseconds)
    }
}

/// A body whose arriving bytes are counted.
#[derive(Debug)]
pub(crate) struct PacedBody<B> {
    body: B,
    pace: Arc<Pace>,
}

impl<B: Body> PacedBody<B> {
    pub(crate) fn new(body: B, pace: Arc<Pace>) -> Self {
        pace.body_ended.store(body.is_end_stream(), Ordering::Relaxed);
        Self { body, pace }
    }
}

impl<B: Body + Unpin> Body for PacedBody<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(context);
        match &polled {
            Poll::Ready(Some(Ok(frame))) => {
                let arrived = frame.data_ref().map_or(0, Buf::remaining) as u64;
                self.pace.bytes.fetch_add(arrived, Ordering::Relaxed);
            }
            Poll::Ready(_) => self.pace.body_ended.store(true, Ordering::Relaxed),
            Poll::Pending => {}
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
