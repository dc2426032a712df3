//! The in-memory store: reference for the contract, default for tests and prototypes.

use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{PoisonError, RwLock};

use async_trait::async_trait;

use crate::store::{
    Backup, Capabilities, Defect, Direction, KeyRange, Outcome, ReadJob, ReadTx, Step, Store, StoreError,
    TableDefinition, Version, Visitor, WriteJob, WriteTx,
};

type Rows = BTreeMap<Vec<u8>, Vec<u8>>;

/// A store that lives in this process and is gone with it.
///
/// Readers share a lock, so a snapshot is simply the time a job holds it.
#[derive(Debug)]
pub struct MemoryStore {
    state: RwLock<State>,
}

#[derive(Debug)]
struct State {
    tables: HashMap<TableDefinition, Rows>,
    commits: u64,
}

impl State {
    fn version(&self) -> Version {
        Version { number: self.commits, writer: 0 }
    }
}

impl MemoryStore {
    /// An empty store with `tables`.
    pub fn new(tables: &[TableDefinition]) -> Self {
        let tables = tables.iter().map(|table| (*table, Rows::new())).collect();
        Self { state: RwLock::new(State { tables, commits: 0 }) }
    }
}

#[async_trait]
impl Store for MemoryStore {
    async fn run_read(&self, job: ReadJob) -> Result<(), StoreError> {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        let snapshot = Snapshot { tables: &state.tables, version: state.version() };
        catch_unwind(AssertUnwindSafe(|| job(&snapshot))).map_err(|_| StoreError::Panicked)
    }

    async fn run_write(&self, mut job: WriteJob) -> Result<(), StoreError> {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        let version = state.version();
        let mut transaction =
            Transaction { tables: &mut state.tables, version, undo: Vec::new(), failure: None };
        let outcome = catch_unwind(AssertUnwindSafe(|| job(&mut transaction)));
        let result = match (outcome, transaction.failure.take()) {
            (Ok(Outcome::Commit), None) => {
                state.commits += 1;
                return Ok(());
            }
            (Ok(Outcome::Commit), Some(error)) => Err(error),
            (Ok(Outcome::Abort), _) => Ok(()),
            (Err(_), _) => Err(StoreError::Panicked),
        };
        transaction.roll_back();
        result
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities { backend: "memory", durable: false, shared: false }
    }

    async fn backup(&self, _file: &Path) -> Result<Backup, StoreError> {
        Err(StoreError::Backend("the memory store has nothing to back up".into()))
    }

    async fn check(&self) -> Result<Vec<Defect>, StoreError> {
        Ok(Vec::new())
    }
}

struct Snapshot<'a> {
    tables: &'a HashMap<TableDefinition, Rows>,
    version: Version,
}

impl ReadTx for Snapshot<'_> {
    fn version(&self) -> Result<Option<Version>, StoreError> {
        Ok(Some(self.version))
    }

    fn get(&self, table: TableDefinition, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(rows(self.tables, table)?.get(key).cloned())
    }

    fn scan(
        &self,
        table: TableDefinition,
        range: &KeyRange,
        direction: Direction,
        visit: &mut Visitor<'_>,
    ) -> Result<(), StoreError> {
        scan(rows(self.tables, table)?, range, direction, visit)
    }
}

/// Writes in place and remembers how to undo it.
struct Transaction<'a> {
    tables: &'a mut HashMap<TableDefinition, Rows>,
    /// Of the state it started from.
    version: Version,
    undo: Vec<(TableDefinition, Vec<u8>, Option<Vec<u8>>)>,
    /// The first write that failed: the job cannot commit without it.
    failure: Option<StoreError>,
}

impl Transaction<'_> {
    fn rows(&mut self, table: TableDefinition) -> Result<&mut Rows, StoreError> {
        match self.tables.get_mut(&table) {
            Some(rows) => Ok(rows),
            None => Err(self.failure.get_or_insert_with(|| unknown(table)).clone()),
        }
    }

    fn roll_back(&mut self) {
        while let Some((table, key, before)) = self.undo.pop() {
            if let Some(rows) = self.tables.get_mut(&table) {
                match before {
                    Some(value) => rows.insert(key, value),
                    None => rows.remove(&key),
                };
            }
        }
    }
}

impl ReadTx for Transaction<'_> {
    fn version(&self) -> Result<Option<Version>, StoreError> {
        Ok(Some(self.version))
    }

    fn get(&self, table: TableDefinition, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(rows(self.tables, table)?.get(key).cloned())
    }

    fn scan(
        &self,
        table: TableDefinition,
        range: &KeyRange,
        direction: Direction,
        visit: &mut Visitor<'_>,
    ) -> Result<(), StoreError> {
        scan(rows(self.tables, table)?, range, direction, visit)
    }
}

impl WriteTx for Transaction<'_> {
    fn next_version(&self) -> Option<Version> {
        Some(Version { number: self.version.number + 1, ..self.version })
    }

    fn put(&mut self, table: TableDefinition, key: &[u8], value: &[u8]) -> Result<(), StoreError> {
        let before = self.rows(table)?.insert(key.to_vec(), value.to_vec());
        self.undo.push((table, key.to_vec(), before));
        Ok(())
    }

    fn delete(&mut self, table: TableDefinition, key: &[u8]) -> Result<(), StoreError> {
        if let Some(before) = self.rows(table)?.remove(key) {
            self.undo.push((table, key.to_vec(), Some(before)));
        }
        Ok(())
    }
}

fn rows(tables: &HashMap<TableDefinition, Rows>, table: TableDefinition) -> Result<&Rows, StoreError> {
    tables.get(&table).ok_or_else(|| unknown(table))
}

fn unknown(table: TableDefinition) -> StoreError {
    StoreError::Backend(format!("no table {}", table.name).into())
}

fn scan(
    rows: &Rows,
    range: &KeyRange,
    direction: Direction,
    visit: &mut Visitor<'_>,
) -> Result<(), StoreError> {
    if range.is_empty() {
        return Ok(());
    }
    let bounds: (Bound<&[u8]>, Bound<&[u8]>) =
        (range.start.as_ref().map(Vec::as_slice), range.end.as_ref().map(Vec::as_slice));
    let mut found = rows.range::<[u8], _>(bounds);
    while let Some((key, value)) = match direction {
        Direction::Ascending => found.next(),
        Direction::Descending => found.next_back(),
    } {
        if visit(key, value)? == Step::Stop {
            break;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::MemoryStore;
    use crate::conformance::{Factory, TABLES};
    use crate::store::Store;

    struct InMemory;

    impl Factory for InMemory {
        fn open(&self) -> Arc<dyn Store> {
            Arc::new(MemoryStore::new(TABLES))
        }
    }

    mod conformance {
        crate::store_conformance!(super::super::InMemory);
    }
}
