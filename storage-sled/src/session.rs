//! The transactions jobs work with.

use std::collections::BTreeMap;
use std::ops::Bound;

use koinon_engine::store::{
    Direction, KeyRange, ReadTx, StoreError, TableDefinition, Version, Visitor, WriteTx,
};
use sled::IVec;

use crate::database::Database;
use crate::tables::{Table, Tables};
use crate::view::{Overlay, Replacement, View};

/// Reads one state of the store.
#[derive(Debug)]
pub(crate) struct Session<'a> {
    pub(crate) view: View<'a>,
    pub(crate) tables: &'a Tables,
    /// The newest commit it sees.
    pub(crate) commit: u64,
}

/// Nobody else can open the store, so its own name is always the same.
fn version(commit: u64) -> Version {
    Version { number: commit, writer: 0 }
}

impl ReadTx for Session<'_> {
    fn version(&self) -> Result<Option<Version>, StoreError> {
        Ok(Some(version(self.commit)))
    }

    fn get(&self, table: TableDefinition, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.view.get(self.tables.table(table)?, key)
    }

    fn get_many(&self, table: TableDefinition, keys: &[Vec<u8>]) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        let table = self.tables.table(table)?;
        keys.iter().map(|key| self.view.get(table, key)).collect()
    }

    fn scan(
        &self,
        table: TableDefinition,
        range: &KeyRange,
        direction: Direction,
        visit: &mut Visitor<'_>,
    ) -> Result<(), StoreError> {
        self.view.scan(self.tables.table(table)?, range, direction, visit)
    }
}

/// What the jobs of a group have written and nobody else sees yet.
#[derive(Debug, Default)]
pub(crate) struct Pending {
    pub(crate) rows: BTreeMap<Vec<u8>, PendingRow>,
    /// Bytes of the keys and values.
    pub(crate) bytes: usize,
}

#[derive(Debug)]
pub(crate) struct PendingRow {
    /// What sled holds, as it was found by the first who wrote here.
    pub(crate) before: Replacement,
    pub(crate) after: Replacement,
}

impl Overlay for Pending {
    fn get(&self, place: &[u8]) -> Result<Option<Replacement>, StoreError> {
        Ok(self.rows.get(place).map(|row| row.after.clone()))
    }

    fn next(
        &self,
        between: (Bound<&[u8]>, Bound<&[u8]>),
        direction: Direction,
    ) -> Result<Option<(Vec<u8>, Replacement)>, StoreError> {
        let mut rows = self.rows.range::<[u8], _>(between);
        let found = match direction {
            Direction::Ascending => rows.next(),
            Direction::Descending => rows.next_back(),
        };
        Ok(found.map(|(place, row)| (place.clone(), row.after.clone())))
    }
}

/// Reads and writes on top of what the group has written before.
#[derive(Debug)]
pub(crate) struct Transaction<'a> {
    database: &'a Database,
    tables: &'a Tables,
    pending: &'a mut Pending,
    /// The newest commit before this group.
    commit: u64,
    /// What this job replaced in the pending rows; `None` where there was no such row.
    undo: Vec<(Vec<u8>, Option<Replacement>)>,
    /// Bytes of the keys and values written by this job.
    pub(crate) bytes: usize,
    /// The first write that failed: the job cannot commit without it.
    pub(crate) failure: Option<StoreError>,
}

impl<'a> Transaction<'a> {
    pub(crate) fn new(
        database: &'a Database,
        tables: &'a Tables,
        pending: &'a mut Pending,
        commit: u64,
    ) -> Self {
        Self { database, tables, pending, commit, undo: Vec::new(), bytes: 0, failure: None }
    }

    /// Whether the group may go on with what this job has written, when `room` bytes can be stored.
    pub(crate) fn fits(&self, room: u64) -> bool {
        self.bytes == 0 || self.pending.bytes as u64 <= room
    }

    /// Leaves the pending rows as they were before this job.
    pub(crate) fn roll_back(self) {
        let Self { pending, mut undo, bytes, .. } = self;
        while let Some((place, before)) = undo.pop() {
            match before {
                None => drop(pending.rows.remove(&place)),
                Some(after) => {
                    if let Some(row) = pending.rows.get_mut(&place) {
                        row.after = after;
                    }
                }
            }
        }
        pending.bytes -= bytes;
    }

    fn session(&self) -> Session<'_> {
        let view = View { database: self.database, overlay: &*self.pending };
        Session { view, tables: self.tables, commit: self.commit }
    }

    fn write(
        &mut self,
        table: TableDefinition,
        key: &[u8],
        after: impl FnOnce(&Table) -> Option<IVec>,
    ) -> Result<(), StoreError> {
        let table = self.tables.table(table)?;
        let (place, after) = (table.place(key), after(table));
        let bytes = key.len() + after.as_ref().map_or(0, |stored| stored.len());
        let replaced = match self.pending.rows.get_mut(&place) {
            Some(row) => Some(std::mem::replace(&mut row.after, after)),
            None => {
                let held = self.database.get(&place);
                let before = held.map_err(|failure| failure.at_row(&table.name, key))?;
                self.pending.rows.insert(place.clone(), PendingRow { before, after });
                None
            }
        };
        self.undo.push((place, replaced));
        self.bytes += bytes;
        self.pending.bytes += bytes;
        Ok(())
    }

    fn remember<T>(&mut self, result: Result<T, StoreError>) -> Result<T, StoreError> {
        if let Err(error) = &result {
            self.failure.get_or_insert_with(|| error.clone());
        }
        result
    }
}

impl ReadTx for Transaction<'_> {
    fn version(&self) -> Result<Option<Version>, StoreError> {
        Ok(Some(version(self.commit)))
    }

    fn get(&self, table: TableDefinition, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.session().get(table, key)
    }

    fn get_many(&self, table: TableDefinition, keys: &[Vec<u8>]) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        self.session().get_many(table, keys)
    }

    fn scan(
        &self,
        table: TableDefinition,
        range: &KeyRange,
        direction: Direction,
        visit: &mut Visitor<'_>,
    ) -> Result<(), StoreError> {
        self.session().scan(table, range, direction, visit)
    }
}

impl WriteTx for Transaction<'_> {
    fn next_version(&self) -> Option<Version> {
        Some(version(self.commit + 1))
    }

    fn put(&mut self, table: TableDefinition, key: &[u8], value: &[u8]) -> Result<(), StoreError> {
        let result = self.write(table, key, |table| Some(table.sealed(key, value)));
        self.remember(result)
    }

    fn delete(&mut self, table: TableDefinition, key: &[u8]) -> Result<(), StoreError> {
        let result = self.write(table, key, |_| None);
        self.remember(result)
    }
}
