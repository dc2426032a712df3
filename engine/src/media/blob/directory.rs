//! Blobs as files of a folder: `ab/cd/abcd...`.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use super::{BlobError, BlobId, BlobIds, BlobStore};

/// Keeps each blob as a file below one folder, in two levels of sub-folders named by the first digits of its
/// id.
///
/// A blob appears under its name only when it is complete and on the medium: it is written to a temporary
/// file beside it, flushed, renamed, and the folders are flushed. Several processes may share the folder.
#[derive(Debug)]
pub struct DirectoryBlobs {
    root: PathBuf,
}

impl DirectoryBlobs {
    /// Uses the folder `root`, which is created if it is missing.
    ///
    /// # Errors
    /// [`BlobError::Io`] if it cannot be created or listed.
    pub fn open(root: impl Into<PathBuf>) -> Result<Self, BlobError> {
        let root = root.into();
        create_folder_durably(&root)?;
        fs::read_dir(&root).map_err(failed("list the folder", &root))?;
        Ok(Self { root })
    }

    /// Removes temporary files that a crash left behind, if they were last written before `modified_before`,
    /// and tells how many. Choose a time that no `put` still under way can have started before. Lists every
    /// folder.
    ///
    /// # Errors
    /// [`BlobError::Io`].
    pub fn remove_leftovers(&self, modified_before: SystemTime) -> Result<u64, BlobError> {
        let mut removed = 0;
        for folder in self.leaf_folders()? {
            for name in names(&folder)? {
                let path = folder.join(&name);
                if name.ends_with(TEMPORARY_SUFFIX) && remove_older(&path, modified_before)? {
                    removed += 1;
                }
            }
        }
        Ok(removed)
    }

    fn location(&self, id: &BlobId) -> Location {
        let name = id.to_string();
        let outer = self.root.join(&name[..2]);
        let folder = outer.join(&name[2..4]);
        Location { file: folder.join(name), folder, outer }
    }

    /// Makes the names of all folders down to a blob durable. A concurrent `put` may have created them
    /// without having come so far, so this is done even when nothing had to be created.
    fn flush_folders(&self, location: &Location) -> Result<(), BlobError> {
        flush_folder(&location.folder)?;
        flush_folder(&location.outer)?;
        flush_folder(&self.root)
    }

    fn leaf_folders(&self) -> Result<Vec<PathBuf>, BlobError> {
        let mut folders = Vec::new();
        for outer in fan_out_names(&self.root)? {
            folders.extend(self.leaf_folders_below(&outer)?);
        }
        Ok(folders)
    }

    fn leaf_folders_below(&self, outer: &str) -> Result<Vec<PathBuf>, BlobError> {
        let outer = self.root.join(outer);
        Ok(fan_out_names(&outer)?.into_iter().map(|inner| outer.join(inner)).collect())
    }

    /// The ids in one of the outer folders, in ascending order.
    fn ids_below(&self, outer: &str) -> Result<Vec<BlobId>, BlobError> {
        let mut ids = Vec::new();
        for folder in self.leaf_folders_below(outer)? {
            let below = names(&folder)?
                .into_iter()
                .filter_map(|name| name.parse().ok())
                .filter(|id| self.location(id).folder == folder);
            ids.extend(below);
        }
        Ok(ids)
    }
}

impl BlobStore for DirectoryBlobs {
    fn put(&self, bytes: &[u8]) -> Result<BlobId, BlobError> {
        let id = BlobId::of(bytes);
        let location = self.location(&id);
        // Compared in full, so that putting a content again mends a damaged copy of it.
        let present = read_if_present(&location.file)?.is_some_and(|present| present == bytes);
        if !present {
            fs::create_dir_all(&location.folder).map_err(failed("create the folder", &location.folder))?;
            let temporary = Temporary::create(&location.file)?;
            temporary.fill(bytes)?;
            temporary.rename_to(&location.file)?;
        }
        self.flush_folders(&location)?;
        Ok(id)
    }

    fn get(&self, id: &BlobId) -> Result<Option<Vec<u8>>, BlobError> {
        match read_if_present(&self.location(id).file)? {
            Some(bytes) if BlobId::of(&bytes) != *id => Err(BlobError::Corrupt { id: *id }),
            found => Ok(found),
        }
    }

    fn delete(&self, id: &BlobId) -> Result<bool, BlobError> {
        let location = self.location(id);
        match fs::remove_file(&location.file) {
            Ok(()) => {
                flush_folder(&location.folder)?;
                Ok(true)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(failed("remove", &location.file)(error)),
        }
    }

    fn contains(&self, id: &BlobId) -> Result<bool, BlobError> {
        let file = self.location(id).file;
        file.try_exists().map_err(failed("look for", &file))
    }

    fn ids(&self) -> Result<BlobIds<'_>, BlobError> {
        let outer_folders = fan_out_names(&self.root)?;
        Ok(Box::new(outer_folders.into_iter().flat_map(|outer| match self.ids_below(&outer) {
            Ok(ids) => ids.into_iter().map(Ok).collect(),
            Err(error) => vec![Err(error)],
        })))
    }
}

/// Where a blob rests.
struct Location {
    outer: PathBuf,
    folder: PathBuf,
    file: PathBuf,
}

const TEMPORARY_SUFFIX: &str = ".tmp";

/// A file being written. It is removed unless it gets its final name.
struct Temporary {
    path: PathBuf,
    file: File,
    renamed: bool,
}

impl Temporary {
    fn create(target: &Path) -> Result<Self, BlobError> {
        static SERIAL: AtomicU64 = AtomicU64::new(0);
        loop {
            let serial = SERIAL.fetch_add(1, Ordering::Relaxed);
            let mut path = target.as_os_str().to_owned();
            path.push(format!(".{}-{serial}{TEMPORARY_SUFFIX}", process::id()));
            let path = PathBuf::from(path);
            match OpenOptions::new().write(true).create_new(true).open(&path) {
                Ok(file) => {
                    return Ok(Self { path, file, renamed: false });
                }
                // Left behind by a crashed process that had the same process id.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(failed("create", &path)(error)),
            }
        }
    }

    fn fill(&self, bytes: &[u8]) -> Result<(), BlobError> {
        let mut file = &self.file;
        file.write_all(bytes).map_err(failed("write", &self.path))?;
        file.sync_all().map_err(failed("flush", &self.path))
    }

    fn rename_to(mut self, target: &Path) -> Result<(), BlobError> {
        fs::rename(&self.path, target).map_err(failed("rename", &self.path))?;
        self.renamed = true;
        Ok(())
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if !self.renamed {
            // The failure that led here is reported; what cannot be removed now is a leftover to sweep later.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Whether there was such a file and it was last written before `modified_before`; then it is gone.
fn remove_older(path: &Path, modified_before: SystemTime) -> Result<bool, BlobError> {
    let removed = fs::metadata(path).and_then(|metadata| metadata.modified()).and_then(|modified| {
        let older = modified < modified_before;
        if older {
            fs::remove_file(path)?;
        }
        Ok(older)
    });
    match removed {
        // The put that owned it has just finished.
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        removed => removed.map_err(failed("remove", path)),
    }
}

fn create_folder_durably(folder: &Path) -> Result<(), BlobError> {
    let missing: Vec<&Path> = folder
        .ancestors()
        .take_while(|ancestor| !ancestor.as_os_str().is_empty() && !ancestor.exists())
        .collect();
    fs::create_dir_all(folder).map_err(failed("create the folder", folder))?;
    for created in missing {
        match created.parent() {
            Some(parent) if parent.as_os_str().is_empty() => flush_folder(Path::new("."))?,
            Some(parent) => flush_folder(parent)?,
            None => {}
        }
    }
    Ok(())
}

fn read_if_present(path: &Path) -> Result<Option<Vec<u8>>, BlobError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed("read", path)(error)),
    }
}

/// The sub-folders of the fan-out, in ascending order.
fn fan_out_names(folder: &Path) -> Result<Vec<String>, BlobError> {
    let is_fan_out = |name: &String| {
        name.len() == 2 && name.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'))
    };
    Ok(names(folder)?.into_iter().filter(is_fan_out).collect())
}

/// The names in a folder in ascending order; names that are not Unicode are none of ours.
fn names(folder: &Path) -> Result<Vec<String>, BlobError> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed("list the folder", folder))? {
        let entry = entry.map_err(failed("list the folder", folder))?;
        names.extend(entry.file_name().into_string());
    }
    names.sort_unstable();
    Ok(names)
}

/// Makes created, renamed and removed names in a folder durable.
#[cfg(unix)]
fn flush_folder(folder: &Path) -> Result<(), BlobError> {
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed("flush the folder", folder))
}

/// Other systems cannot open a folder to flush it.
#[cfg(not(unix))]
fn flush_folder(_folder: &Path) -> Result<(), BlobError> {
    Ok(())
}

fn failed(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> BlobError {
    let path = path.to_owned();
    move |source| BlobError::Io { action, path, source }
}
