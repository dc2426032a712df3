//! What the tests of this crate share.
#![allow(dead_code, reason = "each test file uses a part of it")]

use std::path::{Path, PathBuf};

use futures::executor::block_on;
use koinon_engine::store::{Direction, KeyRange, ReadTx, Step, Store, StoreError, StoreExt, TableDefinition};
use koinon_storage_sqlite::{SqliteOptions, SqliteStore};

pub(crate) const ROWS: TableDefinition = TableDefinition { name: "rows" };
pub(crate) const OTHERS: TableDefinition = TableDefinition { name: "others" };
pub(crate) const TABLES: &[TableDefinition] = &[ROWS, OTHERS];

pub(crate) type Row = (Vec<u8>, Vec<u8>);

pub(crate) fn open(path: &Path) -> SqliteStore {
    SqliteStore::open(path, TABLES, SqliteOptions::default()).unwrap()
}

pub(crate) fn refusal(path: &Path) -> StoreError {
    SqliteStore::open(path, TABLES, SqliteOptions::default()).unwrap_err()
}

pub(crate) fn put(store: &dyn Store, key: &[u8], value: &[u8]) -> Result<(), StoreError> {
    let (key, value) = (key.to_vec(), value.to_vec());
    block_on(store.write(move |tx| tx.put(ROWS, &key, &value)))
}

pub(crate) fn get(store: &dyn Store, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
    let key = key.to_vec();
    block_on(store.read(move |tx| tx.get(ROWS, &key)))
}

pub(crate) fn all(store: &dyn Store, table: TableDefinition) -> Result<Vec<Row>, StoreError> {
    block_on(store.read(move |tx| rows(tx, table)))
}

pub(crate) fn rows(tx: &dyn ReadTx, table: TableDefinition) -> Result<Vec<Row>, StoreError> {
    let mut rows = Vec::new();
    tx.scan(table, &KeyRange::all(), Direction::Ascending, &mut |key, value| {
        rows.push((key.to_vec(), value.to_vec()));
        Ok(Step::Continue)
    })?;
    Ok(rows)
}

/// A closed store with `count` rows of JSON and, in the other table, their numbers.
pub(crate) fn filled(directory: &Path, count: u32) -> PathBuf {
    let path = directory.join("store");
    let store = open(&path);
    block_on(store.write(move |tx| -> Result<(), StoreError> {
        for number in 0..count {
            let key = number.to_be_bytes();
            tx.put(ROWS, &key, &value(number))?;
            tx.put(OTHERS, &[&key[..], b"index"].concat(), b"")?;
        }
        Ok(())
    }))
    .unwrap();
    path
}

/// The value [`filled`] stores, of 40 to 2000 bytes.
pub(crate) fn value(number: u32) -> Vec<u8> {
    let text = "größe ".repeat(number as usize % 280);
    format!("{{\"number\":{number},\"text\":\"{text}\"}}").into_bytes()
}

/// Names in the directory of a file, sorted.
pub(crate) fn names_beside(path: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(path.parent().unwrap()).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}
