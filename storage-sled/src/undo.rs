//! The rows that a failed commit replaced, kept beside sled until it is opened again.
//!
//! A commit may fail when sled or the disk hold some of it, or all. Its callers were told that it is absent;
//! the next opening makes that true.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use koinon_engine::store::StoreError;
use sled::Batch;

use crate::catalog::Change;
use crate::database::Database;
use crate::error::{damaged, file_error};
use crate::files::{Draft, synchronise_all, synchronise_names};

const NAME: &str = "koinon.undo";
const MAGIC: &[u8; 8] = b"KOINUNDO";

/// A place and what stood there.
type Before<'a> = (&'a [u8], Option<&'a [u8]>);

/// Whether a commit failed that has not been undone.
pub(crate) fn is_noted(directory: &Path) -> bool {
    directory.join(NAME).exists()
}

/// Writes down how to undo `changes`, in the place of what an attempt before left.
pub(crate) fn write(directory: &Path, changes: &[Change]) -> Result<(), StoreError> {
    let path = directory.join(NAME);
    match fs::remove_file(&path) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(file_error(&path, &error)),
        _ => {}
    }
    let draft = Draft::file_beside(&path)?;
    fs::write(&draft.path, encoded(changes)).map_err(|error| file_error(&draft.path, &error))?;
    draft.place_file(&path)
}

/// Undoes what a failed commit may have left in a store that was just opened.
pub(crate) fn apply(database: &Database) -> Result<(), StoreError> {
    let path = database.path().join(NAME);
    let bytes = match fs::read(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        other => other.map_err(|error| file_error(&path, &error))?,
    };
    let rows = decoded(&bytes).ok_or_else(|| damaged(&path, "it does not match its checksum"))?;
    let mut batch = Batch::default();
    for (place, before) in rows {
        match before {
            Some(row) => batch.insert(place, row),
            None => batch.remove(place),
        }
    }
    tracing::warn!(path = %database.path().display(), "undoing what is left of a commit that failed");
    database.commit(batch, Vec::new()).map_err(|failure| failure.at(database.path()))?;
    synchronise_all(database.path())?;
    fs::remove_file(&path).map_err(|error| file_error(&path, &error))?;
    synchronise_names(database.path())
}

/// Each place and, if there was one, its row, with their lengths; then a CRC-32 of everything.
fn encoded(changes: &[Change]) -> Vec<u8> {
    let mut bytes = MAGIC.to_vec();
    for Change { place, before, .. } in changes {
        let row = before.as_deref().unwrap_or_default();
        bytes.push(u8::from(before.is_some()));
        for part in [place, row] {
            bytes.extend_from_slice(&(part.len() as u64).to_be_bytes());
            bytes.extend_from_slice(part);
        }
    }
    let sum = crc32fast::hash(&bytes);
    bytes.extend_from_slice(&sum.to_be_bytes());
    bytes
}

fn decoded(bytes: &[u8]) -> Option<Vec<Before<'_>>> {
    let (bytes, sum) = bytes.split_last_chunk()?;
    (crc32fast::hash(bytes) == u32::from_be_bytes(*sum)).then_some(())?;
    let mut rest = bytes.strip_prefix(MAGIC)?;
    let mut rows = Vec::new();
    while let Some((held, after)) = rest.split_first() {
        let (place, after) = split_part(after)?;
        let (row, after) = split_part(after)?;
        rows.push((place, (*held > 0).then_some(row)));
        rest = after;
    }
    Some(rows)
}

fn split_part(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk()?;
    rest.split_at_checked(usize::try_from(u64::from_be_bytes(*length)).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_nothing_else() {
        let change = |place: &str, before: Option<&str>| Change {
            place: place.into(),
            before: before.map(|row| row.as_bytes().into()),
            after: None,
        };
        let bytes = encoded(&[change("a", Some("row")), change("b", None), change("", Some(""))]);
        let rows: [Before<'_>; 3] = [(b"a", Some(b"row")), (b"b", None), (b"", Some(b""))];
        assert_eq!(decoded(&bytes).unwrap(), rows);
        for length in 0..bytes.len() {
            assert!(decoded(&bytes[..length]).is_none(), "{length}");
        }
    }
}
