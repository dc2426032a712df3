//! Thumbnails and placeholders.

use image::{DynamicImage, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};

use super::fixtures::{decoded, encode, fading, gradient, jpeg, prepare_with_defaults};
use crate::media::{FileType, Picture};

#[test]
fn a_thumbnail_keeps_the_proportions_and_stays_within_its_area() {
    for (width, height) in [(640, 480), (480, 640), (5000, 50), (640, 361)] {
        let thumbnail = picture_of(&gradient(width, height)).thumbnail;
        let (thumb_width, thumb_height) = (thumbnail.width, thumbnail.height);
        assert!(thumb_width * thumb_height <= 230_400, "{thumb_width}x{thumb_height}");
        let expected_height = f64::from(thumb_width) * f64::from(height) / f64::from(width);
        assert!((expected_height - f64::from(thumb_height)).abs() <= 1.5);
        let pixels = decoded(&thumbnail.bytes);
        assert_eq!((pixels.width(), pixels.height()), (thumb_width, thumb_height));
    }
}

#[test]
fn a_small_picture_is_not_blown_up() {
    for (width, height) in [(1, 1), (640, 360), (16_384, 1), (1, 16_384)] {
        let picture = picture_of(&gradient(width, height));
        assert_eq!((picture.width, picture.height), (width, height));
        assert_eq!((picture.thumbnail.width, picture.thumbnail.height), (width, height));
        assert_eq!(picture.blurhash.len(), 36);
    }
}

#[test]
fn a_thumbnail_is_a_png_only_if_something_shines_through() {
    assert_eq!(picture_of(&gradient(20, 20)).thumbnail.file_type, FileType::Jpeg);
    assert_eq!(picture_of(&fading(20, 20)).thumbnail.file_type, FileType::Png);
    let opaque_with_alpha = DynamicImage::from(gradient(20, 20).to_rgba8());
    assert_eq!(picture_of(&opaque_with_alpha).thumbnail.file_type, FileType::Jpeg);
}

#[test]
fn every_colour_model_has_a_thumbnail_and_a_placeholder() {
    let pixels = fading(20, 10);
    let models: [DynamicImage; 8] = [
        pixels.to_luma8().into(),
        pixels.to_luma_alpha8().into(),
        pixels.to_rgb8().into(),
        pixels.to_rgba8().into(),
        pixels.to_luma16().into(),
        pixels.to_luma_alpha16().into(),
        pixels.to_rgb16().into(),
        pixels.to_rgba16().into(),
    ];
    for model in models {
        let picture = picture_of(&model);
        assert_eq!(picture.blurhash.len(), 36, "{:?}", model.color());
        assert_eq!(decoded(&picture.thumbnail.bytes).width(), 20);
    }
}

#[test]
fn the_placeholder_has_four_by_four_components_in_the_colours_of_the_picture() {
    let left_red_right_blue: DynamicImage =
        RgbImage::from_fn(200, 100, |x, _| Rgb(if x < 100 { [255, 0, 0] } else { [0, 0, 255] })).into();
    let blurhash = picture_of(&left_red_right_blue).blurhash;
    // The first digit is (horizontal - 1) + 9 * (vertical - 1): 30 in base 83.
    assert!(blurhash.starts_with('U'), "{blurhash}");
    let seen = blurhash::decode(&blurhash, 8, 4, 1.0).unwrap();
    let (left, right) = (&seen[..3], &seen[7 * 4..7 * 4 + 3]);
    assert!(left[0] > 200 && left[0] - 80 > left[2], "{left:?}");
    assert!(right[2] > 200 && right[2] - 80 > right[0], "{right:?}");
}

#[test]
fn what_shines_through_is_white_in_the_placeholder() {
    let invisible_black: DynamicImage = RgbaImage::from_pixel(50, 50, Rgba([0; 4])).into();
    let blurhash = picture_of(&invisible_black).blurhash;
    let seen = blurhash::decode(&blurhash, 1, 1, 1.0).unwrap();
    assert!(seen.iter().all(|channel| *channel > 250), "{seen:?}");
}

#[test]
fn the_same_upload_gives_the_same_result() {
    let upload = jpeg(&gradient(300, 200));
    assert_eq!(prepare_with_defaults(&upload).unwrap(), prepare_with_defaults(&upload).unwrap());
}

fn picture_of(pixels: &DynamicImage) -> Picture {
    let upload = encode(pixels, ImageFormat::Png);
    prepare_with_defaults(&upload).unwrap().picture.unwrap()
}
