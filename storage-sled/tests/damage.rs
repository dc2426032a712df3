//! Bytes that changed on the disk: reported, never served.
#![allow(clippy::unwrap_used)]

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use common::{OTHERS, ROWS, Row, TABLES, all, copy_directory, filled, get, put, value};
use futures::executor::block_on;
use koinon_engine::store::{Store, StoreError, StoreExt};
use koinon_storage_sled::{Durability, SledOptions, SledStore};

/// Single flipped bytes at random places; the environment variable `FLIPS` sets how many.
const FLIPS: u64 = 120;
const COUNT: u32 = 400;

fn unverified(path: &Path) -> SledStore {
    let options = SledOptions { verify_at_open: false, ..SledOptions::default() };
    SledStore::open(path, TABLES, options).unwrap()
}

fn is_damaged(error: &StoreError, in_table: &str, at_key: &str) -> bool {
    matches!(error, StoreError::Damaged { table, key, .. } if &**table == in_table && &**key == at_key)
}

/// Changes rows as they lie in sled: number of the table and key, checksum and value.
fn change(path: &Path, change: impl FnOnce(&sled::Db)) {
    let database = sled::open(path).unwrap();
    change(&database);
    database.flush().unwrap();
}

/// Where the rows with these numbers lie; the first table has the number 1.
fn place(table: u16, number: u32) -> Vec<u8> {
    [&table.to_be_bytes()[..], &number.to_be_bytes()].concat()
}

#[test]
fn a_changed_value_checksum_or_key_is_damage() {
    let directory = tempfile::tempdir().unwrap();
    let changes: [fn(&sled::Db, &[u8]); 5] = [
        |sled, place| {
            let mut stored = sled.get(place).unwrap().unwrap().to_vec();
            *stored.last_mut().unwrap() ^= 1;
            sled.insert(place, stored).unwrap();
        },
        |sled, place| {
            let mut stored = sled.get(place).unwrap().unwrap().to_vec();
            stored[0] ^= 1;
            sled.insert(place, stored).unwrap();
        },
        |sled, place| {
            sled.insert(place, &b"abc"[..]).unwrap();
        },
        |sled, place| {
            sled.insert(place, sled.get(self::place(1, 2)).unwrap().unwrap()).unwrap();
        },
        |sled, place| {
            let other = sled.get([&self::place(2, 1)[..], b"index"].concat()).unwrap().unwrap();
            sled.insert(place, other).unwrap();
        },
    ];
    for (number, change_row) in changes.into_iter().enumerate() {
        let path = filled(directory.path(), 3);
        change(&path, |sled| change_row(sled, &place(1, 1)));
        assert!(matches!(common::refusal(&path), StoreError::Unusable(_)), "{number}");
        let store = unverified(&path);
        let damaged = |error: &StoreError| is_damaged(error, "rows", "00000001");
        assert!(damaged(&get(&store, &1u32.to_be_bytes()).unwrap_err()), "{number}");
        assert!(damaged(&all(&store, ROWS).unwrap_err()), "{number}");
        let many = |keys: Vec<Vec<u8>>| block_on(store.read(move |tx| tx.get_many(ROWS, &keys)));
        assert!(damaged(&many(vec![0u32.to_be_bytes().into(), 1u32.to_be_bytes().into()]).unwrap_err()));
        let written: Result<_, StoreError> = block_on(store.write(|tx| tx.get(ROWS, &1u32.to_be_bytes())));
        assert!(damaged(&written.unwrap_err()), "{number}");
        let backup = block_on(store.backup(&directory.path().join("backup")));
        assert!(damaged(&backup.unwrap_err()), "{number}: no backup without it");
        // Its neighbours are served, and check names the row.
        assert_eq!(get(&store, &2u32.to_be_bytes()).unwrap().unwrap(), value(2));
        let defects = block_on(store.check()).unwrap();
        assert_eq!((&*defects[0].table, &*defects[0].key), ("rows", "00000001"), "{number}");
        // It can be replaced.
        put(&store, &1u32.to_be_bytes(), b"new").unwrap();
        assert_eq!(get(&store, &1u32.to_be_bytes()).unwrap().unwrap(), b"new");
        drop(store);
        fs::remove_dir_all(&path).unwrap();
    }
}

/// Each row matches its checksum, and yet they are not what was stored.
#[test]
fn rows_that_are_old_gone_or_back_again_are_counted_out() {
    let directory = tempfile::tempdir().unwrap();
    let path = filled(directory.path(), 3);
    let mut old = None;
    change(&path, |sled| old = sled.get(place(1, 1)).unwrap());
    let old = old.unwrap();
    let store = common::open(&path);
    put(&store, &1u32.to_be_bytes(), b"new").unwrap();
    drop(store);
    let counted_out = |text: &str| {
        let error = common::refusal(&path);
        assert!(matches!(&error, StoreError::Unusable(reason) if reason.contains(text)), "{error}");
        let defects = block_on(unverified(&path).check()).unwrap();
        assert!(defects.len() == 1 && defects[0].table == "rows", "{defects:?}");
        assert!(defects[0].description.contains(text), "{defects:?}");
    };
    let mut new = None;
    change(&path, |sled| new = sled.insert(place(1, 1), &old).unwrap());
    counted_out("not those that were stored last");
    change(&path, |sled| drop(sled.remove(place(1, 1)).unwrap()));
    counted_out("3 rows were stored, 2 are there");
    change(&path, |sled| drop(sled.insert(place(1, 1), new.unwrap()).unwrap()));
    assert_eq!(block_on(common::open(&path).check()).unwrap(), []);
}

#[test]
fn rows_of_no_table_and_a_catalogue_without_a_table_are_defects() {
    let directory = tempfile::tempdir().unwrap();
    let path = filled(directory.path(), 3);
    change(&path, |sled| drop(sled.insert(place(9, 1), "row").unwrap()));
    let defects = block_on(unverified(&path).check()).unwrap();
    assert!(defects.len() == 1 && defects[0].key == "000900000001", "{defects:?}");
    change(&path, |sled| drop(sled.remove(place(9, 1)).unwrap()));
    // Otherwise a new table would bury the rows of the old one.
    change(&path, |sled| drop(sled.remove(b"\0\0nrows").unwrap()));
    let options = SledOptions { verify_at_open: false, ..SledOptions::default() };
    let error = SledStore::open(&path, TABLES, options).unwrap_err();
    assert!(matches!(&error, StoreError::Unusable(text) if text.contains("1 of 2 tables")), "{error}");
}

#[test]
fn a_list_of_defects_has_an_end() {
    let directory = tempfile::tempdir().unwrap();
    let path = filled(directory.path(), 1500);
    change(&path, |sled| {
        (0..1500).for_each(|number| drop(sled.insert(place(1, number), "damaged").unwrap()));
    });
    assert_eq!(block_on(unverified(&path).check()).unwrap().len(), 1000);
}

/// A page that sled cannot read: an error for what lies on it, and nothing else.
#[test]
fn a_damaged_page_is_reported_and_the_others_are_served() {
    let directory = tempfile::tempdir().unwrap();
    let path = common::filled_twice(directory.path());
    let mut bytes = fs::read(path.join("db")).unwrap();
    let (number, place) = common::places(&bytes).next().unwrap();
    bytes[place] ^= 1;
    fs::write(path.join("db"), bytes).unwrap();
    let store = unverified(&path);
    let error = get(&store, &number.to_be_bytes()).unwrap_err();
    let key = format!("{number:08x}");
    assert!(is_damaged(&error, "rows", &key) && error.to_string().contains("restore"), "{error}");
    assert!(matches!(all(&store, ROWS), Err(StoreError::Damaged { .. })));
    for sound in [0, number - 50, number + 50, 999u32] {
        assert_eq!(get(&store, &sound.to_be_bytes()).unwrap().unwrap(), value(sound));
    }
    assert_eq!(all(&store, OTHERS).unwrap().len(), 2000);
    let defects = block_on(store.check()).unwrap();
    assert!(defects.len() == 1 && defects[0].table == "rows", "{defects:?}");
    assert!(matches!(put(&store, &number.to_be_bytes(), b"new"), Err(StoreError::Damaged { .. })));
    put(&store, &1u32.to_be_bytes(), b"new").unwrap();
    assert_eq!(get(&store, &1u32.to_be_bytes()).unwrap().unwrap(), b"new");
    drop(store);
    assert!(matches!(common::refusal(&path), StoreError::Unusable(_)));
}

/// What a look at a damaged store found.
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
    let path = worn(directory.path());
    let expected = {
        let store = common::open(&path);
        [all(&store, ROWS).unwrap(), all(&store, OTHERS).unwrap()]
    };
    let files = files(&path);
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let count = std::env::var("FLIPS").ok().and_then(|text| text.parse().ok()).unwrap_or(FLIPS);
    let mut findings = Findings::default();
    for number in 0..count {
        // The log every other time; small files as often as large ones.
        let file = if number % 2 == 0 { Path::new("db") } else { random.one_of(&files) };
        let mut place = String::new();
        let damage = |bytes: &mut Vec<u8>| {
            let (offset, mask) = (random.below(bytes.len() as u64) as usize, random.below(255) as u8 + 1);
            bytes[offset] ^= mask;
            place = format!("{}, offset {offset}, mask {mask:#04x}", file.display());
        };
        let target = directory.path().join(number.to_string());
        copy_damaged(&path, &target, file, damage);
        look(&target, &expected, number % 3 == 0, &place, &mut findings);
        fs::remove_dir_all(&target).unwrap();
    }
    println!("{findings:?}");
    assert!(findings.refused + findings.reported > 0 && findings.harmless > 0);
}

/// Files that lost their end, a sector, or everything; and files that are gone.
#[test]
fn a_torn_or_missing_file_is_harmless_or_reported() {
    let directory = tempfile::tempdir().unwrap();
    let path = worn(directory.path());
    let expected = {
        let store = common::open(&path);
        [all(&store, ROWS).unwrap(), all(&store, OTHERS).unwrap()]
    };
    let mut random = Random(0x2545_f491_4f6c_dd1d);
    let mut findings = Findings::default();
    for file in files(&path) {
        for kind in 0..12u64 {
            let target = directory.path().join("damaged");
            copy_damaged(&path, &target, &file, |bytes| match kind {
                0..=3 => bytes.truncate(bytes.len() * kind as usize / 4),
                4 => bytes.truncate(bytes.len() - 1),
                5..=8 => {
                    let start = random.below(bytes.len() as u64) as usize / 512 * 512;
                    bytes.iter_mut().skip(start).take(512).for_each(|byte| *byte = 0);
                }
                9 => bytes.extend_from_slice(&[0; 4096]),
                _ => {
                    let start = random.below(bytes.len() as u64) as usize / 4096 * 4096;
                    bytes.iter_mut().skip(start).take(4096).for_each(|byte| *byte = random.below(256) as u8);
                }
            });
            if kind == 0 {
                fs::remove_file(target.join(&file)).unwrap();
            }
            look(&target, &expected, kind % 2 == 0, &format!("{}, {kind}", file.display()), &mut findings);
            fs::remove_dir_all(&target).unwrap();
        }
    }
    println!("{findings:?}");
    assert!(findings.refused + findings.reported > 0 && findings.harmless > 0);
}

fn copy_damaged(from: &Path, to: &Path, file: &Path, damage: impl FnOnce(&mut Vec<u8>)) {
    copy_directory(from, to);
    let mut bytes = fs::read(to.join(file)).unwrap();
    damage(&mut bytes);
    fs::write(to.join(file), bytes).unwrap();
}

fn look(path: &Path, expected: &[Vec<Row>; 2], verify_at_open: bool, place: &str, findings: &mut Findings) {
    let options = SledOptions {
        readers: 1,
        durability: Durability::Normal,
        cache_capacity: 1 << 20,
        verify_at_open,
        patience: Duration::from_secs(2),
        ..SledOptions::default()
    };
    let store = match SledStore::open(path, TABLES, options) {
        Ok(store) => store,
        Err(error) => {
            assert!(matches!(error, StoreError::Unusable(_)), "{place}: {error:?}");
            findings.refused += 1;
            return;
        }
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
    assert!(!(defective && verify_at_open), "{place}: opening did not notice");
    // Writing to it may fail, but it does not panic.
    assert!(!matches!(put(&store, b"another", b"row"), Err(StoreError::Panicked)), "{place}");
    if defective { findings.reported += 1 } else { findings.harmless += 1 }
}

/// A closed store that has seen many commits, whose rows were replaced and deleted, some of them large.
fn worn(directory: &Path) -> PathBuf {
    let path = filled(directory, COUNT);
    let store = common::open(&path);
    for round in 0..20u32 {
        let written: Result<(), StoreError> = block_on(store.write(move |tx| {
            for number in (round..COUNT).step_by(7) {
                tx.put(ROWS, &number.to_be_bytes(), &value(number + round))?;
            }
            tx.delete(ROWS, &(round * 11).to_be_bytes())?;
            if round < 2 { tx.put(OTHERS, b"large", &vec![round as u8; 300_000]) } else { Ok(()) }
        }));
        written.unwrap();
    }
    drop(store);
    path
}

/// Files of a store, as seen from its directory.
fn files(path: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut directories = vec![path.to_owned()];
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(directory).unwrap() {
            let entry = entry.unwrap().path();
            if entry.is_dir() {
                directories.push(entry);
            } else {
                files.push(entry.strip_prefix(path).unwrap().to_owned());
            }
        }
    }
    files.sort();
    files
}

/// xorshift64: the same places in every run.
struct Random(u64);

impl Random {
    fn one_of<'a>(&mut self, files: &'a [PathBuf]) -> &'a Path {
        &files[self.below(files.len() as u64) as usize]
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}
