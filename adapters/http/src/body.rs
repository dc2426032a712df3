//! Bodies: what a response carries, and how the bytes of a request are collected under a limit.

use std::error::Error;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

use bytes::{Buf, Bytes, BytesMut};
use futures::{Stream, TryStreamExt};
use http_body::{Frame, SizeHint};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, StreamBody};
use thiserror::Error;

/// Any error that can cross a thread; the error type of streamed bodies.
pub type BoxError = Box<dyn Error + Send + Sync + 'static>;

/// The body of a response (or of a request built by hand): nothing, bytes that are all there, or a stream.
///
/// A streamed body may fail half-way (a file that vanished); the other two never do. Reading is by
/// [`http_body::Body`], which every framework of today understands.
#[derive(Debug, Default)]
pub struct Body(Content);

#[derive(Debug, Default)]
enum Content {
    #[default]
    Empty,
    Full(Bytes),
    Stream(UnsyncBoxBody<Bytes, BoxError>),
}

impl Body {
    /// A body without any bytes.
    pub const fn empty() -> Self {
        Self(Content::Empty)
    }

    /// A body of exactly these bytes.
    pub fn full(bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        if bytes.is_empty() { Self::empty() } else { Self(Content::Full(bytes)) }
    }

    /// A body of unknown length, sent as the stream yields: server-sent events, files.
    pub fn stream<S, E>(stream: S) -> Self
    where
        S: Stream<Item = Result<Bytes, E>> + Send + 'static,
        E: Into<BoxError> + 'static,
    {
        let frames = stream.map_ok(Frame::data).map_err(Into::into);
        Self(Content::Stream(UnsyncBoxBody::new(StreamBody::new(frames))))
    }

    /// Wraps the body type of another library, so that a framework can hand its requests over.
    pub fn wrap<B>(body: B) -> Self
    where
        B: http_body::Body + Send + 'static,
        B::Data: 'static,
        B::Error: Into<BoxError> + 'static,
    {
        Self(Content::Stream(UnsyncBoxBody::new(Wrapped(Box::pin(body)))))
    }

    /// The bytes, unless the body is a stream. What content lengths and entity tags are computed from.
    pub fn as_bytes(&self) -> Option<&[u8]> {
        match &self.0 {
            Content::Empty => Some(&[]),
            Content::Full(bytes) => Some(bytes),
            Content::Stream(_) => None,
        }
    }
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        match &mut self.0 {
            Content::Empty => Poll::Ready(None),
            Content::Full(bytes) => {
                let bytes = std::mem::take(bytes);
                self.0 = Content::Empty;
                Poll::Ready(Some(Ok(Frame::data(bytes))))
            }
            Content::Stream(stream) => Pin::new(stream).poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Content::Empty => true,
            Content::Full(_) => false,
            Content::Stream(stream) => stream.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Content::Empty => SizeHint::with_exact(0),
            Content::Full(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Content::Stream(stream) => stream.size_hint(),
        }
    }
}

/// Another library's body with data and errors made ours. Unlike http-body-util's adapters it keeps the
/// declared length, by which a body that is too large is refused before it is read.
#[derive(Debug)]
struct Wrapped<B>(Pin<Box<B>>);

impl<B> http_body::Body for Wrapped<B>
where
    B: http_body::Body,
    B::Error: Into<BoxError>,
{
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        self.0.as_mut().poll_frame(cx).map_ok(|frame| frame.map_data(into_bytes)).map_err(Into::into)
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.0.size_hint()
    }
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        Self::full(bytes)
    }
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Self {
        Self::full(bytes)
    }
}

impl From<String> for Body {
    fn from(text: String) -> Self {
        Self::full(text)
    }
}

impl From<&'static str> for Body {
    fn from(text: &'static str) -> Self {
        Self::full(text)
    }
}

/// Why the bytes of a request could not be had.
#[derive(Debug, Error)]
pub enum CollectError {
    /// The body is longer than allowed. Nothing beyond the limit was kept.
    #[error("the body is larger than {limit} bytes")]
    TooLarge {
        /// The limit in bytes.
        limit: u64,
    },
    /// The connection ended, or the transfer coding was wrong.
    #[error("the body could not be read to its end")]
    Broken(#[source] BoxError),
}

/// Reads a body to its end into one piece of memory of at most `limit` bytes.
///
/// A declared length above the limit is refused before a byte is read. However small the chunks a sender
/// chooses, memory stays proportional to the bytes themselves.
pub async fn collect<B>(body: B, limit: u64) -> Result<Bytes, CollectError>
where
    B: http_body::Body,
    B::Error: Into<BoxError>,
{
    if body.size_hint().lower() > limit {
        return Err(CollectError::TooLarge { limit });
    }
    let mut body = pin!(body);
    let mut first = Bytes::new();
    let mut joined = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|error| CollectError::Broken(error.into()))?.into_data() else {
            continue; // trailers
        };
        if (first.len() + joined.len() + data.remaining()) as u64 > limit {
            return Err(CollectError::TooLarge { limit });
        }
        if first.is_empty() && joined.is_empty() {
            first = into_bytes(data);
        } else {
            if joined.is_empty() {
                joined.extend_from_slice(&std::mem::take(&mut first));
            }
            joined.extend_from_slice(&into_bytes(data));
        }
    }
    Ok(if joined.is_empty() { first } else { joined.freeze() })
}

pub(crate) fn into_bytes(mut data: impl Buf) -> Bytes {
    data.copy_to_bytes(data.remaining())
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::executor::block_on;
    use futures::stream;
    use http_body::Body as _;
    use std::io;

    fn chunked(chunks: &[&'static str]) -> Body {
        let items: Vec<Result<Bytes, io::Error>> =
            chunks.iter().map(|chunk| Ok(Bytes::from_static(chunk.as_bytes()))).collect();
        Body::stream(stream::iter(items))
    }

    #[test]
    fn a_full_body_knows_its_length_and_yields_its_bytes_once() {
        let body = Body::from("hello");
        assert_eq!(body.size_hint().exact(), Some(5));
        assert_eq!(body.as_bytes(), Some(&b"hello"[..]));
        assert!(!body.is_end_stream());
        assert_eq!(block_on(collect(body, 5)).unwrap(), "hello");
    }

    #[test]
    fn an_empty_body_is_at_its_end_from_the_start() {
        for body in [Body::empty(), Body::default(), Body::from(String::new()), Body::from(Vec::new())] {
            assert!(body.is_end_stream());
            assert_eq!(body.size_hint().exact(), Some(0));
            assert_eq!(block_on(collect(body, 0)).unwrap(), "");
        }
    }

    #[test]
    fn chunks_are_joined_in_order() {
        let body = chunked(&["one ", "", "two ", "three"]);
        assert_eq!(body.as_bytes(), None);
        assert_eq!(block_on(collect(body, 100)).unwrap(), "one two three");
    }

    #[test]
    fn a_body_as_long_as_the_limit_passes_and_one_byte_more_does_not() {
        assert_eq!(block_on(collect(chunked(&["12", "34"]), 4)).unwrap(), "1234");
        let refused = block_on(collect(chunked(&["12", "345"]), 4));
        assert!(matches!(refused, Err(CollectError::TooLarge { limit: 4 })));
    }

    #[test]
    fn a_declared_length_above_the_limit_is_refused_without_reading() {
        struct Untouchable;
        impl http_body::Body for Untouchable {
            type Data = Bytes;
            type Error = BoxError;
            fn poll_frame(
                self: Pin<&mut Self>,
                _: &mut Context<'_>,
            ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
                panic!("read although the declared length is above the limit")
            }
            fn size_hint(&self) -> SizeHint {
                SizeHint::with_exact(11)
            }
        }
        assert!(matches!(block_on(collect(Untouchable, 10)), Err(CollectError::TooLarge { limit: 10 })));
    }

    #[test]
    fn a_stream_that_fails_is_a_broken_body() {
        let items = vec![Ok(Bytes::from_static(b"half")), Err(io::Error::other("gone"))];
        let broken = block_on(collect(Body::stream(stream::iter(items)), 100));
        assert!(matches!(broken, Err(CollectError::Broken(_))));
    }

    #[test]
    fn a_wrapped_body_keeps_bytes_and_length() {
        let body = Body::wrap(http_body_util::Full::new(Bytes::from_static(b"wrapped")));
        assert_eq!(body.size_hint().exact(), Some(7));
        assert_eq!(block_on(collect(body, 100)).unwrap(), "wrapped");
    }

    #[test]
    fn trailers_are_skipped() {
        let frames = vec![
            Ok::<_, io::Error>(Frame::data(Bytes::from_static(b"data"))),
            Ok(Frame::trailers(http::HeaderMap::new())),
        ];
        assert_eq!(block_on(collect(StreamBody::new(stream::iter(frames)), 9)).unwrap(), "data");
    }

    #[test]
    fn a_body_can_cross_threads() {
        fn is_send<T: Send + 'static>() {}
        is_send::<Body>();
    }
}
