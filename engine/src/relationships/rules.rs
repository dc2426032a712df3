//! Beginning and ending relations: tables, counters, feeds and notifications in step.

use crate::circles;
use crate::command::Command;
use crate::error::Error;
use crate::model::{Account, AccountId, AccountStats, Follow, FollowOptions, NotificationKind};
use crate::notifications::{forget_between, notify, withdraw};
use crate::store::schema::{
    ACCOUNT_STATS, BLOCKED, BLOCKS, FOLLOW_REQUESTS, FOLLOW_REQUESTS_TO, FOLLOWERS, FOLLOWING, FOLLOWS,
    MUTED, MUTES, SUBSCRIBERS,
};

use super::feed;

/// Makes `follower` follow `followed`, who does not follow yet. Cost: `O(1)` and the posts put into the feed.
pub(super) fn begin_follow(
    command: &mut Command<'_>,
    follower: &Account,
    followed: AccountId,
    options: FollowOptions,
) -> Result<(), Error> {
    let follow = Follow { id: command.new_id(), created_at: command.now(), options };
    put_follow(command, follower.id, followed, &follow)?;
    FOLLOWING.put(command.tx(), &(follower.id, follow.id), &followed)?;
    FOLLOWERS.put(command.tx(), &(followed, follow.id), &follower.id)?;
    count(command, follower.id, |stats| stats.following += 1)?;
    count(command, followed, |stats| stats.followers += 1)?;
    if follower.is_local() {
        feed::add(command, follower.id, followed)?;
    }
    notify(command, followed, NotificationKind::Follow, follower.id, None)
}

/// Writes down a follow with the options it has now.
pub(super) fn put_follow(
    command: &mut Command<'_>,
    follower: AccountId,
    followed: AccountId,
    follow: &Follow,
) -> Result<(), Error> {
    FOLLOWS.put(command.tx(), &(follower, followed), follow)?;
    let subscription = (followed, follower);
    if follow.options.notify {
        SUBSCRIBERS.put(command.tx(), &subscription, &())?; // R130
    } else {
        SUBSCRIBERS.delete(command.tx(), &subscription)?;
    }
    Ok(())
}

/// Makes `follower` follow `followed` no more, nor keep them in a circle. Whether there was a follow.
pub(super) fn end_follow(
    command: &mut Command<'_>,
    follower: AccountId,
    followed: AccountId,
) -> Result<bool, Error> {
    circles::leave_circles_of(command, follower, followed)?;
    let Some(follow) = FOLLOWS.get(command.read(), &(follower, followed))? else { return Ok(false) };
    FOLLOWS.delete(command.tx(), &(follower, followed))?;
    SUBSCRIBERS.delete(command.tx(), &(followed, follower))?;
    FOLLOWING.delete(command.tx(), &(follower, follow.id))?;
    FOLLOWERS.delete(command.tx(), &(followed, follow.id))?;
    count(command, follower, |stats| stats.following = stats.following.saturating_sub(1))?;
    count(command, followed, |stats| stats.followers = stats.followers.saturating_sub(1))?;
    feed::remove(command, follower, followed)?;
    withdraw(command, followed, NotificationKind::Follow, follower, None)?;
    Ok(true)
}

/// Makes `requester` ask `target`, who was not asked yet.
pub(super) fn begin_request(
    command: &mut Command<'_>,
    requester: AccountId,
    target: AccountId,
    options: FollowOptions,
) -> Result<(), Error> {
    let request = Follow { id: command.new_id(), created_at: command.now(), options };
    FOLLOW_REQUESTS.put(command.tx(), &(requester, target), &request)?;
    FOLLOW_REQUESTS_TO.put(command.tx(), &(target, request.id), &requester)?;
    notify(command, target, NotificationKind::FollowRequest, requester, None)
}

/// Takes back what `requester` asked `target`. The request, if there was one.
pub(super) fn end_request(
    command: &mut Command<'_>,
    requester: AccountId,
    target: AccountId,
) -> Result<Option<Follow>, Error> {
    let Some(request) = FOLLOW_REQUESTS.get(command.read(), &(requester, target))? else { return Ok(None) };
    FOLLOW_REQUESTS.delete(command.tx(), &(requester, target))?;
    FOLLOW_REQUESTS_TO.delete(command.tx(), &(target, request.id))?;
    withdraw(command, target, NotificationKind::FollowRequest, requester, None)?;
    Ok(Some(request))
}

/// Ends every follow and request between two accounts, in both directions.
pub(super) fn part(command: &mut Command<'_>, one: AccountId, other: AccountId) -> Result<(), Error> {
    for (follower, followed) in [(one, other), (other, one)] {
        end_follow(command, follower, followed)?;
        end_request(command, follower, followed)?;
    }
    Ok(())
}

/// Ends everything between `blocker` and `blocked`; nothing of it comes back when the block ends. // R123
pub(super) fn sever(command: &mut Command<'_>, blocker: AccountId, blocked: AccountId) -> Result<(), Error> {
    part(command, blocker, blocked)?;
    forget_between(command, blocker, blocked)
}

/// Ends a block. Whether there was one.
pub(super) fn end_block(
    command: &mut Command<'_>,
    blocker: AccountId,
    blocked: AccountId,
) -> Result<bool, Error> {
    let Some(block) = BLOCKS.get(command.read(), &(blocker, blocked))? else { return Ok(false) };
    BLOCKS.delete(command.tx(), &(blocker, blocked))?;
    BLOCKED.delete(command.tx(), &(blocker, block.id))?;
    Ok(true)
}

/// Ends a mute. Whether there was one that had not ended by itself.
pub(super) fn end_mute(command: &mut Command<'_>, muter: AccountId, muted: AccountId) -> Result<bool, Error> {
    let Some(mute) = MUTES.get(command.read(), &(muter, muted))? else { return Ok(false) };
    MUTES.delete(command.tx(), &(muter, muted))?;
    MUTED.delete(command.tx(), &(muter, mute.id))?;
    Ok(mute.holds(command.now()))
}

fn count(
    command: &mut Command<'_>,
    account: AccountId,
    change: impl FnOnce(&mut AccountStats),
) -> Result<(), Error> {
    let mut stats = ACCOUNT_STATS.get(command.read(), &account)?.unwrap_or_default();
    change(&mut stats);
    Ok(ACCOUNT_STATS.put(command.tx(), &account, &stats)?)
}
