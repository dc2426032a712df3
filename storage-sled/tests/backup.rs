//! Copies out of a running store, and back; and what is left of a damaged one.
#![allow(clippy::unwrap_used)]

mod common;

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use common::{OTHERS, ROWS, all, filled, names_beside, open, put};
use futures::FutureExt;
use futures::executor::block_on;
use koinon_engine::store::{Store, StoreError, StoreExt};
use koinon_storage_sled::{restore, salvage};

fn is_unusable(error: &StoreError) -> bool {
    matches!(error, StoreError::Unusable(_))
}

#[test]
fn a_restored_backup_holds_what_the_store_held() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(&filled(directory.path(), 200));
    put(&store, b"", b"\0\xff").unwrap();
    put(&store, b"large", &[b'x'; 300_000]).unwrap();
    let rows = all(&store, ROWS).unwrap();
    let file = directory.path().join("backup");
    let backup = block_on(store.backup(&file)).unwrap();
    assert_eq!(backup.bytes, fs::metadata(&file).unwrap().len());
    put(&store, b"later", b"not in the backup").unwrap();
    let target = directory.path().join("restored");
    assert_eq!(restore(&file, &target).unwrap(), backup);
    assert_eq!(names_beside(&file), ["backup", "restored", "store"]);
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
    let write = |number: u32| {
        let written: Result<(), StoreError> = block_on(store.write(move |tx| {
            tx.put(ROWS, &[b"w", &number.to_be_bytes()[..]].concat(), &[b'x'; 3000])?;
            tx.put(OTHERS, &[b"w", &number.to_be_bytes()[..]].concat(), b"")?;
            // Replaced all the time, so that the copy looks through what is kept of it.
            (0..20u32).try_for_each(|key| tx.put(ROWS, &key.to_be_bytes(), &number.to_be_bytes()))
        }));
        written.unwrap();
    };
    write(0);
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| (1..).take_while(|_| !done.load(Ordering::Relaxed)).for_each(write));
        let _ends = EndsWhenDropped(&done);
        for number in 0..3 {
            let file = directory.path().join(format!("backup {number}"));
            block_on(store.backup(&file)).unwrap();
            let target = directory.path().join(format!("restored {number}"));
            restore(&file, &target).unwrap();
            let copy = open(&target);
            let rows = all(&copy, ROWS).unwrap();
            assert_eq!(rows.len(), all(&copy, OTHERS).unwrap().len());
            assert!(rows[..20].iter().all(|(_, value)| *value == rows[0].1), "rows of several commits");
            assert_eq!(block_on(store.check()).unwrap(), []);
        }
    });
}

/// Lets a loop end, also when the test fails.
struct EndsWhenDropped<'a>(&'a AtomicBool);

impl Drop for EndsWhenDropped<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn nothing_that_exists_is_overwritten() {
    let directory = tempfile::tempdir().unwrap();
    let path = filled(directory.path(), 3);
    let store = open(&path);
    let (file, taken) = (directory.path().join("backup"), directory.path().join("taken"));
    block_on(store.backup(&file)).unwrap();
    drop(store);
    let is_refused = |answer: Result<(), StoreError>| {
        assert!(matches!(&answer, Err(StoreError::Exists(name)) if name.contains("taken")), "{answer:?}");
    };
    fs::write(&taken, "somebody's").unwrap();
    is_refused(block_on(open(&path).backup(&taken)).map(drop));
    is_refused(restore(&file, &taken).map(drop));
    is_refused(salvage(&path, &taken).map(drop));
    assert_eq!(fs::read(&taken).unwrap(), b"somebody's");
    fs::remove_file(&taken).unwrap();
    fs::create_dir(&taken).unwrap();
    is_refused(restore(&file, &taken).map(drop));
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
fn a_backup_nobody_waits_for_ends_before_the_store_is_closed() {
    let directory = tempfile::tempdir().unwrap();
    let path = filled(directory.path(), 3000);
    let store = open(&path);
    let targets = tempfile::tempdir().unwrap();
    let _ = store.backup(&targets.path().join("backup")).now_or_never();
    drop(store);
    // The lock is free, and there is all of it or nothing.
    open(&path);
    assert!(names_beside(&targets.path().join("backup")).iter().all(|name| name == "backup"));
}

#[test]
fn a_backup_that_is_cut_off_is_not_restored() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("backup");
    block_on(open(&filled(directory.path(), 20)).backup(&file)).unwrap();
    let sound = fs::read(&file).unwrap();
    for length in (0..sound.len()).step_by(97).chain([1, 14, 17, 18, sound.len() - 4, sound.len() - 1]) {
        fs::write(&file, &sound[..length]).unwrap();
        refused(&file, is_unusable);
    }
    fs::write(&file, [&sound[..], &[0]].concat()).unwrap();
    refused(&file, is_unusable);
}

#[test]
fn a_backup_with_a_changed_byte_is_not_restored() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("backup");
    block_on(open(&filled(directory.path(), 20)).backup(&file)).unwrap();
    let sound = fs::read(&file).unwrap();
    for place in (0..40).chain((40..sound.len()).step_by(131)) {
        let mut bytes = sound.clone();
        bytes[place] ^= 1 << (place % 8);
        fs::write(&file, bytes).unwrap();
        refused(&file, |error| is_unusable(error) || matches!(error, StoreError::Newer { .. }));
    }
    let mut bytes = sound;
    bytes[14..18].copy_from_slice(&9u32.to_be_bytes());
    fs::write(&file, bytes).unwrap();
    refused(&file, |error| matches!(error, StoreError::Newer { found: 9, known: 1 }));
    fs::remove_file(&file).unwrap();
    refused(&file, |error| matches!(error, StoreError::Io(_)));
    refused(directory.path(), is_unusable);
}

fn refused(file: &Path, check: impl Fn(&StoreError) -> bool) {
    let empty = tempfile::tempdir().unwrap();
    let error = restore(file, &empty.path().join("target")).unwrap_err();
    assert!(check(&error), "{error:?}");
    assert_eq!(fs::read_dir(empty.path()).unwrap().count(), 0, "{error}");
}

/// From a sound store everything, from one with a damaged page what lies beside it.
#[test]
fn salvage_saves_what_is_readable() {
    let directory = tempfile::tempdir().unwrap();
    let path = common::filled_twice(directory.path());
    let rows = all(&open(&path), ROWS).unwrap();
    let log = fs::read(path.join("db")).unwrap();
    let mut most_lost = 0;
    for (number, (_, place)) in common::places(&log).take(3).enumerate() {
        let mut bytes = log.clone();
        bytes[place] ^= u8::from(number > 0);
        fs::write(path.join("db"), &bytes).unwrap();
        fs::write(path.join("conf"), "damaged").unwrap();
        let file = directory.path().join(format!("saved {number}"));
        let salvaged = salvage(&path, &file).unwrap();
        assert!(fs::read(path.join("db")).unwrap() == bytes, "the damaged store is left alone");
        let target = directory.path().join(format!("restored {number}"));
        restore(&file, &target).unwrap();
        let restored = open(&target);
        let (found, others) = (all(&restored, ROWS).unwrap(), all(&restored, OTHERS).unwrap());
        assert!(found.iter().all(|row| rows.contains(row)));
        assert_eq!(salvaged.rows as usize, found.len() + others.len());
        assert_eq!(salvaged.lost_commits, 0, "{salvaged:?}");
        assert_eq!(salvaged.lost_rows + salvaged.rows, 3000, "{salvaged:?}");
        assert!(number > 0 || salvaged.lost_rows == 0, "{salvaged:?}");
        most_lost = most_lost.max(salvaged.lost_rows);
    }
    assert!((1..300).contains(&most_lost), "{most_lost}");
}

/// Without its snapshot sled reads its log up to the damage.
#[test]
fn salvage_tells_how_many_commits_it_did_not_find() {
    let directory = tempfile::tempdir().unwrap();
    let path = filled(directory.path(), 10);
    let store = open(&path);
    (0..50u8).for_each(|number| put(&store, &[number], &[b'x'; 4000]).unwrap());
    drop(store);
    let log = path.join("db");
    let mut bytes = fs::read(&log).unwrap();
    let place = bytes.len() / 2;
    bytes[place..][..64].fill(0x55);
    fs::write(&log, &bytes).unwrap();
    for name in names_beside(&log).iter().filter(|name| name.starts_with("snap.")) {
        fs::write(path.join(name), "damaged").unwrap();
    }
    let file = directory.path().join("saved");
    let salvaged = salvage(&path, &file).unwrap();
    assert!((1..50).contains(&salvaged.lost_commits), "{salvaged:?}");
    assert_eq!((salvaged.rows, salvaged.lost_rows), (20 + 50 - salvaged.lost_commits, 0));
    restore(&file, &directory.path().join("restored")).unwrap();
}

#[test]
fn salvage_does_not_touch_a_store_that_is_open() {
    let directory = tempfile::tempdir().unwrap();
    let path = filled(directory.path(), 3);
    let _open = open(&path);
    let error = salvage(&path, &directory.path().join("saved")).unwrap_err();
    assert!(matches!(error, StoreError::Locked(_)), "{error}");
}

#[test]
fn salvage_of_nothing_is_an_error() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("saved");
    assert!(is_unusable(&salvage(directory.path(), &file).unwrap_err()));
    fs::write(directory.path().join("db"), "no log").unwrap();
    let error = salvage(directory.path(), &file).unwrap_err();
    assert!(is_unusable(&error), "{error}");
    assert_eq!(names_beside(&file), ["db"]);
}
