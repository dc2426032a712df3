//! Blocking calls the cases are written with.

use futures::executor::block_on;

use crate::store::{
    Direction, KeyRange, ReadTx, Step, Store, StoreError, StoreExt, TableDefinition, WriteTx,
};

/// Key and value.
pub(super) type Row = (Vec<u8>, Vec<u8>);

/// Result of a job whose error is the store's.
pub(super) type Answer<T> = Result<T, StoreError>;

pub(super) fn read<T: Send + 'static>(
    store: &dyn Store,
    job: impl FnOnce(&dyn ReadTx) -> Answer<T> + Send + 'static,
) -> Answer<T> {
    block_on(store.read(job))
}

pub(super) fn write<T: Send + 'static>(
    store: &dyn Store,
    job: impl FnMut(&mut dyn WriteTx) -> Answer<T> + Send + 'static,
) -> Answer<T> {
    block_on(store.write(job))
}

pub(super) fn get(store: &dyn Store, table: TableDefinition, key: &[u8]) -> Option<Vec<u8>> {
    let key = key.to_vec();
    read(store, move |tx| tx.get(table, &key)).unwrap()
}

pub(super) fn put(store: &dyn Store, table: TableDefinition, key: &[u8], value: &[u8]) {
    let (key, value) = (key.to_vec(), value.to_vec());
    write(store, move |tx| tx.put(table, &key, &value)).unwrap();
}

pub(super) fn put_all(store: &dyn Store, table: TableDefinition, rows: &[Row]) {
    let rows = rows.to_vec();
    write(store, move |tx| rows.iter().try_for_each(|(key, value)| tx.put(table, key, value))).unwrap();
}

pub(super) fn delete(store: &dyn Store, table: TableDefinition, key: &[u8]) {
    let key = key.to_vec();
    write(store, move |tx| tx.delete(table, &key)).unwrap();
}

/// The rows of a range, read in a job of its own.
pub(super) fn scan(
    store: &dyn Store,
    table: TableDefinition,
    range: &KeyRange,
    direction: Direction,
) -> Vec<Row> {
    let range = range.clone();
    read(store, move |tx| collect(tx, table, &range, direction, usize::MAX)).unwrap()
}

/// Every row of a table, smallest key first, read in a job of its own.
pub(super) fn everything(store: &dyn Store, table: TableDefinition) -> Vec<Row> {
    scan(store, table, &KeyRange::all(), Direction::Ascending)
}

/// The first `limit` rows of a scan; the visitor stops at the last of them.
pub(super) fn collect(
    tx: &dyn ReadTx,
    table: TableDefinition,
    range: &KeyRange,
    direction: Direction,
    limit: usize,
) -> Answer<Vec<Row>> {
    let mut rows = Vec::new();
    if limit == 0 {
        return Ok(rows);
    }
    tx.scan(table, range, direction, &mut |key, value| {
        rows.push((key.to_vec(), value.to_vec()));
        Ok(if rows.len() < limit { Step::Continue } else { Step::Stop })
    })?;
    Ok(rows)
}

/// A row of two texts.
pub(super) fn row(key: &str, value: &str) -> Row {
    (key.into(), value.into())
}

/// An error that only a case returns.
pub(super) fn refusal() -> StoreError {
    StoreError::Backend("refused by the case".into())
}

/// Whether it is [`refusal`].
pub(super) fn is_refusal(error: &StoreError) -> bool {
    matches!(error, StoreError::Backend(text) if &**text == "refused by the case")
}

/// Unwinds like a failed assertion, without the message on standard error.
pub(super) fn panic_quietly() -> ! {
    std::panic::resume_unwind(Box::new("a panic of the case"))
}
