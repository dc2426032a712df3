//! The accepted file types: the one place that lists them.

use image::ImageFormat;
use serde::{Deserialize, Serialize};

/// A file type that is accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FileType {
    /// JPEG picture.
    Jpeg,
    /// PNG picture, animated (APNG) or not.
    Png,
    /// GIF picture, animated or not.
    Gif,
    /// WebP picture, animated or not.
    WebP,
    /// MPEG-4 video.
    Mp4,
    /// QuickTime video, as telephones record it.
    QuickTime,
    /// WebM video.
    WebM,
    /// Theora video in Ogg.
    OggVideo,
    /// Vorbis, Opus or other audio in Ogg.
    OggAudio,
    /// MPEG layer 3 audio.
    Mp3,
    /// Audio in an MPEG-4 container.
    M4a,
    /// RIFF wave audio.
    Wav,
    /// FLAC audio.
    Flac,
}

/// What is done with files of a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MediaFamily {
    /// Checked, cleaned, and given a thumbnail.
    Image,
    /// Kept as it is.
    Video,
    /// Kept as it is.
    Audio,
}

impl FileType {
    /// Every accepted type.
    pub const ALL: [Self; 13] = [
        Self::Jpeg,
        Self::Png,
        Self::Gif,
        Self::WebP,
        Self::Mp4,
        Self::QuickTime,
        Self::WebM,
        Self::OggVideo,
        Self::OggAudio,
        Self::Mp3,
        Self::M4a,
        Self::Wav,
        Self::Flac,
    ];

    /// The media type it is served with.
    #[must_use]
    pub fn mime(self) -> &'static str {
        self.facts().0
    }

    /// Its file name extension, without the dot.
    #[must_use]
    pub fn extension(self) -> &'static str {
        self.facts().1
    }

    /// What is done with it.
    #[must_use]
    pub fn family(self) -> MediaFamily {
        self.facts().2
    }

    fn facts(self) -> (&'static str, &'static str, MediaFamily) {
        match self {
            Self::Jpeg => ("image/jpeg", "jpg", MediaFamily::Image),
            Self::Png => ("image/png", "png", MediaFamily::Image),
            Self::Gif => ("image/gif", "gif", MediaFamily::Image),
            Self::WebP => ("image/webp", "webp", MediaFamily::Image),
            Self::Mp4 => ("video/mp4", "mp4", MediaFamily::Video),
            Self::QuickTime => ("video/quicktime", "mov", MediaFamily::Video),
            Self::WebM => ("video/webm", "webm", MediaFamily::Video),
            Self::OggVideo => ("video/ogg", "ogv", MediaFamily::Video),
            Self::OggAudio => ("audio/ogg", "ogg", MediaFamily::Audio),
            Self::Mp3 => ("audio/mpeg", "mp3", MediaFamily::Audio),
            Self::M4a => ("audio/mp4", "m4a", MediaFamily::Audio),
            Self::Wav => ("audio/wav", "wav", MediaFamily::Audio),
            Self::Flac => ("audio/flac", "flac", MediaFamily::Audio),
        }
    }

    /// The decoder for it, if it is a picture.
    pub(super) fn image_format(self) -> Option<ImageFormat> {
        match self {
            Self::Jpeg => Some(ImageFormat::Jpeg),
            Self::Png => Some(ImageFormat::Png),
            Self::Gif => Some(ImageFormat::Gif),
            Self::WebP => Some(ImageFormat::WebP),
            _ => None,
        }
    }
}

/// Tells the type from the content; `None` for everything that is not accepted, such as SVG, HTML, HEIC or
/// TIFF.
#[must_use]
pub fn sniff(bytes: &[u8]) -> Option<FileType> {
    let Some(found) = infer::get(bytes) else {
        return has_newer_mp4_brand(bytes).then_some(FileType::Mp4);
    };
    let file_type = match found.mime_type() {
        "image/jpeg" => FileType::Jpeg,
        "image/png" => FileType::Png,
        "image/gif" => FileType::Gif,
        "image/webp" => FileType::WebP,
        "video/mp4" | "video/x-m4v" => FileType::Mp4,
        "video/quicktime" => FileType::QuickTime,
        "video/webm" => FileType::WebM,
        "audio/opus" => FileType::OggAudio,
        "audio/ogg" if announces_theora(bytes) => FileType::OggVideo,
        "audio/ogg" => FileType::OggAudio,
        "audio/mpeg" => FileType::Mp3,
        "audio/m4a" => FileType::M4a,
        "audio/x-wav" => FileType::Wav,
        "audio/x-flac" => FileType::Flac,
        _ => return None,
    };
    // `infer` takes a lone "moov", "mdat" or "WEBP" at the right offset as proof, which any text file can
    // offer.
    let proven = match file_type {
        FileType::Mp4 | FileType::QuickTime | FileType::M4a => has_at(bytes, 4, b"ftyp"),
        FileType::WebP => has_at(bytes, 0, b"RIFF"),
        _ => true,
    };
    proven.then_some(file_type)
}

/// Brands of the ISO base media format that `infer` does not list.
fn has_newer_mp4_brand(bytes: &[u8]) -> bool {
    has_at(bytes, 4, b"ftyp")
        && [b"iso6", b"iso7", b"iso8", b"iso9"].iter().any(|brand| has_at(bytes, 8, *brand))
}

/// An Ogg file declares its streams in its first pages.
fn announces_theora(bytes: &[u8]) -> bool {
    let start = &bytes[..bytes.len().min(4096)];
    start.windows(7).any(|window| window == b"\x80theora")
}

fn has_at(bytes: &[u8], offset: usize, expected: &[u8]) -> bool {
    bytes.get(offset..).is_some_and(|rest| rest.starts_with(expected))
}
