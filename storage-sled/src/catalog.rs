//! What a store says about itself, in a table of its own with the number 0: how many commits made it, which
//! number each table has, and what each table must add up to.
//!
//! A commit changes these rows together with those it counts. So rows that sled lost, kept in an old form or
//! brought back are found out by counting, although each of them matches its checksum.

use std::collections::BTreeMap;
use std::path::Path;

use koinon_engine::store::{Direction, KeyRange, Step, StoreError};

use crate::error::damaged;
use crate::marker::VERSION;
use crate::tables::{Table, is_name, split_place, stored_checksum};
use crate::view::{Replacement, View};

/// Number of the catalogue.
pub(crate) const NUMBER: u16 = 0;
/// Largest number of a table; the next one bounds its keys.
const LAST_NUMBER: u16 = u16::MAX - 1;

const MAGIC: &[u8; 8] = b"KOINSLED";
const HEAD: &[u8] = b"head";
const NAME: u8 = b'n';
const TALLY: u8 = b't';

/// What the rows of a table add up to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Tally {
    pub(crate) rows: u64,
    /// Sum of the scattered checksums of all rows.
    digest: u64,
}

/// A table of a store, known to the program or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) number: u16,
    pub(crate) tally: Tally,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Catalog {
    /// Commits since the store was made.
    pub(crate) commit: u64,
    pub(crate) tables: BTreeMap<String, Entry>,
}

/// A row of sled's tree before and after a change.
#[derive(Debug, Clone)]
pub(crate) struct Change {
    pub(crate) place: Vec<u8>,
    pub(crate) before: Replacement,
    pub(crate) after: Replacement,
}

impl Tally {
    pub(crate) fn add(&mut self, stored: &[u8]) {
        self.rows = self.rows.wrapping_add(1);
        self.digest = self.digest.wrapping_add(scattered(stored));
    }

    pub(crate) fn remove(&mut self, stored: &[u8]) {
        self.rows = self.rows.wrapping_sub(1);
        self.digest = self.digest.wrapping_sub(scattered(stored));
    }

    fn to_bytes(self) -> Vec<u8> {
        [self.rows.to_be_bytes(), self.digest.to_be_bytes()].concat()
    }
}

/// Checksums are sums themselves: adding them up as they are could hide two errors that cancel out.
fn scattered(stored: &[u8]) -> u64 {
    // The finishing step of SplitMix64.
    let mut bits = u64::from(stored_checksum(stored).unwrap_or_default()).wrapping_add(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

/// The catalogue as a table.
pub(crate) fn table() -> Table {
    Table::new("", NUMBER)
}

impl Catalog {
    /// That of a store about to be made.
    pub(crate) fn new() -> Self {
        Self { commit: 0, tables: BTreeMap::new() }
    }

    /// Reads and verifies the catalogue of the store at `path`.
    ///
    /// # Errors
    /// [`StoreError::Unusable`] when it is damaged, [`StoreError::Newer`] when it is of another version.
    pub(crate) fn read(view: View<'_>, path: &Path) -> Result<Self, StoreError> {
        let mut rows = Rows::default();
        view.scan(&table(), &KeyRange::all(), Direction::Ascending, &mut |key, value| {
            rows.take(key, value).ok_or_else(|| StoreError::damaged("", key, "no row of a catalogue"))?;
            Ok(Step::Continue)
        })
        .map_err(|error| match error {
            StoreError::Damaged { reason, .. } => damaged(path, format_args!("its catalogue: {reason}")),
            other => other,
        })?;
        let (version, count, commit) = rows.head.ok_or_else(|| damaged(path, "it has no catalogue"))?;
        if version > VERSION {
            return Err(StoreError::Newer { found: version, known: VERSION });
        }
        let mut tables = BTreeMap::new();
        for (name, number) in rows.numbers {
            let tally = rows.tallies.remove(&number);
            let tally = tally.ok_or_else(|| damaged(path, format_args!("table {name} has no count")))?;
            tables.insert(name, Entry { number, tally });
        }
        if tables.len() != usize::from(count) || !rows.tallies.is_empty() {
            return Err(damaged(path, format_args!("{} of {count} tables are there", tables.len())));
        }
        Ok(Self { commit, tables })
    }

    /// Gives a table that is not there yet a number.
    pub(crate) fn add(&mut self, name: &str) -> Result<u16, StoreError> {
        let last = self.tables.values().map(|entry| entry.number).max().unwrap_or(NUMBER);
        if last >= LAST_NUMBER {
            return Err(StoreError::Backend(format!("no number is left for table {name}").into()));
        }
        self.tables.insert(name.to_owned(), Entry { number: last + 1, tally: Tally::default() });
        Ok(last + 1)
    }

    /// The rows in which this catalogue differs from the one `before`, which lacks no table for good.
    pub(crate) fn changes_since(&self, before: &Self) -> Vec<Change> {
        let table = table();
        let mut changes = Vec::new();
        let mut note = |key: &[u8], before: Option<Vec<u8>>, after: &[u8]| {
            let before = before.map(|value| table.sealed(key, &value));
            let after = Some(table.sealed(key, after));
            changes.push(Change { place: table.place(key), before, after });
        };
        note(HEAD, (before.commit > 0).then(|| before.head()), &self.head());
        for (name, entry) in &self.tables {
            let old = before.tables.get(name);
            if old == Some(entry) {
                continue;
            }
            if old.is_none() {
                note(&[&[NAME], name.as_bytes()].concat(), None, &entry.number.to_be_bytes());
            }
            let key = [&[TALLY][..], &entry.number.to_be_bytes()].concat();
            note(&key, old.map(|old| old.tally.to_bytes()), &entry.tally.to_bytes());
        }
        changes
    }

    fn head(&self) -> Vec<u8> {
        // Numbers of tables are distinct and of 16 bits.
        let count = self.tables.len() as u16;
        [&MAGIC[..], &VERSION.to_be_bytes(), &count.to_be_bytes(), &self.commit.to_be_bytes()].concat()
    }
}

/// What is readable of a damaged catalogue.
#[derive(Debug, Default)]
pub(crate) struct Salvaged {
    pub(crate) numbers: BTreeMap<String, u16>,
    /// Rows of all tables whose count is there.
    pub(crate) expected: u64,
    /// Commits, if their number is there.
    pub(crate) commit: u64,
}

/// Reads what is there, from both ends towards what is not.
pub(crate) fn salvage(view: View<'_>) -> Salvaged {
    let (table, mut rows) = (table(), Rows::default());
    for direction in [Direction::Ascending, Direction::Descending] {
        let span = table.span(&KeyRange::all());
        let walked = view.walk(&|_| "", span, direction, &mut |place, stored| {
            let (_, key) = split_place(place).unwrap_or_default();
            if let Ok(value) = table.verified(key, stored) {
                let _ = rows.take(key, value);
            }
            Ok(Step::Continue)
        });
        if walked.is_ok() {
            break;
        }
    }
    let expected = rows.tallies.values().map(|tally| tally.rows).fold(0, u64::saturating_add);
    let commit = rows.head.map_or(0, |(_, _, commit)| commit);
    Salvaged { numbers: rows.numbers, expected, commit }
}

/// Rows of a catalogue as they are read.
#[derive(Default)]
struct Rows {
    /// Version, number of tables, commits.
    head: Option<(u32, u16, u64)>,
    numbers: BTreeMap<String, u16>,
    tallies: BTreeMap<u16, Tally>,
}

impl Rows {
    fn take(&mut self, key: &[u8], value: &[u8]) -> Option<()> {
        if key == HEAD {
            let rest = value.strip_prefix(MAGIC)?;
            let (version, rest) = rest.split_first_chunk()?;
            let (count, rest) = rest.split_first_chunk()?;
            let commit = u64::from_be_bytes(*rest.first_chunk()?);
            self.head = Some((u32::from_be_bytes(*version), u16::from_be_bytes(*count), commit));
            return Some(());
        }
        match key.split_first()? {
            (&NAME, name) => {
                let name = String::from_utf8(name.to_vec()).ok().filter(|name| is_name(name))?;
                let number = u16::from_be_bytes(value.try_into().ok()?);
                (NUMBER < number && number <= LAST_NUMBER).then_some(())?;
                self.numbers.insert(name, number);
            }
            (&TALLY, number) => {
                let (rows, digest) = value.split_first_chunk()?;
                let digest = u64::from_be_bytes(digest.try_into().ok()?);
                let tally = Tally { rows: u64::from_be_bytes(*rows), digest };
                self.tallies.insert(u16::from_be_bytes(number.try_into().ok()?), tally);
            }
            _ => return None,
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tally_depends_on_every_row_and_on_no_order() {
        let table = Table::new("rows", 1);
        let row = |key: u8, value: &str| table.sealed(&[key], value.as_bytes());
        let sum = |rows: &[sled::IVec]| {
            let mut tally = Tally::default();
            rows.iter().for_each(|row| tally.add(row));
            tally
        };
        let (one, two, changed) = (row(1, "a"), row(2, "b"), row(2, "c"));
        assert_eq!(sum(&[one.clone(), two.clone()]), sum(&[two.clone(), one.clone()]));
        assert_ne!(sum(&[one.clone(), two.clone()]), sum(&[one.clone(), changed]));
        let mut tally = sum(&[one.clone(), two.clone()]);
        tally.remove(&two);
        assert_eq!(tally, sum(&[one]));
    }

    #[test]
    fn a_catalogue_is_read_as_it_was_written() {
        let mut catalog = Catalog { commit: 9, ..Catalog::new() };
        assert_eq!(catalog.add("rows").unwrap(), 1);
        assert_eq!(catalog.add("others").unwrap(), 2);
        catalog.tables.get_mut("rows").unwrap().tally.add(b"sums");
        let mut rows = Rows::default();
        for change in catalog.changes_since(&Catalog::new()) {
            let (key, stored) = (&change.place[2..], change.after.unwrap());
            rows.take(key, table().verified(key, &stored).unwrap()).unwrap();
        }
        assert_eq!(rows.head, Some((VERSION, 2, 9)));
        assert_eq!(rows.numbers, BTreeMap::from([("rows".into(), 1), ("others".into(), 2)]));
        assert_eq!(rows.tallies[&1], catalog.tables["rows"].tally);
    }

    #[test]
    fn only_rows_that_differ_change() {
        let mut before = Catalog { commit: 9, ..Catalog::new() };
        before.add("rows").unwrap();
        before.add("others").unwrap();
        let mut after = before.clone();
        after.commit = 10;
        after.tables.get_mut("rows").unwrap().tally.add(b"sums");
        let changes = after.changes_since(&before);
        assert_eq!(changes.len(), 2, "the head and one count");
        assert!(changes.iter().all(|change| change.before.is_some() && change.after.is_some()));
    }
}
