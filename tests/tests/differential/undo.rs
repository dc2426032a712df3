//! I10: what is done and undone again leaves nothing behind that anyone could see.

use koinon_engine::model::{AccountId, MarkKind, RepliesPolicy, Visibility};

use super::perform::everywhere;
use super::random::Random;
use super::records::Records;
use super::step::{Post, Step, To};
use super::survey;
use super::world::{REMOTE, World};

/// Does and undoes a few things, each where it has not been done before.
pub(crate) fn changes_nothing(worlds: &mut [World], random: &mut Random) -> Result<(), String> {
    for _ in 0..3 {
        let world = &worlds[0];
        let records =
            Records::read(world.store(), world.engine().now()).map_err(|error| format!("{error:?}"))?;
        let Some((done, undone)) = pair(world, &records, random) else { continue };
        let before = survey::observe(world)?;
        let did = everywhere(worlds, &done)?;
        if !did.accepted {
            continue;
        }
        let undid = everywhere(worlds, &undone)?;
        // Asked the same again: what was made meanwhile is nothing that was there before.
        for (viewer, questions, before) in before {
            let after = survey::ask(&worlds[0], viewer, &questions)?;
            for (question, (before, after)) in questions.iter().zip(before.iter().zip(&after)) {
                if before.answer == after.answer {
                    continue;
                }
                let (before, after) = (printed(&before.answer), printed(&after.answer));
                if before != after {
                    return Err(format!(
                        "I10: {done:?} ({did:?}) and {undone:?} ({undid:?}) change what {viewer:?} is answered to \
                         {question:?}: \n{before}\nand then\n{after}"
                    ));
                }
            }
        }
    }
    Ok(())
}

/// The answer without the moment an account last posted at: that someone posted stays true when the post is gone.
fn printed(answer: &dyn std::fmt::Debug) -> String {
    const MOMENT: &str = "last_status_at: Some(Timestamp(";
    let text = format!("{answer:?}");
    let mut parts = text.split(MOMENT);
    let mut kept = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        kept += "last_status_at: None";
        kept += part.trim_start_matches(|c: char| c.is_ascii_digit()).trim_start_matches("))");
    }
    kept
}

/// Something that can be done and undone, and has not been done.
fn pair(world: &World, records: &Records, random: &mut Random) -> Option<(Step, Step)> {
    let by = u8::try_from(random.below(5)).ok()?;
    let target = u8::try_from(random.below(6)).ok()?;
    let ago = u8::try_from(random.below(world.statuses.len().max(1))).ok()?;
    let (one, other) = (world.account(by), world.account(target));
    let status = records.statuses.get(&world.status(ago));
    let original = status.map(|status| status.reblog_of.map_or(status.id, |original| original.status));
    let unrelated = unrelated(records, one, other);
    match random.below(9) {
        0 => {
            let kind = [MarkKind::Favourite, MarkKind::Bookmark, MarkKind::Pin][random.below(3)];
            let new = !records.marks.contains_key(&(one, kind, original?));
            new.then_some((Step::Mark { by, kind, status: ago }, Step::Unmark { by, kind, status: ago }))
        }
        1 => {
            let reblogged = records
                .statuses
                .values()
                .any(|status| status.author == one && status.reblog_of.map(|of| of.status) == original);
            // The reblog becomes the newest status.
            let done = Step::Reblog { by, status: ago, visibility: None };
            (!reblogged && original.is_some())
                .then_some((done, Step::Unreblog { by, status: ago.checked_add(1)? }))
        }
        2 => {
            let follow = Step::Follow { by, target, reblogs: None, notify: Some(true), only_german: false };
            unrelated.then_some((follow, Step::Unfollow { by, target }))
        }
        3 => unrelated.then_some((Step::Block { by, target }, Step::Unblock { by, target })),
        4 => {
            let mute = Step::Mute { by, target, notifications: true, seconds: None };
            records.mute(one, other).is_none().then_some((mute, Step::Unmute { by, target }))
        }
        5 => {
            let apart = unrelated && target == REMOTE && !records.blocks_domain_of(one, other);
            apart.then_some((Step::BlockDomain { by, domain: 0 }, Step::UnblockDomain { by, domain: 0 }))
        }
        6 => {
            let replies = RepliesPolicy::default();
            let made = Step::NewCircle { by, title: 1, replies, exclusive: true };
            let room = records.circles.keys().filter(|(owner, _)| *owner == one).count() < 2;
            room.then_some((made, Step::DeleteCircle { by, circle: 0 }))
        }
        7 => {
            let (_, circle) = world.circles.iter().rfind(|(owner, _)| *owner == one)?;
            let member = records.memberships.contains_key(&(other, one, *circle));
            let done = Step::AddToCircle { by, circle: 0, targets: vec![target] };
            (!member).then_some((done, Step::RemoveFromCircle { by, circle: 0, target }))
        }
        _ => {
            let to = To::These(Visibility::ALL[random.below(Visibility::ALL.len())]);
            let answers = status.map(|_| ago);
            let post = Post { by, to, answers, mentions: vec![target % 5], ..Post::default() };
            let visible = original.is_none_or(|id| records.may(Some(one), id));
            let possible =
                visible && records.is_active(one) && !matches!(post.to, To::These(Visibility::Circle));
            possible.then_some((Step::Post(post), Step::Delete { by, status: 0 }))
        }
    }
}

/// Whether neither follows, asks, blocks or was told of the other.
fn unrelated(records: &Records, one: AccountId, other: AccountId) -> bool {
    [(one, other), (other, one)].iter().all(|pair| {
        !records.follows.contains_key(pair)
            && !records.requests.contains_key(pair)
            && !records.blocks.contains_key(pair)
            && !records.notifications.iter().any(|((owner, _), told)| (*owner, told.from) == *pair)
    })
}
