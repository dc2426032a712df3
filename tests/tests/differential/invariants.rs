//! What holds after every step, seen from outside. The numbers are those of the contract's state-machine invariants.

use std::collections::{BTreeMap, BTreeSet};

use koinon_engine::audience::Viewer;
use koinon_engine::id::Flake;
use koinon_engine::model::{AccountId, MarkKind, StatusId, Tombstone, Visibility};
use koinon_engine::notifications::NotificationFilter;
use koinon_engine::page::PageRequest;
use koinon_engine::timelines::TimelineFilter;

use super::records::Records;
use super::world::World;

const ALL: PageRequest = PageRequest::newest(100_000);

macro_rules! demand {
    ($holds:expr, $($message:tt)*) => {
        if !$holds {
            return Err(format!($($message)*));
        }
    };
}

/// Everything that can be said of the records alone.
pub(crate) fn of_records(records: &Records) -> Result<(), String> {
    blocks_end_everything(records)?;
    pins_are_few_and_own(records)?;
    notifications_are_unique(records)?;
    indexes_agree(records)
}

/// I1: `explain` and the rules told once more agree about every status, and nothing else was `shown`.
pub(crate) fn shown_is_allowed(
    records: &Records,
    viewer: Viewer,
    shown: &[StatusId],
    question: &dyn std::fmt::Debug,
) -> Result<(), String> {
    for status in shown {
        demand!(
            records.may(viewer.account(), *status),
            "I1: {viewer:?} may not see {status}, which stands in the answer to {question:?}"
        );
    }
    Ok(())
}

/// I1, the other way round: whoever may see a status is shown it when they ask for it.
pub(crate) fn allowed_is_shown(world: &World, records: &Records, viewer: Viewer) -> Result<(), String> {
    let statuses = world.statuses.clone();
    let explained = world.ask(viewer, move |query| {
        let explain = |id: StatusId| Ok((id, query.explain(id)?.is_shown(), query.status(id).is_ok()));
        statuses.into_iter().map(explain).collect::<Result<Vec<_>, koinon_engine::Error>>()
    });
    for (status, explained, shown) in explained.map_err(|error| format!("{error:?}"))? {
        let may = records.may(viewer.account(), status);
        demand!(
            explained == may && shown == may,
            "I1: {viewer:?} and {status}: may {may}, explained {explained}, shown {shown}"
        );
    }
    Ok(())
}

/// I5: the home timeline is the one that follows from the follows and the statuses.
pub(crate) fn home_is_recomputed(world: &World, records: &Records, reader: AccountId) -> Result<(), String> {
    let asked =
        world.ask(Viewer::Local(reader), |query| query.home_timeline(&TimelineFilter::default(), &ALL));
    let stands: Vec<StatusId> =
        asked.map_err(|error| format!("{error:?}"))?.items.iter().map(|view| view.status.id).collect();
    let recomputed = records.home(reader);
    demand!(stands == recomputed, "I5: {reader} reads {stands:?} at home, and should {recomputed:?}");
    Ok(())
}

/// I3, I9: nobody is told of themself, of blocked or muted accounts, nor of what they may not see.
pub(crate) fn notifications_are_welcome(
    world: &World,
    records: &Records,
    owner: AccountId,
) -> Result<(), String> {
    let asked =
        world.ask(Viewer::Local(owner), |query| query.notifications(&NotificationFilter::default(), &ALL));
    for told in asked.map_err(|error| format!("{error:?}"))?.items {
        let from = told.from.account.id;
        let severed =
            records.blocks.contains_key(&(owner, from)) || records.blocks.contains_key(&(from, owner));
        let muted = records.mute(owner, from).is_some_and(|mute| mute.notifications);
        let elsewhere =
            records.blocks_domain_of(owner, from) && !records.follows.contains_key(&(owner, from));
        let visible = told.status.as_ref().is_none_or(|view| records.may(Some(owner), view.status.id));
        demand!(
            from != owner && !severed && !muted && !elsewhere && visible && records.is_active(from),
            "I3: {owner} is told of {:?} by {from}: severed {severed}, muted {muted}, domain {elsewhere}, visible {visible}",
            told.kind
        );
    }
    Ok(())
}

/// I8: what was deleted stays so.
pub(crate) fn deletions_are_final(
    before: &BTreeMap<StatusId, Tombstone>,
    records: &Records,
    shown: &BTreeSet<StatusId>,
) -> Result<(), String> {
    for status in before.keys() {
        demand!(records.tombstones.contains_key(status), "I8: the tombstone of {status} is gone");
    }
    for status in records.tombstones.keys() {
        demand!(!records.statuses.contains_key(status), "I8: {status} was deleted and is there");
        demand!(!shown.contains(status), "I8: {status} was deleted and is shown");
        let told = records.notifications.values().any(|told| told.status == Some(*status));
        let marked = records.marks.keys().any(|(_, _, marked)| marked == status);
        demand!(!told && !marked, "I8: {status} was deleted, told of {told}, marked {marked}");
    }
    Ok(())
}

/// I9: a block leaves no follow, no request, no membership, and no notification with the one who blocks.
fn blocks_end_everything(records: &Records) -> Result<(), String> {
    for (blocker, blocked) in records.blocks.keys() {
        for pair in [(*blocker, *blocked), (*blocked, *blocker)] {
            let follows = records.follows.contains_key(&pair) || records.requests.contains_key(&pair);
            let together = records.memberships.keys().any(|(member, owner, _)| (*member, *owner) == pair);
            demand!(
                !follows && !together,
                "I9: {pair:?} beside a block: follows {follows}, in a circle {together}"
            );
        }
        let told =
            records.notifications.iter().any(|((owner, _), told)| owner == blocker && told.from == *blocked);
        demand!(!told, "I9: {blocker} has a notification of {blocked}, whom they block");
    }
    Ok(())
}

/// I16.
fn pins_are_few_and_own(records: &Records) -> Result<(), String> {
    let mut pins: BTreeMap<AccountId, usize> = BTreeMap::new();
    for (account, _, status) in records.marks.keys().filter(|(_, kind, _)| *kind == MarkKind::Pin) {
        let count = pins.entry(*account).or_default();
        *count += 1;
        let pinned = &records.statuses[status];
        demand!(
            *count <= 2 && pinned.author == *account && pinned.visibility != Visibility::Direct,
            "I16: {account} has {count} pins, one of them {status} by {}",
            pinned.author
        );
    }
    Ok(())
}

/// I3: once per cause.
fn notifications_are_unique(records: &Records) -> Result<(), String> {
    let mut seen = BTreeSet::new();
    for ((owner, id), told) in &records.notifications {
        let cause =
            (*owner, told.kind.as_str(), told.from, told.status.or(told.report).unwrap_or(Flake::MIN));
        demand!(told.from != *owner, "I3: {owner} was told of themself");
        demand!(seen.insert(cause), "I3: {owner} was told twice of {told:?}");
        demand!(records.causes.get(&cause) == Some(id), "I3: {told:?} has no cause");
    }
    Ok(())
}

/// I6: tables that say the same in another order, in the direction that `check` does not take.
fn indexes_agree(records: &Records) -> Result<(), String> {
    for ((target, id), requester) in &records.requests_to {
        let request = records.requests.get(&(*requester, *target));
        demand!(request.is_some_and(|request| request.id == *id), "I6: a request in one order only");
    }
    demand!(records.requests.len() == records.requests_to.len(), "I6: requests in one order only");
    for ((blocker, id), blocked) in &records.blocked {
        let block = records.blocks.get(&(*blocker, *blocked));
        demand!(block.is_some_and(|block| block.id == *id), "I6: a block in one order only");
    }
    for ((muter, id), muted) in &records.muted {
        let mute = records.mutes.get(&(*muter, *muted));
        demand!(mute.is_some_and(|mute| mute.id == *id), "I6: a mute in one order only");
    }
    for ((member, owner, circle), id) in &records.memberships {
        demand!(records.circles.contains_key(&(*owner, *circle)), "I6: {member} is in a circle that is gone");
        demand!(records.members.get(&(*circle, *id)) == Some(member), "I6: a member in one order only");
    }
    demand!(records.members.len() == records.memberships.len(), "I6: members in one order only");
    demand!(
        records.marks.len() == records.marks_by.len() && records.marks.len() == records.marks_of.len(),
        "I6: marks in one order only"
    );
    for (followed, follower) in &records.subscribers {
        let follow = records.follows.get(&(*follower, *followed));
        demand!(
            follow.is_some_and(|follow| follow.options.notify),
            "I6: {follower} subscribes without a follow"
        );
    }
    Ok(())
}
