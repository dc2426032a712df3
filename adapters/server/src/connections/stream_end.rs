//! Streams of events have no end of their own; they end with the server.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::Response;
use http::header::CONTENT_TYPE;
use http_body::{Frame, SizeHint};
use koinon_http::Body;
use koinon_http::body::BoxError;
use tokio::sync::watch;

/// The body of an answer; that of an event stream ends when the server does.
pub(crate) struct ServedBody {
    body: Body,
    end: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
}

impl ServedBody {
    /// The answer with a body that ends, if it is an event stream, once `streams_end` is true.
    pub(crate) fn in_response(
        response: Response<Body>,
        streams_end: watch::Receiver<bool>,
    ) -> Response<Self> {
        let content_type = response.headers().get(CONTENT_TYPE);
        let is_event_stream =
            content_type.is_some_and(|value| value.as_bytes().starts_with(b"text/event-stream"));
        response.map(|body| Self { body, end: is_event_stream.then(|| Box::pin(wait(streams_end)) as _) })
    }
}

/// Resolves when the server ends.
pub(super) async fn wait(mut streams_end: watch::Receiver<bool>) {
    // An error means that the sender is gone, which is an end as well.
    let _ = streams_end.wait_for(|end| *end).await;
}

impl http_body::Body for ServedBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        if let Some(end) = &mut self.end
            && end.as_mut().poll(context).is_ready()
        {
            self.end = None;
            self.body = Body::empty();
        }
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl fmt::Debug for ServedBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServedBody").field("body", &self.body).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::stream;
    use http_body::Body as _;
    use std::future::poll_fn;

    fn response(content_type: &str) -> Response<Body> {
        let first = stream::iter([Ok::<_, BoxError>(Bytes::from_static(b"event: update\n"))]);
        let body = Body::stream(futures::StreamExt::chain(first, stream::pending()));
        Response::builder().header(CONTENT_TYPE, content_type).body(body).unwrap()
    }

    async fn next(body: &mut ServedBody) -> Option<Bytes> {
        let frame = poll_fn(|context| Pin::new(&mut *body).poll_frame(context)).await?;
        frame.unwrap().into_data().ok()
    }

    #[tokio::test]
    async fn a_stream_of_events_goes_on_until_the_server_ends() {
        let (end, ends) = watch::channel(false);
        let mut body =
            ServedBody::in_response(response("text/event-stream; charset=utf-8"), ends).into_body();
        assert_eq!(next(&mut body).await, Some(Bytes::from_static(b"event: update\n")));
        let ended = tokio::join!(next(&mut body), async { end.send_replace(true) });
        assert_eq!(ended, (None, false));
    }

    #[tokio::test]
    async fn a_file_that_is_being_sent_is_sent_to_its_end() {
        let (_end, ends) = watch::channel(true);
        let mut body = ServedBody::in_response(response("image/png"), ends).into_body();
        assert_eq!(next(&mut body).await, Some(Bytes::from_static(b"event: update\n")));
    }
}
