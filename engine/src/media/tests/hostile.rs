//! Files made to harm.

use image::ImageFormat;
use proptest::collection::vec;
use proptest::prelude::*;

use super::fixtures::{
    ANIMATION_FLAG, EXIF_FLAG, SECRET, animation_frame, canvas, decoded, encode, exif, gif, gradient, jpeg,
    jpeg_with_orientation, lossless, prepare_with_defaults, raw_png, riff, with_chunks,
};
use crate::media::{
    ImageLimits, MediaError, MediaLimits, ProfileImage, prepare, prepare_profile_image, sniff,
};

// The pixel data of these cannot be decoded: had anybody tried, the error would be another one.
#[test]
fn a_pixel_bomb_is_refused_by_its_header() {
    let refused = prepare_with_defaults(&raw_png(16_000, 16_000, b"no pixels"));
    assert!(matches!(
        refused,
        Err(MediaError::TooManyPixels { width: 16_000, height: 16_000, limit: 33_177_600 })
    ));
    let refused = prepare_with_defaults(&raw_png(16_385, 1, b"no pixels"));
    assert!(matches!(refused, Err(MediaError::SideTooLong { width: 16_385, height: 1, limit: 16_384 })));
    let refused = prepare_with_defaults(&raw_png(u32::MAX, u32::MAX, b"no pixels"));
    assert!(matches!(refused, Err(MediaError::SideTooLong { .. })));
    let refused = prepare_with_defaults(&raw_png(0, 10, b"no pixels"));
    assert!(matches!(refused, Err(MediaError::Malformed(_))));
}

#[test]
fn a_bomb_in_a_jpeg_header_is_refused() {
    let mut bomb = jpeg(&gradient(16, 16));
    let frame_header = bomb.windows(2).position(|marker| marker == [0xFF, 0xC0]).unwrap();
    bomb[frame_header + 5..frame_header + 9].copy_from_slice(&[0x3E, 0x80, 0x3E, 0x80]);
    assert!(matches!(
        prepare_with_defaults(&bomb),
        Err(MediaError::TooManyPixels { width: 16_000, height: 16_000, .. })
    ));
}

#[test]
fn the_largest_picture_allowed_is_accepted_and_one_line_more_refused() {
    let limits = MediaLimits {
        image: ImageLimits { max_pixels: 200, ..ImageLimits::default() },
        ..MediaLimits::default()
    };
    assert!(prepare(jpeg(&gradient(20, 10)), &limits).is_ok());
    assert!(matches!(
        prepare(jpeg(&gradient(20, 11)), &limits),
        Err(MediaError::TooManyPixels { width: 20, height: 11, limit: 200 })
    ));
}

#[test]
fn a_picture_that_needs_too_much_memory_is_refused() {
    let limits = MediaLimits {
        image: ImageLimits { max_decoded_bytes: 20 * 10 * 3 - 1, ..ImageLimits::default() },
        ..MediaLimits::default()
    };
    for upload in [
        jpeg(&gradient(20, 10)),
        encode(&gradient(20, 10), ImageFormat::Png),
        encode(&gradient(20, 10), ImageFormat::WebP),
        gif(20, 10, 1, &[]),
    ] {
        assert!(matches!(prepare(upload, &limits), Err(MediaError::TooMuchMemory { limit: 599 })));
    }
}

#[test]
fn sound_headers_without_pixels_are_undecodable() {
    assert!(matches!(prepare_with_defaults(&raw_png(20, 10, b"no pixels")), Err(MediaError::Undecodable(_))));
}

#[test]
fn a_file_cut_anywhere_is_refused() {
    for whole in [
        jpeg_with_orientation(&gradient(24, 24), 6),
        with_chunks(&encode(&gradient(12, 8), ImageFormat::Png), &[(b"eXIf", &exif(1))]),
        gif(5, 4, 1, &[]),
        still_webp(),
        encode(&gradient(12, 8), ImageFormat::WebP),
    ] {
        let file_type = sniff(&whole).unwrap();
        // A GIF that lacks nothing but its trailer is accepted.
        for length in 0..whole.len() - 1 {
            assert!(
                prepare_with_defaults(&whole[..length]).is_err(),
                "{file_type:?} cut to {length} of {}",
                whole.len()
            );
        }
    }
}

#[test]
fn what_comes_out_goes_through_again_unchanged() {
    for file in sound_files() {
        let once = prepare_with_defaults(&file).unwrap();
        let twice = prepare_with_defaults(&once.bytes).unwrap();
        assert_eq!(once.bytes, twice.bytes);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn random_bytes_never_panic(bytes in vec(any::<u8>(), 0..600)) {
        try_everything(&bytes);
    }

    #[test]
    fn random_bytes_behind_a_signature_never_panic(
        start in prop::sample::select(SIGNATURES.to_vec()),
        bytes in vec(any::<u8>(), 0..600),
    ) {
        try_everything(&[start, bytes.as_slice()].concat());
    }

    #[test]
    fn damaged_files_never_panic_and_what_comes_out_decodes(
        file in prop::sample::select(sound_files()),
        damage in vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
    ) {
        let mut bytes = file;
        for (place, value) in damage {
            let place = place.index(bytes.len());
            bytes[place] = value;
        }
        try_everything(&bytes);
    }
}

fn try_everything(bytes: &[u8]) {
    if let Ok(prepared) = prepare_with_defaults(bytes)
        && let Some(picture) = prepared.picture
    {
        let pixels = decoded(&prepared.bytes);
        assert_eq!((pixels.width(), pixels.height()), (picture.width, picture.height));
    }
    let _ = prepare_profile_image(bytes, ProfileImage::Avatar, &ImageLimits::default());
}

const SIGNATURES: [&[u8]; 8] = [
    b"\xFF\xD8\xFF",
    b"\xFF\xD8\xFF\xE1\0\x0AExif\0\0II",
    b"\x89PNG\r\n\x1a\n",
    b"\x89PNG\r\n\x1a\n\0\0\0\x0DIHDR\0\0\0\x04\0\0\0\x04\x08\x02\0\0\0",
    b"GIF89a\x04\0\x04\0\x80\0\0\0\0\0\xFF\xFF\xFF",
    b"GIF89a\x04\0\x04\0\0\0\0\x2C\0\0\0\0\x04\0\x04\0\0\x02",
    b"RIFF\xFF\0\0\0WEBP",
    b"RIFF\xFF\0\0\0WEBPVP8X\x0A\0\0\0\x02\0\0\0\x03\0\0\x03\0\0",
];

fn sound_files() -> Vec<Vec<u8>> {
    vec![
        jpeg(&gradient(24, 24)),
        jpeg_with_orientation(&gradient(24, 24), 8),
        with_chunks(
            &encode(&gradient(12, 8), ImageFormat::Png),
            &[(b"eXIf", &exif(6)), (b"tEXt", SECRET.as_bytes())],
        ),
        gif(5, 4, 3, &[b"\x21\xFE\x02hi\0"]),
        still_webp(),
        riff(&[
            (b"VP8X", canvas(ANIMATION_FLAG, 12, 8)),
            (b"ANIM", vec![0; 6]),
            (b"ANMF", animation_frame(&gradient(12, 8), &[])),
            (b"ANMF", animation_frame(&gradient(12, 8), &[])),
        ]),
    ]
}

fn still_webp() -> Vec<u8> {
    riff(&[(b"VP8X", canvas(EXIF_FLAG, 12, 8)), (b"VP8L", lossless(&gradient(12, 8))), (b"EXIF", exif(1))])
}
