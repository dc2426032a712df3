//! Copies out of a running store, and back.
#![allow(clippy::unwrap_used)]

mod common;

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use common::{OTHERS, ROWS, all, filled, names_beside, open, put};
use futures::executor::block_on;
use koinon_engine::store::{Store, StoreError, StoreExt};
use koinon_storage_sqlite::restore;
use rusqlite::Connection;

#[test]
fn a_restored_backup_holds_what_the_store_held() {
    let directory = tempfile::tempdir().unwrap();
    let path = filled(directory.path(), 200);
    let store = open(&path);
    put(&store, b"only in the log", b"value").unwrap();
    let rows = all(&store, ROWS).unwrap();
    let file = directory.path().join("backup");
    let backup = block_on(store.backup(&file)).unwrap();
    assert_eq!(backup.bytes, fs::metadata(&file).unwrap().len());
    put(&store, b"later", b"not in the backup").unwrap();
    let target = directory.path().join("restored");
    assert_eq!(restore(&file, &target).unwrap(), backup);
    assert_eq!(names_beside(&path), ["backup", "restored", "store", "store-shm", "store-wal"]);
    let restored = open(&target);
    assert_eq!(all(&restored, ROWS).unwrap(), rows);
    assert_eq!(all(&restored, OTHERS).unwrap().len(), 200);
    assert_eq!(block_on(restored.check()).unwrap(), []);
    put(&restored, b"key", b"the restored store goes on").unwrap();
}

/// Every write adds one row to each table: a copy with an uneven count tore one apart.
#[test]
fn a_backup_under_load_is_one_consistent_state() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(&filled(directory.path(), 2000));
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            let mut number = 0u32;
            while !done.load(Ordering::Relaxed) {
                number += 1;
                let written: Result<(), StoreError> = block_on(store.write(move |tx| {
                    tx.put(ROWS, &[b"w", &number.to_be_bytes()[..]].concat(), &[b'x'; 3000])?;
                    tx.put(OTHERS, &[b"w", &number.to_be_bytes()[..]].concat(), b"")
                }));
                written.unwrap();
            }
        });
        for number in 0..3 {
            let file = directory.path().join(format!("backup {number}"));
            block_on(store.backup(&file)).unwrap();
            let copy = open(&file);
            assert_eq!(all(&copy, ROWS).unwrap().len(), all(&copy, OTHERS).unwrap().len());
            assert_eq!(block_on(copy.check()).unwrap(), []);
        }
        done.store(true, Ordering::Relaxed);
        writer.join().unwrap();
    });
}

#[test]
fn a_backup_can_be_opened_without_writing_beside_it() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("backup");
    block_on(open(&filled(directory.path(), 3)).backup(&file)).unwrap();
    let before = fs::read(&file).unwrap();
    let connection = Connection::open(&file).unwrap();
    let count: i64 = connection.query_row("SELECT count(*) FROM v_rows", (), |row| row.get(0)).unwrap();
    assert_eq!(count, 3);
    assert_eq!(names_beside(&file), ["backup", "store"]);
    assert!(fs::read(&file).unwrap() == before);
}

#[test]
fn nothing_that_exists_is_overwritten() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(&filled(directory.path(), 3));
    let (file, taken) = (directory.path().join("backup"), directory.path().join("taken"));
    block_on(store.backup(&file)).unwrap();
    fs::write(&taken, "somebody's").unwrap();
    let is_refused = |answer: Result<_, StoreError>| {
        assert!(matches!(&answer, Err(StoreError::Exists(name)) if name.contains("taken")), "{answer:?}");
    };
    is_refused(block_on(store.backup(&taken)));
    is_refused(restore(&file, &taken));
    assert_eq!(fs::read(&taken).unwrap(), b"somebody's");
    // A log that waits for its file would be applied to the restored one.
    fs::rename(&taken, directory.path().join("taken-wal")).unwrap();
    is_refused(restore(&file, &directory.path().join("taken")));
    assert!(!directory.path().join("taken").exists());
}

#[test]
fn a_backup_that_fails_leaves_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(&filled(directory.path(), 3));
    let nowhere = directory.path().join("absent directory").join("backup");
    assert!(matches!(block_on(store.backup(&nowhere)), Err(StoreError::Io(_))));
    assert_eq!(all(&store, ROWS).unwrap().len(), 3);
}

#[test]
fn what_is_damaged_is_not_restored() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("backup");
    block_on(open(&filled(directory.path(), 50)).backup(&file)).unwrap();
    let sound = fs::read(&file).unwrap();
    for sql in [
        "UPDATE t_rows SET value = '{}' WHERE key = x'00000007'",
        "UPDATE t_others SET sum = 1 WHERE key >= x'00000007'",
        "PRAGMA application_id = 1",
        "PRAGMA user_version = 0",
    ] {
        fs::write(&file, &sound).unwrap();
        Connection::open(&file).unwrap().execute_batch(sql).unwrap();
        refused(&file, |error| matches!(error, StoreError::Unusable(_)));
    }
    Connection::open(&file)
        .unwrap()
        .execute_batch("PRAGMA application_id = 0x4b4f494e; PRAGMA user_version = 9")
        .unwrap();
    refused(&file, |error| matches!(error, StoreError::Newer { found: 9, known: 1 }));
    for length in [0, 10, 8192, sound.len() - 8192] {
        fs::write(&file, &sound[..length]).unwrap();
        refused(&file, |error| matches!(error, StoreError::Unusable(_)));
    }
    fs::remove_file(&file).unwrap();
    refused(&file, |error| matches!(error, StoreError::Io(_)));
    refused(directory.path(), |error| matches!(error, StoreError::Unusable(_)));
}

fn refused(file: &Path, check: impl Fn(&StoreError) -> bool) {
    let empty = tempfile::tempdir().unwrap();
    let error = restore(file, &empty.path().join("target")).unwrap_err();
    assert!(check(&error), "{error:?}");
    assert_eq!(fs::read_dir(empty.path()).unwrap().count(), 0, "{error}");
}

/// A copy of the running store, log included, is what such a restore is for, too.
#[test]
fn a_store_that_is_open_can_be_restored_from_directly() {
    let directory = tempfile::tempdir().unwrap();
    let path = filled(directory.path(), 3);
    let store = open(&path);
    put(&store, b"only in the log", b"value").unwrap();
    let target = directory.path().join("restored");
    restore(&path, &target).unwrap();
    assert_eq!(all(&open(&target), ROWS).unwrap().len(), 4);
    put(&store, b"key", b"the store goes on").unwrap();
    drop(open(&path));
    put(&store, b"again", b"its locks are still there").unwrap();
}
