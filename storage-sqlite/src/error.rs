//! SQLite's errors, sorted by what a caller can do about them.

use std::path::Path;
use std::sync::Arc;

use koinon_engine::store::StoreError;
use rusqlite::ErrorCode;

/// The kind of `error`, with SQLite's own words.
pub(crate) fn store_error(error: rusqlite::Error) -> StoreError {
    let text: Arc<str> = error.to_string().into();
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => StoreError::Full(text),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::Busy(text),
        Some(
            ErrorCode::SystemIoFailure
            | ErrorCode::CannotOpen
            | ErrorCode::ReadOnly
            | ErrorCode::PermissionDenied
            | ErrorCode::FileLockingProtocolFailed,
        ) => StoreError::Io(text),
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => StoreError::Unusable(text),
        _ => StoreError::Backend(text),
    }
}

/// An error of the operating system about `path`.
pub(crate) fn file_error(path: &Path, error: &std::io::Error) -> StoreError {
    let text = format!("{}: {error}", path.display()).into();
    match error.kind() {
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => StoreError::Full(text),
        _ => StoreError::Io(text),
    }
}

/// `path` holds something that is no store of this kind.
pub(crate) fn unusable(path: &Path, reason: impl std::fmt::Display) -> StoreError {
    StoreError::Unusable(format!("{}: {reason}", path.display()).into())
}

/// Names `path` in an error about the file as a whole.
pub(crate) fn at_path(path: &Path, error: StoreError) -> StoreError {
    let name = |text: Arc<str>| format!("{}: {text}", path.display()).into();
    match error {
        StoreError::Full(text) => StoreError::Full(name(text)),
        StoreError::Busy(text) => StoreError::Busy(name(text)),
        StoreError::Io(text) => StoreError::Io(name(text)),
        StoreError::Unusable(text) => StoreError::Unusable(name(text)),
        StoreError::Backend(text) => StoreError::Backend(name(text)),
        other => other,
    }
}
