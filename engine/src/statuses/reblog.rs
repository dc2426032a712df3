//! Passing a status on, and taking that back.

use super::delete::delete_status;
use super::publish::publish;
use crate::audience::{StatusView, Viewer, Visible};
use crate::command::Command;
use crate::engine::Engine;
use crate::error::{Error, Invalid};
use crate::id::IdInput;
use crate::model::{AccountId, NotificationKind, Status, StatusId, StatusRef, Visibility};
use crate::notifications::{notify, withdraw};
use crate::store::schema::{ACCOUNTS, REBLOGS, REBLOGS_OF, STATUS_STATS, STATUSES};
use crate::text::{Format, SafeHtml};

impl Engine {
    /// Passes a status on to the followers of `actor`; answers the reblog. Once per account: a repeat answers the
    /// reblog that is there. // R79 R81
    ///
    /// # Errors
    /// [`Error::NotFound`] for what the actor may not see or not pass on. // R82
    pub async fn reblog(
        &self,
        actor: AccountId,
        status: IdInput,
        visibility: Option<Visibility>,
    ) -> Result<Visible<StatusView>, Error> {
        self.command(move |command| {
            let id = reblog(command, actor, status, visibility)?;
            command.query(Viewer::Local(actor)).status(id)
        })
        .await
    }

    /// Takes a reblog back; answers the original, or none if the actor has lost sight of it. // R79
    pub async fn unreblog(
        &self,
        actor: AccountId,
        status: IdInput,
    ) -> Result<Option<Visible<StatusView>>, Error> {
        self.command(move |command| {
            command.acting(actor)?;
            let id = reblogged_id(command, status)?;
            if let Some(wrapper) = REBLOGS.get(command.read(), &(actor, id))?
                && let Some(wrapper) = STATUSES.get(command.read(), &wrapper)?
            {
                delete_status(command, &wrapper)?;
            }
            command.query(Viewer::Local(actor)).reveal_id(id)
        })
        .await
    }
}

/// Passes a status on, unless that was done before. The id of the reblog.
pub(crate) fn reblog(
    command: &mut Command<'_>,
    actor: AccountId,
    status: IdInput,
    visibility: Option<Visibility>,
) -> Result<StatusId, Error> {
    let account = command.acting(actor)?;
    let viewer = Viewer::Local(actor);
    let original = original(command, viewer, status)?;
    if let Some(wrapper) = REBLOGS.get(command.read(), &(actor, original.id))? {
        // What the actor cannot see any more is not answered with.
        return Ok(command.query(viewer).status(wrapper)?.status.id);
    }
    let visibility = reblog_visibility(&original, actor, visibility, account.posting.visibility)?;
    let id = command.new_id();
    let wrapper = Status {
        id,
        author: actor,
        created_at: command.now(),
        visibility,
        local_only: original.local_only,
        local: true,
        reblog_of: Some(StatusRef { status: original.id, author: original.author }),
        in_reply_to: None,
        conversation: original.conversation,
        text: String::new(),
        format: Format::default(),
        html: SafeHtml::default(),
        spoiler_text: String::new(),
        sensitive: false,
        language: None,
        mentions: Vec::new(),
        addressed: Vec::new(),
        circle: None,
        tags: Vec::new(),
        attachments: Vec::new(),
        application: None,
    };
    STATUSES.put(command.tx(), &id, &wrapper)?;
    REBLOGS.put(command.tx(), &(actor, original.id), &id)?;
    REBLOGS_OF.put(command.tx(), &(original.id, id), &actor)?;
    count_reblog(command, original.id, true)?;
    publish(command, &account, &wrapper, &[])?;
    notify(command, original.author, NotificationKind::Reblog, actor, Some(&original))?;
    Ok(id)
}

/// The status itself, or the one it passes on: marks and reblogs always concern the original.
pub(super) fn original(command: &Command<'_>, viewer: Viewer, input: IdInput) -> Result<Status, Error> {
    let view = command.query(viewer).status_by_input(input)?;
    let status = view.reblog.as_ref().map_or(&view.stored, |original| &original.stored);
    Ok(Status::clone(status))
}

/// The id [`original`] would find, also when the actor has lost sight of it: undoing always works.
pub(super) fn reblogged_id(command: &Command<'_>, input: IdInput) -> Result<StatusId, Error> {
    let status = crate::statuses::queries::stored(command.read(), input)?.ok_or(Error::NotFound)?;
    Ok(status.reblog_of.map_or(status.id, |original| original.status))
}

/// What the bookkeeping of a reblog's deletion consists of, beside that of any status.
pub(super) fn forget_reblog(
    command: &mut Command<'_>,
    wrapper: &Status,
    original: StatusRef,
) -> Result<(), Error> {
    REBLOGS.delete(command.tx(), &(wrapper.author, original.status))?;
    REBLOGS_OF.delete(command.tx(), &(original.status, wrapper.id))?;
    count_reblog(command, original.status, false)?;
    withdraw(command, original.author, NotificationKind::Reblog, wrapper.author, Some(original.status))
}

/// A reblog is never wider than its original, and only its author passes on what is not open to everyone. // R82
fn reblog_visibility(
    original: &Status,
    actor: AccountId,
    wish: Option<Visibility>,
    usual: Visibility,
) -> Result<Visibility, Error> {
    match original.visibility {
        Visibility::Public | Visibility::Unlisted | Visibility::Local => {}
        Visibility::Private if original.author == actor => {}
        Visibility::Private | Visibility::Mutuals | Visibility::Circle | Visibility::Direct => {
            return Err(Error::NotFound);
        }
    }
    match wish {
        Some(Visibility::Direct | Visibility::Circle) => Err(Invalid::NotReblogged.into()),
        wish => {
            let usual = if usual > Visibility::Private { Visibility::Private } else { usual };
            Ok(wish.unwrap_or(usual).max(original.visibility))
        }
    }
}

fn count_reblog(command: &mut Command<'_>, original: StatusId, up: bool) -> Result<(), Error> {
    // Neither the original nor its numbers may be there any more when a reblog goes.
    if !STATUSES.contains(command.read(), &original)? {
        return Ok(());
    }
    let mut stats = STATUS_STATS.get(command.read(), &original)?.unwrap_or_default();
    stats.reblogs = if up { stats.reblogs + 1 } else { stats.reblogs.saturating_sub(1) };
    Ok(STATUS_STATS.put(command.tx(), &original, &stats)?)
}

/// The author's account, which every stored status has.
pub(super) fn author_of(command: &Command<'_>, status: &Status) -> Result<crate::model::Account, Error> {
    ACCOUNTS.get(command.read(), &status.author)?.ok_or(Error::NotFound)
}
