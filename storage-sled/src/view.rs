//! Reading what sled holds, as it looks with some rows replaced.
//!
//! sled has no snapshots. A read job looks at the newest state through the rows as they were before the
//! commits it must not see; a write job looks at it through the rows its group has yet to commit.

use std::ops::Bound;

use koinon_engine::store::{Direction, KeyRange, Step, StoreError, Visitor};
use sled::IVec;

use crate::database::Database;
use crate::error::Failure;
use crate::tables::{Span, Table, split_place};

/// What stands at a place instead of what sled holds there; `None`: no row.
pub(crate) type Replacement = Option<IVec>;

/// Rows that take the place of those in sled.
///
/// Asked after sled was: whatever sled showed of a later commit is replaced by then.
pub(crate) trait Overlay {
    /// `None` where sled is right.
    fn get(&self, place: &[u8]) -> Result<Option<Replacement>, StoreError>;

    /// The first replaced row between two places.
    fn next(
        &self,
        between: (Bound<&[u8]>, Bound<&[u8]>),
        direction: Direction,
    ) -> Result<Option<(Vec<u8>, Replacement)>, StoreError>;
}

/// sled as it is.
pub(crate) struct Plain;

impl Overlay for Plain {
    fn get(&self, _: &[u8]) -> Result<Option<Replacement>, StoreError> {
        Ok(None)
    }

    fn next(
        &self,
        _: (Bound<&[u8]>, Bound<&[u8]>),
        _: Direction,
    ) -> Result<Option<(Vec<u8>, Replacement)>, StoreError> {
        Ok(None)
    }
}

/// One state of the store.
#[derive(Clone, Copy)]
pub(crate) struct View<'a> {
    pub(crate) database: &'a Database,
    pub(crate) overlay: &'a dyn Overlay,
}

impl View<'_> {
    /// The verified value at a key.
    pub(crate) fn get(&self, table: &Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let stored = self.stored(table, key)?;
        stored.map(|stored| table.verified(key, &stored).map(<[u8]>::to_vec)).transpose()
    }

    /// What is stored at a key, checksum included.
    pub(crate) fn stored(&self, table: &Table, key: &[u8]) -> Result<Option<IVec>, StoreError> {
        let place = table.place(key);
        let held = self.database.get(&place);
        match self.overlay.get(&place)? {
            Some(replacement) => Ok(replacement),
            None => held.map_err(|failure| failure.at_row(&table.name, key)),
        }
    }

    /// Visits the verified rows of a table.
    pub(crate) fn scan(
        &self,
        table: &Table,
        range: &KeyRange,
        direction: Direction,
        visit: &mut Visitor<'_>,
    ) -> Result<(), StoreError> {
        if range.is_empty() {
            return Ok(());
        }
        self.walk(&|_| &table.name, table.span(range), direction, &mut |place, stored| {
            // Every place of a span starts with the number of its table.
            let key = split_place(place).map_or(&[][..], |(_, key)| key);
            visit(key, table.verified(key, stored)?)
        })
    }

    /// Visits places and what is stored there, checksums not compared.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] for a row in disorder or out of range: damage to the pages between rows
    /// delivers sound rows twice, or those of elsewhere. `name` tells the name of a table by its number.
    pub(crate) fn walk<'n>(
        &self,
        name: &dyn Fn(u16) -> &'n str,
        mut left: Span,
        direction: Direction,
        visit: &mut Visitor<'_>,
    ) -> Result<(), StoreError> {
        let failed = |failure: Failure, left: &Span| {
            let near = match direction {
                Direction::Ascending => &left.start,
                Direction::Descending => &left.end,
            };
            let (number, key) = split_place(near).unwrap_or_default();
            failure.at_row(name(number), key)
        };
        let mut rows = self.database.rows(&left).map_err(|failure| failed(failure, &left))?;
        loop {
            let held = rows.next(direction).map_err(|failure| failed(failure, &left))?;
            if let Some((place, _)) = &held
                && !left.contains(place)
            {
                let (number, key) = split_place(place).unwrap_or_default();
                return Err(StoreError::damaged(name(number), key, "the row is not at its place"));
            }
            let mut is_replaced = false;
            while let Some((place, replacement)) =
                self.overlay.next(up_to(&left, held.as_ref(), direction), direction)?
            {
                is_replaced = held.as_ref().is_some_and(|(held, _)| held[..] == place[..]);
                left.advance(&place, direction);
                if let Some(stored) = replacement
                    && visit(&place, &stored)? == Step::Stop
                {
                    return Ok(());
                }
                if is_replaced {
                    break;
                }
            }
            match held {
                _ if is_replaced => {}
                None => return Ok(()),
                Some((place, stored)) => {
                    left.advance(&place, direction);
                    if visit(&place, &stored)? == Step::Stop {
                        return Ok(());
                    }
                }
            }
        }
    }
}

/// What is left of a walk, the next row that sled holds included.
fn up_to<'a>(
    left: &'a Span,
    held: Option<&'a (IVec, IVec)>,
    direction: Direction,
) -> (Bound<&'a [u8]>, Bound<&'a [u8]>) {
    match (direction, held) {
        (Direction::Ascending, Some((place, _))) => (Bound::Included(&left.start), Bound::Included(place)),
        (Direction::Descending, Some((place, _))) => (Bound::Included(place), Bound::Excluded(&left.end)),
        (_, None) => (Bound::Included(&left.start), Bound::Excluded(&left.end)),
    }
}

impl std::fmt::Debug for View<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("View").field("database", self.database).finish_non_exhaustive()
    }
}
