//! The transaction a job works with, over one connection.

use koinon_engine::store::{
    Direction, KeyRange, ReadTx, Step, StoreError, TableDefinition, Version, Visitor, WriteTx,
};
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, Statement};

use crate::error::store_error;
use crate::tables::{Catalog, Table};

/// Reads in the transaction that is open on a connection.
#[derive(Debug)]
pub(crate) struct Session<'a> {
    pub(crate) connection: &'a Connection,
    pub(crate) catalog: &'a Catalog,
    /// Of the state it reads; of a transaction that writes, of the state that was there before.
    pub(crate) version: Option<Version>,
}

impl ReadTx for Session<'_> {
    fn version(&self) -> Result<Option<Version>, StoreError> {
        Ok(self.version)
    }

    fn get(&self, table: TableDefinition, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let table = self.catalog.table(table)?;
        let mut statement = self.connection.prepare_cached(&table.get).map_err(store_error)?;
        value_at(table, &mut statement, key)
    }

    fn get_many(&self, table: TableDefinition, keys: &[Vec<u8>]) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        let table = self.catalog.table(table)?;
        let mut statement = self.connection.prepare_cached(&table.get).map_err(store_error)?;
        keys.iter().map(|key| value_at(table, &mut statement, key)).collect()
    }

    fn scan(
        &self,
        table: TableDefinition,
        range: &KeyRange,
        direction: Direction,
        visit: &mut Visitor<'_>,
    ) -> Result<(), StoreError> {
        let table = self.catalog.table(table)?;
        if range.is_empty() {
            return Ok(());
        }
        let (sql, mut expected) = table.scan(range, direction);
        let mut statement = self.connection.prepare_cached(sql).map_err(store_error)?;
        let mut rows = match &expected.end {
            Some(end) => statement.query((&expected.start, end)),
            None => statement.query((&expected.start,)),
        }
        .map_err(store_error)?;
        while let Some(row) = rows.next().map_err(store_error)? {
            let column = |place| row.get_ref(place).map_err(store_error);
            let key = match column(0)? {
                ValueRef::Blob(key) => key,
                _ => return Err(StoreError::damaged(&table.name, &[], "a key is not of bytes")),
            };
            let value = table.verified(key, column(1)?, column(2)?)?;
            // Damage to the pages between rows delivers sound rows twice, in disorder or out of range.
            if !expected.advance(key, direction) {
                return Err(StoreError::damaged(&table.name, key, "the row is not at its place"));
            }
            if visit(key, value)? == Step::Stop {
                break;
            }
        }
        Ok(())
    }
}

fn value_at(table: &Table, get: &mut Statement<'_>, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
    let mut rows = get.query((key,)).map_err(store_error)?;
    let Some(row) = rows.next().map_err(store_error)? else { return Ok(None) };
    let (value, sum) = (row.get_ref(0).map_err(store_error)?, row.get_ref(1).map_err(store_error)?);
    Ok(Some(table.verified(key, value, sum)?.to_vec()))
}

/// The version that a transaction started from, and the one it makes.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Versions {
    pub(crate) before: Option<Version>,
    pub(crate) after: Option<Version>,
}

/// Reads and writes in the transaction that is open on a connection.
#[derive(Debug)]
pub(crate) struct Transaction<'a> {
    session: Session<'a>,
    next_version: Option<Version>,
    /// Bytes of the keys and values written, and one for each row.
    pub(crate) bytes: usize,
    /// The first write that failed: the job cannot commit without it.
    pub(crate) failure: Option<StoreError>,
}

impl<'a> Transaction<'a> {
    pub(crate) fn new(connection: &'a Connection, catalog: &'a Catalog, versions: Versions) -> Self {
        let session = Session { connection, catalog, version: versions.before };
        Self { session, next_version: versions.after, bytes: 0, failure: None }
    }

    fn remember<T>(&mut self, result: Result<T, StoreError>) -> Result<T, StoreError> {
        if let Err(error) = &result {
            self.failure.get_or_insert_with(|| error.clone());
        }
        result
    }
}

impl Session<'_> {
    fn put(&self, table: TableDefinition, key: &[u8], value: &[u8]) -> Result<(), StoreError> {
        let table = self.catalog.table(table)?;
        let readable = match std::str::from_utf8(value) {
            Ok(_) => ValueRef::Text(value),
            Err(_) => ValueRef::Blob(value),
        };
        self.connection
            .prepare_cached(&table.put)
            .and_then(|mut statement| {
                let sum = table.checksum(key, value);
                statement.execute((key, ToSqlOutput::Borrowed(readable), sum))
            })
            .map(drop)
            .map_err(store_error)
    }

    fn delete(&self, table: TableDefinition, key: &[u8]) -> Result<(), StoreError> {
        let table = self.catalog.table(table)?;
        self.connection
            .prepare_cached(&table.delete)
            .and_then(|mut statement| statement.execute((key,)))
            .map(drop)
            .map_err(store_error)
    }
}

impl ReadTx for Transaction<'_> {
    fn version(&self) -> Result<Option<Version>, StoreError> {
        Ok(self.session.version)
    }

    fn get(&self, table: TableDefinition, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.session.get(table, key)
    }

    fn get_many(&self, table: TableDefinition, keys: &[Vec<u8>]) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        self.session.get_many(table, keys)
    }

    fn scan(
        &self,
        table: TableDefinition,
        range: &KeyRange,
        direction: Direction,
        visit: &mut Visitor<'_>,
    ) -> Result<(), StoreError> {
        self.session.scan(table, range, direction, visit)
    }
}

impl WriteTx for Transaction<'_> {
    fn next_version(&self) -> Option<Version> {
        self.next_version
    }

    fn put(&mut self, table: TableDefinition, key: &[u8], value: &[u8]) -> Result<(), StoreError> {
        self.bytes += key.len() + value.len() + 1;
        let result = self.session.put(table, key, value);
        self.remember(result)
    }

    fn delete(&mut self, table: TableDefinition, key: &[u8]) -> Result<(), StoreError> {
        self.bytes += key.len() + 1;
        let result = self.session.delete(table, key);
        self.remember(result)
    }
}
