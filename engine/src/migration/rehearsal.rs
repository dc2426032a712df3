//! A transaction that writes nothing: it reads a snapshot, and what was written to it.

use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;

use crate::store::{Direction, KeyRange, ReadTx, Step, StoreError, TableDefinition, Visitor, WriteTx};

/// What is written stays in memory and is forgotten.
pub(super) struct Rehearsal<'a> {
    snapshot: &'a dyn ReadTx,
    /// None for what was deleted.
    written: HashMap<TableDefinition, BTreeMap<Vec<u8>, Option<Vec<u8>>>>,
    /// How often something was written or deleted.
    pub(super) writes: u64,
}

impl<'a> Rehearsal<'a> {
    pub(super) fn new(snapshot: &'a dyn ReadTx) -> Self {
        Self { snapshot, written: HashMap::new(), writes: 0 }
    }

    fn write(&mut self, table: TableDefinition, key: &[u8], value: Option<Vec<u8>>) {
        self.writes += 1;
        self.written.entry(table).or_default().insert(key.to_vec(), value);
    }
}

impl ReadTx for Rehearsal<'_> {
    fn get(&self, table: TableDefinition, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        match self.written.get(&table).and_then(|rows| rows.get(key)) {
            Some(value) => Ok(value.clone()),
            None => self.snapshot.get(table, key),
        }
    }

    fn scan(
        &self,
        table: TableDefinition,
        range: &KeyRange,
        direction: Direction,
        visit: &mut Visitor<'_>,
    ) -> Result<(), StoreError> {
        let Some(written) = self.written.get(&table).filter(|_| !range.is_empty()) else {
            return self.snapshot.scan(table, range, direction, visit);
        };
        let bounds: (Bound<&[u8]>, Bound<&[u8]>) =
            (range.start.as_ref().map(Vec::as_slice), range.end.as_ref().map(Vec::as_slice));
        let mut written: Vec<(&Vec<u8>, &Option<Vec<u8>>)> = written.range::<[u8], _>(bounds).collect();
        let passed = match direction {
            Direction::Ascending => Ordering::Less,
            Direction::Descending => Ordering::Greater,
        };
        if direction == Direction::Descending {
            written.reverse();
        }
        let mut written = written.into_iter().peekable();
        let mut last = Step::Continue;
        self.snapshot.scan(table, range, direction, &mut |key, value| {
            while let Some((own, value)) = written.next_if(|(own, _)| own[..].cmp(key) == passed) {
                if let Some(value) = value {
                    last = visit(own, value)?;
                    if last == Step::Stop {
                        return Ok(last);
                    }
                }
            }
            last = match written.next_if(|(own, _)| own[..] == *key) {
                None => visit(key, value)?,
                Some((_, Some(value))) => visit(key, value)?,
                Some((_, None)) => Step::Continue,
            };
            Ok(last)
        })?;
        for (own, value) in written {
            if last == Step::Stop {
                break;
            }
            if let Some(value) = value {
                last = visit(own, value)?;
            }
        }
        Ok(())
    }
}

impl WriteTx for Rehearsal<'_> {
    fn put(&mut self, table: TableDefinition, key: &[u8], value: &[u8]) -> Result<(), StoreError> {
        self.write(table, key, Some(value.to_vec()));
        Ok(())
    }

    fn delete(&mut self, table: TableDefinition, key: &[u8]) -> Result<(), StoreError> {
        self.write(table, key, None);
        Ok(())
    }
}
