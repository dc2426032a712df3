//! Counters against what they count.

use std::collections::HashMap;

use super::{defect, each};
use crate::accounts::instance_stats;
use crate::error::Error;
use crate::model::{AccountId, AccountState, AccountStats, InstanceStats, MarkKind, StatusId, StatusStats};
use crate::store::schema::{
    ACCOUNT_STATS, ACCOUNTS, FOLLOWERS, FOLLOWING, MARKS_OF, META, REBLOGS_OF, STATUS_STATS, STATUSES, meta,
};
use crate::store::{Defect, ReadTx};

pub(super) fn check(tx: &dyn ReadTx, defects: &mut Vec<Defect>) -> Result<(), Error> {
    instance(tx, defects)?;
    accounts(tx, defects)?;
    statuses(tx, defects)
}

fn instance(tx: &dyn ReadTx, defects: &mut Vec<Defect>) -> Result<(), Error> {
    let mut counted = InstanceStats::default();
    each(tx, ACCOUNTS, |_, account| {
        counted.users += u64::from(account.is_local() && account.state == AccountState::Active);
        Ok(())
    })?;
    each(tx, STATUSES, |_, status| {
        counted.statuses += u64::from(status.local && status.visibility.is_open());
        Ok(())
    })?;
    let stored = instance_stats(tx)?;
    for (what, stored, counted) in
        [("users", stored.users, counted.users), ("statuses", stored.statuses, counted.statuses)]
    {
        if stored != counted {
            let key = meta::INSTANCE_STATS.to_owned();
            defects.push(defect(META, &key, format!("says {stored} {what}, there are {counted}")));
        }
    }
    Ok(())
}

fn accounts(tx: &dyn ReadTx, defects: &mut Vec<Defect>) -> Result<(), Error> {
    let mut counted: HashMap<AccountId, AccountStats> = HashMap::new();
    each(tx, STATUSES, |_, status| {
        if status.visibility.is_open() {
            counted.entry(status.author).or_default().statuses += 1;
        }
        Ok(())
    })?;
    each(tx, FOLLOWERS, |(account, _), _| {
        counted.entry(*account).or_default().followers += 1;
        Ok(())
    })?;
    each(tx, FOLLOWING, |(account, _), _| {
        counted.entry(*account).or_default().following += 1;
        Ok(())
    })?;
    each(tx, ACCOUNTS, |id, account| {
        let stored = ACCOUNT_STATS.get(tx, id)?.unwrap_or_default();
        let counted = counted.get(id).copied().unwrap_or_default();
        for (what, stored, counted) in [
            ("statuses", stored.statuses, counted.statuses),
            ("followers", stored.followers, counted.followers),
            ("following", stored.following, counted.following),
        ] {
            // Numbers of a deleted account are shown to nobody and no longer kept.
            if stored != counted && account.state != AccountState::Deleted {
                defects.push(defect(ACCOUNT_STATS, id, format!("says {stored} {what}, there are {counted}")));
            }
        }
        Ok(())
    })
}

fn statuses(tx: &dyn ReadTx, defects: &mut Vec<Defect>) -> Result<(), Error> {
    let mut counted: HashMap<StatusId, StatusStats> = HashMap::new();
    each(tx, STATUSES, |_, status| {
        if let Some(parent) = status.in_reply_to.filter(|_| status.visibility.is_open()) {
            counted.entry(parent.status).or_default().replies += 1;
        }
        Ok(())
    })?;
    each(tx, REBLOGS_OF, |(original, _), _| {
        counted.entry(*original).or_default().reblogs += 1;
        Ok(())
    })?;
    each(tx, MARKS_OF, |(status, kind, _), _| {
        if *kind == MarkKind::Favourite {
            counted.entry(*status).or_default().favourites += 1;
        }
        Ok(())
    })?;
    each(tx, STATUSES, |id, _| {
        let stored = STATUS_STATS.get(tx, id)?.unwrap_or_default();
        let counted = counted.get(id).copied().unwrap_or_default();
        for (what, stored, counted) in [
            ("replies", stored.replies, counted.replies),
            ("reblogs", stored.reblogs, counted.reblogs),
            ("favourites", stored.favourites, counted.favourites),
        ] {
            if stored != counted {
                defects.push(defect(STATUS_STATS, id, format!("says {stored} {what}, there are {counted}")));
            }
        }
        Ok(())
    })
}
