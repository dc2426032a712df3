//! New files.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use koinon_engine::store::StoreError;
use rusqlite::{Connection, OpenFlags};

use crate::connection::{APPLICATION_ID, PAGE_BYTES};
use crate::error::{file_error, store_error, unusable};
use crate::files::{Draft, create_private, filled_companion};
use crate::schema::Schema;

/// Puts an empty store at `path` when there is nothing or an empty file. Answers the absolute path.
///
/// The store is made beside its name and then moved there, so that at every moment, also after a crash,
/// `path` is absent, empty or complete. A lock on the empty file lets one of several processes do it.
pub(crate) fn create_if_absent(path: &Path, schema: &Schema<'_>) -> Result<PathBuf, StoreError> {
    if length(path)?.is_none() {
        refuse_orphaned(path)?;
        create_private(path, false)?;
    }
    let path = fs::canonicalize(path).map_err(|error| file_error(path, &error))?;
    if length(&path)? != Some(0) {
        return Ok(path);
    }
    refuse_orphaned(&path)?;
    let empty = File::open(&path).map_err(|error| file_error(&path, &error))?;
    match empty.lock() {
        Err(error) if error.kind() != ErrorKind::Unsupported => return Err(file_error(&path, &error)),
        _ => {}
    }
    if length(&path)? != Some(0) {
        return Ok(path);
    }
    let draft = Draft::beside(&path)?;
    build(&draft.path, schema)?;
    draft.replace(&path)?;
    tracing::info!(path = %path.display(), "created a store");
    Ok(path)
}

/// A log without its database is what is left of a store whose main file was moved or emptied.
fn refuse_orphaned(path: &Path) -> Result<(), StoreError> {
    match filled_companion(path) {
        // Unless somebody made the store since its length was asked for, and wrote to it.
        Some(file) if length(path)?.unwrap_or(0) == 0 => {
            Err(unusable(path, format_args!("missing, but its log {} is there", file.display())))
        }
        _ => Ok(()),
    }
}

/// Bytes of the file at `path`, if there is one.
fn length(path: &Path) -> Result<Option<u64>, StoreError> {
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_file() => Ok(Some(metadata.len())),
        Ok(_) => Err(unusable(path, "not a file")),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(file_error(path, &error)),
    }
}

fn build(path: &Path, schema: &Schema<'_>) -> Result<(), StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags).map_err(store_error)?;
    let prepare = || {
        connection.pragma_update(None, "page_size", PAGE_BYTES)?;
        connection.pragma_update(None, "encoding", "UTF-8")?;
        // Nobody else knows this file, and it is synchronised as a whole before it gets its name.
        connection.pragma_update(None, "journal_mode", "off")?;
        connection.pragma_update(None, "synchronous", "off")?;
        connection.pragma_update(None, "application_id", APPLICATION_ID)
    };
    prepare().map_err(store_error)?;
    schema.create(&mut connection)?;
    connection.pragma_update(None, "journal_mode", "wal").map_err(store_error)?;
    connection.close().map_err(|(_, error)| store_error(error))
}
