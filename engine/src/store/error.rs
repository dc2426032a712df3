//! What can go wrong in a store, by what a caller can do about it.

use std::sync::Arc;

/// An error of a storage backend.
///
/// Cloneable, because one failed commit is reported to every job that shared it.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The disk, a quota or a configured limit is full. Reads go on; writes succeed once there is room.
    #[error("the storage is full: {0}")]
    Full(Arc<str>),
    /// The store could not be reached in time, or is shutting down; the same call may succeed later.
    #[error("the storage is busy: {0}")]
    Busy(Arc<str>),
    /// Another process holds the store.
    #[error("the storage is locked by another process: {0}")]
    Locked(Arc<str>),
    /// The operating system refused a read or a write.
    #[error("the storage failed: {0}")]
    Io(Arc<str>),
    /// A record does not match its checksum or cannot be decoded. It is never served.
    #[error("damaged record in table {table}, key {key}: {reason}")]
    Damaged {
        /// Name of the table.
        table: Arc<str>,
        /// The key in hexadecimal.
        key: Arc<str>,
        /// What is wrong with it.
        reason: Arc<str>,
    },
    /// The file is not a store of this kind, or is damaged as a whole.
    #[error("not a usable store: {0}")]
    Unusable(Arc<str>),
    /// The store was written by a newer version of the program; the file was left untouched.
    #[error("the store has schema version {found}, this program knows up to {known}")]
    Newer {
        /// Version found in the file.
        found: u32,
        /// Newest version this program can read.
        known: u32,
    },
    /// The data were written by a newer version of the program, whatever the files look like; nothing was changed.
    #[error("the data have version {found}, this program knows up to {known}")]
    NewerData {
        /// Version found in the store.
        found: u32,
        /// Newest version this program can read.
        known: u32,
    },
    /// The target of a backup or restore exists already; it was left untouched.
    #[error("{0} exists already")]
    Exists(Arc<str>),
    /// A job panicked; its transaction was rolled back.
    #[error("a job in the storage panicked; nothing of it was written")]
    Panicked,
    /// Anything else the backend reports.
    #[error("storage backend: {0}")]
    Backend(Arc<str>),
}

impl StoreError {
    /// A damaged record of `table` at `key`.
    pub fn damaged(table: &str, key: &[u8], reason: impl std::fmt::Display) -> Self {
        let hex: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
        Self::Damaged { table: table.into(), key: hex.into(), reason: reason.to_string().into() }
    }
}
