//! What an upgrade would do, and how long it is likely to take.

use std::time::{Duration, Instant};

use super::rehearsal::Rehearsal;
use super::upgrade::{BATCH_ROWS, Batch, remaining};
use super::version::{UnderWay, Version, known};
use super::{BATCH_BYTES, Migration};
use crate::store::{Direction, ReadTx, Step, Store, StoreError, StoreExt, TableDefinition};

/// What writing one row is taken to cost. An idle machine takes half of it, a large store may take more.
const WRITE: Duration = Duration::from_micros(8);
/// What making a transaction durable is taken to cost.
const COMMIT: Duration = Duration::from_millis(5);
/// What a row is taken to cost, without writing it, where that cannot be measured.
const ROW: Duration = Duration::from_micros(10);

/// What [`upgrade`](super::upgrade) would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The version the data have.
    pub found: u32,
    /// The version they would have.
    pub known: u32,
    /// The migrations between them, in their order.
    pub steps: Vec<PlannedStep>,
}

/// One migration that is to come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedStep {
    /// The version it leads to.
    pub to: u32,
    /// What it does.
    pub title: &'static str,
    /// Rows it visited before it was interrupted.
    pub done: u64,
    /// Rows it has still to visit, as the data are now.
    pub rows: u64,
    /// How long that is likely to take: measured on some of the rows, but for writing, which is estimated.
    pub likely: Duration,
}

impl Plan {
    /// How long everything is likely to take.
    pub fn likely(&self) -> Duration {
        self.steps.iter().map(|step| step.likely).sum()
    }
}

/// What an upgrade of a store would do. Changes nothing, and reads in one snapshot.
///
/// Cost: reads the tables that would be visited once.
///
/// # Errors
/// [`StoreError::NewerData`]; those of the store; those of the first migration on its first rows.
pub async fn plan(store: &dyn Store, migrations: &[Migration]) -> Result<Plan, StoreError> {
    let migrations = migrations.to_vec();
    store.long_read(move |tx| plan_from(tx, &migrations)).await
}

fn plan_from(tx: &dyn ReadTx, migrations: &[Migration]) -> Result<Plan, StoreError> {
    let known = known(migrations);
    let version = Version::read(tx, known)?;
    let mut steps: Vec<PlannedStep> = Vec::new();
    // One for all, so that each migration meets rows that the one before has visited.
    let mut rehearsal = Rehearsal::new(tx);
    for migration in version.pending(migrations) {
        let before = version.progress_of(migration);
        let sample = match Sample::take(&mut rehearsal, migration, before) {
            Ok(sample) => sample,
            // A later one may meet rows that were left out.
            Err(_) if !steps.is_empty() => Sample::default(),
            Err(error) => return Err(error),
        };
        let (rows, bytes) = count(tx, migration.table, before)?;
        steps.push(PlannedStep {
            to: migration.to,
            title: migration.title,
            done: before.map_or(0, |before| before.rows),
            rows,
            likely: sample.scaled_to(rows, bytes),
        });
    }
    Ok(Plan { found: version.number, known, steps })
}

/// How many rows a migration has still to visit, and how many bytes of keys and values they have.
fn count(
    tx: &dyn ReadTx,
    table: TableDefinition,
    before: Option<&UnderWay>,
) -> Result<(u64, u64), StoreError> {
    let (mut rows, mut bytes) = (0, 0);
    tx.scan(table, &remaining(before), Direction::Ascending, &mut |key, value| {
        rows += 1;
        bytes += (key.len() + value.len()) as u64;
        Ok(Step::Continue)
    })?;
    Ok((rows, bytes))
}

/// What some rows took.
#[derive(Debug, Default)]
struct Sample {
    rows: u64,
    writes: u64,
    took: Duration,
}

impl Sample {
    /// Does what the next transaction would do, without writing.
    fn take(
        rehearsal: &mut Rehearsal<'_>,
        migration: &Migration,
        before: Option<&UnderWay>,
    ) -> Result<Self, StoreError> {
        let (begun, writes) = (Instant::now(), rehearsal.writes);
        let batch = Batch::read(rehearsal, migration.table, before)?;
        for (key, value) in &batch.rows {
            (migration.row)(rehearsal, key, value)?;
        }
        let (rows, writes) = (batch.rows.len() as u64, rehearsal.writes - writes);
        Ok(Self { rows, writes, took: begun.elapsed() })
    }

    /// What so many rows, of so many bytes, are likely to take.
    fn scaled_to(&self, rows: u64, bytes: u64) -> Duration {
        let per_row = match self.rows {
            0 => ROW + WRITE,
            sampled => self.took.div_f64(sampled as f64) + WRITE.mul_f64(self.writes as f64 / sampled as f64),
        };
        let batches = (rows / BATCH_ROWS as u64).max(bytes / BATCH_BYTES as u64) + 1;
        per_row.mul_f64(rows as f64) + COMMIT.mul_f64(batches as f64)
    }
}
