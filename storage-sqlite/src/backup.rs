//! Consistent copies: out of a running store, and back.

use std::fs;
use std::path::Path;
use std::time::Duration;

use koinon_engine::store::{Backup, StoreError};
use rusqlite::Connection;
use rusqlite::backup::{Backup as Copy, StepResult};

use crate::check::defects;
use crate::connection::{inspect, open_read_only, recognise, require_library};
use crate::error::{at_path, file_error, store_error, unusable};
use crate::files::{Draft, filled_companion, refuse_existing};

/// Pages copied between two looks at whether anybody still wants the copy.
const PAGES_PER_STEP: i32 = 1024;
/// Wait for a source that another process holds, as while it recovers its log.
const RETRY: Duration = Duration::from_millis(20);

/// Puts a verified copy of `backup` at `target`, where a store can be opened then.
///
/// The copy is made beside `target` and moved there when the application, the schema version, the structure
/// and every checksum were found right; until then, and after an error, there is nothing at `target`.
/// `backup` is only read. Cost: reads the backup once and the copy twice; blocks the thread.
///
/// # Errors
/// [`StoreError::Exists`] when there is something at `target`, [`StoreError::Unusable`] when `backup` is no
/// store or is damaged, [`StoreError::Newer`] when a newer program wrote it.
pub fn restore(backup: &Path, target: &Path) -> Result<Backup, StoreError> {
    require_library()?;
    refuse_existing(target)?;
    if let Some(companion) = filled_companion(target) {
        return Err(StoreError::Exists(companion.display().to_string().into()));
    }
    if !fs::metadata(backup).map_err(|error| file_error(backup, &error))?.is_file() {
        return Err(unusable(backup, "not a file"));
    }
    inspect(backup)?;
    let source = open_read_only(backup)?;
    let verify = |copy: &Connection| {
        recognise(copy, backup)?;
        match defects(copy, &[])?.first() {
            None => Ok(()),
            Some(defect) => Err(unusable(
                backup,
                format_args!(
                    "damaged, first in table {:?}, key {:?}: {}",
                    defect.table, defect.key, defect.description
                ),
            )),
        }
    };
    copy_to(&source, target, verify, || false).map_err(|error| at_path(backup, error))
}

/// Copies the database of `source`, as it is now, to `target`; nothing is there before the copy is complete,
/// accepted by `verify` and durable. `given_up` is asked now and then.
pub(crate) fn copy_to(
    source: &Connection,
    target: &Path,
    verify: impl FnOnce(&Connection) -> Result<(), StoreError>,
    given_up: impl Fn() -> bool,
) -> Result<Backup, StoreError> {
    refuse_existing(target)?;
    let draft = Draft::beside(target)?;
    let mut copy = Connection::open(&draft.path).map_err(store_error)?;
    // The draft is synchronised as a whole before it gets its name.
    copy.execute_batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF").map_err(store_error)?;
    copy_pages(source, &mut copy, given_up)?;
    // One file without a log, which also opens where nothing can be written.
    let mode: String = copy
        .pragma_update_and_check(None, "journal_mode", "delete", |row| row.get(0))
        .map_err(store_error)?;
    if mode != "delete" {
        return Err(StoreError::Backend(format!("the copy stayed in journal mode {mode}").into()));
    }
    verify(&copy)?;
    copy.close().map_err(|(_, error)| store_error(error))?;
    let bytes = fs::metadata(&draft.path).map_err(|error| file_error(&draft.path, &error))?.len();
    draft.place(target)?;
    Ok(Backup { bytes })
}

fn copy_pages(
    source: &Connection,
    copy: &mut Connection,
    given_up: impl Fn() -> bool,
) -> Result<(), StoreError> {
    // An open read transaction keeps the source at one state; without it each commit would restart the copy.
    let snapshot = source.unchecked_transaction().map_err(store_error)?;
    snapshot.query_row("SELECT count(*) FROM sqlite_schema", (), |_| Ok(())).map_err(store_error)?;
    let pages = Copy::new(&snapshot, copy).map_err(store_error)?;
    loop {
        match pages.step(PAGES_PER_STEP).map_err(store_error)? {
            StepResult::Done => return Ok(()),
            _ if given_up() => return Err(StoreError::Busy("nobody waits for the copy any more".into())),
            StepResult::More => {}
            _ => std::thread::sleep(RETRY),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    /// A database of several steps, with the number of rows in its one table.
    fn source(path: &Path) -> (Connection, i64) {
        let source = Connection::open(path).unwrap();
        source.pragma_update(None, "journal_mode", "wal").unwrap();
        source.execute_batch("CREATE TABLE rows(value)").unwrap();
        source
            .execute("INSERT INTO rows VALUES (zeroblob(?1))", (i64::from(PAGES_PER_STEP) * 4096 * 3,))
            .unwrap();
        (source, 1)
    }

    /// A commit after every step would otherwise start the copy again and again.
    #[test]
    fn commits_during_a_copy_neither_restart_nor_reach_it() {
        let directory = tempfile::tempdir().unwrap();
        let (source, count) = source(&directory.path().join("source"));
        let other = Connection::open(directory.path().join("source")).unwrap();
        let steps = Cell::new(0);
        let commit_between_steps = || {
            other.execute("INSERT INTO rows VALUES (randomblob(100000))", ()).unwrap();
            steps.set(steps.get() + 1);
            steps.get() > 20
        };
        let target = directory.path().join("target");
        copy_to(&source, &target, |_| Ok(()), commit_between_steps).unwrap();
        assert!(steps.get() >= 2, "the copy took one step");
        let copied = Connection::open(&target).unwrap();
        assert_eq!(copied.query_row("SELECT count(*) FROM rows", (), |row| row.get(0)), Ok(count));
    }

    #[test]
    fn a_copy_nobody_waits_for_ends_and_leaves_nothing() {
        let directory = tempfile::tempdir().unwrap();
        let (source, _) = source(&directory.path().join("source"));
        let targets = tempfile::tempdir().unwrap();
        let answer = copy_to(&source, &targets.path().join("target"), |_| Ok(()), || true);
        assert!(matches!(answer, Err(StoreError::Busy(_))), "{answer:?}");
        assert_eq!(fs::read_dir(targets.path()).unwrap().count(), 0);
    }
}
