//! What the tests of this crate share.
#![allow(dead_code, reason = "each test file uses a part of it")]

use std::path::{Path, PathBuf};

use futures::executor::block_on;
use koinon_engine::store::{Direction, KeyRange, ReadTx, Step, Store, StoreError, StoreExt, TableDefinition};
use koinon_storage_sled::{SledOptions, SledStore};

pub(crate) const ROWS: TableDefinition = TableDefinition { name: "rows" };
pub(crate) const OTHERS: TableDefinition = TableDefinition { name: "others" };
pub(crate) const TABLES: &[TableDefinition] = &[ROWS, OTHERS];

pub(crate) type Row = (Vec<u8>, Vec<u8>);

pub(crate) fn open(path: &Path) -> SledStore {
    SledStore::open(path, TABLES, SledOptions::default()).unwrap()
}

pub(crate) fn refusal(path: &Path) -> StoreError {
    SledStore::open(path, TABLES, SledOptions::default()).unwrap_err()
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

/// Every file of a directory and of those below it.
pub(crate) fn copy_directory(from: &Path, to: &Path) {
    std::fs::create_dir(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_directory(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// A closed store with 1000 rows of [`filled`] and, written after them, as many others.
pub(crate) fn filled_twice(directory: &Path) -> PathBuf {
    let path = filled(directory, 1000);
    let store = open(&path);
    block_on(store.write(move |tx| -> Result<(), StoreError> {
        (0..1000u32).try_for_each(|number| tx.put(OTHERS, &place_of_other(number), &[b'x'; 3000]))
    }))
    .unwrap();
    drop(store);
    // Opened again, sled has noted where each page lies and reads only the end of its log.
    drop(open(&path));
    path
}

fn place_of_other(number: u32) -> Vec<u8> {
    [&[0xff][..], &number.to_be_bytes()].concat()
}

/// Rows of [`filled_twice`] and where in its log the page with each was written last; not near the end, where
/// damage looks like the end.
pub(crate) fn places(log: &[u8]) -> impl Iterator<Item = (u32, usize)> {
    (100..900).step_by(50).filter_map(|number| {
        let row = format!("{{\"number\":{number},");
        let place = log.windows(row.len()).rposition(|window| window == row.as_bytes()).unwrap();
        (place + (2 << 20) < log.len()).then_some((number, place))
    })
}
