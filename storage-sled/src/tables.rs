//! Where the rows of each table lie in sled's one tree, and the checksum that each of them carries.
//!
//! A row of table number *n* has the key *n* (two bytes, big-endian) and its own key, and as value a CRC-32
//! (four bytes, big-endian) over the name of the table, key and value, and its own value.

use std::collections::HashMap;
use std::ops::Bound;

use koinon_engine::store::{Direction, KeyRange, StoreError, TableDefinition};
use sled::IVec;

/// Bytes of the table number in front of a key.
const PREFIX: usize = size_of::<u16>();
/// Bytes of the checksum in front of a value.
const CHECKSUM: usize = size_of::<u32>();

/// The tables a store was opened with.
#[derive(Debug)]
pub(crate) struct Tables {
    by_name: HashMap<&'static str, Table>,
}

/// One table of the engine as sled sees it.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    pub(crate) name: String,
    pub(crate) number: u16,
    /// Has taken in the name of the table already.
    checksum: crc32fast::Hasher,
}

/// Keys of sled's tree from `start` on, before `end`.
#[derive(Debug, Clone)]
pub(crate) struct Span {
    pub(crate) start: Vec<u8>,
    pub(crate) end: Vec<u8>,
}

impl Tables {
    /// `number` answers the number of each name.
    pub(crate) fn new(definitions: &[TableDefinition], number: impl Fn(&str) -> u16) -> Self {
        let table = |name| (name, Table::new(name, number(name)));
        Self { by_name: definitions.iter().map(|definition| table(definition.name)).collect() }
    }

    pub(crate) fn table(&self, definition: TableDefinition) -> Result<&Table, StoreError> {
        self.by_name
            .get(definition.name)
            .ok_or_else(|| StoreError::Backend(format!("no table {}", definition.name).into()))
    }
}

/// Refuses names that are not lower-case ASCII letters and underscores, and names given twice.
pub(crate) fn check_names(definitions: &[TableDefinition]) -> Result<(), StoreError> {
    let mut names: Vec<&str> = definitions.iter().map(|definition| definition.name).collect();
    names.sort_unstable();
    if let Some(twice) = names.windows(2).find(|pair| pair[0] == pair[1]) {
        return Err(StoreError::Backend(format!("table {} is defined twice", twice[0]).into()));
    }
    match names.iter().find(|name| !is_name(name)) {
        Some(name) => Err(StoreError::Backend(format!("{name:?} is no name of a table").into())),
        None => Ok(()),
    }
}

/// Whether it is a name that every backend can use.
pub(crate) fn is_name(name: &str) -> bool {
    !name.is_empty() && name.len() <= 255 && name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'_'))
}

impl Table {
    pub(crate) fn new(name: &str, number: u16) -> Self {
        let mut checksum = crc32fast::Hasher::new();
        checksum.update(name.as_bytes());
        checksum.update(&[0]);
        Self { name: name.to_owned(), number, checksum }
    }

    /// The key in sled's tree.
    pub(crate) fn place(&self, key: &[u8]) -> Vec<u8> {
        [&self.number.to_be_bytes(), key].concat()
    }

    /// The keys of `range` in sled's tree.
    pub(crate) fn span(&self, range: &KeyRange) -> Span {
        // The smallest key greater than a key is that key and a zero byte.
        let behind = |key: &[u8]| [&self.number.to_be_bytes(), key, &[0]].concat();
        let start = match &range.start {
            Bound::Unbounded => self.place(&[]),
            Bound::Included(key) => self.place(key),
            Bound::Excluded(key) => behind(key),
        };
        let end = match &range.end {
            // Numbers end before the largest one.
            Bound::Unbounded => (self.number + 1).to_be_bytes().to_vec(),
            Bound::Included(key) => behind(key),
            Bound::Excluded(key) => self.place(key),
        };
        Span { start, end }
    }

    /// `value` with its checksum, as it is stored.
    pub(crate) fn sealed(&self, key: &[u8], value: &[u8]) -> IVec {
        [&self.checksum(key, value).to_be_bytes(), value].concat().into()
    }

    /// The value in `stored`, which matches its checksum.
    pub(crate) fn verified<'row>(&self, key: &[u8], stored: &'row [u8]) -> Result<&'row [u8], StoreError> {
        match stored.split_first_chunk::<CHECKSUM>() {
            Some((sum, value)) if u32::from_be_bytes(*sum) == self.checksum(key, value) => Ok(value),
            _ => Err(StoreError::damaged(&self.name, key, "the checksum does not match")),
        }
    }

    /// CRC-32 over the name of the table, the key and the value, each told apart from the next.
    fn checksum(&self, key: &[u8], value: &[u8]) -> u32 {
        let mut checksum = self.checksum.clone();
        checksum.update(&(key.len() as u64).to_be_bytes());
        checksum.update(key);
        checksum.update(value);
        checksum.finalize()
    }
}

/// The number of the table and the key of a row in sled's tree.
pub(crate) fn split_place(place: &[u8]) -> Option<(u16, &[u8])> {
    let (number, key) = place.split_first_chunk::<PREFIX>()?;
    Some((u16::from_be_bytes(*number), key))
}

/// The checksum a stored value carries, right or wrong.
pub(crate) fn stored_checksum(stored: &[u8]) -> Option<u32> {
    stored.first_chunk::<CHECKSUM>().map(|sum| u32::from_be_bytes(*sum))
}

impl Span {
    pub(crate) fn contains(&self, place: &[u8]) -> bool {
        place >= &self.start[..] && place < &self.end[..]
    }

    /// Leaves what a scan that has come to `place` has yet to visit.
    pub(crate) fn advance(&mut self, place: &[u8], direction: Direction) {
        match direction {
            Direction::Ascending => {
                self.start.clear();
                self.start.extend_from_slice(place);
                self.start.push(0);
            }
            Direction::Descending => {
                self.end.clear();
                self.end.extend_from_slice(place);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_names_are_tables() {
        for name in ["", "a b", "a\"b", "Statuses", "ä", "t1", "a-b"] {
            assert!(check_names(&[TableDefinition { name }]).is_err(), "{name}");
        }
        assert!(check_names(&[TableDefinition { name: "a_b" }, TableDefinition { name: "a" }]).is_ok());
        assert!(check_names(&[TableDefinition { name: "a" }, TableDefinition { name: "a" }]).is_err());
    }

    #[test]
    fn a_checksum_tells_table_key_and_value_apart() {
        let table = Table::new("ab", 1);
        let sum = table.checksum(b"key", b"value");
        assert_eq!(sum, Table::new("ab", 7).checksum(b"key", b"value"), "numbers may change");
        assert_ne!(sum, Table::new("a", 1).checksum(b"bkey", b"value"));
        assert_ne!(sum, table.checksum(b"keyv", b"alue"));
        assert_ne!(sum, table.checksum(b"key", b"Value"));
    }

    #[test]
    fn a_stored_value_is_verified() {
        let table = Table::new("rows", 1);
        let stored = table.sealed(b"key", b"value");
        assert_eq!(table.verified(b"key", &stored).unwrap(), b"value");
        assert!(table.verified(b"kez", &stored).is_err());
        for place in 0..stored.len() {
            let mut flipped = stored.to_vec();
            flipped[place] ^= 1;
            assert!(table.verified(b"key", &flipped).is_err(), "{place}");
            assert!(table.verified(b"key", &stored[..place]).is_err(), "{place}");
        }
    }

    #[test]
    fn a_span_stays_in_its_table_and_goes_one_way() {
        let table = Table::new("rows", 0x01ff);
        let all = table.span(&KeyRange::all());
        assert!(all.contains(&table.place(&[])) && all.contains(&table.place(&[0xff; 9])));
        assert!(!all.contains(&[0x01, 0xfe, 0xff]) && !all.contains(&[0x02, 0x00]));
        let range = KeyRange { start: Bound::Excluded(b"b".to_vec()), end: Bound::Included(b"y".to_vec()) };
        let span = table.span(&range);
        let inside = |span: &Span, key: &str| span.contains(&table.place(key.as_bytes()));
        assert!(!inside(&span, "b") && inside(&span, "b\0") && inside(&span, "y") && !inside(&span, "y\0"));
        let (mut up, mut down) = (span.clone(), span);
        up.advance(&table.place(b"m"), Direction::Ascending);
        assert!(!inside(&up, "m") && inside(&up, "m\0") && inside(&up, "y"));
        down.advance(&table.place(b"m"), Direction::Descending);
        assert!(!inside(&down, "m") && inside(&down, "l") && inside(&down, "b\0"));
    }
}
