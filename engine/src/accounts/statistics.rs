//! The numbers of the instance.

use crate::command::Command;
use crate::error::Error;
use crate::model::{Account, AccountState, InstanceStats};
use crate::query::Query;
use crate::store::schema::{ACCOUNT_STATS, ACCOUNTS, META, meta};
use crate::store::{ReadTx, Scan, Step, StoreError};
use crate::time::Timestamp;

impl Query<'_> {
    /// How many local accounts and statuses there are. Cost: one point read.
    pub fn instance_stats(&self) -> Result<InstanceStats, Error> {
        instance_stats(self.tx())
    }

    /// How many local accounts in use have posted publicly since `since`. Cost: a pass over the numbers of all
    /// accounts, so not to be asked with every request.
    pub fn active_accounts(&self, since: Timestamp) -> Result<u64, Error> {
        let mut recent = Vec::new();
        ACCOUNT_STATS.scan(self.tx(), &Scan::all(), |id, stats| {
            recent.extend(stats.last_status_at.filter(|last| *last >= since).map(|_| id));
            Ok(Step::Continue)
        })?;
        let in_use = |account: &Account| account.is_local() && account.state == AccountState::Active;
        let accounts = ACCOUNTS.get_many(self.tx(), &recent)?;
        Ok(accounts.iter().flatten().filter(|account| in_use(account)).count() as u64)
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
    let mut stats = instance_stats(command.read())?;
    change(&mut stats);
    let value = serde_json::to_value(stats)
        .map_err(|error| StoreError::Backend(format!("instance statistics: {error}").into()))?;
    META.put(command.tx(), &meta::INSTANCE_STATS.to_owned(), &value)?;
    Ok(())
}

/// The numbers as they are stored.
pub(crate) fn instance_stats(tx: &dyn ReadTx) -> Result<InstanceStats, Error> {
    match META.get(tx, &meta::INSTANCE_STATS.to_owned())? {
        None => Ok(InstanceStats::default()),
        Some(value) => serde_json::from_value(value)
            .map_err(|error| StoreError::damaged("meta", meta::INSTANCE_STATS.as_bytes(), error).into()),
    }
}
