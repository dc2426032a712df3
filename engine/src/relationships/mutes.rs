//! Not wanting to be shown an account, or told of a thread.

use std::time::Duration;

use crate::audience::{StatusView, Viewer, Visible};
use crate::command::Command;
use crate::engine::Engine;
use crate::error::{Error, Invalid};
use crate::id::IdInput;
use crate::model::{AccountId, ConversationId, Mute};
use crate::statuses::stored;
use crate::store::schema::{CONVERSATION_MUTES, MUTED, MUTES};
use crate::time::Timestamp;

use super::queries::{after_undoing, now_standing};
use super::{RelationshipView, rules};

/// The longest mute that ends by itself.
const LONGEST: Duration = Duration::from_secs(100 * 366 * 24 * 60 * 60);

/// How to mute an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MuteOptions {
    /// Hold notifications back too. // R128
    pub notifications: bool,
    /// How long; until it is removed when none or zero, as clients send it. At most a hundred years.
    pub duration: Option<Duration>,
}

impl Default for MuteOptions {
    fn default() -> Self {
        Self { notifications: true, duration: None }
    }
}

impl Engine {
    /// Makes `actor` mute `target`, who is not told and stays followed. A repeat replaces the options. // R116 R125 R127 R128
    ///
    /// # Errors
    /// [`Error::NotFound`] for a target that is not visible, [`Error::Invalid`] for oneself and for a duration
    /// beyond its limit.
    pub async fn mute(
        &self,
        actor: AccountId,
        target: AccountId,
        options: MuteOptions,
    ) -> Result<Visible<RelationshipView>, Error> {
        self.command(move |command| {
            command.acting(actor)?;
            if actor == target {
                return Err(Invalid::Oneself("mute").into());
            }
            command.query(Viewer::Local(actor)).account(target)?;
            let now = command.now();
            let held = MUTES.get(command.read(), &(actor, target))?.filter(|mute| mute.holds(now));
            let (id, created_at) = match held {
                Some(mute) => (mute.id, mute.created_at),
                None => {
                    // One that ended by itself still has its row.
                    rules::end_mute(command, actor, target)?;
                    (command.new_id(), now)
                }
            };
            let expires_at = end(now, options.duration)?;
            let mute = Mute { id, created_at, notifications: options.notifications, expires_at };
            MUTES.put(command.tx(), &(actor, target), &mute)?;
            MUTED.put(command.tx(), &(actor, id), &target)?;
            now_standing(command, actor, target)
        })
        .await
    }

    /// Makes `actor` mute `target` no more.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a target that is not visible, unless it was muted.
    pub async fn unmute(
        &self,
        actor: AccountId,
        target: AccountId,
    ) -> Result<Visible<RelationshipView>, Error> {
        self.command(move |command| {
            command.acting(actor)?;
            let muted = rules::end_mute(command, actor, target)?;
            after_undoing(command, actor, target, muted)
        })
        .await
    }

    /// Makes `actor` hear no more of the thread that `status` belongs to: for `duration`, or until
    /// [`unmute_conversation`](Self::unmute_conversation) when that is none or zero. A repeat replaces it. // R126 R127
    ///
    /// # Errors
    /// [`Error::NotFound`] for a status that is not visible, [`Error::Invalid`] for a duration beyond a hundred
    /// years.
    pub async fn mute_conversation(
        &self,
        actor: AccountId,
        status: IdInput,
        duration: Option<Duration>,
    ) -> Result<Visible<StatusView>, Error> {
        self.command(move |command| {
            command.acting(actor)?;
            let view = command.query(Viewer::Local(actor)).status_by_input(status)?;
            let until = end(command.now(), duration)?;
            CONVERSATION_MUTES.put(command.tx(), &(actor, view.status.conversation), &until)?;
            command.query(Viewer::Local(actor)).status(view.status.id)
        })
        .await
    }

    /// Lets `actor` hear of the thread again. None where that worked but `actor` may not see the status any more.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a status that is not visible, unless its thread was muted.
    pub async fn unmute_conversation(
        &self,
        actor: AccountId,
        status: IdInput,
    ) -> Result<Option<Visible<StatusView>>, Error> {
        self.command(move |command| {
            command.acting(actor)?;
            let status = stored(command.read(), status)?.ok_or(Error::NotFound)?;
            let undone = unmute_thread(command, actor, status.conversation)?;
            match command.query(Viewer::Local(actor)).status(status.id) {
                Err(Error::NotFound) if undone => Ok(None),
                result => result.map(Some),
            }
        })
        .await
    }
}

/// When something ends that begins `now` and lasts for `duration`; never when that is none or zero.
fn end(now: Timestamp, duration: Option<Duration>) -> Result<Option<Timestamp>, Error> {
    match duration.filter(|duration| !duration.is_zero()) {
        None => Ok(None),
        Some(duration) if duration <= LONGEST => Ok(Some(now + duration)),
        Some(_) => Err(Invalid::Malformed("Duration").into()),
    }
}

/// Whether the thread was muted.
fn unmute_thread(command: &mut Command<'_>, actor: AccountId, thread: ConversationId) -> Result<bool, Error> {
    let key = (actor, thread);
    let muted = CONVERSATION_MUTES.contains(command.read(), &key)?;
    if muted {
        CONVERSATION_MUTES.delete(command.tx(), &key)?;
    }
    Ok(muted)
}
