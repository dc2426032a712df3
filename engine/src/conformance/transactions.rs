//! One job is one transaction: wholly there or wholly absent.

use std::ops::Bound;

use futures::executor::block_on;

use super::calls::{
    Row, collect, delete, everything, get, is_refusal, panic_quietly, put, put_all, read, refusal, row, write,
};
use super::{Factory, OTHERS, ROWS, UNKNOWN};
use crate::store::{Direction, KeyRange, Outcome, StoreError};

/// From read and write jobs alike.
pub fn the_result_of_a_job_reaches_its_caller(factory: &dyn Factory) {
    let store = factory.open();
    let written = write(&*store, |tx| {
        tx.put(ROWS, b"key", b"value")?;
        Ok("written".to_owned())
    });
    assert_eq!(written.unwrap(), "written");
    assert_eq!(read(&*store, |tx| Ok(tx.get(ROWS, b"key")?.map(|value| value.len()))).unwrap(), Some(5));
}

/// Point reads see what the same job stored and deleted.
pub fn a_job_reads_its_own_writes(factory: &dyn Factory) {
    let store = factory.open();
    put(&*store, ROWS, b"old", b"before");
    write(&*store, |tx| {
        tx.put(ROWS, b"new", b"1")?;
        assert_eq!(tx.get(ROWS, b"new")?.as_deref(), Some(&b"1"[..]));
        tx.put(ROWS, b"new", b"2")?;
        tx.put(ROWS, b"old", b"after")?;
        let found = tx.get_many(ROWS, &[b"old".to_vec(), b"new".to_vec()])?;
        assert_eq!(found, [Some(b"after".to_vec()), Some(b"2".to_vec())]);
        tx.delete(ROWS, b"old")?;
        assert_eq!(tx.get(ROWS, b"old")?, None);
        Ok(())
    })
    .unwrap();
    assert_eq!(everything(&*store, ROWS), [row("new", "2")]);
}

/// Scans see new rows at their place, changed values, and no deleted row, in both directions and bounded.
pub fn a_job_scans_its_own_writes(factory: &dyn Factory) {
    let store = factory.open();
    put_all(&*store, ROWS, &[row("b", "1"), row("d", "1"), row("f", "1")]);
    write(&*store, |tx| {
        tx.put(ROWS, b"a", b"2")?;
        tx.put(ROWS, b"d", b"2")?;
        tx.put(ROWS, b"e", b"2")?;
        tx.delete(ROWS, b"f")?;
        let mut expected = vec![row("a", "2"), row("b", "1"), row("d", "2"), row("e", "2")];
        assert_eq!(collect(tx, ROWS, &KeyRange::all(), Direction::Ascending, usize::MAX)?, expected);
        let middle = KeyRange { start: Bound::Excluded(b"a".to_vec()), end: Bound::Included(b"e".to_vec()) };
        assert_eq!(collect(tx, ROWS, &middle, Direction::Ascending, usize::MAX)?, expected[1..]);
        expected.reverse();
        assert_eq!(collect(tx, ROWS, &KeyRange::all(), Direction::Descending, usize::MAX)?, expected);
        assert_eq!(collect(tx, ROWS, &KeyRange::all(), Direction::Descending, 2)?, expected[..2]);
        Ok(())
    })
    .unwrap();
}

/// Put after delete is there, delete after put is not.
pub fn the_last_write_of_a_job_wins(factory: &dyn Factory) {
    let store = factory.open();
    put_all(&*store, ROWS, &[row("a", "old"), row("b", "old")]);
    write(&*store, |tx| {
        tx.delete(ROWS, b"a")?;
        tx.put(ROWS, b"a", b"new")?;
        tx.put(ROWS, b"b", b"new")?;
        tx.delete(ROWS, b"b")?;
        tx.put(ROWS, b"c", b"1")?;
        tx.put(ROWS, b"c", b"2")
    })
    .unwrap();
    assert_eq!(everything(&*store, ROWS), [row("a", "new"), row("c", "2")]);
}

/// An abort resolves without error, and nothing of the job is there.
pub fn an_aborted_job_leaves_nothing(factory: &dyn Factory) {
    let store = factory.open();
    block_on(store.run_write(Box::new(|tx| {
        tx.put(ROWS, b"key", b"value").unwrap();
        tx.put(OTHERS, b"key", b"value").unwrap();
        Outcome::Abort
    })))
    .unwrap();
    assert_eq!(everything(&*store, ROWS), []);
    assert_eq!(everything(&*store, OTHERS), []);
}

/// Overwritten and deleted rows are what they were, also when the job touched them several times.
pub fn an_aborted_job_brings_back_what_it_changed(factory: &dyn Factory) {
    let store = factory.open();
    let before: Vec<Row> = (0..50u8).map(|key| (vec![key], format!("old {key}").into())).collect();
    put_all(&*store, ROWS, &before);
    block_on(store.run_write(Box::new(|tx| {
        for key in 0..50u8 {
            tx.put(ROWS, &[key], b"new").unwrap();
            tx.delete(ROWS, &[key]).unwrap();
            if key % 3 == 0 {
                tx.put(ROWS, &[key], &vec![key; 20_000]).unwrap();
            }
            tx.put(ROWS, &[key, key], b"another").unwrap();
        }
        Outcome::Abort
    })))
    .unwrap();
    assert_eq!(everything(&*store, ROWS), before);
}

/// The caller gets its own error, not one of the store's; nothing of the job is there.
pub fn an_error_of_a_job_reaches_its_caller_and_undoes_it(factory: &dyn Factory) {
    let store = factory.open();
    let refused = write(&*store, |tx| -> Result<(), StoreError> {
        tx.put(ROWS, b"key", b"value")?;
        Err(refusal())
    });
    assert!(is_refusal(&refused.unwrap_err()));
    assert_eq!(get(&*store, ROWS, b"key"), None);
}

/// A write that failed cannot be talked into half a commit.
pub fn a_job_that_ignores_a_failed_write_is_rolled_back(factory: &dyn Factory) {
    let store = factory.open();
    let answer = write(&*store, |tx| {
        tx.put(ROWS, b"first", b"1")?;
        assert!(tx.put(UNKNOWN, b"second", b"2").is_err());
        tx.put(ROWS, b"third", b"3")?;
        Ok(())
    });
    assert!(matches!(answer, Err(StoreError::Backend(_))), "{answer:?}");
    assert_eq!(everything(&*store, ROWS), []);
    put(&*store, ROWS, b"key", b"the store goes on");
}

/// Reads that fail change nothing, so the job decides.
pub fn a_job_may_survive_a_failed_read(factory: &dyn Factory) {
    let store = factory.open();
    write(&*store, |tx| {
        assert!(tx.get(UNKNOWN, b"key").is_err());
        tx.put(ROWS, b"key", b"value")
    })
    .unwrap();
    assert!(get(&*store, ROWS, b"key").is_some());
}

/// A panic is an error of that call alone.
pub fn a_panicking_write_job_is_rolled_back_and_the_store_goes_on(factory: &dyn Factory) {
    let store = factory.open();
    put(&*store, ROWS, b"before", b"1");
    for _ in 0..3 {
        let answer = write(&*store, |tx| -> Result<(), StoreError> {
            tx.put(ROWS, b"before", b"2")?;
            tx.put(ROWS, b"during", b"2")?;
            panic_quietly()
        });
        assert!(matches!(answer, Err(StoreError::Panicked)), "{answer:?}");
        assert_eq!(everything(&*store, ROWS), [row("before", "1")]);
    }
    put(&*store, ROWS, b"after", b"3");
    assert_eq!(everything(&*store, ROWS), [row("after", "3"), row("before", "1")]);
}

/// However many readers there are, none is lost to a panic.
pub fn a_panicking_read_job_does_not_stop_the_store(factory: &dyn Factory) {
    let store = factory.open();
    put(&*store, ROWS, b"key", b"value");
    for _ in 0..20 {
        let answer = read(&*store, |tx| -> Result<(), StoreError> {
            tx.scan(ROWS, &KeyRange::all(), Direction::Ascending, &mut |_, _| panic_quietly())
        });
        assert!(matches!(answer, Err(StoreError::Panicked)), "{answer:?}");
    }
    assert!(get(&*store, ROWS, b"key").is_some());
    delete(&*store, ROWS, b"key");
    assert!(get(&*store, ROWS, b"key").is_none());
}

/// A row and the index that leads to it appear at once.
pub fn tables_commit_together(factory: &dyn Factory) {
    let store = factory.open();
    write(&*store, |tx| {
        tx.put(ROWS, b"key", b"row")?;
        tx.put(OTHERS, b"index", b"key")
    })
    .unwrap();
    assert_eq!(everything(&*store, ROWS), [row("key", "row")]);
    assert_eq!(everything(&*store, OTHERS), [row("index", "key")]);
}

/// An error after the first table leaves neither.
pub fn tables_are_undone_together(factory: &dyn Factory) {
    let store = factory.open();
    put(&*store, OTHERS, b"index", b"old");
    write(&*store, |tx| -> Result<(), StoreError> {
        tx.put(ROWS, b"key", b"row")?;
        tx.delete(OTHERS, b"index")?;
        Err(refusal())
    })
    .unwrap_err();
    assert_eq!(everything(&*store, ROWS), []);
    assert_eq!(everything(&*store, OTHERS), [row("index", "old")]);
}

/// Large transactions commit and abort as a whole, too.
pub fn a_job_of_ten_thousand_rows_is_one_transaction(factory: &dyn Factory) {
    let store = factory.open();
    for (outcome, expected) in [(Outcome::Abort, 0), (Outcome::Commit, 10_000)] {
        block_on(store.run_write(Box::new(move |tx| {
            for number in 0..10_000u32 {
                tx.put(ROWS, &number.to_be_bytes(), &[b'x'; 200]).unwrap();
            }
            outcome
        })))
        .unwrap();
        assert_eq!(everything(&*store, ROWS).len(), expected, "{outcome:?}");
    }
}

/// A job may find that there is nothing to do.
pub fn a_job_that_writes_nothing_commits(factory: &dyn Factory) {
    let store = factory.open();
    assert_eq!(write(&*store, |tx| tx.get(ROWS, b"key")).unwrap(), None);
    write(&*store, |_| Ok(())).unwrap();
    block_on(store.run_write(Box::new(|_| Outcome::Abort))).unwrap();
}

/// Where a backend counts its commits: every commit makes a new version, which the job that commits knows before; a job
/// that is undone makes none, and looking again does not either.
pub fn each_commit_makes_the_version_it_announced(factory: &dyn Factory) {
    let store = factory.open();
    let version = || read(&*store, |tx| tx.version()).unwrap();
    let Some(mut known) = version() else {
        let announced = write(&*store, |tx| Ok((tx.version()?, tx.next_version()))).unwrap();
        assert_eq!(announced, (None, None), "a store counts its commits always or never");
        return;
    };
    assert_eq!(version(), Some(known));
    for value in ["1", "2", "3"] {
        let announced = write(&*store, move |tx| {
            let (before, after) = (tx.version()?, tx.next_version());
            tx.put(ROWS, b"key", value.as_bytes())?;
            assert_eq!((tx.version()?, tx.next_version()), (before, after), "writing changes neither");
            Ok((before, after))
        });
        let (before, after) = announced.unwrap();
        assert_eq!(before, Some(known));
        assert_eq!(version(), after);
        let after = after.unwrap();
        assert!(after.number > known.number, "{after:?} follows {known:?}");
        known = after;
    }
    let undone: Result<(), StoreError> = write(&*store, |tx| {
        tx.put(ROWS, b"key", b"4")?;
        Err(refusal())
    });
    assert!(undone.is_err());
    assert_eq!(version(), Some(known));
}
