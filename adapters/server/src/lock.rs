//! Who may do what with a data folder at a time: advisory locks, which the system releases however their holder ends.
//!
//! One server serves it ([`FolderLock`]); other commands may work on it meanwhile, but not while its store is being
//! converted ([`FolderUse`]).

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// The file that is locked; it holds the number of the process while a server runs.
const FILE_NAME: &str = "koinon.lock";

/// The right to serve a folder. Given up when dropped.
#[derive(Debug)]
pub struct FolderLock {
    path: PathBuf,
    /// Keeps the lock as long as it is open.
    _file: File,
}

/// Why a folder cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another server serves it.
    #[error(
        "another server is running on {}{}",
        folder.display(),
        process.map(|process| format!(" (process {process})")).unwrap_or_default()
    )]
    Taken {
        /// The folder.
        folder: PathBuf,
        /// The other server, where it has told.
        process: Option<u32>,
    },
    /// Its store is being converted.
    #[error("the store in {} is being converted", .0.display())]
    Converting(PathBuf),
    /// A command works on its data.
    #[error("a command is at work on the data in {}", .0.display())]
    Commands(PathBuf),
    /// The lock cannot be had.
    #[error("cannot lock {}: {}", path.display(), crate::error::reason(source))]
    Io {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

impl FolderLock {
    /// Takes the right to serve `folder`, which has to exist.
    ///
    /// # Errors
    /// [`LockError::Taken`] at once, without waiting, when another server has it.
    pub fn take(folder: &Path) -> Result<Self, LockError> {
        let path = folder.join(FILE_NAME);
        let failed = |source| LockError::Io { path: path.clone(), source };
        loop {
            let mut file = open(&path).map_err(failed)?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => {
                    let mut text = String::new();
                    let process = file.read_to_string(&mut text).ok().and_then(|_| text.trim().parse().ok());
                    return Err(LockError::Taken { folder: folder.to_owned(), process });
                }
                Err(TryLockError::Error(source)) => return Err(failed(source)),
            }
            // The server before may have removed the file between opening and locking it; then others lock
            // the next file of that name, and this lock keeps nobody out.
            if is_at(&file, &path).map_err(failed)? {
                file.set_len(0).map_err(failed)?;
                writeln!(file, "{}", std::process::id()).map_err(failed)?;
                return Ok(Self { path, _file: file });
            }
        }
    }
}

impl Drop for FolderLock {
    fn drop(&mut self) {
        if cfg!(unix) {
            // While it is still locked. A file that stays is no harm: the lock is what counts.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Work on the data of a folder beside a server that may be running. Given up when dropped.
///
/// It is a lock on the folder itself, which leaves nothing behind. Systems other than Unix do not know such locks:
/// there, nothing keeps commands from a store that is being converted.
#[derive(Debug)]
pub struct FolderUse {
    /// Keeps the lock as long as it is open.
    _folder: Option<File>,
}

impl FolderUse {
    /// Work that others may do at the same time.
    ///
    /// # Errors
    /// [`LockError::Converting`] at once, without waiting.
    pub fn share(folder: &Path) -> Result<Self, LockError> {
        Self::take(folder, File::try_lock_shared, LockError::Converting)
    }

    /// Work that nobody else may do anything beside.
    ///
    /// # Errors
    /// [`LockError::Commands`] at once, without waiting.
    pub fn exclude(folder: &Path) -> Result<Self, LockError> {
        Self::take(folder, File::try_lock, LockError::Commands)
    }

    fn take(
        folder: &Path,
        lock: fn(&File) -> Result<(), TryLockError>,
        taken: fn(PathBuf) -> LockError,
    ) -> Result<Self, LockError> {
        if !cfg!(unix) {
            return Ok(Self { _folder: None });
        }
        let failed = |source| LockError::Io { path: folder.to_owned(), source };
        let file = File::open(folder).map_err(failed)?;
        match lock(&file) {
            Ok(()) => Ok(Self { _folder: Some(file) }),
            Err(TryLockError::WouldBlock) => Err(taken(folder.to_owned())),
            // Not every file system has them.
            Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {
                Ok(Self { _folder: None })
            }
            Err(TryLockError::Error(source)) => Err(failed(source)),
        }
    }
}

fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)
}

/// Whether `file` is the one that has the name `path` now.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;
    let open = file.metadata()?;
    match fs::metadata(path) {
        Ok(named) => Ok((open.dev(), open.ino()) == (named.dev(), named.ino())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Other systems do not remove a file that is open.
#[cfg(not(unix))]
fn is_at(_file: &File, _path: &Path) -> io::Result<bool> {
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_served_by_one_at_a_time_and_the_other_is_told_by_whom() {
        let folder = tempfile::tempdir().unwrap();
        let lock = FolderLock::take(folder.path()).unwrap();
        let refused = FolderLock::take(folder.path()).unwrap_err();
        let LockError::Taken { process, .. } = refused else { panic!("{refused}") };
        assert_eq!(process, Some(std::process::id()));
        drop(lock);
        assert!(FolderLock::take(folder.path()).is_ok());
    }

    #[cfg(unix)]
    #[test]
    fn many_share_a_folder_that_a_conversion_has_for_itself() {
        let folder = tempfile::tempdir().unwrap();
        let (one, other) =
            (FolderUse::share(folder.path()).unwrap(), FolderUse::share(folder.path()).unwrap());
        assert!(matches!(FolderUse::exclude(folder.path()), Err(LockError::Commands(_))));
        drop((one, other));
        let alone = FolderUse::exclude(folder.path()).unwrap();
        assert!(matches!(FolderUse::share(folder.path()), Err(LockError::Converting(_))));
        drop(alone);
        assert!(FolderUse::share(folder.path()).is_ok());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_lock_leaves_nothing_behind_and_what_a_crash_left_is_no_hindrance() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(FILE_NAME), "4000000000\n and more\n").unwrap();
        drop(FolderLock::take(folder.path()).unwrap());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
