//! How the viewer and an author stand to each other.

use std::sync::Arc;

use crate::cache::{RELATIONS, Records};
use crate::error::Error;
use crate::model::{Account, AccountId, Follow, Mute};
use crate::store::schema::{BLOCKS, DOMAIN_BLOCKS, FOLLOW_REQUESTS, FOLLOWS, MUTES};
use crate::store::{Key, ReadTx};
use crate::time::Timestamp;

/// How a viewer and an author stand to each other, as seen from the viewer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Relation {
    /// The viewer follows the author, accepted.
    pub following: Option<Follow>,
    /// The viewer asks to follow the author.
    pub requested: bool,
    /// The author follows the viewer.
    pub followed_by: bool,
    /// The author asks to follow the viewer.
    pub requested_by: bool,
    /// The viewer blocks the author.
    pub blocking: bool,
    /// The author blocks the viewer.
    pub blocked_by: bool,
    /// The viewer mutes the author at this moment.
    pub mute: Option<Mute>,
    /// The viewer blocks the author's domain.
    pub domain_blocking: bool,
    /// The author blocks the viewer's domain.
    pub domain_blocked_by: bool,
}

impl Relation {
    /// Whether one of the two blocks the other.
    pub fn is_severed(&self) -> bool {
        self.blocking || self.blocked_by
    }

    /// How `viewer` and `author` stand to each other at `now`. Cost: at most nine point reads, none for a pair that was
    /// asked for before.
    pub(crate) fn between(
        records: Records<'_>,
        viewer: &Account,
        author: &Account,
        now: Timestamp,
    ) -> Result<Arc<Self>, Error> {
        let read = || Self::read(records.tx(), viewer, author);
        let relation = if viewer.domain.is_none() && author.domain.is_none() {
            records.derived(RELATIONS, &(viewer.id, author.id).to_bytes(), |_| 0, read)?
        } else {
            // What depends on blocked domains too is not kept.
            Arc::new(read()?)
        };
        if relation.mute.as_ref().is_some_and(|mute| !mute.holds(now)) {
            return Ok(Arc::new(Self { mute: None, ..Self::clone(&relation) }));
        }
        Ok(relation)
    }

    /// The same, its mute whether or not it has ended.
    fn read(tx: &dyn ReadTx, viewer: &Account, author: &Account) -> Result<Self, Error> {
        let (there, back) = ((viewer.id, author.id), (author.id, viewer.id));
        let following = FOLLOWS.get(tx, &there)?;
        Ok(Self {
            requested: following.is_none() && FOLLOW_REQUESTS.contains(tx, &there)?,
            following,
            followed_by: FOLLOWS.contains(tx, &back)?,
            requested_by: FOLLOW_REQUESTS.contains(tx, &back)?,
            blocking: BLOCKS.contains(tx, &there)?,
            blocked_by: BLOCKS.contains(tx, &back)?,
            mute: MUTES.get(tx, &there)?,
            domain_blocking: blocks_domain_of(tx, viewer.id, author)?,
            domain_blocked_by: blocks_domain_of(tx, author.id, viewer)?,
        })
    }
}

/// Whether `account` blocks the domain `other` lives on; nobody can block this instance's own.
fn blocks_domain_of(tx: &dyn ReadTx, account: AccountId, other: &Account) -> Result<bool, Error> {
    match &other.domain {
        Some(domain) => Ok(DOMAIN_BLOCKS.contains(tx, &(account, domain.clone()))?),
        None => Ok(false),
    }
}
