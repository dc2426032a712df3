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

/// Changes the numbers of the instance in the transaction that changes what they count.
pub(crate) fn change_instance_stats(
    command: &mut Command<'_>,
    change: impl FnOnce(&mut InstanceStats),
) -> Result<(), Error> {
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
