//! Calls into sled, which answers some damage with a panic, and what a caller can do about their failures.

use std::fmt::Display;
use std::io::{self, ErrorKind};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use koinon_engine::store::StoreError;

/// Characters of a reason that are reported. Panics of sled may contain whole pages.
const REASON_CHARACTERS: usize = 200;
/// What to do about damage.
const REMEDY: &str = "restore a backup, or export what is readable";

/// Why a call into sled did not succeed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The operating system refused.
    Io(io::Error),
    /// Another holder of the directory.
    Locked,
    /// What is on the disk, or what sled thinks of it, is wrong: an error or a panic.
    Damage(String),
}

/// Runs a call into sled and turns errors and panics into values.
pub(crate) fn call<T>(work: impl FnOnce() -> sled::Result<T>) -> Result<T, Failure> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(error)) => Err(error.into()),
        Err(panic) => {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or_default();
            Err(Failure::Damage(format!("sled panicked: {}", shortened(text))))
        }
    }
}

impl From<sled::Error> for Failure {
    fn from(error: sled::Error) -> Self {
        match error {
            sled::Error::Io(error) => match error.kind() {
                // Files that are shorter than they were, or missing.
                ErrorKind::NotFound | ErrorKind::UnexpectedEof | ErrorKind::InvalidData => {
                    Self::Damage(format!("a file of sled is incomplete: {error}"))
                }
                ErrorKind::Other if error.to_string().starts_with("could not acquire lock") => Self::Locked,
                _ => Self::Io(error),
            },
            other => Self::Damage(format!("sled: {}", shortened(&other.to_string()))),
        }
    }
}

impl Failure {
    /// The error of a caller that wanted a row.
    pub(crate) fn at_row(self, table: &str, key: &[u8]) -> StoreError {
        match self {
            Self::Damage(reason) => StoreError::damaged(table, key, format_args!("{reason}; {REMEDY}")),
            other => other.at(Path::new("sled")),
        }
    }

    /// The error of a caller that wanted something of the whole store at `path`.
    pub(crate) fn at(self, path: &Path) -> StoreError {
        match self {
            Self::Io(error) => file_error(path, &error),
            Self::Locked => locked(path),
            Self::Damage(reason) => damaged(path, reason),
        }
    }
}

/// An error of the operating system about `path`.
pub(crate) fn file_error(path: &Path, error: &io::Error) -> StoreError {
    let text = format!("{}: {error}", path.display()).into();
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => StoreError::Full(text),
        _ => StoreError::Io(text),
    }
}

/// `path` holds something that is no store of this kind.
pub(crate) fn unusable(path: &Path, reason: impl Display) -> StoreError {
    StoreError::Unusable(format!("{}: {reason}", path.display()).into())
}

/// `path` holds a store that is damaged as a whole.
pub(crate) fn damaged(path: &Path, reason: impl Display) -> StoreError {
    unusable(path, format_args!("{reason}; {REMEDY}"))
}

/// Somebody else has the store at `path` open.
pub(crate) fn locked(path: &Path) -> StoreError {
    StoreError::Locked(path.display().to_string().into())
}

fn shortened(text: &str) -> String {
    text.chars().take(REASON_CHARACTERS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_damage_and_is_cut_short() {
        let panic = "ä".repeat(1000);
        let failure = call::<()>(|| std::panic::resume_unwind(Box::new(panic))).unwrap_err();
        let error = failure.at_row("rows", b"a").to_string();
        assert!(error.contains("table rows, key 61: sled panicked: ää"), "{error}");
        assert!(error.contains("restore a backup") && error.len() < 600, "{error}");
    }

    #[test]
    fn errors_are_told_apart_by_what_to_do() {
        let of = |kind| Failure::from(sled::Error::Io(io::Error::from(kind))).at(Path::new("store"));
        assert!(matches!(of(ErrorKind::StorageFull), StoreError::Full(_)));
        assert!(matches!(of(ErrorKind::QuotaExceeded), StoreError::Full(_)));
        assert!(matches!(of(ErrorKind::PermissionDenied), StoreError::Io(_)));
        assert!(matches!(of(ErrorKind::UnexpectedEof), StoreError::Unusable(_)));
        let other = Failure::from(sled::Error::Unsupported("another version".into()));
        assert!(
            matches!(other.at(Path::new("store")), StoreError::Unusable(text) if text.contains("version"))
        );
        let held = io::Error::other("could not acquire lock on \"db\"");
        assert!(matches!(Failure::from(sled::Error::Io(held)), Failure::Locked));
    }
}
