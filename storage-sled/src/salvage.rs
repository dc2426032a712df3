//! What can still be read of a damaged store.

use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};

use koinon_engine::store::{Backup, Direction, KeyRange, Step, StoreError};

use crate::backup::Output;
use crate::catalog::{self, Salvaged};
use crate::database::Database;
use crate::error::{file_error, unusable};
use crate::files::{Draft, refuse_existing};
use crate::marker::{self, Marker};
use crate::options::SledOptions;
use crate::tables::{Table, split_place};
use crate::undo;
use crate::view::{Plain, View};

/// What [`salvage`] got out of a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Salvage {
    /// The backup it made.
    pub backup: Backup,
    /// Rows in it; every one is as it was stored, but not each need be the newest of its key.
    pub rows: u64,
    /// Rows that are not in it, by the counts of the newest state that was found.
    pub lost_rows: u64,
    /// Commits after that state, of which nothing was found.
    pub lost_commits: u64,
}

/// Writes every row that is readable in the damaged store at `store` to the new backup `file`, which
/// [`restore`](crate::restore) makes a store of.
///
/// Rows that belong together may be torn apart, so what they mean has to be checked afterwards. `store` is only
/// read: sled works on a copy beside `file`, which needs as much room as the store. Blocks the thread.
///
/// # Errors
/// [`StoreError::Exists`] when there is something at `file`, [`StoreError::Unusable`] when nothing is readable,
/// [`StoreError::Newer`] when a newer program wrote the store, [`StoreError::Locked`] when it is open.
pub fn salvage(store: &Path, file: &Path) -> Result<Salvage, StoreError> {
    refuse_existing(file)?;
    if !store.join("db").is_file() {
        return Err(unusable(store, "nothing of sled is there"));
    }
    // Nobody writes while it is copied, unless it is past being recognised.
    let marker = match Marker::open(store) {
        Err(StoreError::Unusable(_)) => None,
        other => Some(other?),
    };
    let copy = Draft::directory_beside(file)?;
    let database = open_copy(store, &copy.path)?;
    if let Err(error) = undo::apply(&database) {
        tracing::warn!(%error, "a commit that failed could not be undone");
    }
    let view = View { database: &database, overlay: &Plain };
    let Salvaged { numbers, expected, commit } = catalog::salvage(view);
    if numbers.is_empty() {
        return Err(unusable(store, "the names of its tables are lost"));
    }
    let mut output = Output::beside(file)?;
    for (name, number) in numbers {
        output.table(&name)?;
        save_rows(view, &Table::new(&name, number), &mut output)?;
    }
    let rows = output.rows;
    let backup = output.finish(file)?;
    let durable = marker.map_or(0, |marker| marker.commit);
    let (lost_rows, lost_commits) = (expected.saturating_sub(rows), durable.saturating_sub(commit));
    Ok(Salvage { backup, rows, lost_rows, lost_commits })
}

/// Starts sled on a copy of its files, if need be without those that it makes anew.
fn open_copy(store: &Path, copy: &Path) -> Result<Database, StoreError> {
    // The settings are the same everywhere; the snapshot only spares sled from reading the log.
    let attempts: [&dyn Fn(&str) -> bool; 3] =
        [&|_| true, &|name| name != "conf", &|name| name != "conf" && !name.starts_with("snap.")];
    let mut last = None;
    for wanted in attempts {
        clear(copy)?;
        copy_files(store, copy, wanted)?;
        let blobs = store.join("blobs");
        if blobs.is_dir() {
            let target = copy.join("blobs");
            fs::create_dir(&target).map_err(|error| file_error(&target, &error))?;
            copy_files(&blobs, &target, &|_| true)?;
        }
        match start(copy) {
            Err(error @ StoreError::Unusable(_)) => last = Some(error),
            other => return other,
        }
    }
    Err(last.unwrap_or_else(|| unusable(store, "not readable")))
}

fn start(copy: &Path) -> Result<Database, StoreError> {
    let marker = match Marker::open(copy) {
        Err(StoreError::Unusable(_)) => {
            let path = copy.join(marker::NAME);
            if path.exists() {
                fs::remove_file(&path).map_err(|error| file_error(&path, &error))?;
            }
            Marker::create(copy)?
        }
        other => other?,
    };
    Database::start(copy, SledOptions::default().settings(), Arc::new(Mutex::new(marker)))
}

/// Writes the sound rows of a table, from both ends towards what cannot be read.
fn save_rows(view: View<'_>, table: &Table, output: &mut Output) -> Result<(), StoreError> {
    // The largest key that was come to from below.
    let mut reached = None;
    for direction in [Direction::Ascending, Direction::Descending] {
        let mut refused = None;
        let span = table.span(&KeyRange::all());
        let walked = view.walk(&|_| &table.name, span, direction, &mut |place, stored| {
            let (_, key) = split_place(place).unwrap_or_default();
            match direction {
                Direction::Ascending => reached = Some(key.to_vec()),
                Direction::Descending if reached.as_deref().is_some_and(|reached| key <= reached) => {
                    return Ok(Step::Stop);
                }
                Direction::Descending => {}
            }
            if let Ok(value) = table.verified(key, stored) {
                refused = output.row(key, value).err();
            }
            Ok(if refused.is_none() { Step::Continue } else { Step::Stop })
        });
        match (refused, walked) {
            (Some(error), _) => return Err(error),
            (None, Ok(())) => return Ok(()),
            (None, Err(error)) => tracing::warn!(table = table.name, %error, "the rows behind it are lost"),
        }
    }
    Ok(())
}

/// Copies the files in a directory, but not those below it, whose names are `wanted`.
fn copy_files(from: &Path, to: &Path, wanted: &dyn Fn(&str) -> bool) -> Result<(), StoreError> {
    let failed = |error| file_error(from, &error);
    for entry in fs::read_dir(from).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        if entry.path().is_file() && entry.file_name().to_str().is_some_and(wanted) {
            fs::copy(entry.path(), to.join(entry.file_name())).map_err(failed)?;
        }
    }
    Ok(())
}

fn clear(directory: &Path) -> Result<(), StoreError> {
    fs::remove_dir_all(directory)
        .and_then(|()| fs::create_dir(directory))
        .map_err(|error| file_error(directory, &error))
}
