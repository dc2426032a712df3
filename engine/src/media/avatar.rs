//! Avatars and profile headers.

use image::DynamicImage;

use super::encode::{EncodedImage, encode_jpeg, encode_png, encode_smallest};
use super::prepare::open_image;
use super::scale::crop_to;
use super::{FileType, ImageLimits, MediaError, sniff};

/// Which picture of a profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ProfileImage {
    /// The picture beside each status: a square of at most 400x400 pixels.
    Avatar,
    /// The banner above the profile: three times as wide as high, at most 1500x500 pixels.
    Header,
}

impl ProfileImage {
    /// The largest width and height, in pixels.
    #[must_use]
    pub fn dimensions(self) -> (u32, u32) {
        match self {
            Self::Avatar => (400, 400),
            Self::Header => (1500, 500),
        }
    }
}

/// A picture of a profile ready to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreparedProfileImage {
    /// The middle of the picture in its final proportions, without movement. Smaller than
    /// [`ProfileImage::dimensions`] if the upload is.
    pub still: EncodedImage,
    /// The upload without metadata, neither cropped nor scaled, if it moves.
    pub animation: Option<EncodedImage>,
}

/// Checks and cleans a picture for a profile, crops it and scales it down.
///
/// Costs as much as decoding the picture; run it on a worker thread.
///
/// # Errors
/// See [`MediaError`]; audio and video are [`MediaError::UnsupportedType`].
pub fn prepare_profile_image(
    bytes: &[u8],
    image: ProfileImage,
    limits: &ImageLimits,
) -> Result<PreparedProfileImage, MediaError> {
    if bytes.is_empty() {
        return Err(MediaError::Empty);
    }
    let file_type = sniff(bytes).ok_or(MediaError::UnsupportedType)?;
    if file_type.image_format().is_none() {
        return Err(MediaError::UnsupportedType);
    }
    let opened = open_image(bytes, file_type, limits)?;
    let (width, height) = image.dimensions();
    let cropped = crop_to(&opened.pixels, width, height)?;
    let still = encode_still(&cropped, file_type, opened.small_color_profile())?;
    let animation = opened.stripped.animated.then(|| EncodedImage {
        file_type,
        width: opened.pixels.width(),
        height: opened.pixels.height(),
        bytes: opened.stripped.bytes,
    });
    Ok(PreparedProfileImage { still, animation })
}

/// Drawings stay lossless, because the few colours of a logo suffer most from JPEG.
fn encode_still(
    pixels: &DynamicImage,
    uploaded: FileType,
    color_profile: Option<&[u8]>,
) -> Result<EncodedImage, MediaError> {
    match uploaded {
        FileType::Jpeg => encode_jpeg(pixels, color_profile),
        FileType::WebP => encode_smallest(pixels, color_profile),
        _ => encode_png(pixels, color_profile),
    }
}
