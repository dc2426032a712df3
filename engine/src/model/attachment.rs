//! Pictures and other media.

use serde::{Deserialize, Serialize};

use super::{AccountId, MediaId, StatusId};
use crate::media::{BlobId, FileType, MediaKind};
use crate::time::Timestamp;

/// An uploaded file, attached to a status or still waiting for one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Media {
    /// Who uploaded it; nobody else may attach or change it.
    pub owner: AccountId,
    /// When.
    pub created_at: Timestamp,
    /// The status it is attached to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<StatusId>,
    /// What is shown of it.
    pub attachment: Attachment,
}

/// A file as a status shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// Id of the upload.
    pub id: MediaId,
    /// What it is.
    pub kind: MediaKind,
    /// The file.
    pub file: StoredFile,
    /// A smaller picture of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thumbnail: Option<StoredFile>,
    /// A few characters a client can draw a blurred preview from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blurhash: Option<String>,
    /// What it shows, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The point to keep in view when it is cropped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub focus: Option<Focus>,
}

/// A stored file: bytes in the blob store, and what they are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredFile {
    /// Where the bytes are.
    pub blob: BlobId,
    /// What they are; gives the mime type and the ending of the file's name.
    pub file_type: FileType,
    /// Size in bytes.
    pub bytes: u64,
    /// Width and height in pixels, for pictures.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dimensions: Option<(u32, u32)>,
}

/// A point in a picture, in thousandths: -1000 (left, bottom) to 1000 (right, top).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Focus {
    /// Horizontal.
    pub x: i16,
    /// Vertical.
    pub y: i16,
}
