//! Takes everything out of a picture file that is not the picture, without decoding a pixel.
//!
//! Each walker copies what it knows to be needed and drops the rest, so that a kind of metadata invented
//! tomorrow is dropped as well. It stops at the end marker: whatever follows, such as an archive or a page
//! that turns the file into two files at once, or the rest of a longer picture that a careless editor
//! overwrote, is cut. All sizes that a header declares are checked on the way, those of frames included.

mod byte_reader;
mod gif;
mod jpeg;
mod png;
mod webp;

use image::metadata::Orientation;

use super::limits::Bounds;
use super::{FileType, MediaError};

use byte_reader::ByteReader;

/// A picture file without metadata.
#[derive(Debug)]
pub(super) struct Stripped {
    /// The whole file.
    pub(super) bytes: Vec<u8>,
    /// How it has to be turned to be seen as it was meant. This was part of what has been taken out.
    pub(super) orientation: Orientation,
    /// Whether it has more than one frame.
    pub(super) animated: bool,
}

/// Strips a picture of a type that [`super::sniff`] found; other types come back as
/// [`MediaError::UnsupportedType`].
pub(super) fn strip(file_type: FileType, bytes: &[u8], bounds: Bounds) -> Result<Stripped, MediaError> {
    match file_type {
        FileType::Jpeg => jpeg::strip(bytes, bounds),
        FileType::Png => png::strip(bytes, bounds),
        FileType::Gif => gif::strip(bytes, bounds),
        FileType::WebP => webp::strip(bytes, bounds),
        _ => Err(MediaError::UnsupportedType),
    }
}

/// The orientation in an EXIF block, which some encoders put behind JPEG's marker in other formats too.
fn orientation_of(exif: &[u8]) -> Orientation {
    let exif = exif.strip_prefix(EXIF_MARKER).unwrap_or(exif);
    Orientation::from_exif_chunk(exif).unwrap_or(Orientation::NoTransforms)
}

const EXIF_MARKER: &[u8] = b"Exif\0\0";
