//! Favourites, bookmarks and pins: what an account does to a status without writing one.

use super::reblog::{original, reblogged_id};
use crate::audience::{StatusView, Viewer, Visible};
use crate::command::Command;
use crate::engine::Engine;
use crate::error::{Error, Invalid};
use crate::id::IdInput;
use crate::model::{AccountId, MarkKind, NotificationKind, Status, StatusId, Visibility};
use crate::notifications::{notify, withdraw};
use crate::store::Scan;
use crate::store::schema::{MARKS, MARKS_BY, MARKS_OF, STATUS_STATS, STATUSES};

impl Engine {
    /// Puts a mark on a status; a repeat changes nothing. Answers the status. // R81
    ///
    /// # Errors
    /// [`Error::NotFound`] for what the actor may not see, [`Invalid::NotPinnable`] for pins on what is not theirs.
    pub async fn mark(
        &self,
        actor: AccountId,
        kind: MarkKind,
        status: IdInput,
    ) -> Result<Visible<StatusView>, Error> {
        self.command(move |command| {
            let id = mark(command, actor, kind, status)?;
            command.query(Viewer::Local(actor)).status(id)
        })
        .await
    }

    /// Takes a mark back; answers the status, or none if the actor has lost sight of it.
    pub async fn unmark(
        &self,
        actor: AccountId,
        kind: MarkKind,
        status: IdInput,
    ) -> Result<Option<Visible<StatusView>>, Error> {
        self.command(move |command| {
            command.acting(actor)?;
            let status = reblogged_id(command, status)?;
            if let Some(id) = MARKS.get(command.read(), &(actor, kind, status))? {
                MARKS.delete(command.tx(), &(actor, kind, status))?;
                MARKS_BY.delete(command.tx(), &(actor, kind, id))?;
                MARKS_OF.delete(command.tx(), &(status, kind, id))?;
                if kind == MarkKind::Favourite {
                    unfavourite(command, actor, status)?;
                }
            }
            command.query(Viewer::Local(actor)).reveal_id(status)
        })
        .await
    }
}

/// Puts a mark on a status, unless it has it. The id of the status.
pub(crate) fn mark(
    command: &mut Command<'_>,
    actor: AccountId,
    kind: MarkKind,
    status: IdInput,
) -> Result<StatusId, Error> {
    command.acting(actor)?;
    let viewer = Viewer::Local(actor);
    let status = original(command, viewer, status)?;
    if !MARKS.contains(command.read(), &(actor, kind, status.id))? {
        if kind == MarkKind::Pin {
            check_pin(command, actor, &status)?;
        }
        let id = command.new_id();
        MARKS.put(command.tx(), &(actor, kind, status.id), &id)?;
        MARKS_BY.put(command.tx(), &(actor, kind, id), &status.id)?;
        MARKS_OF.put(command.tx(), &(status.id, kind, id), &actor)?;
        if kind == MarkKind::Favourite {
            count_favourite(command, status.id, true)?;
            notify(command, status.author, NotificationKind::Favourite, actor, Some(&status))?;
        }
    }
    Ok(status.id)
}

fn unfavourite(command: &mut Command<'_>, actor: AccountId, status: StatusId) -> Result<(), Error> {
    // The mark may outlast the status and its numbers for a while.
    let Some(record) = STATUSES.get(command.read(), &status)? else { return Ok(()) };
    count_favourite(command, status, false)?;
    withdraw(command, record.author, NotificationKind::Favourite, actor, Some(status))
}

fn count_favourite(command: &mut Command<'_>, status: StatusId, up: bool) -> Result<(), Error> {
    let mut stats = STATUS_STATS.get(command.read(), &status)?.unwrap_or_default();
    stats.favourites = if up { stats.favourites + 1 } else { stats.favourites.saturating_sub(1) };
    Ok(STATUS_STATS.put(command.tx(), &status, &stats)?)
}

/// Only one's own, never direct, and not too many. // I16
fn check_pin(command: &Command<'_>, actor: AccountId, status: &Status) -> Result<(), Error> {
    if status.author != actor {
        return Err(Invalid::NotPinnable("Someone else's post cannot be pinned").into());
    }
    if status.visibility == Visibility::Direct {
        return Err(
            Invalid::NotPinnable("Posts that are only visible to mentioned users cannot be pinned").into()
        );
    }
    let maximum = command.settings().limits.pins;
    let pinned = MARKS_BY.page(command.read(), &Scan::prefix(&(actor, MarkKind::Pin)), maximum)?.len();
    if pinned >= maximum {
        return Err(Invalid::NotPinnable("You have already pinned the maximum number of posts").into());
    }
    Ok(())
}
