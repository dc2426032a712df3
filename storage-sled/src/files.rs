//! Files and directories that appear at their name complete or not at all, and what makes them durable.

use std::ffi::OsString;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use koinon_engine::store::StoreError;

use crate::error::file_error;

/// A file or directory in the making, beside the name it is meant for; removed unless it gets there.
#[derive(Debug)]
pub(crate) struct Draft {
    pub(crate) path: PathBuf,
}

impl Draft {
    /// An empty file that only its owner can read, under a name that no other draft has.
    pub(crate) fn file_beside(target: &Path) -> Result<Self, StoreError> {
        let draft = Self::named_after(target);
        create_private(&draft.path).map_err(|error| file_error(&draft.path, &error))?;
        Ok(draft)
    }

    /// An empty directory that only its owner can read, under a name that no other draft has.
    pub(crate) fn directory_beside(target: &Path) -> Result<Self, StoreError> {
        let draft = Self::named_after(target);
        create_private_directory(&draft.path).map_err(|error| file_error(&draft.path, &error))?;
        Ok(draft)
    }

    fn named_after(target: &Path) -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let draft = Self { path: with_suffix(target, &format!(".{}-{number}.part", std::process::id())) };
        draft.remove();
        draft
    }

    /// Puts a finished file, whose content is made durable first, at `target`, where nothing may be.
    ///
    /// # Errors
    /// [`StoreError::Exists`] when something is there.
    pub(crate) fn place_file(self, target: &Path) -> Result<(), StoreError> {
        synchronise(&self.path).map_err(|error| file_error(&self.path, &error))?;
        // A link, unlike a rename, does not replace what somebody else just put there.
        match fs::hard_link(&self.path, target) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::AlreadyExists => return Err(exists(target)),
            // Not every file system has links.
            Err(_) => {
                refuse_existing(target)?;
                fs::rename(&self.path, target).map_err(|error| file_error(target, &error))?;
            }
        }
        synchronise_names_beside(target)
    }

    /// Puts a finished directory, whose content is durable, at `target`, where nothing or an empty directory
    /// may be. `false` when something is there.
    pub(crate) fn place_directory(self, target: &Path) -> Result<bool, StoreError> {
        match fs::rename(&self.path, target) {
            Ok(()) => synchronise_names_beside(target).map(|()| true),
            Err(error) if is_taken(&error) => Ok(false),
            Err(error) => Err(file_error(target, &error)),
        }
    }

    fn remove(&self) {
        let _ = fs::remove_file(&self.path);
        let _ = fs::remove_dir_all(&self.path);
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        self.remove();
    }
}

/// # Errors
/// [`StoreError::Exists`] when anything is at `path`.
pub(crate) fn refuse_existing(path: &Path) -> Result<(), StoreError> {
    match fs::symlink_metadata(path) {
        Ok(_) => Err(exists(path)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(file_error(path, &error)),
    }
}

pub(crate) fn exists(path: &Path) -> StoreError {
    StoreError::Exists(path.display().to_string().into())
}

/// `path` with something after its last character.
pub(crate) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    name.into()
}

/// Makes every file in a directory and in those below it durable, and their names.
pub(crate) fn synchronise_all(directory: &Path) -> Result<(), StoreError> {
    let failed = |error| file_error(directory, &error);
    for entry in fs::read_dir(directory).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.is_dir() {
            synchronise_all(&path)?;
        } else {
            synchronise(&path).map_err(failed)?;
        }
    }
    synchronise_names(directory)
}

/// Makes the content of a file durable, whoever wrote it. One that is gone by now needs it no more.
pub(crate) fn synchronise(path: &Path) -> io::Result<()> {
    match OpenOptions::new().read(true).write(true).open(path) {
        Ok(file) => file.sync_all(),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

/// Makes the names in a directory durable, where the system knows such a thing.
pub(crate) fn synchronise_names(directory: &Path) -> Result<(), StoreError> {
    if cfg!(unix) {
        File::open(directory)
            .and_then(|directory| directory.sync_all())
            .map_err(|error| file_error(directory, &error))?;
    }
    Ok(())
}

fn synchronise_names_beside(path: &Path) -> Result<(), StoreError> {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => synchronise_names(parent),
        _ => synchronise_names(Path::new(".")),
    }
}

fn is_taken(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::AlreadyExists | ErrorKind::DirectoryNotEmpty | ErrorKind::NotADirectory)
}

fn create_private(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

fn create_private_directory(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draft_does_not_replace_what_was_put_at_its_name_meanwhile() {
        let directory = tempfile::tempdir().unwrap();
        let target = directory.path().join("target");
        let (one, other) = (Draft::file_beside(&target).unwrap(), Draft::file_beside(&target).unwrap());
        fs::write(&one.path, "one").unwrap();
        one.place_file(&target).unwrap();
        assert!(matches!(other.place_file(&target), Err(StoreError::Exists(_))));
        let third = Draft::directory_beside(&target).unwrap();
        assert!(!third.place_directory(&target).unwrap());
        assert_eq!(fs::read(&target).unwrap(), b"one");
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1, "no draft is left");
    }

    #[test]
    fn a_directory_takes_the_place_of_an_empty_one_only() {
        let directory = tempfile::tempdir().unwrap();
        let target = directory.path().join("target");
        fs::create_dir(&target).unwrap();
        let draft = || {
            let draft = Draft::directory_beside(&target).unwrap();
            fs::write(draft.path.join("file"), "content").unwrap();
            draft
        };
        assert!(draft().place_directory(&target).unwrap());
        assert!(!draft().place_directory(&target).unwrap());
        assert_eq!(fs::read(target.join("file")).unwrap(), b"content");
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1, "no draft is left");
    }
}
