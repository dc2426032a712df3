//! Counting, copying and comparing rows, a bounded number of them at a time.

use std::ops::Bound;

use futures::executor::block_on;
use koinon_engine::store::{Direction, KeyRange, ReadTx, Step, Store, StoreError, StoreExt, TableDefinition};

use super::error::ConversionError;
use crate::progress::Progress;

/// Rows and bytes after which a batch takes no further row.
const BATCH_ROWS: usize = 1_000;
const BATCH_BYTES: usize = 1 << 20;

/// Rows of a store.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Amount {
    /// How many.
    pub rows: u64,
    /// Bytes of their keys and values.
    pub bytes: u64,
}

impl Amount {
    fn add(&mut self, key: &[u8], value: &[u8]) {
        self.rows += 1;
        self.bytes += (key.len() + value.len()) as u64;
    }
}

/// A row: key and value.
type Row = (Vec<u8>, Vec<u8>);

/// The last row that was copied: the place of its table, and its key.
type Position = (usize, Vec<u8>);

/// Brings all rows of `tables` to `target`, which holds the first of them, and compares both stores row by row.
///
/// # Errors
/// [`ConversionError::Source`], [`ConversionError::Target`], [`ConversionError::Differs`].
pub(super) fn transfer(
    source: &dyn ReadTx,
    target: &dyn Store,
    tables: &'static [TableDefinition],
) -> Result<Amount, ConversionError> {
    let position = position(target, tables)?;
    // Reads every row before anything is written: a damaged one is told at once.
    let (all, before) = count(source, tables, position.as_ref())?;
    copy(source, target, tables, position, Progress::start("copying", all.rows, before.rows))?;
    compare(source, target, tables, Progress::start("comparing", all.rows, 0))?;
    Ok(all)
}

/// Where copying has come to: every batch is there as a whole, and they came in order.
fn position(
    target: &dyn Store,
    tables: &'static [TableDefinition],
) -> Result<Option<Position>, ConversionError> {
    let found = block_on(target.read(move |tx| {
        for (place, table) in tables.iter().enumerate().rev() {
            let mut last = None;
            tx.scan(*table, &KeyRange::all(), Direction::Descending, &mut |key, _| {
                last = Some(key.to_vec());
                Ok(Step::Stop)
            })?;
            if let Some(key) = last {
                return Ok(Some((place, key)));
            }
        }
        Ok(None)
    }));
    found.map_err(ConversionError::Target)
}

/// How many rows there are, and how many of them up to `position`.
fn count(
    source: &dyn ReadTx,
    tables: &[TableDefinition],
    position: Option<&Position>,
) -> Result<(Amount, Amount), ConversionError> {
    let mut progress = Progress::start("counting", 0, 0);
    let (mut all, mut before) = (Amount::default(), Amount::default());
    for (place, table) in tables.iter().enumerate() {
        source.scan(*table, &KeyRange::all(), Direction::Ascending, &mut |key, value| {
            all.add(key, value);
            if position.is_some_and(|(last, last_key)| (place, key) <= (*last, &last_key[..])) {
                before.add(key, value);
            }
            progress.advance(table.name, 1);
            Ok(Step::Continue)
        })?;
    }
    progress.finish();
    Ok((all, before))
}

fn copy(
    source: &dyn ReadTx,
    target: &dyn Store,
    tables: &[TableDefinition],
    position: Option<Position>,
    mut progress: Progress,
) -> Result<(), ConversionError> {
    let (first, mut after) = position.map_or((0, None), |(place, key)| (place, Some(key)));
    for table in &tables[first..] {
        loop {
            let batch = batch(source, *table, after.as_deref())?;
            let Some((last, _)) = batch.last() else { break };
            after = Some(last.clone());
            let (table, rows) = (*table, batch.len() as u64);
            block_on(
                target.write(move |tx| batch.iter().try_for_each(|(key, value)| tx.put(table, key, value))),
            )
            .map_err(ConversionError::Target)?;
            progress.advance(table.name, rows);
        }
        after = None;
    }
    progress.finish();
    Ok(())
}

fn compare(
    source: &dyn ReadTx,
    target: &dyn Store,
    tables: &[TableDefinition],
    mut progress: Progress,
) -> Result<(), ConversionError> {
    for table in tables {
        let mut after = None;
        loop {
            let batch = batch(source, *table, after.as_deref())?;
            let (last, rows) = (batch.last().map(|(key, _)| key.clone()), batch.len() as u64);
            // Behind the last row there must be none.
            let range = KeyRange {
                start: after.map_or(Bound::Unbounded, Bound::Excluded),
                end: last.clone().map_or(Bound::Unbounded, Bound::Included),
            };
            if let Some(key) = difference(target, *table, range, batch)? {
                let key = key.iter().map(|byte| format!("{byte:02x}")).collect();
                return Err(ConversionError::Differs { table: table.name, key });
            }
            progress.advance(table.name, rows);
            after = last;
            if after.is_none() {
                break;
            }
        }
    }
    progress.finish();
    Ok(())
}

/// The rows of a table that follow a key.
fn batch(source: &dyn ReadTx, table: TableDefinition, after: Option<&[u8]>) -> Result<Vec<Row>, StoreError> {
    let start = after.map_or(Bound::Unbounded, |key| Bound::Excluded(key.to_vec()));
    let range = KeyRange { start, end: Bound::Unbounded };
    let mut rows = Vec::new();
    let mut bytes = 0;
    source.scan(table, &range, Direction::Ascending, &mut |key, value| {
        bytes += key.len() + value.len();
        rows.push((key.to_vec(), value.to_vec()));
        Ok(if rows.len() < BATCH_ROWS && bytes < BATCH_BYTES { Step::Continue } else { Step::Stop })
    })?;
    Ok(rows)
}

/// The first key in a range of which the target does not have what is expected.
fn difference(
    target: &dyn Store,
    table: TableDefinition,
    range: KeyRange,
    expected: Vec<Row>,
) -> Result<Option<Vec<u8>>, ConversionError> {
    let compared = block_on(target.read(move |tx| {
        let mut expected = expected.iter();
        let mut different = None;
        tx.scan(table, &range, Direction::Ascending, &mut |key, value| match expected.next() {
            Some((wanted, content)) if wanted == key && content == value => Ok(Step::Continue),
            wanted => {
                different = Some(wanted.map_or(key, |(wanted, _)| key.min(wanted)).to_vec());
                Ok(Step::Stop)
            }
        })?;
        Ok(different.or_else(|| expected.next().map(|(key, _)| key.clone())))
    }));
    compared.map_err(ConversionError::Target)
}
