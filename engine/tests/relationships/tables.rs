//! Rows that have to agree with each other.

use std::collections::{BTreeMap, BTreeSet};

use koinon_engine::id::Flake;
use koinon_engine::model::{AccountId, StatusId, Visibility};
use koinon_engine::store::schema::{
    ACCOUNT_STATS, BLOCKED, BLOCKED_DOMAINS, BLOCKS, BY_AUTHOR, CIRCLE_MEMBERS, CIRCLES_OF, DOMAIN_BLOCKS,
    FOLLOW_REQUESTS, FOLLOW_REQUESTS_TO, FOLLOWERS, FOLLOWING, FOLLOWS, HOME, MUTED, MUTES,
    NOTIFICATION_CAUSES, NOTIFICATIONS, STATUSES, SUBSCRIBERS,
};
use koinon_engine::store::{Key, ReadTx, Record, Scan, StoreError, Table};
use proptest::prelude::*;

use crate::four::Four;

/// Everything that holds after each command.
pub(crate) fn check(four: &Four) -> Result<(), TestCaseError> {
    let tables = four.world.read(Tables::read);
    tables.pairs_are_in_step()?;
    tables.counters_are_recounts()?;
    tables.severed_is_severed(four)?;
    tables.circles_hold_followed_accounts()?;
    tables.notifications_have_their_cause()?;
    for reader in &four.accounts[..3] {
        tables.home_is_what_followed_accounts_posted(*reader)?;
    }
    Ok(())
}

type Pairs<V> = BTreeMap<(AccountId, AccountId), V>;

/// All rows that have to agree.
struct Tables {
    follows: Pairs<(Flake, bool)>,
    following: BTreeSet<(AccountId, Flake, AccountId)>,
    followers: BTreeSet<(AccountId, Flake, AccountId)>,
    subscribers: BTreeSet<(AccountId, AccountId)>,
    requests: Pairs<Flake>,
    requests_to: BTreeSet<(AccountId, Flake, AccountId)>,
    blocks: Pairs<Flake>,
    blocked: BTreeSet<(AccountId, Flake, AccountId)>,
    mutes: Pairs<Flake>,
    muted: BTreeSet<(AccountId, Flake, AccountId)>,
    domain_blocks: BTreeSet<(AccountId, String, Flake)>,
    blocked_domains: BTreeSet<(AccountId, String, Flake)>,
    members: BTreeSet<(Flake, Flake, AccountId)>,
    circles_of: BTreeSet<(AccountId, AccountId, Flake, Flake)>,
    stats: BTreeMap<AccountId, (u64, u64)>,
    notifications: BTreeSet<(AccountId, Flake, &'static str, AccountId)>,
    causes: BTreeSet<(AccountId, Flake, &'static str, AccountId)>,
    home: BTreeSet<(AccountId, StatusId)>,
    posts: BTreeSet<(AccountId, StatusId)>,
    addressed: BTreeMap<StatusId, Option<Vec<AccountId>>>,
}

fn all<K: Key, V: Record>(tx: &dyn ReadTx, table: Table<K, V>) -> Result<Vec<(K, V)>, StoreError> {
    table.page(tx, &Scan::all(), usize::MAX)
}

fn list(
    tx: &dyn ReadTx,
    table: Table<(AccountId, Flake), AccountId>,
) -> Result<BTreeSet<(AccountId, Flake, AccountId)>, StoreError> {
    Ok(all(tx, table)?.into_iter().map(|((owner, id), other)| (owner, id, other)).collect())
}

impl Tables {
    fn read(tx: &dyn ReadTx) -> Result<Self, StoreError> {
        let follows = all(tx, FOLLOWS)?.into_iter().map(|(k, v)| (k, (v.id, v.options.notify))).collect();
        let mut addressed = BTreeMap::new();
        for (id, status) in all(tx, STATUSES)? {
            let circle = status.visibility == Visibility::Circle;
            addressed.insert(id, circle.then_some(status.addressed));
        }
        Ok(Self {
            follows,
            following: list(tx, FOLLOWING)?,
            followers: list(tx, FOLLOWERS)?,
            subscribers: all(tx, SUBSCRIBERS)?.into_iter().map(|(key, ())| key).collect(),
            requests: all(tx, FOLLOW_REQUESTS)?.into_iter().map(|(k, v)| (k, v.id)).collect(),
            requests_to: list(tx, FOLLOW_REQUESTS_TO)?,
            blocks: all(tx, BLOCKS)?.into_iter().map(|(k, v)| (k, v.id)).collect(),
            blocked: list(tx, BLOCKED)?,
            mutes: all(tx, MUTES)?.into_iter().map(|(k, v)| (k, v.id)).collect(),
            muted: list(tx, MUTED)?,
            domain_blocks: all(tx, DOMAIN_BLOCKS)?.into_iter().map(|((a, d), id)| (a, d, id)).collect(),
            blocked_domains: all(tx, BLOCKED_DOMAINS)?.into_iter().map(|((a, id), d)| (a, d, id)).collect(),
            members: list(tx, CIRCLE_MEMBERS)?,
            circles_of: all(tx, CIRCLES_OF)?.into_iter().map(|((m, o, c), id)| (m, o, c, id)).collect(),
            stats: all(tx, ACCOUNT_STATS)?
                .into_iter()
                .map(|(k, v)| (k, (v.followers, v.following)))
                .collect(),
            notifications: all(tx, NOTIFICATIONS)?
                .into_iter()
                .map(|((owner, id), told)| (owner, id, told.kind.as_str(), told.from))
                .collect(),
            causes: all(tx, NOTIFICATION_CAUSES)?
                .into_iter()
                .map(|((owner, kind, from, _), id)| (owner, id, kind.as_str(), from))
                .collect(),
            home: all(tx, HOME)?.into_iter().map(|(key, ())| key).collect(),
            posts: all(tx, BY_AUTHOR)?.into_iter().map(|((author, _, status), _)| (author, status)).collect(),
            addressed,
        })
    }

    fn pairs_are_in_step(&self) -> Result<(), TestCaseError> {
        let listed = |pairs: Pairs<Flake>| -> BTreeSet<_> {
            pairs.into_iter().map(|((from, to), id)| (from, id, to)).collect()
        };
        let turned = |set: &BTreeSet<(AccountId, Flake, AccountId)>| -> BTreeSet<_> {
            set.iter().map(|&(from, id, to)| (to, id, from)).collect()
        };
        let follows: Pairs<Flake> = self.follows.iter().map(|(pair, (id, _))| (*pair, *id)).collect();
        prop_assert_eq!(&self.following, &listed(follows));
        prop_assert_eq!(&self.followers, &turned(&self.following));
        prop_assert_eq!(&turned(&self.requests_to), &listed(self.requests.clone()));
        prop_assert_eq!(&self.blocked, &listed(self.blocks.clone()));
        prop_assert_eq!(&self.muted, &listed(self.mutes.clone()));
        prop_assert_eq!(&self.domain_blocks, &self.blocked_domains);
        let wanting: BTreeSet<_> =
            self.follows.iter().filter(|(_, (_, notify))| *notify).map(|((a, b), _)| (*b, *a)).collect();
        prop_assert_eq!(&self.subscribers, &wanting);
        let members: BTreeSet<_> =
            self.circles_of.iter().map(|&(m, _, circle, id)| (circle, id, m)).collect();
        prop_assert_eq!(&self.members, &members);
        prop_assert_eq!(&self.notifications, &self.causes);
        for pair in self.follows.keys().chain(self.requests.keys()).chain(self.blocks.keys()) {
            prop_assert_ne!(pair.0, pair.1);
        }
        for pair in self.requests.keys() {
            prop_assert!(!self.follows.contains_key(pair), "who follows does not ask");
        }
        Ok(())
    }

    fn counters_are_recounts(&self) -> Result<(), TestCaseError> {
        for (account, counted) in &self.stats {
            let followers = self.follows.keys().filter(|(_, to)| to == account).count() as u64;
            let following = self.follows.keys().filter(|(from, _)| from == account).count() as u64;
            prop_assert_eq!(*counted, (followers, following));
        }
        for (from, to) in self.follows.keys() {
            prop_assert!(self.stats.contains_key(from) && self.stats.contains_key(to));
        }
        Ok(())
    }

    /// R123, and the same for domains.
    fn severed_is_severed(&self, four: &Four) -> Result<(), TestCaseError> {
        let far = four.accounts[3];
        let by_domain = self.domain_blocks.iter().map(|(account, _, _)| (*account, far));
        for (one, other) in self.blocks.keys().copied().chain(by_domain) {
            for pair in [(one, other), (other, one)] {
                prop_assert!(!self.follows.contains_key(&pair) && !self.requests.contains_key(&pair));
                let shared = self.circles_of.iter().any(|(m, o, _, _)| (*m, *o) == pair && m != o);
                prop_assert!(!shared);
            }
        }
        for (blocker, blocked) in self.blocks.keys() {
            prop_assert!(
                !self.notifications.iter().any(|(owner, _, _, from)| owner == blocker && from == blocked)
            );
        }
        Ok(())
    }

    fn circles_hold_followed_accounts(&self) -> Result<(), TestCaseError> {
        for (member, owner, _, _) in &self.circles_of {
            prop_assert!(member == owner || self.follows.contains_key(&(*owner, *member)));
        }
        Ok(())
    }

    /// I3: follows and requests are told of exactly as long as they last, unless they were not welcome.
    fn notifications_have_their_cause(&self) -> Result<(), TestCaseError> {
        for (owner, _, kind, from) in &self.notifications {
            prop_assert_ne!(owner, from);
            match *kind {
                "follow" => prop_assert!(self.follows.contains_key(&(*from, *owner))),
                "follow_request" => prop_assert!(self.requests.contains_key(&(*from, *owner))),
                _ => {}
            }
        }
        Ok(())
    }

    /// I5: no drift between what following brings in, what posting brings in, and what unfollowing takes out.
    fn home_is_what_followed_accounts_posted(&self, reader: AccountId) -> Result<(), TestCaseError> {
        let found: BTreeSet<_> =
            self.home.iter().filter(|(owner, _)| *owner == reader).map(|(_, status)| *status).collect();
        for (author, status) in &self.posts {
            let expected = *author == reader || self.follows.contains_key(&(reader, *author));
            match &self.addressed[status] {
                // Those written before the follow are in, those written after it only where they reach the reader;
                // reading decides about both.
                Some(addressed) if expected && !addressed.contains(&reader) => {}
                // The test's own posts of the beginning were not fanned out, and so are not in the author's home.
                None if *author == reader => {}
                _ => prop_assert_eq!(found.contains(status), expected, "{} by {}", status, author),
            }
        }
        Ok(())
    }
}
