//! Bytes that changed on the disk: reported, never served.
#![allow(clippy::unwrap_used)]

mod common;

use std::fs;
use std::path::Path;

use common::{OTHERS, ROWS, Row, TABLES, all, filled, get, open, put, value};
use futures::executor::block_on;
use koinon_engine::store::{Store, StoreError, StoreExt};
use koinon_storage_sqlite::{Durability, SqliteOptions, SqliteStore};
use rusqlite::Connection;

/// Single flipped bytes at random places; the environment variable `FLIPS` sets how many.
const FLIPS: u64 = 300;
const COUNT: u32 = 60;

fn change(path: &Path, sql: &str) {
    assert_eq!(Connection::open(path).unwrap().execute(sql, ()).unwrap(), 1, "{sql}");
}

fn is_damaged(error: &StoreError, in_table: &str, at_key: &str) -> bool {
    matches!(error, StoreError::Damaged { table, key, .. } if &**table == in_table && &**key == at_key)
}

#[test]
fn a_changed_value_checksum_or_key_is_damage() {
    let directory = tempfile::tempdir().unwrap();
    for sql in [
        "UPDATE t_rows SET value = replace(value, ':1,', ':2,') WHERE key = x'00000001'",
        "UPDATE t_rows SET value = x'' WHERE key = x'00000001'",
        "UPDATE t_rows SET value = 1 WHERE key = x'00000001'",
        "UPDATE t_rows SET sum = sum + 1 WHERE key = x'00000001'",
        "UPDATE t_rows SET sum = sum - 4294967296 WHERE key = x'00000001'",
        "UPDATE t_rows SET (value, sum) = (SELECT value, sum FROM t_rows WHERE key = x'00000002') WHERE key = x'00000001'",
        "INSERT OR REPLACE INTO t_rows SELECT x'00000001', value, sum FROM t_others WHERE key >= x'00000001' LIMIT 1",
    ] {
        let path = filled(directory.path(), 3);
        change(&path, sql);
        let store = open(&path);
        let damaged = |error: &StoreError| is_damaged(error, "rows", "00000001");
        assert!(damaged(&get(&store, &1u32.to_be_bytes()).unwrap_err()), "{sql}");
        assert!(damaged(&all(&store, ROWS).unwrap_err()), "{sql}");
        let many = |keys: Vec<Vec<u8>>| block_on(store.read(move |tx| tx.get_many(ROWS, &keys)));
        assert!(damaged(&many(vec![0u32.to_be_bytes().into(), 1u32.to_be_bytes().into()]).unwrap_err()));
        let written: Result<_, StoreError> = block_on(store.write(|tx| tx.get(ROWS, &1u32.to_be_bytes())));
        assert!(damaged(&written.unwrap_err()), "{sql}");
        // Its neighbours are served, and check names the row.
        assert_eq!(get(&store, &2u32.to_be_bytes()).unwrap().unwrap(), value(2));
        let defects = block_on(store.check()).unwrap();
        let places: Vec<_> = defects.iter().map(|defect| (&*defect.table, &*defect.key)).collect();
        assert_eq!(places, [("rows", "00000001")], "{sql}");
        // It can be replaced.
        put(&store, &1u32.to_be_bytes(), b"new").unwrap();
        assert_eq!(block_on(store.check()).unwrap(), []);
        drop(store);
        fs::remove_file(&path).unwrap();
    }
}

#[test]
fn a_row_moved_to_another_key_is_damage() {
    let directory = tempfile::tempdir().unwrap();
    let path = filled(directory.path(), 3);
    change(&path, "UPDATE t_rows SET key = x'0000000100' WHERE key = x'00000001'");
    let store = open(&path);
    assert!(is_damaged(&get(&store, b"\0\0\0\x01\0").unwrap_err(), "rows", "0000000100"));
    assert!(is_damaged(&all(&store, ROWS).unwrap_err(), "rows", "0000000100"));
}

#[test]
fn a_table_that_goes_missing_is_a_defect() {
    let directory = tempfile::tempdir().unwrap();
    let path = filled(directory.path(), 3);
    let store = open(&path);
    Connection::open(&path).unwrap().execute_batch("DROP TABLE t_others").unwrap();
    let defects = block_on(store.check()).unwrap();
    assert!(defects.len() == 1 && defects[0].table == "others", "{defects:?}");
    assert!(all(&store, OTHERS).is_err());
    assert_eq!(all(&store, ROWS).unwrap().len(), 3);
}

/// Each row is sound, but two have changed places: the list of cells at the front of their page is damaged.
#[test]
fn rows_that_are_not_at_their_place_are_damage() {
    let directory = tempfile::tempdir().unwrap();
    let path = filled(directory.path(), 4);
    let root = "SELECT rootpage FROM sqlite_schema WHERE name = 't_rows'";
    let page: u32 = Connection::open(&path).unwrap().query_row(root, (), |row| row.get(0)).unwrap();
    let mut bytes = fs::read(&path).unwrap();
    let cells = (page as usize - 1) * 8192 + 8;
    assert_eq!(bytes[cells - 8], 0x0a, "one page without pages below it");
    bytes[cells..cells + 4].rotate_left(2);
    fs::write(&path, bytes).unwrap();
    let store = open(&path);
    let error = all(&store, ROWS).unwrap_err();
    assert!(matches!(&error, StoreError::Damaged { table, .. } if &**table == "rows"), "{error}");
    assert!(!block_on(store.check()).unwrap().is_empty());
}

/// Two bytes say how many tables and views there are; with a smaller number the last ones seem never to
/// have been made, and making them would bury their rows.
#[test]
fn a_table_lost_from_the_list_of_tables_is_not_made_anew() {
    let directory = tempfile::tempdir().unwrap();
    let path = filled(directory.path(), 3);
    let mut bytes = fs::read(&path).unwrap();
    // The number of cells on the first page, behind the header of the file: two tables and that of
    // the commits, two views.
    assert_eq!((bytes[100], bytes[103], bytes[104]), (0x0d, 0, 5));
    for left in 0..5 {
        bytes[104] = left;
        fs::write(&path, &bytes).unwrap();
        match SqliteStore::open(&path, TABLES, SqliteOptions::default()) {
            Err(error) => assert!(matches!(error, StoreError::Unusable(_)), "{left}: {error}"),
            // Only a view was lost, which holds nothing.
            Ok(_) => assert!(left >= 3, "{left} of 5"),
        }
        assert!(left >= 3 || fs::read(&path).unwrap() == bytes, "the file was changed");
    }
}

#[test]
fn a_list_of_defects_has_an_end() {
    let directory = tempfile::tempdir().unwrap();
    let path = filled(directory.path(), 1500);
    Connection::open(&path).unwrap().execute("UPDATE t_rows SET sum = 0", ()).unwrap();
    assert_eq!(block_on(open(&path).check()).unwrap().len(), 1000);
}

/// What a look at a damaged file found.
#[derive(Debug, Default)]
struct Findings {
    harmless: u32,
    refused: u32,
    reported: u32,
}

/// Whatever byte changes: the same answers, or an error from open, read or check.
#[test]
fn a_flipped_byte_is_harmless_or_reported() {
    let directory = tempfile::tempdir().unwrap();
    let path = filled(directory.path(), COUNT);
    let sound = fs::read(&path).unwrap();
    let expected = {
        let store = open(&path);
        [all(&store, ROWS).unwrap(), all(&store, OTHERS).unwrap()]
    };
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let count = std::env::var("FLIPS").ok().and_then(|text| text.parse().ok()).unwrap_or(FLIPS);
    // Each byte of the header once, then anywhere.
    let anywhere: Vec<usize> = (0..count).map(|_| random.below(sound.len() as u64) as usize).collect();
    let mut findings = Findings::default();
    for offset in (0..100).chain(anywhere) {
        let mut bytes = sound.clone();
        let mask = random.below(255) as u8 + 1;
        bytes[offset] ^= mask;
        fs::write(&path, bytes).unwrap();
        look(&path, &expected, &format!("offset {offset}, mask {mask:#04x}"), &mut findings);
    }
    println!("{findings:?}");
    assert!(findings.reported > 0 && findings.harmless > 0);
}

fn look(path: &Path, expected: &[Vec<Row>; 2], place: &str, findings: &mut Findings) {
    let options = SqliteOptions { readers: 1, durability: Durability::Normal, ..SqliteOptions::default() };
    let Ok(store) = SqliteStore::open(path, TABLES, options) else {
        findings.refused += 1;
        return;
    };
    let (mut reported, mut missing) = (false, false);
    for (key, value) in &expected[0] {
        match get(&store, key) {
            Ok(Some(found)) => assert!(found == *value, "{place}: another value at {key:?}"),
            Ok(None) => missing = true,
            Err(_) => reported = true,
        }
    }
    for (table, rows) in [ROWS, OTHERS].into_iter().zip(expected) {
        match all(&store, table) {
            Ok(found) => {
                assert!(found.iter().all(|row| rows.contains(row)), "{place}: a row that never was");
                assert!(found.is_sorted(), "{place}: rows out of order");
                missing |= found.len() != rows.len();
            }
            Err(_) => reported = true,
        }
    }
    let checked = block_on(store.check());
    let defective = checked.as_ref().map_or(true, |defects| !defects.is_empty());
    assert!(defective || !missing, "{place}: rows are missing and check is silent");
    assert!(defective || !reported, "{place}: reading failed and check is silent");
    // Writing to it may fail, but it does not panic.
    assert!(!matches!(put(&store, b"another", b"row"), Err(StoreError::Panicked)), "{place}");
    if defective { findings.reported += 1 } else { findings.harmless += 1 }
}

/// xorshift64: the same places in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}
