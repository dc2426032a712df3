//! The last entry of an archive: what has to be in the others.

use koinon_engine::media::BlobId;
use serde::{Deserialize, Serialize};

use crate::store_kind::StoreKind;

/// The version of the layout that is written.
pub(super) const FORMAT: u32 = 1;

/// What an archive holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Version of the layout.
    pub format: u32,
    /// The program that wrote it.
    pub program: String,
    /// When, in RFC 3339.
    pub created_at: String,
    /// What kept the records, and is to keep them again. The first programs knew SQLite only.
    #[serde(default)]
    pub store: StoreKind,
    /// The records.
    pub records: Hashed,
    /// The configuration, if it came along.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub configuration: Option<Hashed>,
    /// The uploaded files.
    pub media: Counted,
    /// Uploaded files that were damaged and left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub damaged_media: Vec<BlobId>,
}

/// The content of one file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hashed {
    /// Its length.
    pub bytes: u64,
    /// Its SHA-256 hash in lower-case hexadecimal.
    pub sha256: String,
}

/// Files that are named by their hash.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    /// How many.
    pub files: u64,
    /// Their length together.
    pub bytes: u64,
}

impl Counted {
    pub(super) fn add(&mut self, bytes: u64) {
        self.files += 1;
        self.bytes += bytes;
    }
}

/// The part of a manifest that every version has.
#[derive(Debug, Deserialize)]
pub(super) struct FormatOnly {
    pub(super) format: u32,
}
