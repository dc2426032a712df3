//! Writes pixels as files.

use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::{DynamicImage, ImageEncoder};

use super::{FileType, MediaError};

/// A picture file that was written here or is small enough to be shown as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EncodedImage {
    /// Its type.
    pub file_type: FileType,
    /// The whole file.
    pub bytes: Vec<u8>,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
}

/// Writes a JPEG. Transparency is lost, so the pixels should have none.
pub(super) fn encode_jpeg(
    pixels: &DynamicImage,
    color_profile: Option<&[u8]>,
) -> Result<EncodedImage, MediaError> {
    let mut bytes = Vec::new();
    let encoder = JpegEncoder::new_with_quality(&mut bytes, JPEG_QUALITY);
    let is_gray = !pixels.color().has_color();
    let pixels =
        if is_gray { DynamicImage::from(pixels.to_luma8()) } else { DynamicImage::from(pixels.to_rgb8()) };
    write(encoder, &pixels, color_profile)?;
    Ok(encoded(FileType::Jpeg, bytes, &pixels))
}

/// Writes a PNG, with all channels and bits the pixels have.
pub(super) fn encode_png(
    pixels: &DynamicImage,
    color_profile: Option<&[u8]>,
) -> Result<EncodedImage, MediaError> {
    let mut bytes = Vec::new();
    write(PngEncoder::new(&mut bytes), pixels, color_profile)?;
    Ok(encoded(FileType::Png, bytes, pixels))
}

/// Writes a JPEG if nothing shines through the pixels, else a PNG.
pub(super) fn encode_smallest(
    pixels: &DynamicImage,
    color_profile: Option<&[u8]>,
) -> Result<EncodedImage, MediaError> {
    if is_opaque(pixels) { encode_jpeg(pixels, color_profile) } else { encode_png(pixels, color_profile) }
}

const JPEG_QUALITY: u8 = 90;

fn write(
    mut encoder: impl ImageEncoder,
    pixels: &DynamicImage,
    color_profile: Option<&[u8]>,
) -> Result<(), MediaError> {
    if let Some(profile) = color_profile.filter(|profile| describes(profile, pixels)) {
        encoder
            .set_icc_profile(profile.to_vec())
            .map_err(|error| MediaError::Unencodable(Box::new(error)))?;
    }
    pixels.write_with_encoder(encoder).map_err(|error| MediaError::Unencodable(Box::new(error)))
}

/// Whether an ICC profile is about the colour model of these pixels. It is not when they were converted on
/// the way in: a CMYK JPEG is decoded to RGB and brings a CMYK profile.
fn describes(profile: &[u8], pixels: &DynamicImage) -> bool {
    let color_space: &[u8] = if pixels.color().has_color() { b"RGB " } else { b"GRAY" };
    profile.get(16..20) == Some(color_space)
}

fn is_opaque(pixels: &DynamicImage) -> bool {
    !pixels.color().has_alpha() || pixels.to_rgba8().pixels().all(|pixel| pixel.0[3] == u8::MAX)
}

fn encoded(file_type: FileType, bytes: Vec<u8>, pixels: &DynamicImage) -> EncodedImage {
    EncodedImage { file_type, bytes, width: pixels.width(), height: pixels.height() }
}
