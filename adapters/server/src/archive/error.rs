//! Why a backup cannot be written or read.

use std::io;
use std::path::PathBuf;

use koinon_engine::media::BlobError;
use koinon_engine::store::StoreError;

/// Why a backup cannot be written or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ArchiveError {
    /// There is a file of that name.
    #[error("{} exists already", .0.display())]
    Exists(PathBuf),
    /// The file is something else.
    #[error("{} is no backup of an instance", .0.display())]
    NotABackup(PathBuf),
    /// The file is a backup, but not a whole one.
    #[error("the backup {} is damaged: {reason}", file.display())]
    Damaged {
        /// The backup.
        file: PathBuf,
        /// What was found.
        reason: String,
    },
    /// A newer program wrote it.
    #[error("the backup {} has format {found}, this program knows up to {known}", file.display())]
    Newer {
        /// The backup.
        file: PathBuf,
        /// Its format.
        found: u32,
        /// The newest known one.
        known: u32,
    },
    /// The operating system refused a file.
    #[error("cannot {action} {}: {}", path.display(), crate::error::reason(source))]
    Io {
        /// What was tried, as a verb.
        action: &'static str,
        /// On which file.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// The records cannot be copied.
    #[error("the records cannot be copied: {0}")]
    Store(#[from] StoreError),
    /// The uploaded files cannot be read or written.
    #[error("{}", crate::error::chain(.0))]
    Media(#[from] BlobError),
}

/// Names file and action in an error of the operating system.
pub(super) fn failed(
    action: &'static str,
    path: impl Into<PathBuf>,
) -> impl FnOnce(io::Error) -> ArchiveError {
    let path = path.into();
    move |source| ArchiveError::Io { action, path, source }
}
