//! Crowded: exact counts, consistent snapshots, and what is said when there is no room.
#![allow(clippy::unwrap_used)]

mod common;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};

use common::{OTHERS, ROWS, TABLES, all, get, open, put, rows};
use futures::FutureExt;
use futures::executor::block_on;
use koinon_engine::store::{Outcome, ReadTx, Store, StoreError, StoreExt, WriteTx};
use koinon_storage_sled::{SledOptions, SledStore, Statistics};

const WRITERS: u32 = 16;
const WRITES: u32 = 40;

/// Adds one to the total and to the writer's own count, and stores a row under the new total.
fn count(tx: &mut dyn WriteTx, writer: u32) -> Result<u32, StoreError> {
    let total = number(tx, b"total")? + 1;
    let own = number(tx, &writer.to_be_bytes())? + 1;
    tx.put(OTHERS, b"total", &total.to_be_bytes())?;
    tx.put(OTHERS, &writer.to_be_bytes(), &own.to_be_bytes())?;
    tx.put(ROWS, &total.to_be_bytes(), &writer.to_be_bytes())?;
    Ok(total)
}

fn number(tx: &(impl ReadTx + ?Sized), key: &[u8]) -> Result<u32, StoreError> {
    Ok(tx.get(OTHERS, key)?.map_or(0, |value| u32::from_be_bytes(value.try_into().unwrap())))
}

#[test]
fn counts_are_exact_among_many_writers_and_readers() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("store");
    // A small cache, so that pages come and go.
    let options = SledOptions { cache_capacity: 1, readers: 4, ..SledOptions::default() };
    let store = SledStore::open(&path, TABLES, options).unwrap();
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| {
                let store = &store;
                scope.spawn(move || {
                    for _ in 0..WRITES {
                        let total = block_on(store.write(move |tx| count(tx, writer))).unwrap();
                        let seen: Result<u32, StoreError> = block_on(store.read(|tx| number(tx, b"total")));
                        assert!(seen.unwrap() >= total, "a resolved write is seen");
                    }
                })
            })
            .collect();
        for _ in 0..4 {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    let consistent: Result<(), StoreError> = block_on(store.read(|tx| {
                        let total = number(tx, b"total")?;
                        assert_eq!(rows(tx, ROWS)?.len() as u32, total);
                        let counts: Result<Vec<u32>, _> =
                            (0..WRITERS).map(|writer| number(tx, &writer.to_be_bytes())).collect();
                        assert_eq!(counts?.into_iter().sum::<u32>(), total);
                        Ok(())
                    }));
                    consistent.unwrap();
                }
            });
        }
        writers.into_iter().for_each(|writer| writer.join().unwrap());
        done.store(true, Ordering::Relaxed);
    });
    let statistics = store.statistics();
    assert_eq!(statistics.jobs, u64::from(WRITERS * WRITES));
    assert!(statistics.commits < statistics.jobs, "{statistics:?}");
    assert_eq!(block_on(store.check()).unwrap(), []);
    drop(store);
    let store = open(&path);
    assert_eq!(all(&store, ROWS).unwrap().len() as u32, WRITERS * WRITES);
}

/// A job that reads for long holds nobody up, and sees its state to the end.
#[test]
fn a_long_read_and_many_commits_do_not_wait_for_each_other() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(&directory.path().join("store"));
    (0..10u32).for_each(|number| put(&store, &number.to_be_bytes(), &[b'x'; 2000]).unwrap());
    let (reading, reads) = mpsc::channel();
    let (release, released) = mpsc::channel::<()>();
    std::thread::scope(|scope| {
        let store = &store;
        scope.spawn(move || {
            let both = block_on(store.read(move |tx| -> Result<_, StoreError> {
                let before = rows(tx, ROWS)?;
                reading.send(()).unwrap();
                let _ = released.recv();
                Ok((before, rows(tx, ROWS)?))
            }));
            let (before, after) = both.unwrap();
            assert!(before.len() == 10 && before == after);
        });
        reads.recv().unwrap();
        for round in 0..20u32 {
            (5..40u32).for_each(|number| put(store, &number.to_be_bytes(), &round.to_be_bytes()).unwrap());
            let deleted: Result<(), StoreError> =
                block_on(store.write(move |tx| tx.delete(ROWS, &(round % 5).to_be_bytes())));
            deleted.unwrap();
        }
        drop(release);
    });
    assert_eq!(all(&store, ROWS).unwrap().len(), 35);
}

#[test]
fn a_read_that_costs_too_much_memory_ends_with_an_error() {
    let directory = tempfile::tempdir().unwrap();
    let options = SledOptions { snapshot_bytes: 10_000, ..SledOptions::default() };
    let store = SledStore::open(&directory.path().join("store"), TABLES, options).unwrap();
    put(&store, b"key", &[b'x'; 4000]).unwrap();
    let (reading, reads) = mpsc::channel();
    let (release, released) = mpsc::channel::<()>();
    std::thread::scope(|scope| {
        let store = &store;
        scope.spawn(move || {
            let answer: Result<_, StoreError> = block_on(store.read(move |tx| {
                reading.send(()).unwrap();
                let _ = released.recv();
                tx.get(ROWS, b"key")
            }));
            assert!(matches!(answer, Err(StoreError::Busy(_))), "{answer:?}");
        });
        reads.recv().unwrap();
        (0..4u8).for_each(|number| put(store, b"key", &[number; 4000]).unwrap());
        drop(release);
    });
    assert_eq!(get(&store, b"key").unwrap().unwrap(), [3; 4000]);
}

#[test]
fn a_store_without_room_serves_reads_and_refuses_writes() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("store");
    put(&open(&path), b"key", b"value").unwrap();
    let options = SledOptions { min_free_bytes: u64::MAX, ..SledOptions::default() };
    let store = SledStore::open(&path, TABLES, options).unwrap();
    assert!(matches!(put(&store, b"other", b"value"), Err(StoreError::Full(_))));
    let deleted: Result<(), StoreError> = block_on(store.write(|tx| tx.delete(ROWS, b"key")));
    assert!(matches!(deleted, Err(StoreError::Full(_))), "a log grows with a deletion, too");
    assert_eq!(block_on(store.write(|tx| tx.get(ROWS, b"key"))).unwrap().unwrap(), b"value");
    assert_eq!(all(&store, ROWS).unwrap().len(), 1);
    assert_eq!(block_on(store.check()).unwrap(), []);
}

/// With the writer held, jobs pile up: as many as allowed, then refusal, and none of them is lost.
#[test]
fn a_full_queue_refuses_at_once() {
    let directory = tempfile::tempdir().unwrap();
    let options = SledOptions { queue: 3, ..SledOptions::default() };
    let store = SledStore::open(&directory.path().join("store"), TABLES, options).unwrap();
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
    assert_eq!(store.statistics(), Statistics { jobs: 4, commits: 1 });
}

#[test]
fn dropping_the_store_inside_one_of_its_jobs_does_not_hang() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("store");
    let store = Arc::new(open(&path));
    let (kept, (let_go, gone), (end, ended)) =
        (Arc::clone(&store), mpsc::channel::<()>(), mpsc::channel::<()>());
    let mut future = Box::pin(async move {
        let inner = Arc::clone(&kept);
        let job = move |_: &dyn ReadTx| {
            let _ = gone.recv();
            drop(inner);
            drop(end);
        };
        store.run_long_read(Box::new(job)).await
    });
    assert!((&mut future).now_or_never().is_none());
    drop(future);
    drop(let_go);
    let _ = ended.recv();
    // The thread that ran the job closes sled, soon after.
    let reopened = std::iter::repeat_with(|| SledStore::open(&path, TABLES, SledOptions::default()))
        .find(|answer| !matches!(answer, Err(StoreError::Locked(_))));
    assert_eq!(all(&reopened.unwrap().unwrap(), ROWS).unwrap(), []);
}
