//! WebP uploads.

use image::ImageFormat;

use super::fixtures::{
    ALPHA_FLAG, ANIMATION_FLAG, EXIF_FLAG, ICC_FLAG, SECRET, XMP_FLAG, animation_frame, assert_clean, canvas,
    color_profile, contains, decoded, encode, exif, fading, gradient, lossless, prepare_with_defaults, riff,
};
use crate::media::{FileType, MediaError, MediaKind};

#[test]
fn metadata_is_taken_out_and_every_pixel_kept() {
    let pixels = gradient(31, 20);
    let upload = riff(&[
        (b"VP8X", canvas(ICC_FLAG | EXIF_FLAG | XMP_FLAG, 31, 20)),
        (b"ICCP", color_profile(b"RGB ")),
        (b"VP8L", lossless(&pixels)),
        (b"EXIF", exif(1)),
        (b"XMP ", SECRET.as_bytes().to_vec()),
        (b"JUNK", SECRET.as_bytes().to_vec()),
    ]);
    assert!(contains(&upload, SECRET) && contains(&upload, "EXIF"));

    let prepared = prepare_with_defaults(&upload).unwrap();

    let expected = riff(&[
        (b"VP8X", canvas(ICC_FLAG, 31, 20)),
        (b"ICCP", color_profile(b"RGB ")),
        (b"VP8L", lossless(&pixels)),
    ]);
    assert_clean(&prepared.bytes);
    assert_eq!(prepared.bytes, expected);
    assert_eq!(decoded(&prepared.bytes), pixels);
    assert_eq!((prepared.kind, prepared.file_type), (MediaKind::Image, FileType::WebP));
}

#[test]
fn the_simple_format_is_kept_and_what_follows_is_cut() {
    let original = encode(&gradient(31, 20), ImageFormat::WebP);
    assert_eq!(prepare_with_defaults(&original).unwrap().bytes, original);
    let behind_the_file = [original.as_slice(), b"<script>"].concat();
    assert_eq!(prepare_with_defaults(&behind_the_file).unwrap().bytes, original);
    let inside_the_file = riff(&[(b"VP8L", lossless(&gradient(31, 20))), (b"EXIF", exif(1))]);
    assert_eq!(prepare_with_defaults(&inside_the_file).unwrap().bytes, original);
}

#[test]
fn an_animation_is_cleaned_inside_its_frames_too() {
    let frame = |beside: &[(&[u8; 4], Vec<u8>)]| animation_frame(&gradient(16, 10), beside);
    let animation = |flags, beside: &[(&[u8; 4], Vec<u8>)], behind: &[(&[u8; 4], Vec<u8>)]| {
        let mut chunks = vec![
            (b"VP8X", canvas(flags, 16, 10)),
            (b"ANIM", vec![0; 6]),
            (b"ANMF", frame(&[])),
            (b"ANMF", frame(beside)),
        ];
        chunks.extend(behind.iter().cloned());
        riff(&chunks)
    };
    let secret = SECRET.as_bytes().to_vec();
    let upload = animation(ANIMATION_FLAG | EXIF_FLAG, &[(b"JUNK", secret)], &[(b"EXIF", exif(6))]);

    let prepared = prepare_with_defaults(&upload).unwrap();

    assert_clean(&prepared.bytes);
    assert_eq!(prepared.bytes, animation(ANIMATION_FLAG, &[], &[]));
    assert_eq!(prepared.kind, MediaKind::Image);
    let picture = prepared.picture.unwrap();
    assert!(picture.animated);
    assert_eq!((picture.width, picture.height), (16, 10));
}

#[test]
fn an_orientation_is_applied_by_writing_a_jpeg_or_with_transparency_a_png() {
    let opaque = riff(&[
        (b"VP8X", canvas(EXIF_FLAG, 30, 20)),
        (b"VP8L", lossless(&gradient(30, 20))),
        (b"EXIF", [b"Exif\0\0", exif(6).as_slice()].concat()),
    ]);
    let prepared = prepare_with_defaults(&opaque).unwrap();
    assert_eq!(prepared.file_type, FileType::Jpeg);
    assert_eq!(decoded(&prepared.bytes).width(), 20);
    assert_clean(&prepared.bytes);

    let transparent = riff(&[
        (b"VP8X", canvas(EXIF_FLAG | ALPHA_FLAG, 30, 20)),
        (b"VP8L", lossless(&fading(30, 20))),
        (b"EXIF", exif(6)),
    ]);
    let prepared = prepare_with_defaults(&transparent).unwrap();
    assert_eq!(prepared.file_type, FileType::Png);
    assert_eq!(decoded(&prepared.bytes), fading(30, 20).rotate90());
    assert_clean(&prepared.bytes);
}

#[test]
fn picture_data_larger_than_its_canvas_admits_is_refused_by_its_own_size() {
    // 16 383 x 16 383, in the two ways it is written.
    let lossless_sizes = (16_382_u32 | 16_382 << 14).to_le_bytes();
    let huge_lossless = [[0x2F].as_slice(), &lossless_sizes, &[0; 10]].concat();
    let huge_lossy = b"\x10\0\0\x9D\x01\x2A\xFF\x3F\xFF\x3F\0\0\0\0".to_vec();
    for (kind, content) in [(b"VP8L", huge_lossless), (b"VP8 ", huge_lossy)] {
        let simple = riff(&[(kind, content.clone())]);
        let extended = riff(&[(b"VP8X", canvas(0, 10, 10)), (kind, content.clone())]);
        let mut frame = vec![0; 16];
        frame.extend(kind);
        frame.extend((content.len() as u32).to_le_bytes());
        frame.extend(&content);
        let animated =
            riff(&[(b"VP8X", canvas(ANIMATION_FLAG, 10, 10)), (b"ANIM", vec![0; 6]), (b"ANMF", frame)]);
        for upload in [simple, extended, animated] {
            assert!(matches!(
                prepare_with_defaults(&upload),
                Err(MediaError::TooManyPixels { width: 16_383, height: 16_383, .. })
            ));
        }
    }
}

#[test]
fn a_size_that_the_decoder_reads_as_zero_is_refused() {
    // 16 384 x 16: the first does not fit the 14 bits the decoder keeps of it.
    let content = [[0x2F].as_slice(), &(16_383_u32 | 15 << 14).to_le_bytes(), &[0; 10]].concat();
    assert!(prepare_with_defaults(&riff(&[(b"VP8L", content)])).is_err());
}
