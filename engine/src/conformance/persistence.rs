//! What outlives the store. Backends that keep nothing have nothing to prove here.

use super::calls::{Row, delete, everything, is_refusal, put, put_all, refusal, write};
use super::concurrency::abandon;
use super::{Factory, OTHERS, ROWS};
use crate::store::StoreError;

/// Durability that cannot be looked at is no durability.
pub fn a_durable_store_can_be_reopened(factory: &dyn Factory) {
    let store = factory.open();
    let capabilities = store.capabilities();
    assert!(!capabilities.backend.is_empty());
    assert_eq!(capabilities, store.capabilities(), "capabilities do not change");
    assert!(factory.reopen(store).is_some() || !capabilities.durable);
}

/// Stored, replaced, deleted: the state at the end is the state at the beginning.
pub fn reopening_keeps_every_committed_row(factory: &dyn Factory) {
    let store = factory.open();
    let mut rows: Vec<Row> =
        (0..300u16).map(|key| (key.to_be_bytes().to_vec(), vec![key as u8; usize::from(key) * 9])).collect();
    put_all(&*store, ROWS, &rows);
    put(&*store, OTHERS, b"", b"");
    put(&*store, ROWS, &7u16.to_be_bytes(), b"replaced");
    rows[7].1 = b"replaced".to_vec();
    delete(&*store, ROWS, &8u16.to_be_bytes());
    rows.remove(8);
    let Some(store) = factory.reopen(store) else { return };
    assert_eq!(everything(&*store, ROWS), rows);
    assert_eq!(everything(&*store, OTHERS), [(vec![], vec![])]);
    put(&*store, ROWS, b"later", b"the store goes on");
}

/// Neither errors nor their rows come back.
pub fn reopening_does_not_bring_back_what_was_undone(factory: &dyn Factory) {
    let store = factory.open();
    put(&*store, ROWS, b"kept", b"1");
    let refused = write(&*store, |tx| -> Result<(), StoreError> {
        tx.put(ROWS, b"kept", b"2")?;
        tx.put(ROWS, b"undone", &[2; 50_000])?;
        Err(refusal())
    });
    assert!(is_refusal(&refused.unwrap_err()));
    let Some(store) = factory.reopen(store) else { return };
    assert_eq!(everything(&*store, ROWS), [(b"kept".to_vec(), b"1".to_vec())]);
}

/// Closing finishes what is queued, or drops it: never a part of a job.
pub fn a_write_whose_future_was_dropped_is_reopened_whole_or_not_at_all(factory: &dyn Factory) {
    let store = factory.open();
    for number in 0..20u8 {
        abandon(&*store, number);
    }
    let Some(store) = factory.reopen(store) else { return };
    assert_eq!(everything(&*store, ROWS), everything(&*store, OTHERS));
}

/// Opening alone writes nothing that piles up or goes missing.
pub fn reopening_again_and_again_changes_nothing(factory: &dyn Factory) {
    let mut store = factory.open();
    for round in 0..10u8 {
        put(&*store, ROWS, &[round], b"value");
        let Some(reopened) = factory.reopen(store) else { return };
        store = reopened;
        assert_eq!(everything(&*store, ROWS).len(), usize::from(round) + 1);
        assert_eq!(futures::executor::block_on(store.check()).unwrap(), []);
    }
}

/// `check` is silent about rows of every kind.
pub fn a_sound_store_has_no_defects(factory: &dyn Factory) {
    let store = factory.open();
    assert_eq!(futures::executor::block_on(store.check()).unwrap(), []);
    put_all(
        &*store,
        ROWS,
        &[(vec![], vec![]), (vec![0], vec![0xff; 100_000]), (vec![0xff; 600], b"{\"a\":1}".to_vec())],
    );
    delete(&*store, ROWS, &[0]);
    put(&*store, OTHERS, b"key", b"text");
    assert_eq!(futures::executor::block_on(store.check()).unwrap(), []);
}
