//! Deleting a status, for good and everywhere.

use super::publish::{each_follower, unpublish, words_of};
use super::queries::stored;
use super::reblog::{author_of, forget_reblog};
use crate::audience::{StatusView, Viewer, Visible};
use crate::command::Command;
use crate::engine::Engine;
use crate::error::Error;
use crate::id::{Flake, IdInput};
use crate::jobs::{Job, enqueue};
use crate::model::{AccountId, MarkKind, Role, Status, StatusId, Tombstone};
use crate::notifications::forget_about_status;
use crate::store::Scan;
use crate::store::schema::{
    CONVERSATIONS, HOME, MARKS, MARKS_BY, MARKS_OF, REBLOGS_OF, STATUS_STATS, STATUSES, TOMBSTONES,
};
use crate::uploads::detach;

/// Marks and reblogs of a deleted status removed in one transaction; a job removes the rest.
const FORGOTTEN_AT_ONCE: usize = 500;

/// A deleted status, as it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deleted {
    /// What the actor saw of it last, so that a client can offer to write it anew; none for a moderator who might not
    /// see it.
    pub status: Option<Visible<StatusView>>,
}

impl Engine {
    /// Deletes a status of the actor, or of anyone where the actor is a moderator. // R78
    ///
    /// # Errors
    /// [`Error::NotFound`] for a status of someone else, whether or not the actor may see it.
    pub async fn delete_status(&self, actor: AccountId, status: IdInput) -> Result<Deleted, Error> {
        self.command(move |command| {
            let account = command.acting(actor)?;
            let status = stored(command.read(), status)?.ok_or(Error::NotFound)?;
            if status.author != actor && account.role < Role::Moderator {
                return Err(Error::NotFound);
            }
            let view = command.query(Viewer::Local(actor)).reveal_id(status.id)?;
            delete_status(command, &status)?;
            Ok(Deleted { status: view })
        })
        .await
    }
}

/// Removes a status from everything a viewer can reach; what remains (marks, reblogs, rows in home timelines beyond
/// the first) is invisible without it, and removed here or by a job.
pub(super) fn delete_status(command: &mut Command<'_>, status: &Status) -> Result<(), Error> {
    let author = author_of(command, status)?;
    let words = if status.reblog_of.is_some() { Vec::new() } else { words_of(status) };
    unpublish(command, &author, status, &words)?;
    match status.reblog_of {
        Some(original) => forget_reblog(command, status, original)?,
        None => {
            CONVERSATIONS.delete(command.tx(), &(status.conversation, status.id))?;
            uncount_reply(command, status)?;
        }
    }
    forget_about_status(command, status.id)?;
    detach(command, status)?;
    STATUSES.delete(command.tx(), &status.id)?;
    STATUS_STATS.delete(command.tx(), &status.id)?;
    let tombstone = Tombstone { author: status.author, deleted_at: command.now() };
    TOMBSTONES.put(command.tx(), &status.id, &tombstone)?;
    finish_deletion(command, status.id, status.author, None)
}

/// Removes what refers to a deleted status, as much as fits into one transaction.
pub(crate) fn finish_deletion(
    command: &mut Command<'_>,
    status: StatusId,
    author: AccountId,
    after: Option<Flake>,
) -> Result<(), Error> {
    let next = each_follower(command, author, after, |tx, follower| HOME.delete(tx, &(follower, status)))?;
    let mut left = FORGOTTEN_AT_ONCE;
    for kind in [MarkKind::Favourite, MarkKind::Bookmark, MarkKind::Pin] {
        let marks = MARKS_OF.page(command.read(), &Scan::prefix(&(status, kind)), left)?;
        left -= marks.len();
        for ((_, _, mark), account) in marks {
            MARKS_OF.delete(command.tx(), &(status, kind, mark))?;
            MARKS_BY.delete(command.tx(), &(account, kind, mark))?;
            MARKS.delete(command.tx(), &(account, kind, status))?;
        }
    }
    let reblogs = REBLOGS_OF.page(command.read(), &Scan::prefix(&(status,)), left)?;
    left -= reblogs.len();
    for ((_, wrapper), _) in reblogs {
        if let Some(wrapper) = STATUSES.get(command.read(), &wrapper)? {
            delete_status(command, &wrapper)?;
        }
    }
    if next.is_some() || left == 0 {
        let now = command.now();
        enqueue(command, now, &Job::FinishDeletion { status, author, after: next })?;
    }
    Ok(())
}

fn uncount_reply(command: &mut Command<'_>, status: &Status) -> Result<(), Error> {
    let Some(parent) = status.in_reply_to.filter(|_| status.visibility.is_open()) else { return Ok(()) };
    if !STATUSES.contains(command.read(), &parent.status)? {
        return Ok(());
    }
    let mut stats = STATUS_STATS.get(command.read(), &parent.status)?.unwrap_or_default();
    stats.replies = stats.replies.saturating_sub(1);
    Ok(STATUS_STATS.put(command.tx(), &parent.status, &stats)?)
}
