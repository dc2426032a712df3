//! Smaller copies of pictures. Nothing is ever scaled up.

use fast_image_resize::{ResizeOptions, Resizer};
use image::DynamicImage;

use super::MediaError;

/// A copy with at most `max_pixels` pixels and the same proportions.
pub(super) fn fit_into_area(pixels: &DynamicImage, max_pixels: u32) -> Result<DynamicImage, MediaError> {
    let (width, height) = (f64::from(pixels.width()), f64::from(pixels.height()));
    scale(pixels, (f64::from(max_pixels) / (width * height)).sqrt())
}

/// A copy with no side longer than `max_side` and the same proportions.
pub(super) fn fit_into_side(pixels: &DynamicImage, max_side: u32) -> Result<DynamicImage, MediaError> {
    let longest = pixels.width().max(pixels.height());
    scale(pixels, f64::from(max_side) / f64::from(longest))
}

/// The largest part from the middle that has the proportions of `width` to `height`, and not more pixels than
/// that.
pub(super) fn crop_to(pixels: &DynamicImage, width: u32, height: u32) -> Result<DynamicImage, MediaError> {
    let (full_width, full_height) = (f64::from(pixels.width()), f64::from(pixels.height()));
    let proportion = f64::from(width) / f64::from(height);
    let crop_width = whole_pixels(full_width.min(full_height * proportion)).min(width);
    let crop_height = whole_pixels(full_height.min(full_width / proportion)).min(height);
    resize(pixels, crop_width, crop_height, &ResizeOptions::new().fit_into_destination(None))
}

fn scale(pixels: &DynamicImage, factor: f64) -> Result<DynamicImage, MediaError> {
    if factor >= 1.0 {
        return Ok(pixels.clone());
    }
    // Rounded down, so that the product of the sides stays below the area asked for.
    let side = |full: u32| whole_pixels((f64::from(full) * factor).floor());
    resize(pixels, side(pixels.width()), side(pixels.height()), &ResizeOptions::new())
}

fn resize(
    pixels: &DynamicImage,
    width: u32,
    height: u32,
    options: &ResizeOptions,
) -> Result<DynamicImage, MediaError> {
    let mut copy = DynamicImage::new(width, height, pixels.color());
    Resizer::new()
        .resize(pixels, &mut copy, options)
        .map_err(|error| MediaError::Unencodable(Box::new(error)))?;
    Ok(copy)
}

/// A side has at least one pixel. Float to integer conversion saturates.
fn whole_pixels(side: f64) -> u32 {
    (side.round() as u32).max(1)
}
