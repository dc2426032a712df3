//! Running migrations, one bounded transaction after the other.

use std::ops::Bound;

use super::Migration;
use super::version::{UnderWay, Version, known, needs_upgrade, note_progress, note_version};
use crate::store::{
    Direction, KeyRange, ReadTx, Step, Store, StoreError, StoreExt, TableDefinition, WriteTx,
};

/// Rows that one transaction visits at most.
pub const BATCH_ROWS: usize = 500;
/// Bytes of keys and values after which a transaction visits no further row.
pub const BATCH_BYTES: usize = 1 << 20;

/// How far a migration has come with a transaction that is durable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// The version it leads to.
    pub to: u32,
    /// What it does.
    pub title: &'static str,
    /// Rows it has visited since it was begun, also before an interruption.
    pub rows: u64,
    /// Whether these are all, and the data have the version now.
    pub is_finished: bool,
}

/// Runs every migration that the data of a store lack, in their order, and tells `watch` after each transaction.
/// Where there is none, nothing is written.
///
/// Dropping the future, or the end of the process, interrupts it at the end of a transaction; called again, it goes on
/// behind it. Several may run it at a time; each transaction is run by one of them. Nobody else may use the tables
/// meanwhile.
///
/// # Errors
/// [`StoreError::NewerData`], with nothing changed; those of a migration or of the store, with everything kept that was
/// done before.
pub async fn upgrade(
    store: &dyn Store,
    migrations: &[Migration],
    mut watch: impl FnMut(&Progress),
) -> Result<(), StoreError> {
    if !needs_upgrade(store, migrations).await? {
        return Ok(());
    }
    while let Some(progress) = run_batch(store, migrations).await? {
        watch(&progress);
    }
    Ok(())
}

/// Runs the next transaction of the migrations that the data of a store lack; none when they lack none.
///
/// # Errors
/// Those of [`upgrade`]; the transaction has changed nothing then.
pub async fn run_batch(store: &dyn Store, migrations: &[Migration]) -> Result<Option<Progress>, StoreError> {
    let migrations = migrations.to_vec();
    store.write(move |tx| batch(tx, &migrations)).await
}

/// Tells the log of each migration that is finished, and of each transaction whoever looks closely.
pub(crate) fn trace_progress(progress: &Progress) {
    let Progress { to, title, rows, is_finished } = *progress;
    if is_finished {
        tracing::info!(to, rows, "the data were brought up to date: {title}");
    } else {
        tracing::debug!(to, rows, "the data are being brought up to date: {title}");
    }
}

fn batch(tx: &mut dyn WriteTx, migrations: &[Migration]) -> Result<Option<Progress>, StoreError> {
    let version = Version::read(&*tx, known(migrations))?;
    let Some(migration) = version.pending(migrations).next() else { return Ok(None) };
    let before = version.progress_of(migration);
    let Batch { rows, is_last } = Batch::read(&*tx, migration.table, before)?;
    for (key, value) in &rows {
        (migration.row)(tx, key, value)?;
    }
    let count = before.map_or(0, |before| before.rows) + rows.len() as u64;
    match rows.into_iter().next_back() {
        Some((after, _)) if !is_last => {
            note_progress(tx, &UnderWay { to: migration.to, after, rows: count })?;
        }
        _ => note_version(tx, migration.to)?,
    }
    Ok(Some(Progress { to: migration.to, title: migration.title, rows: count, is_finished: is_last }))
}

/// Rows that one transaction visits.
#[derive(Debug, Default)]
pub(super) struct Batch {
    /// Keys and values.
    pub(super) rows: Vec<(Vec<u8>, Vec<u8>)>,
    /// Whether there are no rows behind them.
    pub(super) is_last: bool,
}

impl Batch {
    /// The next rows of `table` for a migration that has come as far as `before`.
    pub(super) fn read(
        tx: &dyn ReadTx,
        table: TableDefinition,
        before: Option<&UnderWay>,
    ) -> Result<Self, StoreError> {
        let (mut rows, mut bytes, mut is_last) = (Vec::new(), 0, true);
        tx.scan(table, &remaining(before), Direction::Ascending, &mut |key, value| {
            if rows.len() >= BATCH_ROWS || bytes >= BATCH_BYTES {
                is_last = false;
                return Ok(Step::Stop);
            }
            bytes += key.len() + value.len();
            rows.push((key.to_vec(), value.to_vec()));
            Ok(Step::Continue)
        })?;
        Ok(Self { rows, is_last })
    }
}

/// The keys that a migration has still to visit.
pub(super) fn remaining(before: Option<&UnderWay>) -> KeyRange {
    let start = before.map_or(Bound::Unbounded, |before| Bound::Excluded(before.after.clone()));
    KeyRange { start, end: Bound::Unbounded }
}
