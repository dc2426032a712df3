//! Many callers at once. Nothing here depends on how fast anything is.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use futures::FutureExt;
use futures::executor::block_on;
use futures::future::join_all;

use super::calls::{
    Answer, collect, everything, get, is_refusal, panic_quietly, put, put_all, read, refusal, write,
};
use super::{Factory, OTHERS, ROWS};
use crate::store::{Direction, KeyRange, ReadTx, Store, StoreError, StoreExt, WriteTx};

/// A job that started before a commit reads the state before it, in point reads and scans, up to its end.
pub fn a_read_job_does_not_see_a_commit_that_happens_meanwhile(factory: &dyn Factory) {
    let store = factory.open();
    put_all(&*store, ROWS, &[(b"a".to_vec(), b"old".to_vec()), (b"b".to_vec(), b"old".to_vec())]);
    let (reading, has_begun) = mpsc::channel();
    let (committed, commit) = mpsc::channel::<()>();
    let commits_meanwhile = factory.commits_while_reading();
    let snapshot = |tx: &dyn ReadTx| collect(tx, ROWS, &KeyRange::all(), Direction::Ascending, usize::MAX);
    thread::scope(|scope| {
        let reader = scope.spawn(|| {
            read(&*store, move |tx| {
                let before = snapshot(tx)?;
                reading.send(()).unwrap();
                if commits_meanwhile {
                    commit.recv().expect("the write resolves although a job reads");
                } else {
                    // The writer may wait for this job, so the wait has an end; the job must hold without it.
                    let _ = commit.recv_timeout(Duration::from_millis(50));
                }
                assert_eq!(tx.get(ROWS, b"a")?.as_deref(), Some(&b"old"[..]));
                assert_eq!(
                    tx.get_many(ROWS, &[b"b".to_vec(), b"c".to_vec()])?,
                    [Some(b"old".to_vec()), None]
                );
                assert_eq!(snapshot(tx)?, before);
                Ok(())
            })
        });
        has_begun.recv().unwrap();
        write(&*store, |tx| {
            tx.put(ROWS, b"a", b"new")?;
            tx.delete(ROWS, b"b")?;
            tx.put(ROWS, b"c", b"new")
        })
        .unwrap();
        let _ = committed.send(());
        reader.join().unwrap().unwrap();
    });
    let keys: Vec<Vec<u8>> = everything(&*store, ROWS).into_iter().map(|(key, _)| key).collect();
    assert_eq!(keys, [b"a", b"c"], "afterwards the commit is seen");
}

/// Readers check an invariant over two tables that every write keeps and every half write breaks.
pub fn a_reader_never_sees_half_a_transaction(factory: &dyn Factory) {
    let store = factory.open();
    let accounts = [(ROWS, b"x"), (ROWS, b"y"), (OTHERS, b"x"), (OTHERS, b"y")];
    write(&*store, move |tx| accounts.iter().try_for_each(|(table, key)| tx.put(*table, *key, &[50])))
        .unwrap();
    thread::scope(|scope| {
        scope.spawn(|| {
            for round in 0..60 {
                let (from, to) = (accounts[round % 4], accounts[(round + 1 + round % 3) % 4]);
                write(&*store, move |tx| {
                    let (less, more) = (amount(tx, from)? - 1, amount(tx, to)? + 1);
                    tx.put(from.0, from.1, &[less])?;
                    tx.put(to.0, to.1, &[more])
                })
                .unwrap();
            }
        });
        for _ in 0..3 {
            scope.spawn(|| {
                for _ in 0..150 {
                    let sum = read(&*store, move |tx| {
                        accounts.iter().try_fold(0, |sum, place| Ok(sum + u32::from(amount(tx, *place)?)))
                    });
                    assert_eq!(sum.unwrap(), 200);
                }
            });
        }
    });
}

fn amount(tx: &dyn ReadTx, (table, key): (crate::store::TableDefinition, &[u8; 1])) -> Answer<u8> {
    Ok(tx.get(table, key)?.unwrap()[0])
}

/// From any thread: there is no stale reader.
pub fn a_resolved_write_is_seen_by_every_later_job(factory: &dyn Factory) {
    let store = factory.open();
    for number in 0..30u8 {
        put(&*store, ROWS, b"key", &[number]);
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| assert_eq!(get(&*store, ROWS, b"key"), Some(vec![number])));
            }
        });
        assert_eq!(write(&*store, |tx| tx.get(ROWS, b"key")).unwrap(), Some(vec![number]));
    }
}

/// No update is lost: reading, adding and storing in one job needs no further lock.
pub fn sixteen_writers_increment_a_counter_exactly(factory: &dyn Factory) {
    let store = factory.open();
    thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| {
                for _ in 0..25 {
                    write(&*store, increment).unwrap();
                }
            });
        }
    });
    assert_eq!(get(&*store, ROWS, b"counter"), Some(400u32.to_be_bytes().to_vec()));
}

fn increment(tx: &mut dyn WriteTx) -> Answer<u32> {
    let before = tx.get(ROWS, b"counter")?.map_or(0, |value| u32::from_be_bytes(value.try_into().unwrap()));
    tx.put(ROWS, b"counter", &(before + 1).to_be_bytes())?;
    Ok(before + 1)
}

/// Each of many waiting jobs sees all that ran before it, and each number is given out once.
pub fn writes_queued_together_run_one_after_another(factory: &dyn Factory) {
    let store = factory.open();
    let answers = block_on(join_all((0..200).map(|_| store.write(increment))));
    let mut numbers: Vec<u32> = answers.into_iter().map(Result::unwrap).collect();
    numbers.sort_unstable();
    assert!(numbers.into_iter().eq(1..=200));
}

/// Errors, aborts and panics stay with their caller; jobs that wait beside them commit.
pub fn a_failing_job_does_not_touch_the_jobs_beside_it(factory: &dyn Factory) {
    let store = factory.open();
    let answers = block_on(join_all((0..40u8).map(|number| {
        store.write(move |tx| -> Result<u8, StoreError> {
            tx.put(ROWS, &[number], b"written")?;
            tx.put(OTHERS, b"last", &[number])?;
            match number % 4 {
                1 => Err(refusal()),
                3 => panic_quietly(),
                _ => Ok(number),
            }
        })
    })));
    for (number, answer) in (0u8..).zip(answers) {
        match number % 4 {
            1 => assert!(is_refusal(&answer.unwrap_err())),
            3 => assert!(matches!(answer, Err(StoreError::Panicked)), "{answer:?}"),
            _ => assert_eq!(answer.unwrap(), number),
        }
    }
    let kept: Vec<u8> = everything(&*store, ROWS).into_iter().map(|(key, _)| key[0]).collect();
    assert_eq!(kept, (0..40).step_by(2).collect::<Vec<u8>>());
    assert_eq!(get(&*store, OTHERS, b"last").unwrap()[0] % 2, 0, "a failed job left a value");
}

/// Answers are not mixed up among jobs that wait together.
pub fn every_caller_gets_the_answer_to_its_own_job(factory: &dyn Factory) {
    let store = factory.open();
    put_all(&*store, ROWS, &(0..100u8).map(|key| (vec![key], vec![key, 1])).collect::<Vec<_>>());
    let reads = (0..100u8).map(|key| store.read(move |tx| tx.get(ROWS, &[key])));
    let answers: Vec<Answer<Option<Vec<u8>>>> = block_on(join_all(reads));
    for (key, answer) in (0u8..).zip(answers) {
        assert_eq!(answer.unwrap(), Some(vec![key, 1]));
    }
}

/// Mixed load from eight threads ends with exactly the rows that were written.
pub fn readers_and_writers_work_side_by_side(factory: &dyn Factory) {
    let store = factory.open();
    thread::scope(|scope| {
        for writer in 0..4u8 {
            let store = &store;
            scope.spawn(move || {
                (0..25u8).for_each(|number| put(&**store, ROWS, &[writer, number], &[number]))
            });
            scope.spawn(move || {
                for _ in 0..50 {
                    let rows = super::calls::scan(
                        &**store,
                        ROWS,
                        &KeyRange::prefix(&[writer]),
                        Direction::Ascending,
                    );
                    assert!((0u8..).zip(&rows).all(|(number, (key, _))| key == &[writer, number]));
                }
            });
        }
    });
    assert_eq!(everything(&*store, ROWS).len(), 100);
}

/// Giving up on the answer does not tear the job apart.
pub fn a_dropped_future_leaves_all_or_nothing(factory: &dyn Factory) {
    let store = factory.open();
    for number in 0..20u8 {
        abandon(&*store, number);
    }
    put(&*store, ROWS, b"later", b"writes resolve after the abandoned ones");
    let rows = everything(&*store, ROWS).into_iter().filter(|(key, _)| key.len() == 1);
    let others = everything(&*store, OTHERS);
    assert!(rows.eq(others), "one half of an abandoned write is missing");
}

/// Starts a write of one row to two tables and drops its future without waiting.
pub(super) fn abandon(store: &dyn Store, number: u8) {
    let future = store.write(move |tx| -> Answer<()> {
        tx.put(ROWS, &[number], b"both")?;
        tx.put(OTHERS, &[number], b"both")
    });
    let _ = future.now_or_never();
}
