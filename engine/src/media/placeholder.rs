//! The blurred placeholder that clients show until a picture is loaded.

use image::{DynamicImage, Pixel, Rgba};

use super::MediaError;
use super::scale::fit_into_side;

/// The BlurHash of a picture, with 4x4 components: 36 characters. What shines through is taken for white.
///
/// Computed on a small copy: the result is the same to the eye, and the cost does not depend on the picture.
pub(super) fn blurhash_of(pixels: &DynamicImage) -> Result<String, MediaError> {
    let mut small = fit_into_side(pixels, SAMPLED_SIDE)?.to_rgba8();
    for pixel in small.pixels_mut() {
        let mut on_white = Rgba([u8::MAX; 4]);
        on_white.blend(pixel);
        *pixel = on_white;
    }
    let (width, height) = small.dimensions();
    blurhash::encode(COMPONENTS, COMPONENTS, width, height, &small)
        .map_err(|error| MediaError::Unencodable(Box::new(error)))
}

const SAMPLED_SIDE: u32 = 64;
const COMPONENTS: u32 = 4;
