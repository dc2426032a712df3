//! Rows, from store to store.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use futures::executor::block_on;
use koinon_engine::memory::MemoryStore;
use koinon_engine::store::schema::TABLES;
use koinon_engine::store::{
    Backup, Capabilities, Defect, ReadJob, Scan, Store, StoreError, StoreExt, Table, WriteJob,
};
use tempfile::TempDir;

use super::super::error::ConversionError;
use super::super::transfer;
use crate::folder::DataFolder;
use crate::store_kind::StoreKind;

use super::{definition, dump, fill, rows};

/// A store that refuses every write after so many.
#[derive(Debug)]
struct Stops {
    store: MemoryStore,
    writes_left: AtomicUsize,
    written: AtomicUsize,
}

#[async_trait]
impl Store for Stops {
    async fn run_read(&self, job: ReadJob) -> Result<(), StoreError> {
        self.store.run_read(job).await
    }
    async fn run_write(&self, job: WriteJob) -> Result<(), StoreError> {
        if self.writes_left.load(Ordering::Relaxed) == 0 {
            return Err(StoreError::Full("no room".into()));
        }
        self.writes_left.fetch_sub(1, Ordering::Relaxed);
        self.written.fetch_add(1, Ordering::Relaxed);
        self.store.run_write(job).await
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

/// A store whose jobs have a thread of their own, on which the conversion waits for the other store.
fn source() -> (TempDir, Arc<dyn Store>) {
    let folder = tempfile::tempdir().unwrap();
    let source = DataFolder::create(folder.path()).unwrap().open_store(StoreKind::Sqlite).unwrap();
    (folder, source)
}

fn filled_source() -> (TempDir, Arc<dyn Store>) {
    let (folder, source) = source();
    fill(&*source, rows());
    (folder, source)
}

fn stops_after(writes: usize) -> Arc<Stops> {
    let (writes_left, written) = (AtomicUsize::new(writes), AtomicUsize::new(0));
    Arc::new(Stops { store: MemoryStore::new(TABLES), writes_left, written })
}

#[test]
fn stopped_at_any_batch_it_goes_on_there_and_copies_nothing_twice() {
    let (_folder, source) = filled_source();
    let whole = stops_after(usize::MAX);
    let amount = block_on(transfer(&*source, Arc::<Stops>::clone(&whole) as _)).unwrap();
    assert_eq!(amount.rows, rows().len() as u64);
    let batches = whole.written.load(Ordering::Relaxed);
    assert!(batches > 6, "{batches}");
    for stop in 0..batches {
        let target = stops_after(stop);
        let stopped = block_on(transfer(&*source, Arc::<Stops>::clone(&target) as _));
        assert!(matches!(stopped, Err(ConversionError::Target(StoreError::Full(_)))), "{stopped:?}");
        target.writes_left.store(usize::MAX, Ordering::Relaxed);
        assert_eq!(block_on(transfer(&*source, Arc::<Stops>::clone(&target) as _)).unwrap(), amount);
        assert_eq!(target.written.load(Ordering::Relaxed), batches, "stopped after {stop}");
        assert!(dump(&target.store) == dump(&*source), "stopped after {stop}");
    }
}

#[test]
fn every_kind_of_difference_is_found_and_told_with_its_place() {
    let (_folder, source) = filled_source();
    let (first, last) = (TABLES[0].name, TABLES[TABLES.len() - 1].name);
    let known = dump(&*source).into_iter().find(|(table, _, _)| *table == last).unwrap().1;
    for (table, key, value) in [
        (first, b"\xff\xff\xff\xff\xff\xff\xff".to_vec(), Some(&b"one too many, at the end"[..])),
        (first, b"\x01".to_vec(), Some(b"one too many, in the middle")),
        (TABLES[1].name, b"a".to_vec(), Some(b"one too many, in an empty table")),
        (last, known.clone(), Some(b"another value")),
        (last, known, None),
    ] {
        let target = Arc::new(MemoryStore::new(TABLES));
        block_on(transfer(&*source, Arc::<MemoryStore>::clone(&target) as _)).unwrap();
        let (at, table) = (key.clone(), definition(table));
        let change = block_on(target.write(move |tx| match value {
            Some(value) => tx.put(table, &at, value),
            None => tx.delete(table, &at),
        }));
        change.unwrap();
        let compared = block_on(transfer(&*source, target));
        let Err(ConversionError::Differs { table: found, key: found_key }) = compared else {
            panic!("{table:?} {key:?}: {compared:?}")
        };
        let hex: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!((found, found_key), (table.name, hex));
    }
}

#[test]
fn an_empty_store_is_copied_too() {
    let target = Arc::new(MemoryStore::new(TABLES));
    let (_folder, source) = source();
    let amount = block_on(transfer(&*source, Arc::<MemoryStore>::clone(&target) as _));
    assert_eq!(amount.unwrap().rows, 0);
    assert!(dump(&*target).is_empty());
}

#[test]
fn a_source_that_goes_on_is_copied_as_it_was() {
    const META: Table<String, u32> = Table::new("meta");
    let (_folder, source) = source();
    block_on(source.write(|tx| META.put(tx, &"before".into(), &1))).unwrap();
    let target = stops_after(usize::MAX);
    let writing = Arc::clone(&source);
    let copied = block_on(source.long_read(move |tx| {
        let target: Arc<dyn Store> = target;
        // The snapshot begins with the first look.
        META.page(tx, &Scan::all(), 9)?;
        block_on(writing.write(|tx| META.put(tx, &"after".into(), &2)))?;
        super::super::rows::transfer(tx, &*target, TABLES)?;
        Ok::<_, ConversionError>(target)
    }));
    let found = block_on(copied.unwrap().read(|tx| META.page(tx, &Scan::all(), 9))).unwrap();
    assert_eq!(found, [("before".to_owned(), 1)]);
}
