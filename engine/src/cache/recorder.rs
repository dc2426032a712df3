//! A transaction that remembers what it changes.

use super::derived::depending_on;
use super::{Cache, Place};
use crate::store::{Direction, KeyRange, ReadTx, StoreError, TableDefinition, Version, Visitor, WriteTx};

/// Writes to a transaction, and names what stops to be true by it.
pub(crate) struct Recorder<'a> {
    tx: &'a mut dyn WriteTx,
    changed: Vec<Place>,
}

impl<'a> Recorder<'a> {
    pub(crate) fn new(tx: &'a mut dyn WriteTx) -> Self {
        Self { tx, changed: Vec::new() }
    }

    /// Tells the cache what was changed. To be called last, when the transaction is going to commit.
    pub(crate) fn announce(self, cache: &Cache) -> Result<(), StoreError> {
        if let (Some(before), Some(after)) = (self.tx.version()?, self.tx.next_version()) {
            cache.change(before, after, self.changed);
        }
        Ok(())
    }
}

impl ReadTx for Recorder<'_> {
    fn version(&self) -> Result<Option<Version>, StoreError> {
        self.tx.version()
    }

    fn get(&self, table: TableDefinition, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.tx.get(table, key)
    }

    fn get_many(&self, table: TableDefinition, keys: &[Vec<u8>]) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        self.tx.get_many(table, keys)
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

impl WriteTx for Recorder<'_> {
    fn next_version(&self) -> Option<Version> {
        self.tx.next_version()
    }

    fn put(&mut self, table: TableDefinition, key: &[u8], value: &[u8]) -> Result<(), StoreError> {
        self.changed.extend(depending_on(table, key));
        self.tx.put(table, key, value)
    }

    fn delete(&mut self, table: TableDefinition, key: &[u8]) -> Result<(), StoreError> {
        self.changed.extend(depending_on(table, key));
        self.tx.delete(table, key)
    }
}

impl std::fmt::Debug for Recorder<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Recorder").field("changed", &self.changed.len()).finish_non_exhaustive()
    }
}
