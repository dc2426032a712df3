//! The two sides of a conversion.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

use clap::ValueEnum;
use futures::executor::block_on;
use koinon_engine::migration::{self, MIGRATIONS, Migration};
use koinon_engine::store::Store;
use serde::{Deserialize, Serialize};

use super::error::ConversionError;
use crate::error::ServerError;
use crate::folder::DataFolder;
use crate::instance::needs_upgrade;
use crate::lock::{FolderLock, FolderUse};
use crate::store_kind::StoreKind;

/// A store in a data folder, written `sqlite:DIR` or `sled:DIR`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoreAt {
    /// What keeps the records.
    pub kind: StoreKind,
    /// The data folder.
    pub data: PathBuf,
}

impl fmt::Display for StoreAt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.kind, self.data.display())
    }
}

impl FromStr for StoreAt {
    type Err = StoreAtError;

    fn from_str(text: &str) -> Result<Self, StoreAtError> {
        let (kind, data) = text.split_once(':').ok_or(StoreAtError)?;
        match StoreKind::from_str(kind, false) {
            Ok(kind) if !data.is_empty() => Ok(Self { kind, data: data.into() }),
            _ => Err(StoreAtError),
        }
    }
}

/// The text names no store in a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a store and a data folder are needed, such as sqlite:koinon-data or sled:koinon-data")]
pub struct StoreAtError;

/// Both sides, with all others kept out of their folders.
#[derive(Debug)]
pub(super) struct Sides {
    /// With an absolute path.
    pub(super) from: StoreAt,
    pub(super) source: DataFolder,
    /// With an absolute path.
    pub(super) to: StoreAt,
    pub(super) target: DataFolder,
    _locks: Vec<(FolderLock, FolderUse)>,
}

impl Sides {
    /// Makes the folder of the target if there is none, and takes both folders.
    pub(super) fn lock(from: &StoreAt, to: &StoreAt) -> Result<Self, ServerError> {
        if !from.data.is_dir() {
            return Err(ConversionError::NoSource(from.clone()).into());
        }
        DataFolder::create(&to.data)?;
        let (from, source) = absolute(from)?;
        let (to, target) = absolute(to)?;
        if from == to {
            return Err(ConversionError::SameStore(from).into());
        }
        let mut locks = vec![take(source.path())?];
        if source != target {
            locks.push(take(target.path())?);
        }
        Ok(Self { from, source, to, target, _locks: locks })
    }

    /// Whether the new store comes beside the old one.
    pub(super) fn is_one_folder(&self) -> bool {
        self.source == self.target
    }

    pub(super) fn has_source(&self) -> Result<bool, ServerError> {
        exists(&self.source, &self.source.database(self.from.kind))
    }

    pub(super) fn has_target(&self) -> Result<bool, ServerError> {
        exists(&self.target, &self.target.database(self.to.kind))
    }

    /// Opens what is to be converted, if its data are of the present version. Blocks.
    pub(super) fn open_source(&self) -> Result<Arc<dyn Store>, ServerError> {
        self.open_present_source().map_err(|error| match error {
            ServerError::Store(error) => ConversionError::Source(error).into(),
            error => error,
        })
    }

    fn open_present_source(&self) -> Result<Arc<dyn Store>, ServerError> {
        let StoreAt { kind, .. } = self.from;
        let store = if kind.is_shared() {
            // Opening it to write empties its log, which belongs to its name, but also brings its tables up to date.
            if block_on(needs_upgrade(&self.source, kind))? {
                return Err(ConversionError::Older(self.from.clone()).into());
            }
            self.source.open_store(kind)?
        } else {
            self.source.open_store_for_reading(kind)?
        };
        self.refuse_older(&*store, MIGRATIONS)?;
        Ok(store)
    }

    /// Refuses a source whose data lack any of the migrations, or have others.
    pub(super) fn refuse_older(
        &self,
        store: &dyn Store,
        migrations: &[Migration],
    ) -> Result<(), ServerError> {
        match block_on(migration::needs_upgrade(store, migrations))? {
            true => Err(ConversionError::Older(self.from.clone()).into()),
            false => Ok(()),
        }
    }
}

fn take(folder: &Path) -> Result<(FolderLock, FolderUse), ServerError> {
    Ok((FolderLock::take(folder)?, FolderUse::exclude(folder)?))
}

/// The same folder always has the same path.
fn absolute(place: &StoreAt) -> Result<(StoreAt, DataFolder), ServerError> {
    let data = fs::canonicalize(&place.data)
        .map_err(|source| ServerError::Folder { folder: place.data.clone(), source })?;
    let folder = DataFolder::create(&data)?;
    Ok((StoreAt { kind: place.kind, data }, folder))
}

fn exists(folder: &DataFolder, path: &Path) -> Result<bool, ServerError> {
    path.try_exists().map_err(|source| folder.failed(source))
}
