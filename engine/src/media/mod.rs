//! Uploaded media: what is accepted, how it is cleaned, and where its bytes rest.
//!
//! Nothing here knows the store. A command calls [`prepare()`] (or [`prepare_profile_image`]) on a worker
//! thread, puts the resulting bytes into a [`BlobStore`], and only then runs the write job that records them.
//!
//! - An upload is what its *content* says it is ([`sniff`]); declared types and file names are never trusted.
//! - Pictures lose everything that is not the picture: EXIF with its GPS position, XMP, IPTC, comments,
//!   embedded previews, unknown chunks, and whatever follows the end marker. The pixels are kept as they were
//!   uploaded unless an orientation has to be applied.
//! - Headers are checked against [`ImageLimits`] before a single pixel is decoded.
//! - Audio and video are recognised and kept byte for byte, metadata included: nothing here decodes them.
//!
//! ```
//! use koinon_engine::media::{BlobStore, MediaKind, MediaLimits, MemoryBlobs, prepare};
//!
//! let upload = b"fLaC and the rest of a sound file".to_vec();
//! let prepared = prepare(upload, &MediaLimits::default())?;
//! assert_eq!(prepared.kind, MediaKind::Audio);
//! assert_eq!(prepared.file_type.mime(), "audio/flac");
//!
//! let blobs = MemoryBlobs::new();
//! let id = blobs.put(&prepared.bytes)?;
//! assert_eq!(blobs.get(&id)?, Some(prepared.bytes));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod avatar;
mod blob;
mod data_uri;
mod decode;
mod encode;
mod error;
mod file_type;
mod limits;
mod placeholder;
mod prepare;
mod scale;
mod strip;
#[cfg(test)]
mod tests;

pub use avatar::{PreparedProfileImage, ProfileImage, prepare_profile_image};
pub use blob::{BlobError, BlobId, BlobIds, BlobStore, DirectoryBlobs, InvalidBlobId, MemoryBlobs};
pub use data_uri::{DataUri, DataUriError, decode_data_uri};
pub use encode::EncodedImage;
pub use error::MediaError;
pub use file_type::{FileType, MediaFamily, sniff};
pub use limits::{ImageLimits, MediaLimits};
pub use prepare::{MediaKind, Picture, PreparedMedia, prepare};
