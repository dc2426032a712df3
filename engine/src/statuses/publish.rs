//! The feeds a status stands in.

use super::post::count;
use crate::command::Command;
use crate::error::Error;
use crate::id::Flake;
use crate::jobs::{Job, enqueue};
use crate::model::{Account, AccountId, Status, StatusId, Visibility};
use crate::store::schema::{
    AuthorFeed, BY_AUTHOR, FOLLOWERS, Form, HOME, PUBLIC, PublicFeed, STATUS_WORDS, STATUSES, TAGGED, TAGS,
};
use crate::store::{ReadTx, Scan, StoreError, WriteTx};

/// Home timelines written in one transaction; a post with more followers reaches the rest through a job.
const FAN_OUT_AT_ONCE: usize = 1_000;

/// Puts a new status into every feed it belongs to.
pub(super) fn publish(
    command: &mut Command<'_>,
    author: &Account,
    status: &Status,
    words: &[String],
) -> Result<(), Error> {
    for feed in author_feeds(status) {
        BY_AUTHOR.put(command.tx(), &(status.author, feed, status.id), &form(status))?;
    }
    for feed in public_feeds(status) {
        PUBLIC.put(command.tx(), &(feed, status.id), &())?;
        for tag in &status.tags {
            TAGGED.put(command.tx(), &(tag.clone(), feed, status.id), &())?;
        }
    }
    if status.visibility == Visibility::Public {
        for tag in &status.tags {
            let (uses, _) = TAGS.get(command.read(), tag)?.unwrap_or_default();
            let now = command.now();
            TAGS.put(command.tx(), tag, &(uses + 1, now))?;
        }
    }
    for word in words {
        STATUS_WORDS.put(command.tx(), &(word.clone(), status.id), &())?;
    }
    count(command, author, status, true)?;
    HOME.put(command.tx(), &(status.author, status.id), &())?;
    fan_out(command, status.id, None)
}

/// Takes a status out of every feed it was put into.
pub(super) fn unpublish(
    command: &mut Command<'_>,
    author: &Account,
    status: &Status,
    words: &[String],
) -> Result<(), Error> {
    for feed in author_feeds(status) {
        BY_AUTHOR.delete(command.tx(), &(status.author, feed, status.id))?;
    }
    for feed in public_feeds(status) {
        PUBLIC.delete(command.tx(), &(feed, status.id))?;
        for tag in &status.tags {
            TAGGED.delete(command.tx(), &(tag.clone(), feed, status.id))?;
        }
    }
    for word in words {
        STATUS_WORDS.delete(command.tx(), &(word.clone(), status.id))?;
    }
    count(command, author, status, false)?;
    HOME.delete(command.tx(), &(status.author, status.id))?;
    Ok(())
}

/// Puts a status into the home timelines of its author's followers, beginning behind the follow `after`.
pub(crate) fn fan_out(command: &mut Command<'_>, id: StatusId, after: Option<Flake>) -> Result<(), Error> {
    // Deleted meanwhile.
    let Some(status) = STATUSES.get(command.read(), &id)? else { return Ok(()) };
    let next = each_follower(command, status.author, after, |tx, follower| {
        if reaches(&status, follower) { HOME.put(tx, &(follower, id), &()) } else { Ok(()) }
    })?;
    if let Some(after) = next {
        let now = command.now();
        enqueue(command, now, &Job::FanOut { status: id, after })?;
    }
    Ok(())
}

/// Does something for up to [`FAN_OUT_AT_ONCE`] followers; answers where to go on, if there are more.
pub(super) fn each_follower(
    command: &mut Command<'_>,
    author: AccountId,
    after: Option<Flake>,
    mut act: impl FnMut(&mut dyn WriteTx, AccountId) -> Result<(), StoreError>,
) -> Result<Option<Flake>, Error> {
    let mut scan = Scan::prefix(&(author,));
    if let Some(after) = after {
        scan = scan.after(&(author, after));
    }
    let followers = FOLLOWERS.page(command.read(), &scan, FAN_OUT_AT_ONCE)?;
    for (_, follower) in &followers {
        act(command.tx(), *follower)?;
    }
    Ok(followers.last().filter(|_| followers.len() == FAN_OUT_AT_ONCE).map(|((_, follow), _)| *follow))
}

/// Whether a follower can find it in their home timeline at all; who exactly may see it is decided on reading.
fn reaches(status: &Status, follower: AccountId) -> bool {
    match status.visibility {
        Visibility::Direct | Visibility::Circle => status.addresses(follower),
        Visibility::Public
        | Visibility::Unlisted
        | Visibility::Local
        | Visibility::Private
        | Visibility::Mutuals => true,
    }
}

/// Which of its author's feeds a status stands in.
pub(crate) fn author_feeds(status: &Status) -> Vec<AuthorFeed> {
    if status.attachments.is_empty() {
        vec![AuthorFeed::All]
    } else {
        vec![AuthorFeed::All, AuthorFeed::Media]
    }
}

/// Public and local posts stand in the timelines of everyone, reblogs do not. // R50 R108
pub(crate) fn public_feeds(status: &Status) -> Vec<PublicFeed> {
    if !matches!(status.visibility, Visibility::Public | Visibility::Local) || status.reblog_of.is_some() {
        return Vec::new();
    }
    let mut feeds = vec![PublicFeed::All, if status.local { PublicFeed::Local } else { PublicFeed::Remote }];
    if !status.attachments.is_empty() {
        feeds.push(PublicFeed::AllMedia);
        feeds.push(if status.local { PublicFeed::LocalMedia } else { PublicFeed::RemoteMedia });
    }
    feeds
}

fn form(status: &Status) -> Form {
    if status.reblog_of.is_some() {
        Form::Reblog
    } else if status.in_reply_to.is_some_and(|parent| parent.author != status.author) {
        Form::Reply
    } else {
        Form::Original
    }
}

/// The words a status is found by.
pub(super) fn words_of(status: &Status) -> Vec<String> {
    let readable = format!("{} {}", status.spoiler_text, crate::text::plain(&status.html));
    crate::text::search_terms(&readable)
}

/// The newest statuses of an author, as a follower's home timeline takes them over.
pub(crate) fn newest_of(tx: &dyn ReadTx, author: AccountId, count: usize) -> Result<Vec<StatusId>, Error> {
    let scan = Scan::prefix(&(author, AuthorFeed::All)).descending();
    Ok(BY_AUTHOR.page(tx, &scan, count)?.into_iter().map(|((_, _, id), _)| id).collect())
}
