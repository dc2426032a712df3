//! MediaAttachment.

use koinon_engine::media::MediaKind;
use koinon_engine::model::{Attachment, StoredFile};
use serde::Serialize;

use super::Renderer;

/// A picture, video or sound.
#[derive(Debug, Serialize)]
pub(crate) struct MediaAttachment<'a> {
    id: String,
    #[serde(rename = "type")]
    kind: &'static str,
    url: String,
    preview_url: Option<String>,
    remote_url: Option<String>,
    preview_remote_url: Option<String>,
    text_url: String,
    meta: Meta,
    description: Option<&'a str>,
    blurhash: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct Meta {
    #[serde(skip_serializing_if = "Option::is_none")]
    original: Option<Size>,
    #[serde(skip_serializing_if = "Option::is_none")]
    small: Option<Size>,
    #[serde(skip_serializing_if = "Option::is_none")]
    focus: Option<Point>,
}

#[derive(Debug, Serialize)]
struct Size {
    width: u32,
    height: u32,
    size: String,
    aspect: f64,
}

#[derive(Debug, Serialize)]
struct Point {
    x: f64,
    y: f64,
}

impl Renderer<'_> {
    /// A picture, video or sound.
    pub(crate) fn attachment<'a>(&self, attachment: &'a Attachment) -> MediaAttachment<'a> {
        let url = self.file_url(&attachment.file);
        MediaAttachment {
            id: self.id(attachment.id),
            kind: kind(attachment.kind),
            preview_url: attachment.thumbnail.as_ref().map(|thumbnail| self.file_url(thumbnail)),
            remote_url: None,
            preview_remote_url: None,
            text_url: url.clone(), // R208
            url,
            meta: Meta {
                original: size(&attachment.file),
                small: attachment.thumbnail.as_ref().and_then(size),
                focus: attachment
                    .focus
                    .map(|focus| Point { x: f64::from(focus.x) / 1000.0, y: f64::from(focus.y) / 1000.0 }),
            },
            description: attachment.description.as_deref(),
            blurhash: attachment.blurhash.as_deref(),
        }
    }
}

fn kind(kind: MediaKind) -> &'static str {
    match kind {
        // An animated GIF is served as the GIF it is; clients would try to play a `gifv` as a video.
        MediaKind::Image | MediaKind::Gifv => "image",
        MediaKind::Video => "video",
        MediaKind::Audio => "audio",
        _ => "unknown",
    }
}

fn size(file: &StoredFile) -> Option<Size> {
    let (width, height) = file.dimensions?;
    Some(Size {
        width,
        height,
        size: format!("{width}x{height}"),
        aspect: f64::from(width) / f64::from(height.max(1)),
    })
}
