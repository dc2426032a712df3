//! When a notification is made, and when it is taken back.

use crate::audience::{Relation, Surface, Viewer, wanted};
use crate::cache::Records;
use crate::command::Command;
use crate::error::Error;
use crate::id::Flake;
use crate::model::{AccountId, AccountState, Notification, NotificationKind, ReportId, Status, StatusId};
use crate::store::Scan;
use crate::store::schema::{
    ACCOUNTS, CONVERSATION_MUTES, NOTIFICATION_CAUSES, NOTIFICATIONS, NOTIFICATIONS_OF,
};

/// Tells `owner` that `from` did something, once per cause, if the rules let it through:
/// nobody is told of their own doings, of muted or blocked accounts, of threads they muted, nor of
/// what they may not see. // R197 R123 R128
pub(crate) fn notify(
    command: &mut Command<'_>,
    owner: AccountId,
    kind: NotificationKind,
    from: AccountId,
    status: Option<&Status>,
) -> Result<(), Error> {
    if owner == from || !welcome(command, owner, from, status)? {
        return Ok(());
    }
    add(command, owner, kind, from, status.map(|status| status.id), None)
}

/// Tells `owner`, who handles reports, that `from` made `report`; by the same rules.
pub(crate) fn notify_of_report(
    command: &mut Command<'_>,
    owner: AccountId,
    from: AccountId,
    report: ReportId,
) -> Result<(), Error> {
    if owner == from || !welcome(command, owner, from, None)? {
        return Ok(());
    }
    add(command, owner, NotificationKind::Report, from, None, Some(report))
}

/// Adds a notification with its indexes, unless there is one for the same cause.
fn add(
    command: &mut Command<'_>,
    owner: AccountId,
    kind: NotificationKind,
    from: AccountId,
    status: Option<StatusId>,
    report: Option<ReportId>,
) -> Result<(), Error> {
    let cause = cause(owner, kind, from, status.or(report));
    if NOTIFICATION_CAUSES.contains(command.read(), &cause)? {
        return Ok(());
    }
    let id = command.new_id();
    let notification = Notification { id, kind, from, status, report, created_at: command.now() };
    NOTIFICATIONS.put(command.tx(), &(owner, id), &notification)?;
    NOTIFICATION_CAUSES.put(command.tx(), &cause, &id)?;
    if let Some(status) = status {
        NOTIFICATIONS_OF.put(command.tx(), &(status, owner, id), &())?;
    }
    Ok(())
}

/// Takes back what [`notify`] made for the same cause: the reblog was undone, the follow request answered.
pub(crate) fn withdraw(
    command: &mut Command<'_>,
    owner: AccountId,
    kind: NotificationKind,
    from: AccountId,
    status: Option<StatusId>,
) -> Result<(), Error> {
    let Some(id) = NOTIFICATION_CAUSES.get(command.read(), &cause(owner, kind, from, status))? else {
        return Ok(());
    };
    match NOTIFICATIONS.get(command.read(), &(owner, id))? {
        Some(notification) => remove(command, owner, id, &notification),
        None => Ok(()),
    }
}

/// Takes back every notification about a status that is being deleted.
pub(crate) fn forget_about_status(command: &mut Command<'_>, status: StatusId) -> Result<(), Error> {
    for ((_, owner, id), ()) in
        NOTIFICATIONS_OF.page(command.read(), &Scan::prefix(&(status,)), usize::MAX)?
    {
        if let Some(notification) = NOTIFICATIONS.get(command.read(), &(owner, id))? {
            remove(command, owner, id, &notification)?;
        }
    }
    Ok(())
}

/// Takes back everything `owner` was told of `from`, because `owner` now blocks them.
pub(crate) fn forget_between(
    command: &mut Command<'_>,
    owner: AccountId,
    from: AccountId,
) -> Result<(), Error> {
    for kind in NotificationKind::ALL {
        let scan = Scan::prefix(&(owner, kind, from));
        for (_, id) in NOTIFICATION_CAUSES.page(command.read(), &scan, usize::MAX)? {
            if let Some(notification) = NOTIFICATIONS.get(command.read(), &(owner, id))? {
                remove(command, owner, id, &notification)?;
            }
        }
    }
    Ok(())
}

/// Removes one notification with its indexes.
pub(super) fn remove(
    command: &mut Command<'_>,
    owner: AccountId,
    id: Flake,
    notification: &Notification,
) -> Result<(), Error> {
    NOTIFICATIONS.delete(command.tx(), &(owner, id))?;
    NOTIFICATION_CAUSES.delete(command.tx(), &cause_of(owner, notification))?;
    if let Some(status) = notification.status {
        NOTIFICATIONS_OF.delete(command.tx(), &(status, owner, id))?;
    }
    Ok(())
}

/// A key of [`NOTIFICATION_CAUSES`].
type Cause = (AccountId, NotificationKind, AccountId, Flake);

/// What a notification of `owner` must not be repeated for.
pub(crate) fn cause_of(owner: AccountId, notification: &Notification) -> Cause {
    let about = notification.status.or(notification.report);
    cause(owner, notification.kind, notification.from, about)
}

/// One that is about nothing is told apart by its kind and origin.
fn cause(owner: AccountId, kind: NotificationKind, from: AccountId, about: Option<Flake>) -> Cause {
    (owner, kind, from, about.unwrap_or(Flake::MIN))
}

fn welcome(
    command: &Command<'_>,
    owner: AccountId,
    from: AccountId,
    status: Option<&Status>,
) -> Result<bool, Error> {
    let (Some(owner), Some(from)) =
        (ACCOUNTS.get(command.read(), &owner)?, ACCOUNTS.get(command.read(), &from)?)
    else {
        return Ok(false);
    };
    if !owner.is_local() || owner.state != AccountState::Active {
        return Ok(false);
    }
    let relation = Relation::between(Records::of_transaction(command.read()), &owner, &from, command.now())?;
    if relation.is_severed() || wanted(Surface::Notifications, &relation, from.limited, false).is_err() {
        return Ok(false);
    }
    let Some(status) = status else { return Ok(true) };
    let muted_thread = CONVERSATION_MUTES.get(command.read(), &(owner.id, status.conversation))?;
    if muted_thread.is_some_and(|until| until.is_none_or(|until| command.now() < until)) {
        return Ok(false);
    }
    Ok(command.query(Viewer::Local(owner.id)).explain(status.id)?.is_shown())
}
