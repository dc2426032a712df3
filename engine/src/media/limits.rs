//! How large an upload may be.

use serde::{Deserialize, Serialize};

use super::{FileType, MediaError};

/// Limits of all uploads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct MediaLimits {
    /// Limits of pictures.
    pub image: ImageLimits,
    /// Largest audio or video file, in bytes. 99 MiB by default.
    pub max_audio_video_bytes: u64,
}

impl Default for MediaLimits {
    fn default() -> Self {
        Self { image: ImageLimits::default(), max_audio_video_bytes: 99 * 1024 * 1024 }
    }
}

/// Limits of pictures. They hold for every frame of an animation, not only for its canvas.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ImageLimits {
    /// Largest file, in bytes. 16 MiB by default.
    pub max_bytes: u64,
    /// Largest area, in pixels. 33 177 600 (7680x4320) by default.
    pub max_pixels: u64,
    /// Largest area of a GIF, in pixels. 921 600 (1280x720) by default.
    pub max_gif_pixels: u64,
    /// Longest side, in pixels. 16 384 by default.
    pub max_side: u32,
    /// Memory one decoded picture may take, in bytes. 320 MiB by default, enough for `max_pixels` at 8 bytes
    /// each. Turning a picture and reading a progressive JPEG take up to twice as much again for a short
    /// while.
    pub max_decoded_bytes: u64,
}

impl Default for ImageLimits {
    fn default() -> Self {
        Self {
            max_bytes: 16 * 1024 * 1024,
            max_pixels: 33_177_600,
            max_gif_pixels: 921_600,
            max_side: 16_384,
            max_decoded_bytes: 320 * 1024 * 1024,
        }
    }
}

impl ImageLimits {
    /// What one picture or frame of this type may measure.
    pub(super) fn bounds(&self, file_type: FileType) -> Bounds {
        Bounds {
            max_side: self.max_side,
            max_pixels: match file_type {
                FileType::Gif => self.max_gif_pixels,
                _ => self.max_pixels,
            },
        }
    }
}

/// The largest measures a header may declare.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    max_side: u32,
    max_pixels: u64,
}

impl Bounds {
    /// Refuses a declared size that is empty, too long or too large.
    pub(super) fn check(self, width: u32, height: u32) -> Result<(), MediaError> {
        if width == 0 || height == 0 {
            return Err(MediaError::Malformed("the picture has no pixels"));
        }
        if width.max(height) > self.max_side {
            return Err(MediaError::SideTooLong { width, height, limit: self.max_side });
        }
        if u64::from(width) * u64::from(height) > self.max_pixels {
            return Err(MediaError::TooManyPixels { width, height, limit: self.max_pixels });
        }
        Ok(())
    }
}

/// Refuses an upload that is empty or has more bytes than `limit`.
pub(super) fn check_byte_count(bytes: &[u8], limit: u64) -> Result<(), MediaError> {
    let count = bytes.len() as u64;
    if count == 0 {
        return Err(MediaError::Empty);
    }
    if count > limit {
        return Err(MediaError::TooLarge { bytes: count, limit });
    }
    Ok(())
}
