//! JPEG uploads.

use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageReader, Rgb, RgbImage};
use std::io::Cursor;

use super::fixtures::{
    SECRET, assert_clean, color_profile, contains, decoded, exif, gradient, jpeg, jpeg_with_orientation,
    prepare_with_defaults, with_segments,
};
use crate::media::{FileType, MediaError, MediaKind};

#[test]
fn metadata_is_taken_out_and_every_pixel_kept() {
    let original = jpeg(&gradient(60, 40));
    let gps = [b"Exif\0\0", exif(1).as_slice()].concat();
    let xmp = format!("http://ns.adobe.com/xap/1.0/\0<x>{SECRET}</x>");
    let multi_picture = format!("MPF\0{SECRET}");
    let upload = with_segments(
        &original,
        &[
            (0xE1, &gps),
            (0xE1, xmp.as_bytes()),
            (0xE2, multi_picture.as_bytes()),
            (0xED, format!("Photoshop 3.0\0{SECRET}").as_bytes()),
            (0xEF, SECRET.as_bytes()),
            (0xFE, SECRET.as_bytes()),
        ],
    );
    assert!(contains(&upload, SECRET) && contains(&upload, "Exif"));

    let prepared = prepare_with_defaults(&upload).unwrap();

    assert_clean(&prepared.bytes);
    assert_eq!(decoded(&prepared.bytes), decoded(&original));
    assert_eq!(prepared.bytes, original);
    assert_eq!(prepared.kind, MediaKind::Image);
    assert_eq!(prepared.file_type, FileType::Jpeg);
}

#[test]
fn a_clean_file_is_kept_byte_for_byte() {
    let original = jpeg(&gradient(60, 40));
    assert_eq!(prepare_with_defaults(&original).unwrap().bytes, original);
}

#[test]
fn the_preview_picture_of_the_jfif_header_is_taken_out() {
    let original = jpeg(&gradient(16, 16));
    let mut with_preview = b"JFIF\0\x01\x02\x01\0\x48\0\x48\x02\x02".to_vec();
    with_preview.extend(b"previewRGBRG");
    // The encoder's own header, which is replaced, has 18 bytes behind the start.
    let upload = with_segments(&[&original[..2], &original[20..]].concat(), &[(0xE0, &with_preview)]);

    let prepared = prepare_with_defaults(&upload).unwrap();

    assert!(!contains(&prepared.bytes, "preview"));
    assert!(contains(&prepared.bytes, "JFIF\0\x01\x02\x01\0\x48\0\x48\0\0"));
    assert_eq!(decoded(&prepared.bytes), decoded(&original));
}

#[test]
fn the_colour_profile_survives_cleaning_and_turning_and_reaches_the_thumbnail() {
    let profile = color_profile(b"RGB ");
    let segment = [b"ICC_PROFILE\0\x01\x01", profile.as_slice()].concat();
    for orientation in [1, 6] {
        let upload = jpeg_with_orientation(&gradient(20, 10), orientation);
        let prepared = prepare_with_defaults(&with_segments(&upload, &[(0xE2, &segment)])).unwrap();
        let thumbnail = prepared.picture.unwrap().thumbnail;
        for file in [&prepared.bytes, &thumbnail.bytes] {
            assert_eq!(profile_of(file), Some(profile.clone()), "orientation {orientation}");
            assert_clean(file);
        }
    }
}

#[test]
fn a_profile_for_other_colours_is_not_written_to_an_rgb_copy() {
    let segment = [b"ICC_PROFILE\0\x01\x01", color_profile(b"CMYK").as_slice()].concat();
    let upload = jpeg_with_orientation(&gradient(20, 10), 6);
    let prepared = prepare_with_defaults(&with_segments(&upload, &[(0xE2, &segment)])).unwrap();
    assert_eq!(profile_of(&prepared.bytes), None);
}

#[test]
fn each_orientation_is_applied_and_then_forgotten() {
    // Where the colours of the corners top left, top right, bottom left, bottom right are seen, by the EXIF
    // definition of each value.
    let seen: [(u16, [usize; 4]); 8] = [
        (1, [0, 1, 2, 3]),
        (2, [1, 0, 3, 2]),
        (3, [3, 2, 1, 0]),
        (4, [2, 3, 0, 1]),
        (5, [0, 2, 1, 3]),
        (6, [2, 0, 3, 1]),
        (7, [3, 1, 2, 0]),
        (8, [1, 3, 0, 2]),
    ];
    for (orientation, corners) in seen {
        let upload = jpeg_with_orientation(&quarters(64, 32), orientation);
        let prepared = prepare_with_defaults(&upload).unwrap();
        let pixels = decoded(&prepared.bytes);
        let picture = prepared.picture.unwrap();

        assert_eq!(corner_colors(&pixels), corners, "orientation {orientation}");
        assert_eq!(corner_colors(&decoded(&picture.thumbnail.bytes)), corners);
        let expected_size = if orientation >= 5 { (32, 64) } else { (64, 32) };
        assert_eq!((picture.width, picture.height), expected_size);
        assert_eq!((pixels.width(), pixels.height()), expected_size);
        assert_eq!(orientation_of(&prepared.bytes), Orientation::NoTransforms);
        assert_clean(&prepared.bytes);
        assert_clean(&picture.thumbnail.bytes);
    }
}

#[test]
fn a_grey_picture_is_turned_without_gaining_colours() {
    let grey = DynamicImage::from(gradient(20, 10).to_luma8());
    let prepared = prepare_with_defaults(&jpeg_with_orientation(&grey, 6)).unwrap();
    assert!(!decoded(&prepared.bytes).color().has_color());
}

#[test]
fn an_orientation_out_of_range_is_ignored() {
    for orientation in [0, 9, 300] {
        let upload = jpeg_with_orientation(&gradient(20, 10), orientation);
        let picture = prepare_with_defaults(&upload).unwrap().picture.unwrap();
        assert_eq!((picture.width, picture.height), (20, 10));
    }
}

#[test]
fn whatever_follows_the_end_marker_is_cut() {
    let original = jpeg(&gradient(16, 16));
    let upload = [original.as_slice(), b"PK\x03\x04<script>alert(1)</script>"].concat();
    assert_eq!(prepare_with_defaults(&upload).unwrap().bytes, original);
}

#[test]
fn stray_bytes_between_segments_are_dropped() {
    let original = jpeg(&gradient(16, 16));
    let next_segment = 20;
    assert_eq!(original[next_segment], 0xFF);
    let upload = [&original[..next_segment], b"<script>\xFF\0\xFF", &original[next_segment..]].concat();
    let prepared = prepare_with_defaults(&upload).unwrap();
    assert_eq!(prepared.bytes, original);
}

#[test]
fn a_second_frame_header_is_refused_before_any_decoder_sees_it() {
    let original = jpeg(&gradient(16, 16));
    let huge = [8, 0x3E, 0x80, 0x3E, 0x80, 1, 1, 0x11, 0];
    let refused = prepare_with_defaults(&with_segments(&original, &[(0xC0, &huge)]));
    assert!(matches!(refused, Err(MediaError::TooManyPixels { width: 16_000, height: 16_000, .. })));
    let small = [8, 0, 16, 0, 16, 1, 1, 0x11, 0];
    let refused = prepare_with_defaults(&with_segments(&original, &[(0xC0, &small)]));
    assert!(matches!(refused, Err(MediaError::Malformed(_))), "{refused:?}");
}

#[test]
fn a_scan_bomb_is_refused() {
    let original = jpeg(&gradient(16, 16));
    let scan = b"\xFF\xDA\0\x08\x01\x01\0\0\x3F\0\0";
    let bomb = [&original[..original.len() - 2], &scan.repeat(5000), b"\xFF\xD9"].concat();
    assert!(matches!(prepare_with_defaults(&bomb), Err(MediaError::Malformed(_))));
}

/// Four quarters in red, green, blue and white.
fn quarters(width: u32, height: u32) -> DynamicImage {
    RgbImage::from_fn(width, height, |x, y| {
        let corner = usize::from(x >= width / 2) + 2 * usize::from(y >= height / 2);
        Rgb(CORNER_COLORS[corner])
    })
    .into()
}

const CORNER_COLORS: [[u8; 3]; 4] = [[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 255]];

/// Which of the colours is seen in the corners top left, top right, bottom left, bottom right.
fn corner_colors(pixels: &DynamicImage) -> [usize; 4] {
    let pixels = pixels.to_rgb8();
    let (right, bottom) = (pixels.width() - 1, pixels.height() - 1);
    [(0, 0), (right, 0), (0, bottom), (right, bottom)].map(|(x, y)| {
        let seen = pixels.get_pixel(x, y).0;
        CORNER_COLORS
            .iter()
            .position(|color| color.iter().zip(seen).all(|(a, b)| a.abs_diff(b) < 40))
            .unwrap()
    })
}

fn profile_of(bytes: &[u8]) -> Option<Vec<u8>> {
    decoder_of(bytes).icc_profile().unwrap()
}

fn orientation_of(bytes: &[u8]) -> Orientation {
    decoder_of(bytes).orientation().unwrap()
}

fn decoder_of(bytes: &[u8]) -> impl ImageDecoder {
    ImageReader::new(Cursor::new(bytes)).with_guessed_format().unwrap().into_decoder().unwrap()
}
