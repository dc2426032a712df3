//! From an upload to what is stored and shown.

use image::DynamicImage;
use image::metadata::Orientation;
use serde::{Deserialize, Serialize};

use super::decode::{Decoded, decode};
use super::encode::{EncodedImage, encode_jpeg, encode_png, encode_smallest};
use super::limits::check_byte_count;
use super::placeholder::blurhash_of;
use super::scale::fit_into_area;
use super::strip::{Stripped, strip};
use super::{FileType, ImageLimits, MediaError, MediaFamily, MediaLimits, sniff};

/// How clients show a medium.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum MediaKind {
    /// A picture, which may be an animated WebP or PNG.
    Image,
    /// An animated GIF. The file is a GIF still and no video.
    Gifv,
    /// A video.
    Video,
    /// Sound.
    Audio,
}

/// An upload ready to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreparedMedia {
    /// How clients show it.
    pub kind: MediaKind,
    /// Its type, which gives the media type and the file name extension. It differs from the upload's if that
    /// had to be encoded anew in another format.
    pub file_type: FileType,
    /// The whole file, without metadata if it is a picture.
    pub bytes: Vec<u8>,
    /// What is known of a picture; `None` for audio and video.
    pub picture: Option<Picture>,
}

/// What is known of a picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Width as it is seen, in pixels.
    pub width: u32,
    /// Height as it is seen, in pixels.
    pub height: u32,
    /// Whether it moves.
    pub animated: bool,
    /// A still copy of at most 230 400 pixels (640x360). JPEG, or PNG if something shines through.
    pub thumbnail: EncodedImage,
    /// BlurHash with 4x4 components.
    pub blurhash: String,
}

/// Checks and cleans an upload.
///
/// Costs as much as decoding the picture and writing a thumbnail of it; run it on a worker thread. Audio and
/// video cost nothing, their bytes are passed on.
///
/// # Errors
/// See [`MediaError`].
pub fn prepare(bytes: Vec<u8>, limits: &MediaLimits) -> Result<PreparedMedia, MediaError> {
    let largest = limits.image.max_bytes.max(limits.max_audio_video_bytes);
    check_byte_count(&bytes, largest)?;
    let file_type = sniff(&bytes).ok_or(MediaError::UnsupportedType)?;
    let kind = match file_type.family() {
        MediaFamily::Image => return prepare_image(&bytes, file_type, &limits.image),
        MediaFamily::Video => MediaKind::Video,
        MediaFamily::Audio => MediaKind::Audio,
    };
    check_byte_count(&bytes, limits.max_audio_video_bytes)?;
    Ok(PreparedMedia { kind, file_type, bytes, picture: None })
}

/// A picture that has been cleaned, decoded and turned.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) stripped: Stripped,
    /// Turned already, whatever [`Stripped::orientation`] says.
    pub(super) pixels: DynamicImage,
    pub(super) color_profile: Option<Vec<u8>>,
}

impl Opened {
    /// Whether the stripped file no longer shows the picture as it was meant.
    ///
    /// Animations are left as they are: nothing here can turn one, and no common encoder asks for it.
    fn is_turned(&self) -> bool {
        self.stripped.orientation != Orientation::NoTransforms && !self.stripped.animated
    }

    /// The colour profile for a small copy, unless it would outweigh that copy.
    pub(super) fn small_color_profile(&self) -> Option<&[u8]> {
        self.color_profile.as_deref().filter(|profile| profile.len() <= MAX_PROFILE_OF_SMALL_COPY)
    }
}

/// Checks, cleans and decodes a picture.
pub(super) fn open_image(
    bytes: &[u8],
    file_type: FileType,
    limits: &ImageLimits,
) -> Result<Opened, MediaError> {
    check_byte_count(bytes, limits.max_bytes)?;
    let stripped = strip(file_type, bytes, limits.bounds(file_type))?;
    // What is decoded is what will be served: a file that decodes only with what was cut off is refused here.
    let Decoded { mut pixels, color_profile } = decode(&stripped.bytes, file_type, limits)?;
    if !stripped.animated {
        pixels.apply_orientation(stripped.orientation);
    }
    Ok(Opened { stripped, pixels, color_profile })
}

fn prepare_image(
    bytes: &[u8],
    file_type: FileType,
    limits: &ImageLimits,
) -> Result<PreparedMedia, MediaError> {
    let opened = open_image(bytes, file_type, limits)?;
    let small = fit_into_area(&opened.pixels, THUMBNAIL_PIXELS)?;
    let picture = Picture {
        width: opened.pixels.width(),
        height: opened.pixels.height(),
        animated: opened.stripped.animated,
        blurhash: blurhash_of(&small)?,
        thumbnail: encode_smallest(&small, opened.small_color_profile())?,
    };
    let kind = match (file_type, picture.animated) {
        (FileType::Gif, true) => MediaKind::Gifv,
        _ => MediaKind::Image,
    };
    let (file_type, bytes) = if opened.is_turned() {
        let turned = encode_turned(&opened, file_type)?;
        (turned.file_type, turned.bytes)
    } else {
        (file_type, opened.stripped.bytes)
    };
    Ok(PreparedMedia { kind, file_type, bytes, picture: Some(picture) })
}

/// Writes the whole picture anew. A lossless WebP of a photograph would be many times as large as the upload.
fn encode_turned(opened: &Opened, file_type: FileType) -> Result<EncodedImage, MediaError> {
    let profile = opened.color_profile.as_deref();
    match file_type {
        FileType::Jpeg => encode_jpeg(&opened.pixels, profile),
        FileType::WebP => encode_smallest(&opened.pixels, profile),
        _ => encode_png(&opened.pixels, profile),
    }
}

const THUMBNAIL_PIXELS: u32 = 640 * 360;
const MAX_PROFILE_OF_SMALL_COPY: usize = 16 * 1024;
