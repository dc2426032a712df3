//! PNG uploads.

use image::{DynamicImage, ImageFormat};

use super::fixtures::{
    SECRET, assert_clean, contains, decoded, encode, exif, fading, gradient, png_chunk,
    prepare_with_defaults, with_chunks,
};
use crate::media::{FileType, MediaError, MediaKind};

#[test]
fn metadata_is_taken_out_and_every_pixel_kept() {
    let original = encode(&gradient(30, 20), ImageFormat::Png);
    let text = format!("Comment\0{SECRET}");
    let upload = with_chunks(
        &original,
        &[
            (b"tEXt", text.as_bytes()),
            (b"zTXt", text.as_bytes()),
            (b"iTXt", format!("XML:com.adobe.xmp\0\0\0\0\0{SECRET}").as_bytes()),
            (b"eXIf", &exif(1)),
            (b"tIME", &[0x07, 0xEA, 1, 2, 3, 4, 5]),
            (b"caNv", SECRET.as_bytes()),
        ],
    );
    assert!(contains(&upload, SECRET) && contains(&upload, "eXIf"));

    let prepared = prepare_with_defaults(&upload).unwrap();

    assert_clean(&prepared.bytes);
    assert_eq!(prepared.bytes, original);
    assert_eq!(decoded(&prepared.bytes), gradient(30, 20));
    assert_eq!((prepared.kind, prepared.file_type), (MediaKind::Image, FileType::Png));
}

#[test]
fn resolution_and_colour_are_kept() {
    let original = encode(&gradient(30, 20), ImageFormat::Png);
    let upload = with_chunks(
        &original,
        &[(b"gAMA", &45_455_u32.to_be_bytes()), (b"pHYs", &[0, 0, 0x0B, 0x13, 0, 0, 0x0B, 0x13, 1])],
    );
    assert_eq!(prepare_with_defaults(&upload).unwrap().bytes, upload);
}

#[test]
fn a_known_chunk_that_is_longer_than_it_can_be_is_dropped() {
    let original = encode(&gradient(30, 20), ImageFormat::Png);
    let upload = with_chunks(&original, &[(b"gAMA", format!("\0\0\0\0{SECRET}").as_bytes())]);
    assert_eq!(prepare_with_defaults(&upload).unwrap().bytes, original);
}

#[test]
fn a_page_behind_the_end_marker_is_cut() {
    let original = encode(&gradient(30, 20), ImageFormat::Png);
    let upload = [original.as_slice(), b"<html><script>alert(1)</script></html>"].concat();
    let prepared = prepare_with_defaults(&upload).unwrap();
    assert_clean(&prepared.bytes);
    assert_eq!(prepared.bytes, original);
}

#[test]
fn a_page_inside_the_end_marker_is_refused() {
    let original = encode(&gradient(30, 20), ImageFormat::Png);
    let end = original.len() - 12;
    let upload = [&original[..end], &png_chunk(b"IEND", b"<script>")].concat();
    assert!(matches!(prepare_with_defaults(&upload), Err(MediaError::Malformed(_))));
}

#[test]
fn an_orientation_is_applied_without_losing_channels_or_bits() {
    let deep = DynamicImage::from(fading(30, 20).to_rgba16());
    let upload = with_chunks(&encode(&deep, ImageFormat::Png), &[(b"eXIf", &exif(6))]);
    let prepared = prepare_with_defaults(&upload).unwrap();
    assert_eq!(decoded(&prepared.bytes), deep.rotate90());
    assert_eq!(prepared.file_type, FileType::Png);
    assert_clean(&prepared.bytes);
}

#[test]
fn an_animation_keeps_its_frames_and_shows_the_first_in_its_thumbnail() {
    let original = encode(&gradient(30, 20), ImageFormat::Png);
    let animation = animated(&original);
    let upload = with_chunks(&animation, &[(b"tEXt", SECRET.as_bytes())]);
    let prepared = prepare_with_defaults(&upload).unwrap();
    assert_eq!(prepared.bytes, animation);
    assert_eq!(prepared.kind, MediaKind::Image);
    assert!(prepared.picture.unwrap().animated);
}

#[test]
fn an_animation_is_not_frozen_to_turn_it() {
    let animation = animated(&encode(&gradient(30, 20), ImageFormat::Png));
    let upload = with_chunks(&animation, &[(b"eXIf", &exif(6))]);
    let prepared = prepare_with_defaults(&upload).unwrap();
    assert_eq!(prepared.bytes, animation);
    let picture = prepared.picture.unwrap();
    assert_eq!((picture.width, picture.height), (30, 20));
}

#[test]
fn a_frame_larger_than_allowed_is_refused() {
    let original = encode(&gradient(30, 20), ImageFormat::Png);
    let upload = with_chunks(
        &original,
        &[(b"acTL", &[0, 0, 0, 2, 0, 0, 0, 0]), (b"fcTL", &frame_control(0, 20_000, 20))],
    );
    assert!(matches!(
        prepare_with_defaults(&upload),
        Err(MediaError::SideTooLong { width: 20_000, height: 20, limit: 16_384 })
    ));
}

/// The picture twice, as an animation.
fn animated(png: &[u8]) -> Vec<u8> {
    let header_end = 8 + 25;
    let end = png.len() - 12;
    let pixel_data = &png[header_end..end];
    assert_eq!(&pixel_data[4..8], b"IDAT");
    let again = [&2_u32.to_be_bytes(), &pixel_data[8..pixel_data.len() - 4]].concat();
    [
        &png[..header_end],
        &png_chunk(b"acTL", &[0, 0, 0, 2, 0, 0, 0, 0]),
        &png_chunk(b"fcTL", &frame_control(0, 30, 20)),
        pixel_data,
        &png_chunk(b"fcTL", &frame_control(1, 30, 20)),
        &png_chunk(b"fdAT", &again),
        &png[end..],
    ]
    .concat()
}

fn frame_control(sequence: u32, width: u32, height: u32) -> Vec<u8> {
    let mut content = Vec::new();
    for field in [sequence, width, height, 0, 0] {
        content.extend(field.to_be_bytes());
    }
    content.extend([0, 1, 0, 10, 0, 0]);
    content
}
