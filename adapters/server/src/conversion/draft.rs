//! The store in the making.

use std::fs;
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use koinon_engine::store::Store;
use serde::{Deserialize, Serialize};

use super::error::{ConversionError, failed};
use super::place::{Sides, StoreAt};
use super::publish::flush_names;
use crate::error::ServerError;
use crate::folder::DataFolder;
use crate::store_kind::StoreKind;

/// The folder of a draft in the data folder it is meant for.
pub(super) const FOLDER: &str = "koinon.converting";
/// The file in it that tells which conversion it is of.
const RECORD: &str = "conversion.json";
/// Longest such file, in bytes.
const MOST_RECORD_BYTES: u64 = 64 << 10;

/// A store in the making. It stays until it is published or discarded.
#[derive(Debug)]
pub(super) struct Draft {
    folder: DataFolder,
    kind: StoreKind,
}

/// Which conversion a draft is of.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Record {
    from: StoreAt,
    to: StoreKind,
}

impl Draft {
    /// The draft of this conversion; an empty one if it was not begun yet.
    ///
    /// # Errors
    /// [`ConversionError::OtherConversion`], and before it is begun [`ServerError::HoldsData`],
    /// [`ConversionError::NoSource`] and [`ConversionError::KeptBefore`].
    pub(super) fn begin_or_resume(sides: &Sides) -> Result<Self, ServerError> {
        let path = sides.target.path().join(FOLDER);
        let wanted = Record { from: sides.from.clone(), to: sides.to.kind };
        let found = read_record(&path.join(RECORD))?;
        if let Some(found) = &found
            && *found != wanted
        {
            return Err(ConversionError::OtherConversion { draft: path, from: found.from.clone() }.into());
        }
        if found.is_none() {
            refuse(sides)?;
        }
        let draft = Self { folder: DataFolder::create(&path)?, kind: sides.to.kind };
        if found.is_none() {
            draft.write_record(&wanted)?;
            flush_names(sides.target.path())?;
        }
        Ok(draft)
    }

    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Where the store grows.
    pub(super) fn store(&self) -> PathBuf {
        self.folder.database(self.kind)
    }

    pub(super) fn has_store(&self) -> Result<bool, ServerError> {
        self.store().try_exists().map_err(|source| self.folder.failed(source))
    }

    /// Opens the store, which is made if there is none. Blocks.
    pub(super) fn open_store(&self) -> Result<Arc<dyn Store>, ServerError> {
        match self.folder.open_store(self.kind) {
            Err(ServerError::Store(error)) => Err(ConversionError::Target(error).into()),
            opened => opened,
        }
    }

    /// Throws the store away, to begin anew.
    pub(super) fn discard_store(&self) -> Result<(), ConversionError> {
        for entry in fs::read_dir(self.path()).map_err(failed("list", self.path()))? {
            let path = entry.map_err(failed("list", self.path()))?.path();
            if path.file_name().is_some_and(|name| name != RECORD) {
                let removed = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
                removed.map_err(failed("remove", &path))?;
            }
        }
        Ok(())
    }

    /// Throws everything away; the data folder is as if nothing had been begun.
    pub(super) fn discard(&self) -> Result<(), ConversionError> {
        // What tells of the conversion goes last: a store without it would be nobody's.
        self.discard_store()?;
        fs::remove_dir_all(self.path()).map_err(failed("remove", self.path()))
    }

    fn write_record(&self, record: &Record) -> Result<(), ConversionError> {
        let path = self.path().join(RECORD);
        let text = serde_json::to_vec(record).map_err(|error| failed("write", &path)(error.into()))?;
        let mut file =
            tempfile::NamedTempFile::new_in(self.path()).map_err(failed("write a file in", self.path()))?;
        file.write_all(&text).and_then(|()| file.as_file().sync_all()).map_err(failed("write", &path))?;
        file.persist(&path).map_err(|error| failed("write", &path)(error.error))?;
        flush_names(self.path())
    }
}

/// Whether a conversion was begun in a data folder, and has not been finished.
pub(crate) fn is_unfinished(folder: &Path) -> io::Result<bool> {
    folder.join(FOLDER).join(RECORD).try_exists()
}

fn read_record(path: &Path) -> Result<Option<Record>, ConversionError> {
    match fs::metadata(path) {
        Ok(metadata) if metadata.len() > MOST_RECORD_BYTES => {
            return Err(failed("understand", path)(ErrorKind::InvalidData.into()));
        }
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        _ => {}
    }
    let text = fs::read(path).map_err(failed("read", path))?;
    serde_json::from_slice(&text).map(Some).map_err(|error| failed("understand", path)(error.into()))
}

/// What keeps a conversion from being begun.
fn refuse(sides: &Sides) -> Result<(), ServerError> {
    if !sides.has_source()? {
        return Err(ConversionError::NoSource(sides.from.clone()).into());
    }
    if sides.is_one_folder() {
        if sides.has_target()? {
            return Err(ServerError::HoldsData(sides.target.database(sides.to.kind)));
        }
        let kept = super::publish::kept(sides);
        return match kept.try_exists() {
            Ok(false) => Ok(()),
            Ok(true) => Err(ConversionError::KeptBefore(kept).into()),
            Err(error) => Err(failed("look for", kept)(error).into()),
        };
    }
    sides.target.refuse_data()
}
