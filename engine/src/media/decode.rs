//! Turns a stripped picture file into pixels, within limits.

use std::io::Cursor;

use image::{DynamicImage, ImageDecoder, ImageError, ImageReader, Limits};

use super::{FileType, ImageLimits, MediaError};

/// A decoded picture: the first frame of an animation.
#[derive(Debug)]
pub(super) struct Decoded {
    pub(super) pixels: DynamicImage,
    /// The ICC profile its colours are meant in.
    pub(super) color_profile: Option<Vec<u8>>,
}

/// Decodes `bytes`, which the walkers of [`super::strip`] have already seen.
///
/// The size is checked once more as the decoder understands it, because a file that two readers understand
/// differently is how limits are got around. The decoders for JPEG and WebP ignore a memory limit, so what
/// the pixels take is checked here.
pub(super) fn decode(bytes: &[u8], file_type: FileType, limits: &ImageLimits) -> Result<Decoded, MediaError> {
    let format = file_type.image_format().ok_or(MediaError::UnsupportedType)?;
    let failed = |error| decoding_error(error, limits);
    let mut decoder_limits = Limits::no_limits();
    decoder_limits.max_alloc = Some(limits.max_decoded_bytes);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(decoder_limits.clone());
    let mut decoder = reader.into_decoder().map_err(failed)?;
    let (width, height) = decoder.dimensions();
    limits.bounds(file_type).check(width, height)?;
    decoder_limits.reserve(decoder.total_bytes()).map_err(failed)?;
    let color_profile = decoder.icc_profile().map_err(failed)?;
    let pixels = DynamicImage::from_decoder(decoder).map_err(failed)?;
    Ok(Decoded { pixels, color_profile })
}

fn decoding_error(error: ImageError, limits: &ImageLimits) -> MediaError {
    match error {
        ImageError::Limits(_) => MediaError::TooMuchMemory { limit: limits.max_decoded_bytes },
        error => MediaError::Undecodable(Box::new(error)),
    }
}
