//! A transaction that keeps its writes in memory until all of them are known.
//!
//! Stored in the order of their keys, rows that lie side by side meet the same page of the store once, and what many
//! commands changed (counters, mostly) is stored once. What was read is kept too: the same accounts are asked for again
//! and again.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::iter::Peekable;
use std::ops::Bound;

use crate::store::{
    Direction, KeyRange, ReadTx, Step, StoreError, TableDefinition, Version, Visitor, WriteTx,
};

/// Bytes that are kept of what was read.
const KEPT_BYTES: usize = 16 << 20;

/// By keys that nobody chooses who could gain from collisions: whoever fills a store has all of it.
type Hashed<V> = HashMap<Vec<u8>, V, foldhash::fast::RandomState>;
/// A value, or that there is none.
type Value = Option<Vec<u8>>;

/// Writes over a transaction.
pub(super) struct Buffer<'a> {
    tx: &'a mut dyn WriteTx,
    written: BTreeMap<TableDefinition, RefCell<Writes>>,
    bytes: usize,
    read: RefCell<Kept>,
    /// The first write that failed: nothing can be stored without it.
    failure: Option<StoreError>,
}

/// What was written to a table.
enum Writes {
    /// To one that was not scanned yet, as most are not.
    Hashed(Hashed<Value>),
    Ordered(BTreeMap<Vec<u8>, Value>),
}

/// What was read of the transaction below, which does not change before everything is stored.
#[derive(Default)]
struct Kept {
    tables: BTreeMap<TableDefinition, Hashed<Value>>,
    bytes: usize,
}

impl<'a> Buffer<'a> {
    pub(super) fn new(tx: &'a mut dyn WriteTx) -> Self {
        Self { tx, written: BTreeMap::new(), bytes: 0, read: RefCell::default(), failure: None }
    }

    /// Bytes of keys and values that were written, rewritten ones counted each time.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Writes everything to the transaction below.
    pub(super) fn store(self) -> Result<(), StoreError> {
        if let Some(error) = self.failure {
            return Err(error);
        }
        for (table, writes) in self.written {
            for (key, value) in writes.into_inner().in_order() {
                match value {
                    Some(value) => self.tx.put(table, &key, &value)?,
                    None => self.tx.delete(table, &key)?,
                }
            }
        }
        Ok(())
    }

    fn write(&mut self, table: TableDefinition, key: &[u8], value: Value) -> Result<(), StoreError> {
        if !self.written.contains_key(&table) {
            // Reading tells whether there is such a table.
            self.tx.get(table, key).map_err(|error| self.failure.get_or_insert(error).clone())?;
        }
        self.bytes += key.len() + value.as_ref().map_or(0, Vec::len);
        self.written.entry(table).or_default().get_mut().insert(key.to_vec(), value);
        Ok(())
    }
}

impl Default for Writes {
    fn default() -> Self {
        Self::Hashed(Hashed::default())
    }
}

impl Writes {
    fn get(&self, key: &[u8]) -> Option<&Value> {
        match self {
            Self::Hashed(writes) => writes.get(key),
            Self::Ordered(writes) => writes.get(key),
        }
    }

    fn insert(&mut self, key: Vec<u8>, value: Value) {
        match self {
            Self::Hashed(writes) => writes.insert(key, value),
            Self::Ordered(writes) => writes.insert(key, value),
        };
    }

    /// The same in order, which it stays in from now on.
    fn order(&mut self) -> &BTreeMap<Vec<u8>, Value> {
        if let Self::Hashed(writes) = self {
            *self = Self::Ordered(std::mem::take(writes).into_iter().collect());
        }
        match self {
            Self::Ordered(writes) => writes,
            Self::Hashed(_) => unreachable!("they were put in order above"),
        }
    }

    fn in_order(self) -> Vec<(Vec<u8>, Value)> {
        match self {
            Self::Hashed(writes) => {
                let mut writes: Vec<_> = writes.into_iter().collect();
                writes.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
                writes
            }
            Self::Ordered(writes) => writes.into_iter().collect(),
        }
    }
}

impl ReadTx for Buffer<'_> {
    fn version(&self) -> Result<Option<Version>, StoreError> {
        self.tx.version()
    }

    fn get(&self, table: TableDefinition, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        if let Some(writes) = self.written.get(&table)
            && let Some(value) = writes.borrow().get(key)
        {
            return Ok(value.clone());
        }
        let mut kept = self.read.borrow_mut();
        if let Some(value) = kept.tables.get(&table).and_then(|values| values.get(key)) {
            return Ok(value.clone());
        }
        let value = self.tx.get(table, key)?;
        if kept.bytes >= KEPT_BYTES {
            *kept = Kept::default();
        }
        kept.bytes += key.len() + value.as_ref().map_or(0, Vec::len);
        kept.tables.entry(table).or_default().insert(key.to_vec(), value.clone());
        Ok(value)
    }

    fn scan(
        &self,
        table: TableDefinition,
        range: &KeyRange,
        direction: Direction,
        visit: &mut Visitor<'_>,
    ) -> Result<(), StoreError> {
        let Some(writes) = self.written.get(&table).filter(|_| !range.is_empty()) else {
            return self.tx.scan(table, range, direction, visit);
        };
        let mut writes = writes.borrow_mut();
        let writes = writes.order();
        let bounds: (Bound<&[u8]>, Bound<&[u8]>) =
            (range.start.as_ref().map(Vec::as_slice), range.end.as_ref().map(Vec::as_slice));
        let rows = writes.range::<[u8], _>(bounds).map(|(key, value)| (key.as_slice(), value.as_deref()));
        match direction {
            Direction::Ascending => merge(&*self.tx, table, range, direction, rows, visit),
            Direction::Descending => merge(&*self.tx, table, range, direction, rows.rev(), visit),
        }
    }
}

impl WriteTx for Buffer<'_> {
    fn next_version(&self) -> Option<Version> {
        self.tx.next_version()
    }

    fn put(&mut self, table: TableDefinition, key: &[u8], value: &[u8]) -> Result<(), StoreError> {
        self.write(table, key, Some(value.to_vec()))
    }

    fn delete(&mut self, table: TableDefinition, key: &[u8]) -> Result<(), StoreError> {
        self.write(table, key, None)
    }
}

/// Visits the stored rows of a range and the written ones, in one order; a written row hides the stored one of its key.
fn merge<'w>(
    tx: &dyn ReadTx,
    table: TableDefinition,
    range: &KeyRange,
    direction: Direction,
    written: impl Iterator<Item = (&'w [u8], Option<&'w [u8]>)>,
    visit: &mut Visitor<'_>,
) -> Result<(), StoreError> {
    let is_before = |one: &[u8], other: &[u8]| match direction {
        Direction::Ascending => one < other,
        Direction::Descending => one > other,
    };
    let mut written = written.peekable();
    let mut stopped = false;
    tx.scan(table, range, direction, &mut |key, value| {
        if visit_while(&mut written, |other| is_before(other, key), visit)? == Step::Stop {
            stopped = true;
            return Ok(Step::Stop);
        }
        let step = match written.next_if(|(other, _)| *other == key) {
            Some((_, Some(value))) => visit(key, value)?,
            Some((_, None)) => Step::Continue,
            None => visit(key, value)?,
        };
        stopped = step == Step::Stop;
        Ok(step)
    })?;
    if !stopped {
        visit_while(&mut written, |_| true, visit)?;
    }
    Ok(())
}

/// Visits the next written rows as long as their keys are wanted.
fn visit_while<'w>(
    written: &mut Peekable<impl Iterator<Item = (&'w [u8], Option<&'w [u8]>)>>,
    is_wanted: impl Fn(&[u8]) -> bool,
    visit: &mut Visitor<'_>,
) -> Result<Step, StoreError> {
    while let Some((key, value)) = written.next_if(|(key, _)| is_wanted(key)) {
        if let Some(value) = value
            && visit(key, value)? == Step::Stop
        {
            return Ok(Step::Stop);
        }
    }
    Ok(Step::Continue)
}
