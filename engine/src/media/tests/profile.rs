//! Avatars and profile headers.

use image::{DynamicImage, ImageFormat, Rgb, RgbImage};

use super::fixtures::{assert_clean, decoded, encode, fading, gif, gradient, jpeg, jpeg_with_orientation};
use crate::media::{
    EncodedImage, FileType, ImageLimits, MediaError, PreparedProfileImage, ProfileImage,
    prepare_profile_image,
};

#[test]
fn an_avatar_is_the_middle_square() {
    let stripes: DynamicImage = RgbImage::from_fn(900, 500, |x, _| {
        Rgb(if (200..700).contains(&x) { [0, 255, 0] } else { [255, 0, 0] })
    })
    .into();
    let still = prepared(&encode(&stripes, ImageFormat::Png), ProfileImage::Avatar).still;
    assert_eq!((still.width, still.height), (400, 400));
    let pixels = decoded(&still.bytes).to_rgb8();
    // The filter looks a little beyond the edges of what it scales.
    let inner = pixels.enumerate_pixels().filter(|(x, _, _)| (4..396).contains(x));
    for (x, y, pixel) in inner {
        assert_eq!(pixel.0, [0, 255, 0], "at {x},{y}");
    }
}

#[test]
fn a_header_is_three_times_as_wide_as_high() {
    for (size, expected) in [
        ((1510, 520), (1500, 500)),
        ((300, 500), (300, 100)),
        ((300, 300), (300, 100)),
        ((300, 40), (120, 40)),
        ((1, 1), (1, 1)),
    ] {
        let upload = jpeg(&gradient(size.0, size.1));
        let still = prepared(&upload, ProfileImage::Header).still;
        assert_eq!((still.width, still.height), expected);
        assert_eq!(decoded(&still.bytes).width(), expected.0);
    }
}

// R300
#[test]
fn a_profile_picture_of_more_than_700_kb_is_accepted() {
    let noise = RgbImage::from_fn(700, 700, |x, y| {
        let mixed = (x.wrapping_mul(2_654_435_761) ^ y.wrapping_mul(2_246_822_519)).rotate_left(13);
        let [a, b, c, _] = mixed.wrapping_mul(3_266_489_917).to_le_bytes();
        Rgb([a, b, c])
    });
    let upload = encode(&noise.into(), ImageFormat::Png);
    assert!(upload.len() > 700_000);
    assert_eq!(prepared(&upload, ProfileImage::Avatar).still.width, 400);
}

#[test]
fn photographs_become_jpeg_and_drawings_stay_png() {
    let still_type = |upload: &[u8]| prepared(upload, ProfileImage::Avatar).still.file_type;
    assert_eq!(still_type(&jpeg(&gradient(9, 9))), FileType::Jpeg);
    assert_eq!(still_type(&encode(&gradient(9, 9), ImageFormat::Png)), FileType::Png);
    assert_eq!(still_type(&gif(9, 9, 1, &[])), FileType::Png);
    assert_eq!(still_type(&encode(&gradient(9, 9), ImageFormat::WebP)), FileType::Jpeg);
    assert_eq!(still_type(&encode(&fading(9, 9), ImageFormat::WebP)), FileType::Png);
}

#[test]
fn metadata_is_gone_and_the_orientation_applied() {
    let upload = jpeg_with_orientation(&gradient(300, 100), 6);
    let still = prepared(&upload, ProfileImage::Header).still;
    assert_clean(&still.bytes);
    assert_eq!((still.width, still.height), (100, 33));
}

#[test]
fn a_moving_picture_keeps_its_movement_beside_the_still() {
    let upload = gif(12, 8, 3, &[]);
    let prepared = prepared(&upload, ProfileImage::Avatar);
    assert_eq!((prepared.still.width, prepared.still.height), (8, 8));
    assert_eq!(
        prepared.animation,
        Some(EncodedImage { file_type: FileType::Gif, bytes: upload, width: 12, height: 8 })
    );
}

// R204
#[test]
fn what_is_no_picture_is_refused() {
    let prepare =
        |upload: &[u8]| prepare_profile_image(upload, ProfileImage::Avatar, &ImageLimits::default());
    assert!(matches!(prepare(b""), Err(MediaError::Empty)));
    assert!(matches!(prepare(b"fLaC and more"), Err(MediaError::UnsupportedType)));
    assert!(matches!(prepare(b"<svg/>"), Err(MediaError::UnsupportedType)));
    assert!(matches!(prepare(&jpeg(&gradient(9, 9))[..50]), Err(MediaError::Truncated)));
}

fn prepared(upload: &[u8], image: ProfileImage) -> PreparedProfileImage {
    prepare_profile_image(upload, image, &ImageLimits::default()).unwrap()
}
