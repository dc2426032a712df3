//! Which files are accepted, and as what.

use image::ImageFormat;

use super::fixtures::{encode, gif, gradient, jpeg, prepare_with_defaults};
use crate::media::{FileType, ImageLimits, MediaError, MediaFamily, MediaKind, MediaLimits, prepare, sniff};

#[test]
fn pictures_are_recognised_by_content() {
    let pixels = gradient(8, 8);
    assert_eq!(sniff(&jpeg(&pixels)), Some(FileType::Jpeg));
    assert_eq!(sniff(&encode(&pixels, ImageFormat::Png)), Some(FileType::Png));
    assert_eq!(sniff(&encode(&pixels, ImageFormat::WebP)), Some(FileType::WebP));
    assert_eq!(sniff(&gif(8, 8, 1, &[])), Some(FileType::Gif));
}

#[test]
fn audio_and_video_are_recognised_and_kept_byte_for_byte() {
    for (start, file_type, kind) in audio_and_video() {
        let upload = [start, [7; 400].as_slice()].concat();
        let prepared = prepare_with_defaults(&upload).unwrap();
        assert_eq!(prepared.file_type, file_type);
        assert_eq!(prepared.kind, kind, "{file_type:?}");
        assert_eq!(prepared.bytes, upload);
        assert_eq!(prepared.picture, None);
    }
}

#[test]
fn everything_else_is_refused() {
    let mut quicktime_lookalike = b"<!--moov--><script>".to_vec();
    quicktime_lookalike.resize(400, b' ');
    let refused: [&[u8]; 14] = [
        b"<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>",
        b"<?xml version=\"1.0\"?><svg xmlns=\"http://www.w3.org/2000/svg\"/>",
        b"<!DOCTYPE html><html><script>alert(1)</script></html>",
        b"{\"@context\": \"https://www.w3.org/ns/activitystreams\"}",
        b"\0\0\0\x18ftypheic\0\0\0\0heicmif1",
        b"\0\0\0\x18ftypavif\0\0\0\0avifmif1",
        b"BM\x36\0\0\0\0\0\0\0\x36\0\0\0",
        b"II\x2A\0\x08\0\0\0\0\0\0\0",
        b"%PDF-1.7",
        b"PK\x03\x04",
        b"just text",
        b"\xFF",
        b"<<<<<<<<WEBP<script>",
        &quicktime_lookalike,
    ];
    for upload in refused {
        assert!(
            matches!(prepare_with_defaults(upload), Err(MediaError::UnsupportedType)),
            "{}",
            upload.escape_ascii()
        );
    }
}

#[test]
fn no_type_is_listed_twice_and_none_can_run_script() {
    for (index, file_type) in FileType::ALL.into_iter().enumerate() {
        let (family, _) = file_type.mime().split_once('/').unwrap();
        let expected = match file_type.family() {
            MediaFamily::Image => "image",
            MediaFamily::Video => "video",
            MediaFamily::Audio => "audio",
        };
        assert_eq!(family, expected);
        assert_ne!(file_type.mime(), "image/svg+xml");
        for other in &FileType::ALL[..index] {
            assert_ne!(file_type.mime(), other.mime());
            assert_ne!(file_type.extension(), other.extension());
        }
    }
}

#[test]
fn each_family_has_its_own_byte_limit() {
    let limits = MediaLimits {
        image: ImageLimits { max_bytes: 100, ..ImageLimits::default() },
        max_audio_video_bytes: 200,
    };
    let picture = jpeg(&gradient(8, 8));
    let prepared = |length: usize, start: &[u8]| {
        let mut upload = start.to_vec();
        upload.resize(length, 7);
        prepare(upload, &limits)
    };
    assert!(matches!(prepared(101, &picture[..20]), Err(MediaError::TooLarge { bytes: 101, limit: 100 })));
    assert!(prepared(200, b"fLaC").is_ok());
    assert!(matches!(prepared(201, b"fLaC"), Err(MediaError::TooLarge { bytes: 201, limit: 200 })));
}

#[test]
fn an_empty_file_is_refused_as_empty() {
    assert!(matches!(prepare_with_defaults(b""), Err(MediaError::Empty)));
}

fn audio_and_video() -> Vec<(&'static [u8], FileType, MediaKind)> {
    vec![
        (b"\0\0\0\x18ftypisom", FileType::Mp4, MediaKind::Video),
        (b"\0\0\0\x18ftypmp42", FileType::Mp4, MediaKind::Video),
        (b"\0\0\0\x18ftypiso6", FileType::Mp4, MediaKind::Video),
        (b"\0\0\0\x18ftypM4V ", FileType::Mp4, MediaKind::Video),
        (b"\0\0\0\x14ftypqt  ", FileType::QuickTime, MediaKind::Video),
        (b"\x1A\x45\xDF\xA3\x9F\x42\x86\x81\x01\x42\x82\x84webm", FileType::WebM, MediaKind::Video),
        (b"OggS\0\x02\0\0\0\0\0\0\0\0aaaaaaaaaaaa\x01\x2A\x80theora", FileType::OggVideo, MediaKind::Video),
        (b"OggS\0\x02\0\0\0\0\0\0\0\0aaaaaaaaaaaa\x01\x1E\x01vorbis", FileType::OggAudio, MediaKind::Audio),
        (b"OggS\0\x02\0\0\0\0\0\0\0\0aaaaaaaaaaaa\x01\x13OpusHead", FileType::OggAudio, MediaKind::Audio),
        (b"ID3\x04", FileType::Mp3, MediaKind::Audio),
        (b"\xFF\xFB\x90\x00", FileType::Mp3, MediaKind::Audio),
        (b"\0\0\0\x18ftypM4A ", FileType::M4a, MediaKind::Audio),
        (b"RIFF\x24\0\0\0WAVEfmt ", FileType::Wav, MediaKind::Audio),
        (b"fLaC\0\0\0\x22", FileType::Flac, MediaKind::Audio),
    ]
}
