//! The numbers of the instance.

use crate::command::Command;
use crate::error::Error;
use crate::model::InstanceStats;
use crate::query::Query;
use crate::store::schema::{META, meta};
use crate::store::{ReadTx, StoreError};

impl Query<'_> {
    /// How many local accounts and statuses there are. Cost: one point read.
    pub fn instance_stats(&self) -> Result<InstanceStats, Error> {
        stored(self.tx())
    }
}

/// Counts statuses posted here, or deleted, in the transaction that does it.
pub(crate) fn count_statuses(command: &mut Command<'_>, by: i64) -> Result<(), Error> {
    change(command, |stats| stats.statuses = stats.statuses.saturating_add_signed(by))
}

/// Counts local accounts that come into use, or out of it, in the transaction that does it.
pub(super) fn count_users(command: &mut Command<'_>, by: i64) -> Result<(), Error> {
    change(command, |stats| stats.users = stats.users.saturating_add_signed(by))
}

fn change(command: &mut Command<'_>, change: impl FnOnce(&mut InstanceStats)) -> Result<(), Error> {
    let mut stats = stored(command.read())?;
    change(&mut stats);
    let value = serde_json::to_value(stats)
        .map_err(|error| StoreError::Backend(format!("instance statistics: {error}").into()))?;
    META.put(command.tx(), &meta::INSTANCE_STATS.to_owned(), &value)?;
    Ok(())
}

fn stored(tx: &dyn ReadTx) -> Result<InstanceStats, Error> {
    match META.get(tx, &meta::INSTANCE_STATS.to_owned())? {
        None => Ok(InstanceStats::default()),
        Some(value) => serde_json::from_value(value)
            .map_err(|error| StoreError::damaged("meta", meta::INSTANCE_STATS.as_bytes(), error).into()),
    }
}
