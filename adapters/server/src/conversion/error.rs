//! Why a store cannot be converted.

use std::io;
use std::path::PathBuf;

use koinon_engine::media::BlobError;
use koinon_engine::store::StoreError;

use super::place::StoreAt;

/// Why a store cannot be converted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConversionError {
    /// There is nothing to convert.
    #[error("there is no store {0}")]
    NoSource(StoreAt),
    /// The data to be converted are of an older version.
    #[error("the data in {0} are of an older version")]
    Older(StoreAt),
    /// Both sides are the same store.
    #[error("{0} is the store to be converted; it cannot be the new one too")]
    SameStore(StoreAt),
    /// A conversion of another store was begun there.
    #[error("{} holds an unfinished conversion of {from}", draft.display())]
    OtherConversion {
        /// Its folder.
        draft: PathBuf,
        /// What is being converted there.
        from: StoreAt,
    },
    /// The name for the old store is taken.
    #[error("{} is there already", .0.display())]
    KeptBefore(PathBuf),
    /// The source cannot be read.
    #[error("cannot read the store to be converted: {0}")]
    Source(#[from] StoreError),
    /// The new store cannot be written or read.
    #[error("cannot use the new store: {0}")]
    Target(StoreError),
    /// The new store is not equal to the source.
    #[error("the new store differs from the one it was made of, in table {table}, key {key}")]
    Differs {
        /// Name of the table.
        table: &'static str,
        /// Key in hexadecimal.
        key: String,
    },
    /// A store did not close in time.
    #[error("a store is still in use at the end")]
    NotClosed,
    /// Uploaded files cannot be read or written.
    #[error("{}", crate::error::chain(.0))]
    Media(#[from] BlobError),
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
}

impl ConversionError {
    /// What to do about it.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::NoSource(_) => Some("name the data folder and its store, as in --from sqlite:DIR"),
            Self::Older(_) => Some("nothing was converted; bring them up to date with koinon migrate first"),
            Self::SameStore(_) => Some("name another store or another folder with --to"),
            Self::OtherConversion { .. } => Some("finish that one first, or delete the folder"),
            Self::KeptBefore(_) => Some("it is what an earlier conversion kept; move it away or delete it"),
            Self::Source(StoreError::Damaged { .. } | StoreError::Unusable(_)) => {
                Some("nothing was converted; run koinon check, and restore a backup")
            }
            Self::Source(StoreError::Newer { .. } | StoreError::NewerData { .. }) => {
                Some("nothing was converted; use the newer program that wrote them")
            }
            Self::Differs { .. } => Some("nothing was converted; please report it"),
            Self::Target(StoreError::Full(_)) => Some("make room on the disk and run it again; it goes on"),
            Self::Source(_) | Self::Target(_) | Self::NotClosed | Self::Io { .. } => {
                Some("run it again; it goes on where it was")
            }
            Self::Media(_) => None,
        }
    }

    /// Whether the copy is not what it has to be.
    pub(super) fn is_of_copy(&self) -> bool {
        matches!(
            self,
            Self::Target(StoreError::Damaged { .. } | StoreError::Unusable(_)) | Self::Differs { .. }
        )
    }

    /// Whether going on leads nowhere: the source is damaged or has to change first, or the copy is not what it has to be.
    pub(super) fn is_final(&self) -> bool {
        self.is_of_copy()
            || matches!(
                self,
                Self::Older(_) | Self::Source(StoreError::Damaged { .. } | StoreError::Unusable(_))
            )
    }
}

/// Names file and action in an error of the operating system.
pub(super) fn failed(
    action: &'static str,
    path: impl Into<PathBuf>,
) -> impl FnOnce(io::Error) -> ConversionError {
    let path = path.into();
    move |source| ConversionError::Io { action, path, source }
}
