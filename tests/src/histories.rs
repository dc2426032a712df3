//! Whole stores, to be compared with each other.

use futures::executor::block_on;
use koinon_engine::store::schema::TABLES;
use koinon_engine::store::{Direction, KeyRange, Step, Store, StoreError, StoreExt, TableDefinition};

/// One row of a store, as its bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct Row {
    /// The table it stands in.
    pub table: &'static str,
    /// Its key.
    pub key: Vec<u8>,
    /// Its value.
    pub value: Vec<u8>,
}

/// On one line: table, key in hexadecimal, value.
impl std::fmt::Debug for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ", self.table)?;
        for byte in &self.key {
            write!(f, "{byte:02x}")?;
        }
        write!(f, " {}", self.value.escape_ascii())
    }
}

/// Every row of every table of the engine, in the order of tables and keys, from one snapshot.
///
/// # Errors
/// What the store says when it cannot read one.
pub fn dump(store: &dyn Store) -> Result<Vec<Row>, StoreError> {
    dump_of(store, TABLES)
}

/// The same of other tables.
///
/// # Errors
/// What the store says when it cannot read one.
pub fn dump_of(store: &dyn Store, tables: &'static [TableDefinition]) -> Result<Vec<Row>, StoreError> {
    block_on(store.read(move |tx| {
        let mut rows = Vec::new();
        for table in tables {
            tx.scan(*table, &KeyRange::all(), Direction::Ascending, &mut |key, value| {
                rows.push(Row { table: table.name, key: key.to_vec(), value: value.to_vec() });
                Ok(Step::Continue)
            })?;
        }
        Ok(rows)
    }))
}

/// The first row in which two dumps differ, as each of them has it; none when they are equal.
pub fn first_difference<'a>(one: &'a [Row], other: &'a [Row]) -> Option<(Option<&'a Row>, Option<&'a Row>)> {
    let longer = one.len().max(other.len());
    (0..longer).map(|n| (one.get(n), other.get(n))).find(|(one, other)| one != other)
}
