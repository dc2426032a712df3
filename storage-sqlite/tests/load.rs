//! Full, busy, crowded: what the store says, and that it goes on afterwards.
#![allow(clippy::unwrap_used)]

mod common;

use std::fs;
use std::sync::mpsc;
use std::time::Duration;

use common::{ROWS, TABLES, all, get, open, put, rows};
use futures::FutureExt;
use futures::executor::block_on;
use koinon_engine::store::{Outcome, Store, StoreError, StoreExt};
use koinon_storage_sqlite::{SqliteOptions, SqliteStore, Statistics};
use rusqlite::Connection;

#[test]
fn a_full_store_serves_reads_and_writes_again_when_there_is_room() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("store");
    let options = SqliteOptions { max_bytes: Some(1 << 20), ..SqliteOptions::default() };
    let store = SqliteStore::open(&path, TABLES, options).unwrap();
    let mut stored = 0u8;
    let error = loop {
        match put(&store, &[stored], &[b'x'; 20_000]) {
            Ok(()) => stored += 1,
            Err(error) => break error,
        }
    };
    assert!(matches!(error, StoreError::Full(_)), "{error:?}");
    assert!(stored > 30, "{stored}");
    assert_eq!(all(&store, ROWS).unwrap().len(), usize::from(stored));
    block_on(store.write(|tx| (0..10u8).try_for_each(|key| tx.delete(ROWS, &[key])))).unwrap();
    put(&store, b"key", &[b'x'; 20_000]).unwrap();
    assert_eq!(block_on(store.check()).unwrap(), []);
}

#[test]
fn a_file_that_another_process_writes_to_is_busy_and_then_not() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("store");
    let options = SqliteOptions { busy_timeout: Duration::from_millis(1), ..SqliteOptions::default() };
    let store = SqliteStore::open(&path, TABLES, options).unwrap();
    put(&store, b"key", b"before").unwrap();
    let other = Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE; DELETE FROM t_rows").unwrap();
    assert!(matches!(put(&store, b"key", b"during"), Err(StoreError::Busy(_))));
    assert_eq!(get(&store, b"key").unwrap().unwrap(), b"before", "reads do not wait");
    other.execute_batch("ROLLBACK").unwrap();
    put(&store, b"key", b"after").unwrap();
    assert_eq!(get(&store, b"key").unwrap().unwrap(), b"after");
}

#[test]
fn a_write_waits_for_another_process_within_the_timeout() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("store");
    let options = SqliteOptions { busy_timeout: Duration::from_secs(600), ..SqliteOptions::default() };
    let store = SqliteStore::open(&path, TABLES, options).unwrap();
    let other = Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| put(&store, b"key", b"value"));
        std::thread::sleep(Duration::from_millis(30));
        other.execute_batch("COMMIT").unwrap();
        waiting.join().unwrap().unwrap();
    });
}

#[test]
fn what_another_process_commits_is_read() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("store");
    let (one, other) = (open(&path), open(&path));
    for number in 0..20u8 {
        let (writing, reading) = if number % 2 == 0 { (&one, &other) } else { (&other, &one) };
        put(writing, b"key", &[number]).unwrap();
        assert_eq!(get(reading, b"key").unwrap(), Some(vec![number]));
    }
}

/// With the writer held, jobs pile up: as many as allowed, then refusal, and none of them is lost.
#[test]
fn a_full_queue_refuses_at_once() {
    let directory = tempfile::tempdir().unwrap();
    let options = SqliteOptions { queue: 3, ..SqliteOptions::default() };
    let store = SqliteStore::open(&directory.path().join("store"), TABLES, options).unwrap();
    let (running, runs) = mpsc::channel();
    let (release, released) = mpsc::channel::<()>();
    let mut first = store.run_write(Box::new(move |_| {
        running.send(()).unwrap();
        let _ = released.recv();
        Outcome::Commit
    }));
    assert!((&mut first).now_or_never().is_none());
    runs.recv().unwrap();
    let mut waiting: Vec<_> =
        (0..3u8).map(|number| Box::pin(store.write(move |tx| tx.put(ROWS, &[number], b"")))).collect();
    assert!(waiting.iter_mut().all(|future| future.now_or_never().is_none()));
    assert!(matches!(put(&store, b"one too many", b""), Err(StoreError::Busy(_))));
    drop(release);
    block_on(first).unwrap();
    for future in waiting {
        let answer: Result<(), StoreError> = block_on(future);
        answer.unwrap();
    }
    assert_eq!(all(&store, ROWS).unwrap().len(), 3);
    assert_eq!(store.statistics(), Statistics { jobs: 4, commits: 1, repeated: 0 });
}

/// A long read keeps the log from being emptied; afterwards it shrinks again.
#[test]
fn the_log_shrinks_when_a_long_read_ends() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("store");
    let limit = 128 << 10;
    let options = SqliteOptions { log_bytes: limit, ..SqliteOptions::default() };
    let store = SqliteStore::open(&path, TABLES, options).unwrap();
    let log_bytes = || fs::metadata(directory.path().join("store-wal")).unwrap().len();
    let write = |number: u32| put(&store, &number.to_be_bytes(), &[b'x'; 20_000]).unwrap();
    (0..10).for_each(write);
    let (reading, reads) = mpsc::channel();
    let (release, released) = mpsc::channel::<()>();
    std::thread::scope(|scope| {
        let store = &store;
        scope.spawn(move || {
            let both = block_on(store.read(move |tx| -> Result<_, StoreError> {
                let before = rows(tx, ROWS)?.len();
                reading.send(()).unwrap();
                let _ = released.recv();
                Ok((before, rows(tx, ROWS)?.len()))
            }));
            assert_eq!(both.unwrap(), (10, 10));
        });
        reads.recv().unwrap();
        (10..60).for_each(write);
        assert!(log_bytes() > 2 * limit, "{}", log_bytes());
        drop(release);
    });
    let shrunk = (60..200).any(|number| {
        write(number);
        log_bytes() <= 2 * limit
    });
    assert!(shrunk, "{}", log_bytes());
    assert_eq!(block_on(store.check()).unwrap(), []);
}

#[test]
fn dropping_the_store_inside_one_of_its_jobs_does_not_hang() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("store");
    let store = std::sync::Arc::new(open(&path));
    let (kept, (let_go, gone)) = (std::sync::Arc::clone(&store), mpsc::channel::<()>());
    let mut future = Box::pin(async move {
        let inner = std::sync::Arc::clone(&kept);
        store
            .run_long_read(Box::new(move |_| {
                let _ = gone.recv();
                drop(inner);
            }))
            .await
    });
    assert!((&mut future).now_or_never().is_none());
    drop(future);
    drop(let_go);
    assert_eq!(all(&open(&path), ROWS).unwrap(), []);
}
