//! New stores, empty or filled.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use koinon_engine::store::{StoreError, TableDefinition};
use sled::Batch;

use crate::catalog::{Catalog, Change};
use crate::check::defects;
use crate::database::{Database, Settings};
use crate::error::{file_error, unusable};
use crate::files::{Draft, exists, synchronise_all};
use crate::marker::Marker;
use crate::tables::Table;
use crate::view::{Plain, View};

/// Bytes that are handed to sled at once.
const BATCH_BYTES: usize = 4 << 20;

/// A store in the making that nobody else knows.
#[derive(Debug)]
pub(crate) struct Builder {
    database: Database,
    catalog: Catalog,
    batch: Batch,
    bytes: usize,
}

/// Puts an empty store with `tables` at `path` when there is nothing or an empty directory. Answers the
/// absolute path.
///
/// The store is made beside its name and then moved there, so that at every moment, also after a crash,
/// `path` is absent, empty or complete.
pub(crate) fn create_if_absent(
    path: &Path,
    tables: &[TableDefinition],
    settings: Settings,
) -> Result<PathBuf, StoreError> {
    let path = plain(path)?;
    if is_absent_or_empty(&path)? {
        let is_placed = build(&path, settings, |builder| {
            tables.iter().try_for_each(|definition| builder.table(definition.name).map(drop))
        })?;
        if is_placed {
            tracing::info!(path = %path.display(), "created a store");
        }
    }
    fs::canonicalize(&path).map_err(|error| file_error(&path, &error))
}

/// Makes a store of what `fill` puts in, verifies it and moves it to `path`. `false` when something came
/// there meanwhile.
pub(crate) fn build(
    path: &Path,
    settings: Settings,
    fill: impl FnOnce(&mut Builder) -> Result<(), StoreError>,
) -> Result<bool, StoreError> {
    let draft = Draft::directory_beside(path)?;
    let marker = Marker::create(&draft.path)?;
    let database = Database::start(&draft.path, settings, Arc::new(Mutex::new(marker)))?;
    let mut builder = Builder { database, catalog: Catalog::new(), batch: Batch::default(), bytes: 0 };
    fill(&mut builder)?;
    builder.finish(path)?;
    draft.place_directory(path)
}

/// [`build`] for a place where nothing may be.
pub(crate) fn build_new(
    path: &Path,
    settings: Settings,
    fill: impl FnOnce(&mut Builder) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    if build(path, settings, fill)? { Ok(()) } else { Err(exists(path)) }
}

/// The path without what `..` and links make of it, and without a slash at its end.
pub(crate) fn plain(path: &Path) -> Result<PathBuf, StoreError> {
    if let Ok(path) = fs::canonicalize(path) {
        return Ok(path);
    }
    match path.file_name() {
        Some(name) => Ok(path.with_file_name(name)),
        None => Err(unusable(path, "not a name of a directory")),
    }
}

fn is_absent_or_empty(path: &Path) -> Result<bool, StoreError> {
    let failed = |error| file_error(path, &error);
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => Ok(fs::read_dir(path).map_err(failed)?.next().is_none()),
        Ok(_) => Err(unusable(path, "not a directory")),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(true),
        Err(error) => Err(failed(error)),
    }
}

impl Builder {
    /// The table called `name`, added unless it is there.
    pub(crate) fn table(&mut self, name: &str) -> Result<Table, StoreError> {
        let number = match self.catalog.tables.get(name) {
            Some(entry) => entry.number,
            None => self.catalog.add(name)?,
        };
        Ok(Table::new(name, number))
    }

    /// Adds a row, whose key must be a new one.
    pub(crate) fn put(&mut self, table: &Table, key: &[u8], value: &[u8]) -> Result<(), StoreError> {
        let stored = table.sealed(key, value);
        if let Some(entry) = self.catalog.tables.get_mut(&table.name) {
            entry.tally.add(&stored);
        }
        self.bytes += key.len() + stored.len();
        self.batch.insert(table.place(key), stored);
        if self.bytes >= BATCH_BYTES { self.hand_over() } else { Ok(()) }
    }

    fn hand_over(&mut self) -> Result<(), StoreError> {
        self.bytes = 0;
        let batch = std::mem::take(&mut self.batch);
        self.database.commit(batch, Vec::new()).map_err(|failure| failure.at(self.database.path()))
    }

    /// Writes the catalogue, reads everything back, and makes it durable.
    fn finish(mut self, path: &Path) -> Result<(), StoreError> {
        self.catalog.commit = 1;
        for Change { place, after, .. } in self.catalog.changes_since(&Catalog::new()) {
            if let Some(stored) = after {
                self.batch.insert(place, stored);
            }
        }
        self.hand_over()?;
        let names: Vec<&str> = self.catalog.tables.keys().map(String::as_str).collect();
        let view = View { database: &self.database, overlay: &Plain };
        if let Some(defect) = defects(view, path, &names, &|| false)?.first() {
            return Err(unusable(
                path,
                format_args!("what was written is not what is read: {}", defect.description),
            ));
        }
        let directory = self.database.path().to_owned();
        drop(self);
        synchronise_all(&directory)
    }
}
