//! Files that appear at their name complete or not at all.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use koinon_engine::store::StoreError;

use crate::error::file_error;

/// What SQLite puts beside a database.
const COMPANIONS: [&str; 3] = ["-journal", "-wal", "-shm"];

/// A file in the making, beside the name it is meant for; removed unless it gets there.
#[derive(Debug)]
pub(crate) struct Draft {
    pub(crate) path: PathBuf,
}

impl Draft {
    /// An empty file that only its owner can read, under a name that no other draft has.
    pub(crate) fn beside(target: &Path) -> Result<Self, StoreError> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let draft = Self { path: with_suffix(target, &format!(".{}-{number}.part", std::process::id())) };
        draft.remove();
        create_private(&draft.path, true)?;
        Ok(draft)
    }

    /// Makes the content durable and puts it at `target`, where nothing may be.
    ///
    /// # Errors
    /// [`StoreError::Exists`] when something is there.
    pub(crate) fn place(self, target: &Path) -> Result<(), StoreError> {
        self.synchronise()?;
        // A link, unlike a rename, does not replace what somebody else just put there.
        match fs::hard_link(&self.path, target) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => return Err(exists(target)),
            // Not every file system has links.
            Err(_) => {
                refuse_existing(target)?;
                fs::rename(&self.path, target).map_err(|error| file_error(target, &error))?;
            }
        }
        synchronise_directory(target)
    }

    /// Makes the content durable and puts it at `target` in place of what is there.
    pub(crate) fn replace(self, target: &Path) -> Result<(), StoreError> {
        self.synchronise()?;
        fs::rename(&self.path, target).map_err(|error| file_error(target, &error))?;
        synchronise_directory(target)
    }

    fn synchronise(&self) -> Result<(), StoreError> {
        File::open(&self.path)
            .and_then(|file| file.sync_all())
            .map_err(|error| file_error(&self.path, &error))
    }

    fn remove(&self) {
        let _ = fs::remove_file(&self.path);
        for suffix in COMPANIONS {
            let _ = fs::remove_file(with_suffix(&self.path, suffix));
        }
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        self.remove();
    }
}

/// Creates an empty file that only its owner can read; an existing one is left alone unless it `must_be_new`.
pub(crate) fn create_private(path: &Path, must_be_new: bool) -> Result<(), StoreError> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).create_new(must_be_new).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop).map_err(|error| file_error(path, &error))
}

/// # Errors
/// [`StoreError::Exists`] when anything is at `path`.
pub(crate) fn refuse_existing(path: &Path) -> Result<(), StoreError> {
    match fs::symlink_metadata(path) {
        Ok(_) => Err(exists(path)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(file_error(path, &error)),
    }
}

/// The log or journal beside `path` that SQLite applies to what is there, or would apply to whatever comes there.
pub(crate) fn filled_companion(path: &Path) -> Option<PathBuf> {
    COMPANIONS[..2]
        .iter()
        .map(|suffix| with_suffix(path, suffix))
        .find(|file| fs::metadata(file).is_ok_and(|metadata| metadata.len() > 0))
}

/// `path` with something after its last character.
pub(crate) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    name.into()
}

fn exists(path: &Path) -> StoreError {
    StoreError::Exists(path.display().to_string().into())
}

/// Makes the names in the directory of `path` durable, where the system knows such a thing.
fn synchronise_directory(path: &Path) -> Result<(), StoreError> {
    if cfg!(unix) {
        let directory = match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        File::open(directory)
            .and_then(|directory| directory.sync_all())
            .map_err(|error| file_error(directory, &error))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Draft, StoreError, fs};

    #[test]
    fn a_draft_does_not_replace_what_was_put_at_its_name_meanwhile() {
        let directory = tempfile::tempdir().unwrap();
        let target = directory.path().join("target");
        let (one, other) = (Draft::beside(&target).unwrap(), Draft::beside(&target).unwrap());
        fs::write(&one.path, "one").unwrap();
        one.place(&target).unwrap();
        assert!(matches!(other.place(&target), Err(StoreError::Exists(_))));
        assert_eq!(fs::read(&target).unwrap(), b"one");
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1, "no draft is left");
    }
}
