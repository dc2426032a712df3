//! From a `multipart/form-data` body to a tree and files, part by part, within limits.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use futures::Stream;
use multer::{Constraints, Field, Multipart, SizeLimit};
use thiserror::Error;

use super::content_type::essence;
use super::error::ParseError;
use super::limits::ParamLimits;
use super::names::Builder;
use super::{Params, Upload};
use crate::body::{BoxError, CollectError, into_bytes};

/// Bytes that may pass before a part begins: its header lines, or what stands before the first part.
const PART_HEAD_BYTES: usize = 64 << 10;

/// How much of the body is looked at in one go.
const PIECE_BYTES: usize = 16 << 10;

/// Reads a whole multipart body of at most `limit` bytes. A body without any bytes holds no parameters.
pub(crate) async fn read<B>(
    content_type: &str,
    body: B,
    limit: u64,
    limits: &ParamLimits,
) -> Result<Params, ParseError>
where
    B: http_body::Body + Send,
    B::Data: Send,
    B::Error: Into<BoxError>,
{
    if body.size_hint().lower() > limit {
        return Err(CollectError::TooLarge { limit }.into());
    }
    if body.is_end_stream() {
        return Ok(Params::default());
    }
    let boundary =
        multer::parse_boundary(content_type).map_err(|error| ParseError::MalformedMultipart(error.into()))?;
    let allowance = Allowance::default();
    let constraints = Constraints::new().size_limit(SizeLimit::new().whole_stream(limit));
    let pieces = Pieces::new(body, allowance.clone());
    let mut parts = Multipart::with_constraints(pieces, boundary, constraints);
    let mut tree = Builder::new(limits);
    let mut uploads = Vec::new();
    loop {
        allowance.set(PART_HEAD_BYTES);
        let next = parts.next_field().await;
        let Some(part) = next.or_else(|error| unless_empty(error, &allowance))? else {
            return Ok(Params { tree: tree.finish(), uploads });
        };
        allowance.set(usize::MAX);
        let Some(name) = part.name().filter(|name| !name.is_empty()).map(str::to_owned) else {
            skip(part).await?;
            continue;
        };
        match read_part(part, limits).await? {
            Part::Text(text) => tree.add(&name, text)?,
            Part::File(_) if uploads.len() == limits.uploads => {
                return Err(ParseError::TooManyUploads { limit: limits.uploads });
            }
            Part::File(_) if name.len() > limits.name_bytes => {
                return Err(ParseError::NameTooLong { limit: limits.name_bytes });
            }
            Part::File(upload) => uploads.push((name, upload)),
            Part::NoFileChosen => {}
        }
    }
}

#[derive(Debug)]
enum Part {
    Text(String),
    File(Upload),
    /// What browsers send for an empty file input.
    NoFileChosen,
}

async fn read_part(mut part: Field<'_>, limits: &ParamLimits) -> Result<Part, ParseError> {
    let filename = part.file_name().map(last_component);
    let content_type = part.content_type().map(|mime| essence(mime.as_ref()));
    let is_file = filename.is_some() || content_type.as_deref().is_some_and(is_file_type);
    let mut bytes = BytesMut::new();
    while let Some(chunk) = part.chunk().await.map_err(parse_error)? {
        if !is_file && bytes.len() + chunk.len() > limits.text_bytes {
            return Err(ParseError::TextTooLong { limit: limits.text_bytes });
        }
        bytes.extend_from_slice(&chunk);
    }
    if !is_file {
        let text = String::from_utf8(bytes.into()).map_err(|_| ParseError::InvalidUtf8)?;
        return Ok(Part::Text(text));
    }
    let filename = filename.filter(|name| !name.is_empty());
    if filename.is_none() && bytes.is_empty() {
        return Ok(Part::NoFileChosen);
    }
    Ok(Part::File(Upload { filename, content_type, bytes: bytes.freeze() }))
}

async fn skip(mut part: Field<'_>) -> Result<(), ParseError> {
    while part.chunk().await.map_err(parse_error)?.is_some() {}
    Ok(())
}

/// Without a file name, the type decides; some clients label their texts with `text/plain` or
/// `application/json`.
fn is_file_type(essence: &str) -> bool {
    !essence.starts_with("text/")
        && essence != "application/json"
        && essence != "application/x-www-form-urlencoded"
}

/// The name of a file without its folders, of whichever system.
fn last_component(path: &str) -> String {
    path.rsplit(['/', '\\']).next().unwrap_or_default().to_owned()
}

/// A body that turns out to have no bytes is a request without parameters, not a broken one.
fn unless_empty<'r>(error: multer::Error, allowance: &Allowance) -> Result<Option<Field<'r>>, ParseError> {
    let nothing_came = !allowance.was_touched();
    match error {
        multer::Error::IncompleteStream if nothing_came => Ok(None),
        error => Err(parse_error(error)),
    }
}

fn parse_error(error: multer::Error) -> ParseError {
    match error {
        multer::Error::StreamSizeExceeded { limit } => CollectError::TooLarge { limit }.into(),
        multer::Error::StreamReadFailed(source) => match source.downcast::<PieceError>() {
            Ok(error) => match *error {
                PieceError::HeadTooLong => ParseError::PartHeadTooLong { limit: PART_HEAD_BYTES },
                PieceError::Broken(source) => CollectError::Broken(source).into(),
            },
            Err(source) => CollectError::Broken(source).into(),
        },
        error => ParseError::MalformedMultipart(error.into()),
    }
}

/// How many bytes may still pass while the next part has not begun.
///
/// Until then multer searches everything it has again with every piece, which a sender could make quadratic
/// in the length of the body.
#[derive(Debug, Clone, Default)]
struct Allowance {
    left: Arc<AtomicUsize>,
    passed: Arc<AtomicUsize>,
}

impl Allowance {
    fn set(&self, bytes: usize) {
        self.left.store(bytes, Ordering::Relaxed);
    }

    fn take(&self, bytes: usize) -> Result<(), PieceError> {
        self.passed.fetch_add(bytes, Ordering::Relaxed);
        let left = self.left.load(Ordering::Relaxed);
        self.left.store(left.checked_sub(bytes).ok_or(PieceError::HeadTooLong)?, Ordering::Relaxed);
        Ok(())
    }

    fn was_touched(&self) -> bool {
        self.passed.load(Ordering::Relaxed) > 0
    }
}

#[derive(Debug, Error)]
enum PieceError {
    #[error("the head of a part is too long")]
    HeadTooLong,
    #[error("the body could not be read to its end")]
    Broken(#[source] BoxError),
}

/// The bytes of a body in small pieces, with a pause after each: multer takes whatever is ready before it
/// looks at any of it, so a body that is there at once would otherwise be copied whole before a limit is
/// noticed.
#[derive(Debug)]
struct Pieces<B> {
    body: Pin<Box<B>>,
    rest: Bytes,
    allowance: Allowance,
    pause: bool,
}

impl<B> Pieces<B> {
    fn new(body: B, allowance: Allowance) -> Self {
        Self { body: Box::pin(body), rest: Bytes::new(), allowance, pause: false }
    }
}

impl<B> Stream for Pieces<B>
where
    B: http_body::Body,
    B::Error: Into<BoxError>,
{
    type Item = Result<Bytes, PieceError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        if std::mem::take(&mut this.pause) {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        while this.rest.is_empty() {
            match ready!(this.body.as_mut().poll_frame(cx)) {
                None => return Poll::Ready(None),
                Some(Err(error)) => return Poll::Ready(Some(Err(PieceError::Broken(error.into())))),
                Some(Ok(frame)) => this.rest = frame.into_data().map_or_else(|_| Bytes::new(), into_bytes),
            }
        }
        let piece = this.rest.split_to(this.rest.len().min(PIECE_BYTES));
        this.pause = true;
        Poll::Ready(Some(this.allowance.take(piece.len()).map(|()| piece)))
    }
}
