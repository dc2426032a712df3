//! What stands in a store, read past all rules, and the rules told once more over it.
//!
//! Nothing here uses the engine's own decisions: who may see what and what belongs into a home timeline is written
//! down a second time, in the simplest way there is.

use std::collections::{BTreeMap, BTreeSet};

use futures::executor::block_on;
use koinon_engine::id::Flake;
use koinon_engine::model::{
    Account, AccountId, AccountState, Block, Circle, CircleId, Follow, MarkKind, Mute, Notification, Status,
    StatusId, Tombstone, Visibility,
};
use koinon_engine::store::schema;
use koinon_engine::store::{Key, ReadTx, Record, Scan, Store, StoreError, StoreExt, Table};
use koinon_engine::time::Timestamp;

/// The records of a store.
pub(crate) struct Records {
    pub(crate) now: Timestamp,
    pub(crate) accounts: BTreeMap<AccountId, Account>,
    pub(crate) statuses: BTreeMap<StatusId, Status>,
    pub(crate) tombstones: BTreeMap<StatusId, Tombstone>,
    pub(crate) follows: BTreeMap<(AccountId, AccountId), Follow>,
    pub(crate) requests: BTreeMap<(AccountId, AccountId), Follow>,
    pub(crate) requests_to: BTreeMap<(AccountId, Flake), AccountId>,
    pub(crate) blocks: BTreeMap<(AccountId, AccountId), Block>,
    pub(crate) blocked: BTreeMap<(AccountId, Flake), AccountId>,
    pub(crate) mutes: BTreeMap<(AccountId, AccountId), Mute>,
    pub(crate) muted: BTreeMap<(AccountId, Flake), AccountId>,
    pub(crate) domain_blocks: BTreeMap<(AccountId, String), Flake>,
    pub(crate) circles: BTreeMap<(AccountId, CircleId), Circle>,
    /// By member, owner and circle.
    pub(crate) memberships: BTreeMap<(AccountId, AccountId, CircleId), Flake>,
    pub(crate) members: BTreeMap<(CircleId, Flake), AccountId>,
    pub(crate) notifications: BTreeMap<(AccountId, Flake), Notification>,
    /// By owner, kind, origin and object.
    pub(crate) causes: BTreeMap<(AccountId, &'static str, AccountId, Flake), Flake>,
    pub(crate) marks: BTreeMap<(AccountId, MarkKind, StatusId), Flake>,
    pub(crate) marks_by: BTreeMap<(AccountId, MarkKind, Flake), StatusId>,
    pub(crate) marks_of: BTreeMap<(StatusId, MarkKind, Flake), AccountId>,
    pub(crate) subscribers: BTreeSet<(AccountId, AccountId)>,
}

impl Records {
    /// Reads all of them from one snapshot.
    pub(crate) fn read(store: &dyn Store, now: Timestamp) -> Result<Self, StoreError> {
        block_on(store.read(move |tx| {
            Ok(Self {
                now,
                accounts: all(tx, schema::ACCOUNTS)?,
                statuses: all(tx, schema::STATUSES)?,
                tombstones: all(tx, schema::TOMBSTONES)?,
                follows: all(tx, schema::FOLLOWS)?,
                requests: all(tx, schema::FOLLOW_REQUESTS)?,
                requests_to: all(tx, schema::FOLLOW_REQUESTS_TO)?,
                blocks: all(tx, schema::BLOCKS)?,
                blocked: all(tx, schema::BLOCKED)?,
                mutes: all(tx, schema::MUTES)?,
                muted: all(tx, schema::MUTED)?,
                domain_blocks: all(tx, schema::DOMAIN_BLOCKS)?,
                circles: all(tx, schema::CIRCLES)?,
                memberships: all(tx, schema::CIRCLES_OF)?,
                members: all(tx, schema::CIRCLE_MEMBERS)?,
                notifications: all(tx, schema::NOTIFICATIONS)?,
                causes: schema::NOTIFICATION_CAUSES
                    .page(tx, &Scan::all(), usize::MAX)?
                    .into_iter()
                    .map(|((owner, kind, from, about), id)| ((owner, kind.as_str(), from, about), id))
                    .collect(),
                marks: all(tx, schema::MARKS)?,
                marks_by: all(tx, schema::MARKS_BY)?,
                marks_of: all(tx, schema::MARKS_OF)?,
                subscribers: all(tx, schema::SUBSCRIBERS)?.into_keys().collect(),
            })
        }))
    }

    /// Whether `viewer` may see a status; of a reblog, also what it passes on.
    pub(crate) fn may(&self, viewer: Option<AccountId>, status: StatusId) -> bool {
        let Some(status) = self.statuses.get(&status) else { return false };
        let original = status.reblog_of.is_none_or(|original| self.may(viewer, original.status));
        original && self.may_this(viewer, status)
    }

    fn may_this(&self, viewer: Option<AccountId>, status: &Status) -> bool {
        let author = status.author;
        if !self.is_active(author) {
            return false;
        }
        let Some(viewer) = viewer else {
            return matches!(status.visibility, Visibility::Public | Visibility::Unlisted)
                && !status.local_only;
        };
        if !self.is_active(viewer) {
            return false;
        }
        if viewer == author {
            return true;
        }
        if self.blocks.contains_key(&(author, viewer)) {
            return false;
        }
        let named = status.mentions.iter().any(|mention| mention.account == viewer)
            || status.addressed.contains(&viewer);
        let follows = self.follows.contains_key(&(viewer, author));
        match status.visibility {
            Visibility::Public | Visibility::Unlisted | Visibility::Local => true,
            Visibility::Private => named || follows,
            Visibility::Mutuals => named || (follows && self.follows.contains_key(&(author, viewer))),
            Visibility::Circle | Visibility::Direct => named,
        }
    }

    /// The home timeline of `reader`, newest first, from follows and statuses alone.
    pub(crate) fn home(&self, reader: AccountId) -> Vec<StatusId> {
        self.statuses
            .values()
            .rev()
            .filter(|status| self.stands_at_home(reader, status))
            .map(|s| s.id)
            .collect()
    }

    fn stands_at_home(&self, reader: AccountId, status: &Status) -> bool {
        if !self.may(Some(reader), status.id) {
            return false;
        }
        if status.author == reader {
            return true;
        }
        let Some(follow) = self.follows.get(&(reader, status.author)) else { return false };
        let exclusive = self.memberships.keys().any(|(member, owner, circle)| {
            *member == status.author && *owner == reader && self.circles[&(reader, *circle)].exclusive
        });
        if exclusive || self.is_unwelcome(reader, status.author) {
            return false;
        }
        if let Some(original) = status.reblog_of {
            let author = original.author;
            let elsewhere =
                self.blocks_domain_of(reader, author) && !self.follows.contains_key(&(reader, author));
            return follow.options.show_reblogs
                && !self.is_unwelcome(reader, author)
                && !elsewhere
                && !self.names_unwelcome(reader, &self.statuses[&original.status]);
        }
        let languages = &follow.options.languages;
        (languages.is_empty() || status.language.as_ref().is_none_or(|code| languages.contains(code)))
            && !self.names_unwelcome(reader, status)
    }

    /// Whether a status names someone `reader` blocks or mutes.
    fn names_unwelcome(&self, reader: AccountId, status: &Status) -> bool {
        status.mentions.iter().any(|mention| self.is_unwelcome(reader, mention.account))
    }

    /// Whether `reader` blocks or mutes `other`.
    fn is_unwelcome(&self, reader: AccountId, other: AccountId) -> bool {
        reader != other && (self.blocks.contains_key(&(reader, other)) || self.mute(reader, other).is_some())
    }

    /// The mute that holds now.
    pub(crate) fn mute(&self, reader: AccountId, other: AccountId) -> Option<&Mute> {
        let mute = self.mutes.get(&(reader, other))?;
        mute.expires_at.is_none_or(|end| self.now < end).then_some(mute)
    }

    pub(crate) fn blocks_domain_of(&self, reader: AccountId, other: AccountId) -> bool {
        let domain = self.accounts.get(&other).and_then(|account| account.domain.clone());
        domain.is_some_and(|domain| self.domain_blocks.contains_key(&(reader, domain)))
    }

    pub(crate) fn is_active(&self, account: AccountId) -> bool {
        self.accounts.get(&account).is_some_and(|account| account.state == AccountState::Active)
    }
}

fn all<K: Key + Ord, V: Record>(tx: &dyn ReadTx, table: Table<K, V>) -> Result<BTreeMap<K, V>, StoreError> {
    Ok(table.page(tx, &Scan::all(), usize::MAX)?.into_iter().collect())
}
