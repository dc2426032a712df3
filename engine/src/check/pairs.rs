//! Tables that say the same in another order, against each other.

use super::{defect, each};
use crate::error::Error;
use crate::store::schema::{
    BLOCKED, BLOCKS, FOLLOW_REQUESTS, FOLLOW_REQUESTS_TO, FOLLOWERS, FOLLOWING, FOLLOWS, MARKS, MARKS_BY,
    MARKS_OF, MUTED, MUTES, NOTIFICATION_CAUSES, NOTIFICATIONS, REBLOGS, REBLOGS_OF, STATUSES,
};
use crate::store::{Defect, ReadTx};

const ONE_SIDED: &str = "has no counterpart in the other order";

pub(super) fn check(tx: &dyn ReadTx, defects: &mut Vec<Defect>) -> Result<(), Error> {
    follows(tx, defects)?;
    blocks_and_mutes(tx, defects)?;
    marks(tx, defects)?;
    each(tx, NOTIFICATION_CAUSES, |key, id| {
        if !NOTIFICATIONS.contains(tx, &(key.0, id))? {
            defects.push(defect(NOTIFICATION_CAUSES, key, ONE_SIDED));
        }
        Ok(())
    })
}

fn follows(tx: &dyn ReadTx, defects: &mut Vec<Defect>) -> Result<(), Error> {
    each(tx, FOLLOWS, |key, follow| {
        let (follower, followee) = *key;
        if FOLLOWING.get(tx, &(follower, follow.id))? != Some(followee)
            || FOLLOWERS.get(tx, &(followee, follow.id))? != Some(follower)
        {
            defects.push(defect(FOLLOWS, key, ONE_SIDED));
        }
        Ok(())
    })?;
    each(tx, FOLLOWING, |key, followee| {
        if FOLLOWS.get(tx, &(key.0, followee))?.is_none_or(|follow| follow.id != key.1) {
            defects.push(defect(FOLLOWING, key, ONE_SIDED));
        }
        Ok(())
    })?;
    each(tx, FOLLOWERS, |key, follower| {
        if FOLLOWS.get(tx, &(follower, key.0))?.is_none_or(|follow| follow.id != key.1) {
            defects.push(defect(FOLLOWERS, key, ONE_SIDED));
        }
        Ok(())
    })?;
    each(tx, FOLLOW_REQUESTS_TO, |key, requester| {
        if FOLLOW_REQUESTS.get(tx, &(requester, key.0))?.is_none_or(|request| request.id != key.1) {
            defects.push(defect(FOLLOW_REQUESTS_TO, key, ONE_SIDED));
        }
        Ok(())
    })
}

fn blocks_and_mutes(tx: &dyn ReadTx, defects: &mut Vec<Defect>) -> Result<(), Error> {
    each(tx, BLOCKS, |key, block| {
        if BLOCKED.get(tx, &(key.0, block.id))? != Some(key.1) {
            defects.push(defect(BLOCKS, key, ONE_SIDED));
        }
        // A block severs both ways.
        if FOLLOWS.contains(tx, key)? || FOLLOWS.contains(tx, &(key.1, key.0))? {
            defects.push(defect(BLOCKS, key, "stands beside a follow"));
        }
        Ok(())
    })?;
    each(tx, MUTES, |key, mute| {
        if MUTED.get(tx, &(key.0, mute.id))? != Some(key.1) {
            defects.push(defect(MUTES, key, ONE_SIDED));
        }
        Ok(())
    })
}

fn marks(tx: &dyn ReadTx, defects: &mut Vec<Defect>) -> Result<(), Error> {
    each(tx, MARKS, |key, id| {
        let (account, kind, status) = *key;
        if MARKS_BY.get(tx, &(account, kind, id))? != Some(status)
            || MARKS_OF.get(tx, &(status, kind, id))? != Some(account)
        {
            defects.push(defect(MARKS, key, ONE_SIDED));
        }
        Ok(())
    })?;
    each(tx, REBLOGS, |key, wrapper| {
        let named = STATUSES.get(tx, &wrapper)?.and_then(|status| status.reblog_of);
        if REBLOGS_OF.get(tx, &(key.1, wrapper))? != Some(key.0)
            || named.is_none_or(|original| original.status != key.1)
        {
            defects.push(defect(REBLOGS, key, ONE_SIDED));
        }
        Ok(())
    })
}
