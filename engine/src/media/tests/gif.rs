//! GIF uploads.

use super::fixtures::{GRAPHIC_CONTROL, SECRET, assert_clean, contains, decoded, gif, prepare_with_defaults};
use crate::media::{FileType, MediaError, MediaKind};

#[test]
fn comments_and_applications_are_taken_out_and_the_animation_kept() {
    let upload = gif(8, 6, 3, &[&LOOP, &comment(), &xmp(), &plain_text()]);
    assert!(contains(&upload, SECRET) && contains(&upload, "XMP"));

    let prepared = prepare_with_defaults(&upload).unwrap();

    assert_clean(&prepared.bytes);
    assert_eq!(prepared.bytes, gif(8, 6, 3, &[&LOOP]));
    assert_eq!(decoded(&prepared.bytes), decoded(&upload));
    assert_eq!((prepared.kind, prepared.file_type), (MediaKind::Gifv, FileType::Gif));
    assert!(prepared.picture.unwrap().animated);
}

#[test]
fn a_single_frame_is_an_image() {
    let upload = gif(8, 6, 1, &[]);
    let prepared = prepare_with_defaults(&upload).unwrap();
    assert_eq!(prepared.bytes, upload);
    assert_eq!(prepared.kind, MediaKind::Image);
    assert!(!prepared.picture.unwrap().animated);
}

#[test]
fn the_fixture_shows_the_second_colour() {
    let pixels = decoded(&gif(8, 6, 1, &[])).to_rgb8();
    assert!(pixels.pixels().all(|pixel| pixel.0 == [0, 0, 255]));
}

#[test]
fn a_control_that_belongs_to_a_dropped_text_is_dropped_with_it() {
    let blocks = [GRAPHIC_CONTROL.as_slice(), &plain_text()].concat();
    let prepared = prepare_with_defaults(&gif(8, 6, 2, &[&blocks])).unwrap();
    assert_eq!(prepared.bytes, gif(8, 6, 2, &[]));
}

#[test]
fn the_loop_is_written_once_and_without_what_hides_behind_it() {
    let mut hiding = LOOP.to_vec();
    hiding.pop();
    hiding.push(SECRET.len() as u8);
    hiding.extend(SECRET.as_bytes());
    hiding.push(0);
    let prepared = prepare_with_defaults(&gif(8, 6, 2, &[&hiding, &LOOP])).unwrap();
    assert_eq!(prepared.bytes, gif(8, 6, 2, &[&LOOP]));
}

#[test]
fn whatever_follows_the_trailer_is_cut_and_a_missing_trailer_is_added() {
    let whole = gif(8, 6, 2, &[]);
    let longer = [whole.as_slice(), b"<script>alert(1)</script>"].concat();
    let shorter = &whole[..whole.len() - 1];
    for upload in [longer.as_slice(), shorter] {
        assert_eq!(prepare_with_defaults(upload).unwrap().bytes, whole);
    }
}

#[test]
fn canvas_and_frames_keep_to_the_limit_of_gifs() {
    let mut canvas = gif(8, 6, 1, &[]);
    canvas[6..10].copy_from_slice(&[0xD0, 0x07, 0xD0, 0x07]);
    assert!(matches!(
        prepare_with_defaults(&canvas),
        Err(MediaError::TooManyPixels { width: 2000, height: 2000, limit: 921_600 })
    ));
    let mut frame = gif(8, 6, 1, &[]);
    let descriptor = 13 + 6 + GRAPHIC_CONTROL.len();
    assert_eq!(frame[descriptor], 0x2C);
    frame[descriptor + 5..descriptor + 9].copy_from_slice(&[0xFF; 4]);
    assert!(matches!(
        prepare_with_defaults(&frame),
        Err(MediaError::SideTooLong { width: 65_535, height: 65_535, .. })
    ));
}

const LOOP: [u8; 19] = *b"\x21\xFF\x0BNETSCAPE2.0\x03\x01\0\0\0";

fn comment() -> Vec<u8> {
    [b"\x21\xFE", [SECRET.len() as u8].as_slice(), SECRET.as_bytes(), b"\0"].concat()
}

fn xmp() -> Vec<u8> {
    [b"\x21\xFF\x0BXMP DataXMP", [SECRET.len() as u8].as_slice(), SECRET.as_bytes(), b"\0"].concat()
}

fn plain_text() -> Vec<u8> {
    [b"\x21\x01\x0C\0\0\0\0\0\0\0\0\0\0\0\0", [SECRET.len() as u8].as_slice(), SECRET.as_bytes(), b"\0"]
        .concat()
}
