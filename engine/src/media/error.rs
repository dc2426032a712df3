//! Why an upload was refused.

use std::error::Error;

use super::DataUriError;

/// Why an upload was refused. Every variant is the uploader's doing except [`MediaError::Unencodable`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MediaError {
    /// There are no bytes at all.
    #[error("the file is empty")]
    Empty,
    /// The file has more bytes than its type may have.
    #[error("the file has {bytes} bytes, more than the {limit} allowed")]
    TooLarge {
        /// Size of the upload, in bytes.
        bytes: u64,
        /// The limit it broke, in bytes.
        limit: u64,
    },
    /// The content is none of the accepted types, or not one accepted in this place.
    #[error("files of this type are not accepted")]
    UnsupportedType,
    /// The picture, or one frame of it, is wider or higher than allowed.
    #[error("the picture measures {width}x{height}, a side may have at most {limit} pixels")]
    SideTooLong {
        /// Width by the header, in pixels.
        width: u32,
        /// Height by the header, in pixels.
        height: u32,
        /// The longest side allowed, in pixels.
        limit: u32,
    },
    /// The picture, or one frame of it, has more pixels than allowed.
    #[error("the picture measures {width}x{height}, it may have at most {limit} pixels")]
    TooManyPixels {
        /// Width by the header, in pixels.
        width: u32,
        /// Height by the header, in pixels.
        height: u32,
        /// The largest area allowed, in pixels.
        limit: u64,
    },
    /// Decoding would take more memory than allowed.
    #[error("the picture needs more memory than the {limit} bytes allowed")]
    TooMuchMemory {
        /// The limit, in bytes.
        limit: u64,
    },
    /// The file ends before its content does.
    #[error("the file is cut off")]
    Truncated,
    /// The file breaks the rules of its own format.
    #[error("the file is damaged: {0}")]
    Malformed(&'static str),
    /// The container is sound but its pixels cannot be decoded.
    #[error("the picture cannot be decoded")]
    Undecodable(#[source] Box<dyn Error + Send + Sync>),
    /// A picture that was decoded could not be written again. A fault of this server, not of the upload.
    #[error("the picture cannot be written")]
    Unencodable(#[source] Box<dyn Error + Send + Sync>),
    /// The text is not a usable `data:` URI.
    #[error(transparent)]
    DataUri(#[from] DataUriError),
}
