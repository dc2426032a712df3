//! What a store can do at best: the reads and commits that an answer needs at least, without an engine.

use std::ops::Range;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use futures::executor::block_on;
use koinon_engine::id::Flake;
use koinon_engine::model::AccountId;
use koinon_engine::store::schema::{HOME, STATUSES};
use koinon_engine::store::{
    Backup, Capabilities, Defect, Direction, KeyRange, Outcome, ReadJob, ReadTx, Scan, Store, StoreError,
    StoreExt, TableDefinition, Version, Visitor, WriteJob, WriteTx,
};

use crate::Failure;
use crate::measured::{Step, Work};

/// A row that was written.
pub(crate) type Row = (TableDefinition, Vec<u8>, Vec<u8>);

/// The rows of one command.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rows(Arc<Mutex<Vec<Row>>>);

impl Rows {
    /// What was written since this was last called; what was written twice is there once.
    pub(crate) fn take(&self) -> Vec<Row> {
        let mut rows = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        rows.reverse();
        let mut seen = std::collections::HashSet::new();
        rows.retain(|(table, key, _)| seen.insert((*table, key.clone())));
        rows
    }
}

/// One scan of twenty keys of a home timeline, and as many point reads.
pub(crate) fn home_timeline(store: &Arc<dyn Store>, reader: AccountId) -> Work {
    let store = Arc::clone(store);
    Arc::new(move || {
        let store = Arc::clone(&store);
        let step: Step = Box::new(move |_| {
            let found = block_on(store.read(move |tx| {
                let rows = HOME.page(tx, &Scan::prefix(&(reader,)).descending(), 20)?;
                let keys: Vec<Vec<u8>> = rows.iter().map(|((_, id), ())| id.to_bytes().to_vec()).collect();
                tx.get_many(STATUSES.definition(), &keys)
            }))?;
            if found.len() == 20 { Ok(()) } else { Err("a home timeline is too short".into()) }
        });
        Ok(step)
    })
}

/// Writes `rows` again and again, as those of new statuses: in one transaction, or in one each.
///
/// `id` is that of the status whose rows they are; where it stands in a key, a later one takes its place. As in the engine
/// it is made in the transaction, so that rows come in the order of ids, whoever writes them.
pub(crate) fn commits(store: &Arc<dyn Store>, rows: &[Row], id: Flake, each_alone: bool) -> Work {
    let id = id.to_bytes();
    let rows: Vec<Numbered> = rows.iter().map(|row| Numbered::new(row, id)).collect();
    let (store, rows, next) = (Arc::clone(store), Arc::new(rows), Arc::new(AtomicU64::new(0)));
    Arc::new(move || {
        let (store, rows, next) = (Arc::clone(&store), Arc::clone(&rows), Arc::clone(&next));
        let step: Step = Box::new(move |_| {
            if !each_alone {
                return put(&*store, &rows, 0..rows.len(), &next);
            }
            (0..rows.len()).try_for_each(|place| put(&*store, &rows, place..place + 1, &next))
        });
        Ok(step)
    })
}

fn put(
    store: &dyn Store,
    rows: &Arc<Vec<Numbered>>,
    part: Range<usize>,
    next: &Arc<AtomicU64>,
) -> Result<(), Failure> {
    let (rows, next, mut key) = (Arc::clone(rows), Arc::clone(next), Vec::new());
    let write = store.write(move |tx| {
        let number = next.fetch_add(1, Ordering::Relaxed);
        rows[part.clone()].iter().try_for_each(|row| {
            row.write_key(number, &mut key);
            tx.put(row.table, &key, &row.value)
        })
    });
    Ok(block_on(write)?)
}

/// A row that can be written for one status after the other.
#[derive(Debug)]
struct Numbered {
    table: TableDefinition,
    key: Vec<u8>,
    /// Where the id of the status stands in the key, if it does.
    id: Option<usize>,
    /// The last half of the id, which is counted up.
    number: u64,
    value: Vec<u8>,
}

impl Numbered {
    fn new((table, key, value): &Row, id: [u8; 16]) -> Self {
        let place = key.windows(16).position(|part| part == id);
        let number = id[8..].iter().fold(0, |number, byte| number << 8 | u64::from(*byte));
        // Far enough behind it that counting up does not reach its end.
        let number = number >> 1;
        Self { table: *table, key: key.clone(), id: place, number, value: value.clone() }
    }

    fn write_key(&self, number: u64, key: &mut Vec<u8>) {
        key.clone_from(&self.key);
        if let Some(place) = self.id {
            let number = self.number.wrapping_add(number);
            key[place + 8..place + 16].copy_from_slice(&number.to_be_bytes());
        }
    }
}

/// A store that remembers what is written to it.
#[derive(Debug)]
pub(crate) struct Recording {
    store: Arc<dyn Store>,
    rows: Rows,
}

impl Recording {
    pub(crate) fn new(store: Arc<dyn Store>) -> (Self, Rows) {
        let rows = Rows::default();
        (Self { store, rows: rows.clone() }, rows)
    }
}

#[async_trait]
impl Store for Recording {
    async fn run_read(&self, job: ReadJob) -> Result<(), StoreError> {
        self.store.run_read(job).await
    }

    async fn run_write(&self, mut job: WriteJob) -> Result<(), StoreError> {
        let rows = self.rows.clone();
        let recorded =
            move |tx: &mut dyn WriteTx| -> Outcome { job(&mut RecordingTx { tx, rows: rows.clone() }) };
        self.store.run_write(Box::new(recorded)).await
    }

    fn capabilities(&self) -> Capabilities {
        self.store.capabilities()
    }

    async fn backup(&self, file: &Path) -> Result<Backup, StoreError> {
        self.store.backup(file).await
    }

    async fn check(&self) -> Result<Vec<Defect>, StoreError> {
        self.store.check().await
    }
}

struct RecordingTx<'a> {
    tx: &'a mut dyn WriteTx,
    rows: Rows,
}

impl ReadTx for RecordingTx<'_> {
    fn version(&self) -> Result<Option<Version>, StoreError> {
        self.tx.version()
    }

    fn get(&self, table: TableDefinition, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.tx.get(table, key)
    }

    fn scan(
        &self,
        table: TableDefinition,
        range: &KeyRange,
        direction: Direction,
        visit: &mut Visitor<'_>,
    ) -> Result<(), StoreError> {
        self.tx.scan(table, range, direction, visit)
    }
}

impl WriteTx for RecordingTx<'_> {
    fn next_version(&self) -> Option<Version> {
        self.tx.next_version()
    }

    fn put(&mut self, table: TableDefinition, key: &[u8], value: &[u8]) -> Result<(), StoreError> {
        let mut rows = self.rows.0.lock().unwrap_or_else(PoisonError::into_inner);
        rows.push((table, key.to_vec(), value.to_vec()));
        self.tx.put(table, key, value)
    }

    fn delete(&mut self, table: TableDefinition, key: &[u8]) -> Result<(), StoreError> {
        self.tx.delete(table, key)
    }
}
