//! Typed tables over a backend's byte keys.

use std::marker::PhantomData;
use std::ops::Bound;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::key::encode_text;
use super::{
    Direction, Key, KeyRange, KeyReader, ReadTx, Step, StoreError, TableDefinition, WriteTx, successor,
};

/// A value as it stands in a table: JSON, readable by people, with `()` as the empty text.
pub trait Record: Serialize + DeserializeOwned {}
impl<T: Serialize + DeserializeOwned> Record for T {}

/// An ordered table from `K` to `V`.
pub struct Table<K, V> {
    definition: TableDefinition,
    types: PhantomData<fn() -> (K, V)>,
}

impl<K, V> Clone for Table<K, V> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K, V> Copy for Table<K, V> {}

impl<K, V> std::fmt::Debug for Table<K, V> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Table").field(&self.definition.name).finish()
    }
}

/// Which rows of a table to visit, and how.
///
/// Every bound narrows: `Scan::prefix(&(owner,)).before(&cursor)` never leaves the rows of `owner`,
/// whatever the cursor says.
#[derive(Debug, Clone)]
pub struct Scan {
    range: KeyRange,
    direction: Direction,
}

impl Scan {
    /// Every row whose key starts with the encoded `prefix`, smallest first.
    pub fn prefix<P: Key>(prefix: &P) -> Self {
        Self { range: KeyRange::prefix(&prefix.to_bytes()), direction: Direction::Ascending }
    }

    /// Every row whose key starts with `prefix` and goes on with a text that starts with `text`.
    pub fn text_prefix<P: Key>(prefix: &P, text: &str) -> Self {
        let mut start = prefix.to_bytes();
        encode_text(text, &mut start);
        Self { range: KeyRange::prefix(&start), direction: Direction::Ascending }
    }

    /// Every row of the table, smallest first.
    pub fn all() -> Self {
        Self { range: KeyRange::all(), direction: Direction::Ascending }
    }

    /// Largest key first.
    #[must_use]
    pub fn descending(mut self) -> Self {
        self.direction = Direction::Descending;
        self
    }

    /// Only rows greater than `key` and everything that starts with it.
    #[must_use]
    pub fn after<P: Key>(self, key: &P) -> Self {
        self.starting_at(successor(&key.to_bytes()))
    }

    /// Only rows that are `key`, start with it, or are greater.
    #[must_use]
    pub fn from<P: Key>(self, key: &P) -> Self {
        self.starting_at(Some(key.to_bytes()))
    }

    /// Only rows smaller than `key`.
    #[must_use]
    pub fn before<P: Key>(self, key: &P) -> Self {
        self.ending_before(key.to_bytes())
    }

    /// Only rows that are `key`, start with it, or are smaller.
    #[must_use]
    pub fn through<P: Key>(self, key: &P) -> Self {
        match successor(&key.to_bytes()) {
            Some(end) => self.ending_before(end),
            None => self,
        }
    }

    /// Raises the lower bound, never lowers it; `None` lies above every key.
    fn starting_at(mut self, start: Option<Vec<u8>>) -> Self {
        match (start, &self.range.start) {
            (None, _) => self.range = KeyRange::none(),
            (Some(start), Bound::Included(current)) if *current >= start => {}
            (Some(start), _) => self.range.start = Bound::Included(start),
        }
        self
    }

    /// Lowers the upper bound, never raises it.
    fn ending_before(mut self, end: Vec<u8>) -> Self {
        match &self.range.end {
            Bound::Excluded(current) if *current <= end => {}
            _ => self.range.end = Bound::Excluded(end),
        }
        self
    }
}

impl<K, V> Table<K, V> {
    /// The table called `name`.
    pub const fn new(name: &'static str) -> Self {
        Self { definition: TableDefinition { name }, types: PhantomData }
    }

    /// What a backend needs to know of it.
    pub const fn definition(&self) -> TableDefinition {
        self.definition
    }
}

impl<K: Key, V: Record> Table<K, V> {
    /// The record at `key`. Cost: one point read.
    pub fn get(&self, tx: &dyn ReadTx, key: &K) -> Result<Option<V>, StoreError> {
        let key = key.to_bytes();
        tx.get(self.definition, &key)?.map(|value| self.decode_value(&key, &value)).transpose()
    }

    /// The record at an encoded key, and its size in bytes as it is stored.
    pub(crate) fn get_sized(&self, tx: &dyn ReadTx, key: &[u8]) -> Result<Option<(V, usize)>, StoreError> {
        let Some(value) = tx.get(self.definition, key)? else { return Ok(None) };
        Ok(Some((self.decode_value(key, &value)?, value.len())))
    }

    /// Whether there is a record at `key`. Cost: one point read.
    pub fn contains(&self, tx: &dyn ReadTx, key: &K) -> Result<bool, StoreError> {
        Ok(tx.get(self.definition, &key.to_bytes())?.is_some())
    }

    /// The records at `keys`, in the order asked.
    pub fn get_many(&self, tx: &dyn ReadTx, keys: &[K]) -> Result<Vec<Option<V>>, StoreError> {
        let keys: Vec<Vec<u8>> = keys.iter().map(Key::to_bytes).collect();
        let values = tx.get_many(self.definition, &keys)?;
        keys.iter()
            .zip(values)
            .map(|(key, value)| value.map(|value| self.decode_value(key, &value)).transpose())
            .collect()
    }

    /// Stores `value` at `key`, replacing what was there.
    pub fn put(&self, tx: &mut dyn WriteTx, key: &K, value: &V) -> Result<(), StoreError> {
        tx.put(self.definition, &key.to_bytes(), &self.encode_value(value)?)
    }

    /// Removes the record at `key`, if there is one.
    pub fn delete(&self, tx: &mut dyn WriteTx, key: &K) -> Result<(), StoreError> {
        tx.delete(self.definition, &key.to_bytes())
    }

    /// Visits rows until `visit` stops. Cost: `O(visited)`.
    pub fn scan(
        &self,
        tx: &dyn ReadTx,
        scan: &Scan,
        mut visit: impl FnMut(K, V) -> Result<Step, StoreError>,
    ) -> Result<(), StoreError> {
        if scan.range.is_empty() {
            return Ok(());
        }
        tx.scan(self.definition, &scan.range, scan.direction, &mut |key, value| {
            visit(self.decode_key(key)?, self.decode_value(key, value)?)
        })
    }

    /// The first `limit` rows of a scan.
    pub fn page(&self, tx: &dyn ReadTx, scan: &Scan, limit: usize) -> Result<Vec<(K, V)>, StoreError> {
        let mut rows = Vec::new();
        if limit == 0 {
            return Ok(rows);
        }
        self.scan(tx, scan, |key, value| {
            rows.push((key, value));
            Ok(if rows.len() < limit { Step::Continue } else { Step::Stop })
        })?;
        Ok(rows)
    }

    /// The first row of a scan.
    pub fn first(&self, tx: &dyn ReadTx, scan: &Scan) -> Result<Option<(K, V)>, StoreError> {
        Ok(self.page(tx, scan, 1)?.pop())
    }

    fn decode_key(&self, bytes: &[u8]) -> Result<K, StoreError> {
        let mut reader = KeyReader::new(bytes);
        match K::decode(&mut reader) {
            Ok(key) if reader.is_at_end() => Ok(key),
            _ => Err(StoreError::damaged(self.definition.name, bytes, "undecodable key")),
        }
    }

    fn decode_value(&self, key: &[u8], bytes: &[u8]) -> Result<V, StoreError> {
        let json: &[u8] = if bytes.is_empty() { b"null" } else { bytes };
        serde_json::from_slice(json).map_err(|error| StoreError::damaged(self.definition.name, key, error))
    }

    fn encode_value(&self, value: &V) -> Result<Vec<u8>, StoreError> {
        let json = serde_json::to_vec(value)
            .map_err(|error| StoreError::Backend(format!("{}: {error}", self.definition.name).into()))?;
        Ok(if json == b"null" { Vec::new() } else { json })
    }
}
