//! Tables that say the same in another order, against each other.

use std::collections::HashMap;

use super::{defect, each};
use crate::error::Error;
use crate::notifications::cause_of;
use crate::store::schema::{
    BLOCKED, BLOCKED_DOMAINS, BLOCKS, CIRCLE_MEMBERS, CIRCLES, CIRCLES_OF, DOMAIN_BLOCKS, FOLLOW_REQUESTS,
    FOLLOW_REQUESTS_TO, FOLLOWERS, FOLLOWING, FOLLOWS, MARKS, MARKS_BY, MARKS_OF, MUTED, MUTES,
    NOTIFICATION_CAUSES, NOTIFICATIONS, NOTIFICATIONS_OF, REBLOGS, REBLOGS_OF, REPORTS, REPORTS_BY, STATUSES,
    SUBSCRIBERS,
};
use crate::store::{Defect, ReadTx};

const ONE_SIDED: &str = "has no counterpart in the other order";

pub(super) fn check(tx: &dyn ReadTx, defects: &mut Vec<Defect>) -> Result<(), Error> {
    follows(tx, defects)?;
    follow_requests(tx, defects)?;
    blocks(tx, defects)?;
    mutes(tx, defects)?;
    circles(tx, defects)?;
    marks(tx, defects)?;
    reblogs(tx, defects)?;
    notifications(tx, defects)?;
    each(tx, REPORTS_BY, |key, ()| {
        if REPORTS.get(tx, &key.1)?.is_none_or(|report| report.by != key.0) {
            defects.push(defect(REPORTS_BY, key, ONE_SIDED));
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
    each(tx, SUBSCRIBERS, |key, ()| {
        if FOLLOWS.get(tx, &(key.1, key.0))?.is_none_or(|follow| !follow.options.notify) {
            defects.push(defect(SUBSCRIBERS, key, ONE_SIDED));
        }
        Ok(())
    })
}

fn follow_requests(tx: &dyn ReadTx, defects: &mut Vec<Defect>) -> Result<(), Error> {
    each(tx, FOLLOW_REQUESTS, |key, request| {
        if FOLLOW_REQUESTS_TO.get(tx, &(key.1, request.id))? != Some(key.0) {
            defects.push(defect(FOLLOW_REQUESTS, key, ONE_SIDED));
        }
        if FOLLOWS.contains(tx, key)? {
            defects.push(defect(FOLLOW_REQUESTS, key, "stands beside a follow"));
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

fn blocks(tx: &dyn ReadTx, defects: &mut Vec<Defect>) -> Result<(), Error> {
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
    each(tx, BLOCKED, |key, blocked| {
        if BLOCKS.get(tx, &(key.0, blocked))?.is_none_or(|block| block.id != key.1) {
            defects.push(defect(BLOCKED, key, ONE_SIDED));
        }
        Ok(())
    })?;
    each(tx, DOMAIN_BLOCKS, |key, id| {
        if BLOCKED_DOMAINS.get(tx, &(key.0, id))?.as_ref() != Some(&key.1) {
            defects.push(defect(DOMAIN_BLOCKS, key, ONE_SIDED));
        }
        Ok(())
    })?;
    each(tx, BLOCKED_DOMAINS, |key, domain| {
        if DOMAIN_BLOCKS.get(tx, &(key.0, domain))? != Some(key.1) {
            defects.push(defect(BLOCKED_DOMAINS, key, ONE_SIDED));
        }
        Ok(())
    })
}

fn mutes(tx: &dyn ReadTx, defects: &mut Vec<Defect>) -> Result<(), Error> {
    each(tx, MUTES, |key, mute| {
        if MUTED.get(tx, &(key.0, mute.id))? != Some(key.1) {
            defects.push(defect(MUTES, key, ONE_SIDED));
        }
        Ok(())
    })?;
    each(tx, MUTED, |key, muted| {
        if MUTES.get(tx, &(key.0, muted))?.is_none_or(|mute| mute.id != key.1) {
            defects.push(defect(MUTED, key, ONE_SIDED));
        }
        Ok(())
    })
}

fn circles(tx: &dyn ReadTx, defects: &mut Vec<Defect>) -> Result<(), Error> {
    each(tx, CIRCLES_OF, |key, id| {
        let (member, owner, circle) = *key;
        if CIRCLE_MEMBERS.get(tx, &(circle, id))? != Some(member) {
            defects.push(defect(CIRCLES_OF, key, ONE_SIDED));
        }
        if !CIRCLES.contains(tx, &(owner, circle))? {
            defects.push(defect(CIRCLES_OF, key, "is about a circle that does not exist"));
        }
        // Whoever is in a circle is followed by its owner, or is the owner.
        if member != owner && !FOLLOWS.contains(tx, &(owner, member))? {
            defects.push(defect(CIRCLES_OF, key, "is about someone the owner does not follow"));
        }
        Ok(())
    })?;
    let mut owners = HashMap::new();
    each(tx, CIRCLES, |key, _| {
        owners.insert(key.1, key.0);
        Ok(())
    })?;
    each(tx, CIRCLE_MEMBERS, |key, member| {
        let counterpart = match owners.get(&key.0) {
            Some(owner) => CIRCLES_OF.get(tx, &(member, *owner, key.0))?,
            None => None,
        };
        if counterpart != Some(key.1) {
            defects.push(defect(CIRCLE_MEMBERS, key, ONE_SIDED));
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
    each(tx, MARKS_BY, |key, status| {
        if MARKS.get(tx, &(key.0, key.1, status))? != Some(key.2) {
            defects.push(defect(MARKS_BY, key, ONE_SIDED));
        }
        Ok(())
    })?;
    each(tx, MARKS_OF, |key, account| {
        if MARKS.get(tx, &(account, key.1, key.0))? != Some(key.2) {
            defects.push(defect(MARKS_OF, key, ONE_SIDED));
        }
        Ok(())
    })
}

fn reblogs(tx: &dyn ReadTx, defects: &mut Vec<Defect>) -> Result<(), Error> {
    each(tx, REBLOGS, |key, wrapper| {
        let named = STATUSES.get(tx, &wrapper)?.and_then(|status| status.reblog_of);
        if REBLOGS_OF.get(tx, &(key.1, wrapper))? != Some(key.0)
            || named.is_none_or(|original| original.status != key.1)
        {
            defects.push(defect(REBLOGS, key, ONE_SIDED));
        }
        Ok(())
    })?;
    each(tx, REBLOGS_OF, |key, account| {
        if REBLOGS.get(tx, &(account, key.0))? != Some(key.1) {
            defects.push(defect(REBLOGS_OF, key, ONE_SIDED));
        }
        Ok(())
    })
}

fn notifications(tx: &dyn ReadTx, defects: &mut Vec<Defect>) -> Result<(), Error> {
    each(tx, NOTIFICATIONS, |key, notification| {
        let (owner, id) = *key;
        let listed = match notification.status {
            Some(status) => NOTIFICATIONS_OF.contains(tx, &(status, owner, id))?,
            None => true,
        };
        if !listed || NOTIFICATION_CAUSES.get(tx, &cause_of(owner, &notification))? != Some(id) {
            defects.push(defect(NOTIFICATIONS, key, ONE_SIDED));
        }
        Ok(())
    })?;
    each(tx, NOTIFICATION_CAUSES, |key, id| {
        if !NOTIFICATIONS.contains(tx, &(key.0, id))? {
            defects.push(defect(NOTIFICATION_CAUSES, key, ONE_SIDED));
        }
        Ok(())
    })?;
    each(tx, NOTIFICATIONS_OF, |key, ()| {
        let notification = NOTIFICATIONS.get(tx, &(key.1, key.2))?;
        if notification.is_none_or(|notification| notification.status != Some(key.0)) {
            defects.push(defect(NOTIFICATIONS_OF, key, ONE_SIDED));
        }
        Ok(())
    })
}
