//! Where the bytes of media rest: a store addressed by content.

mod directory;
mod memory;

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

pub use directory::DirectoryBlobs;
pub use memory::MemoryBlobs;

/// Keeps immutable byte strings under the hash of their content.
///
/// Calls block; run them on a worker thread. The same content is kept once, however often it is put: who
/// deletes must know that nobody else refers to it, and must not let that decision race with a
/// [`put`](Self::put) of the same content.
pub trait BlobStore: fmt::Debug + Send + Sync + 'static {
    /// Keeps `bytes` and tells their id. When it returns, they survive a crash. Costs one write of all bytes,
    /// or one read if the content is already there.
    ///
    /// # Errors
    /// [`BlobError::Io`]; then nothing is kept, or the same content was there before.
    fn put(&self, bytes: &[u8]) -> Result<BlobId, BlobError>;

    /// The content with this id, `None` if there is none.
    ///
    /// # Errors
    /// [`BlobError::Corrupt`] if the content no longer has the hash `id`: damaged content is never returned.
    fn get(&self, id: &BlobId) -> Result<Option<Vec<u8>>, BlobError>;

    /// Removes the content with this id for good. `false` if there was none.
    ///
    /// # Errors
    /// [`BlobError::Io`].
    fn delete(&self, id: &BlobId) -> Result<bool, BlobError>;

    /// Whether there is content with this id. Does not read it, so damage goes unnoticed.
    ///
    /// # Errors
    /// [`BlobError::Io`].
    fn contains(&self, id: &BlobId) -> Result<bool, BlobError>;

    /// All ids in ascending order, read lazily. Content put or deleted meanwhile may or may not be among
    /// them.
    ///
    /// # Errors
    /// [`BlobError::Io`], here or as an item.
    fn ids(&self) -> Result<BlobIds<'_>, BlobError>;
}

/// The ids of a [`BlobStore`], see [`BlobStore::ids`].
pub type BlobIds<'a> = Box<dyn Iterator<Item = Result<BlobId, BlobError>> + Send + 'a>;

/// The SHA-256 hash of a content: its address.
///
/// Written as 64 lower-case hex digits and read back from nothing else, so that a content has one id and an
/// id can be part of a path.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct BlobId([u8; 32]);

impl BlobId {
    /// The id of this content.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// The 32 bytes of the hash.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for BlobId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for byte in self.0 {
            write!(formatter, "{byte:02x}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for BlobId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "BlobId({self})")
    }
}

impl FromStr for BlobId {
    type Err = InvalidBlobId;

    fn from_str(text: &str) -> Result<Self, InvalidBlobId> {
        let (pairs, rest) = text.as_bytes().as_chunks::<2>();
        if pairs.len() != 32 || !rest.is_empty() {
            return Err(InvalidBlobId);
        }
        let mut hash = [0; 32];
        for (byte, [high, low]) in hash.iter_mut().zip(pairs) {
            *byte = hex_digit(*high)? << 4 | hex_digit(*low)?;
        }
        Ok(Self(hash))
    }
}

impl TryFrom<String> for BlobId {
    type Error = InvalidBlobId;

    fn try_from(text: String) -> Result<Self, InvalidBlobId> {
        text.parse()
    }
}

impl From<BlobId> for String {
    fn from(id: BlobId) -> Self {
        id.to_string()
    }
}

fn hex_digit(digit: u8) -> Result<u8, InvalidBlobId> {
    match digit {
        b'0'..=b'9' => Ok(digit - b'0'),
        b'a'..=b'f' => Ok(digit - b'a' + 10),
        _ => Err(InvalidBlobId),
    }
}

/// The text is not 64 lower-case hex digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a blob id has 64 lower-case hex digits")]
pub struct InvalidBlobId;

/// Why a [`BlobStore`] failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BlobError {
    /// The stored content is not what was put.
    #[error("the content of blob {id} is damaged")]
    Corrupt {
        /// The id whose content is damaged.
        id: BlobId,
    },
    /// The medium failed.
    #[error("cannot {action} {}", path.display())]
    Io {
        /// What was tried, as a verb.
        action: &'static str,
        /// On which file or folder.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
}

impl BlobError {
    /// The kind of the failure of the medium; `None` for damaged content.
    #[must_use]
    pub fn io_kind(&self) -> Option<io::ErrorKind> {
        match self {
            Self::Corrupt { .. } => None,
            Self::Io { source, .. } => Some(source.kind()),
        }
    }

    /// Whether there is no room left: something an administrator has to mend, not the uploader.
    #[must_use]
    pub fn is_out_of_space(&self) -> bool {
        matches!(self.io_kind(), Some(io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded))
    }

    /// Whether the medium may not be written or read by this process.
    #[must_use]
    pub fn is_permission_denied(&self) -> bool {
        matches!(self.io_kind(), Some(io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem))
    }
}
