//! Bringing older data up to date.
//!
//! How a backend lays out its files has a version of its own and is the backend's business. The version here is that
//! of the data: which tables there are, how their keys sort and how their records are written. It is the fact
//! [`DATA_VERSION`](crate::store::schema::meta::DATA_VERSION) of the store, and 1 where there is no such fact.
//!
//! A [`Migration`] leads from one version to the next by visiting each row of one table. [`Engine::open`] runs the
//! [`MIGRATIONS`] that the data lack, in bounded transactions that each note how far they came. Killed anywhere, it goes
//! on there. Data on their way to a version that this program does not know are refused like data of that version.
//!
//! Migrations are never changed once they were released; they read and write bytes or
//! [`serde_json::Value`], never the record types of [`model`](crate::model), which go on changing. Tables that are not
//! used any more stay in [`TABLES`](crate::store::schema::TABLES) as long as a migration reads them.
//!
//! [`Engine::open`]: crate::Engine::open

mod plan;
mod rehearsal;
#[cfg(test)]
mod tests;
mod upgrade;
mod version;

pub use plan::{Plan, PlannedStep, plan};
pub(crate) use upgrade::trace_progress;
pub use upgrade::{BATCH_BYTES, BATCH_ROWS, Progress, run_batch, upgrade};
pub use version::needs_upgrade;

use crate::store::{StoreError, TableDefinition, WriteTx};

/// Every migration of the engine, oldest first.
pub const MIGRATIONS: &[Migration] = &[];

/// One step, from the version before [`to`](Self::to).
#[derive(Debug, Clone, Copy)]
pub struct Migration {
    /// The version it leads to; each migration of a list leads to the version after that of the one before, the first
    /// one to 2.
    pub to: u32,
    /// What it does, for the operator: `"sorts hashtags by use"`.
    pub title: &'static str,
    /// The table whose rows it visits, in the order of their keys.
    pub table: TableDefinition,
    /// What it does with one row.
    pub row: RowStep,
}

/// Does what a migration has to do for the row with this key and value.
///
/// It may read and write any table, but adds rows to the table that is visited only at keys up to that of the row: what
/// it adds behind it would be visited too. It runs once for each row in what is committed; a run that was interrupted
/// has left nothing. So it need not be able to run twice, and does nothing but use its transaction. A row that it cannot
/// make sense of is [`StoreError::Damaged`].
pub type RowStep = fn(&mut dyn WriteTx, &[u8], &[u8]) -> Result<(), StoreError>;
