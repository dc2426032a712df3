//! The SQL of each table, written once at open, and the checksum that each of its rows carries.

use std::collections::HashMap;
use std::ops::Bound;

use koinon_engine::store::{Direction, KeyRange, StoreError, TableDefinition};
use rusqlite::types::ValueRef;

/// The tables a store was opened with.
#[derive(Debug)]
pub(crate) struct Catalog {
    tables: HashMap<&'static str, Table>,
}

/// One table of the engine as SQLite sees it.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) name: String,
    /// The statement that makes it, letter for letter as SQLite keeps it.
    pub(crate) create: String,
    pub(crate) get: String,
    pub(crate) put: String,
    pub(crate) delete: String,
    scan_ascending: String,
    scan_ascending_to_end: String,
    scan_descending: String,
    scan_descending_from_end: String,
    /// Has taken in the name of the table already.
    checksum: crc32fast::Hasher,
}

/// Where the next key of a scan must lie: from `start` on, before `end`.
#[derive(Debug)]
pub(crate) struct Expected {
    pub(crate) start: Vec<u8>,
    pub(crate) end: Option<Vec<u8>>,
}

/// Statements of one table that a connection keeps prepared.
const STATEMENTS_PER_TABLE: usize = 7;
/// Those that begin, end and divide transactions, and some to spare.
const OTHER_STATEMENTS: usize = 16;

impl Catalog {
    /// Refuses names that are not lower-case ASCII letters and underscores, and names given twice.
    pub(crate) fn new(definitions: &[TableDefinition]) -> Result<Self, StoreError> {
        let mut tables = HashMap::new();
        for TableDefinition { name } in definitions.iter().copied() {
            check_name(name)?;
            if tables.insert(name, Table::new(name)).is_some() {
                return Err(StoreError::Backend(format!("table {name} is defined twice").into()));
            }
        }
        Ok(Self { tables })
    }

    pub(crate) fn table(&self, definition: TableDefinition) -> Result<&Table, StoreError> {
        self.tables
            .get(definition.name)
            .ok_or_else(|| StoreError::Backend(format!("no table {}", definition.name).into()))
    }

    /// All tables, in the order of their names.
    pub(crate) fn tables(&self) -> Vec<&Table> {
        let mut tables: Vec<&Table> = self.tables.values().collect();
        tables.sort_by(|one, other| one.name.cmp(&other.name));
        tables
    }

    /// How many prepared statements a connection keeps.
    pub(crate) fn statements(&self) -> usize {
        self.tables.len() * STATEMENTS_PER_TABLE + OTHER_STATEMENTS
    }
}

/// Names become identifiers in SQL text, so nothing else gets through.
pub(crate) fn check_name(name: &str) -> Result<(), StoreError> {
    let valid = !name.is_empty() && name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'_'));
    if valid { Ok(()) } else { Err(StoreError::Backend(format!("{name:?} is no name of a table").into())) }
}

impl Table {
    /// For a name that [`check_name`] accepted.
    pub(crate) fn new(name: &str) -> Self {
        let mut checksum = crc32fast::Hasher::new();
        checksum.update(name.as_bytes());
        checksum.update(&[0]);
        Self {
            name: name.to_owned(),
            // ANY keeps text as text, which people can read, and other bytes as bytes.
            create: format!(
                r#"CREATE TABLE "t_{name}"(key BLOB PRIMARY KEY NOT NULL, value ANY NOT NULL, sum INTEGER NOT NULL) WITHOUT ROWID, STRICT"#
            ),
            get: format!(r#"SELECT value, sum FROM "t_{name}" WHERE key = ?1"#),
            put: format!(
                r#"INSERT INTO "t_{name}"(key, value, sum) VALUES (?1, ?2, ?3) ON CONFLICT (key) DO UPDATE SET value = excluded.value, sum = excluded.sum"#
            ),
            delete: format!(r#"DELETE FROM "t_{name}" WHERE key = ?1"#),
            scan_ascending: format!(
                r#"SELECT key, value, sum FROM "t_{name}" WHERE key >= ?1 AND key < ?2 ORDER BY key"#
            ),
            scan_ascending_to_end: format!(
                r#"SELECT key, value, sum FROM "t_{name}" WHERE key >= ?1 ORDER BY key"#
            ),
            scan_descending: format!(
                r#"SELECT key, value, sum FROM "t_{name}" WHERE key >= ?1 AND key < ?2 ORDER BY key DESC"#
            ),
            scan_descending_from_end: format!(
                r#"SELECT key, value, sum FROM "t_{name}" WHERE key >= ?1 ORDER BY key DESC"#
            ),
            checksum,
        }
    }

    /// The statement that visits `range`; its parameters are the start and, if there is one, the end.
    pub(crate) fn scan(&self, range: &KeyRange, direction: Direction) -> (&str, Expected) {
        // The smallest key greater than a key is that key and a zero byte.
        let behind = |key: &[u8]| [key, &[0]].concat();
        let start = match &range.start {
            Bound::Unbounded => Vec::new(),
            Bound::Included(key) => key.clone(),
            Bound::Excluded(key) => behind(key),
        };
        let end = match &range.end {
            Bound::Unbounded => None,
            Bound::Included(key) => Some(behind(key)),
            Bound::Excluded(key) => Some(key.clone()),
        };
        let statement = match (direction, &end) {
            (Direction::Ascending, Some(_)) => &self.scan_ascending,
            (Direction::Ascending, None) => &self.scan_ascending_to_end,
            (Direction::Descending, Some(_)) => &self.scan_descending,
            (Direction::Descending, None) => &self.scan_descending_from_end,
        };
        (statement, Expected { start, end })
    }

    /// CRC-32 over the name of the table, the key and the value, each told apart from the next.
    pub(crate) fn checksum(&self, key: &[u8], value: &[u8]) -> i64 {
        let mut checksum = self.checksum.clone();
        checksum.update(&(key.len() as u64).to_be_bytes());
        checksum.update(key);
        checksum.update(value);
        checksum.finalize().into()
    }

    /// The bytes of a value that matches its checksum.
    pub(crate) fn verified<'row>(
        &self,
        key: &[u8],
        value: ValueRef<'row>,
        sum: ValueRef<'_>,
    ) -> Result<&'row [u8], StoreError> {
        let damaged = |reason: &str| StoreError::damaged(&self.name, key, reason);
        let value = value.as_bytes().map_err(|_| damaged("the value is neither text nor bytes"))?;
        if sum == ValueRef::Integer(self.checksum(key, value)) {
            Ok(value)
        } else {
            Err(damaged("the checksum does not match"))
        }
    }
}

impl Expected {
    /// Whether `key` lies there; if so, later keys must lie behind it.
    pub(crate) fn advance(&mut self, key: &[u8], direction: Direction) -> bool {
        let lies_here = key >= &self.start[..] && self.end.as_ref().is_none_or(|end| key < &end[..]);
        match direction {
            Direction::Ascending => {
                self.start.clear();
                self.start.extend_from_slice(key);
                self.start.push(0);
            }
            Direction::Descending => {
                let end = self.end.get_or_insert_default();
                end.clear();
                end.extend_from_slice(key);
            }
        }
        lies_here
    }
}

#[cfg(test)]
mod tests {
    use super::{Bound, Catalog, Direction, KeyRange, Table, TableDefinition};

    #[test]
    fn only_plain_names_become_sql() {
        for name in ["", "a b", "a\"b", "Statuses", "a;b", "ä", "t1", "a-b"] {
            assert!(Catalog::new(&[TableDefinition { name }]).is_err(), "{name}");
        }
        assert!(Catalog::new(&[TableDefinition { name: "a_b" }]).is_ok());
        assert!(Catalog::new(&[TableDefinition { name: "a" }, TableDefinition { name: "a" }]).is_err());
    }

    #[test]
    fn a_scan_goes_one_way_and_stays_in_its_range() {
        let range = KeyRange { start: Bound::Excluded(b"b".to_vec()), end: Bound::Included(b"y".to_vec()) };
        let visits = |direction, keys: &[&str]| {
            let table = Table::new("rows");
            let (_, mut expected) = table.scan(&range, direction);
            keys.iter().filter(|key| expected.advance(key.as_bytes(), direction)).count()
        };
        assert_eq!(visits(Direction::Ascending, &["b\0", "c", "c\0", "y"]), 4);
        assert_eq!(visits(Direction::Descending, &["y", "c\0", "c", "b\0"]), 4);
        for turned in [["c", "c"], ["c", "b"], ["b", "c"], ["y", "z"]] {
            assert_eq!(visits(Direction::Ascending, &turned), 1, "{turned:?}");
        }
        for turned in [["c", "c"], ["c", "d"], ["c", "b"], ["z", "y"]] {
            assert_eq!(visits(Direction::Descending, &turned), 1, "{turned:?}");
        }
    }

    #[test]
    fn a_checksum_tells_table_key_and_value_apart() {
        let table = Table::new("ab");
        let sum = table.checksum(b"key", b"value");
        assert_eq!(sum, Table::new("ab").checksum(b"key", b"value"));
        assert_ne!(sum, Table::new("a").checksum(b"bkey", b"value"));
        assert_ne!(sum, table.checksum(b"keyv", b"alue"));
        assert_ne!(sum, table.checksum(b"key", b"Value"));
    }
}
