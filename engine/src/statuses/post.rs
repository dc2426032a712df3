//! Posting a status.

use std::time::Duration;

use super::addressing::address;
use super::draft::{self, Draft, Prepared};
use super::publish::publish;
use crate::audience::{StatusView, Viewer, Visible};
use crate::command::Command;
use crate::engine::Engine;
use crate::entropy::{HashSecret, SecretHash};
use crate::error::{Error, Invalid};
use crate::id::IdInput;
use crate::model::{Account, AccountId, NotificationKind, Status, StatusId, StatusRef};
use crate::notifications::notify;
use crate::store::schema::{
    ACCOUNT_STATS, CONVERSATIONS, IDEMPOTENCY_KEYS, STATUS_STATS, STATUSES, SUBSCRIBERS,
};
use crate::store::{Scan, StoreExt};
use crate::uploads::attach;

/// How long an idempotency key is remembered.
const KEY_LIFETIME: Duration = Duration::from_secs(3600);

/// Followers who are told of each post at most, in the transaction that posts it.
const TOLD_AT_ONCE: usize = 1_000;

impl Engine {
    /// Posts a status. Nothing is stored if anything about it is refused.
    ///
    /// # Errors
    /// [`Invalid`] for what an author can mend, [`Error::Disabled`] if the account may not act.
    pub async fn post(&self, author: AccountId, draft: Draft) -> Result<Visible<StatusView>, Error> {
        let prepared = self.prepare_post(draft).await?;
        self.command(move |command| {
            let id = post(command, author, &prepared, prepared.draft.in_reply_to)?;
            command.query(Viewer::Local(author)).status(id)
        })
        .await
    }

    /// What `draft` would look like, with nothing stored; for [`bulk`](Self::bulk). // R66
    ///
    /// # Errors
    /// [`Invalid`] for what an author can mend.
    pub async fn prepare_post(&self, draft: Draft) -> Result<Prepared, Error> {
        let entities = draft::check(&draft, self.settings())?;
        let accounts = if entities.mentions.is_empty() {
            Vec::new()
        } else {
            let (names, engine) = (entities.mentions.clone(), self.clone());
            self.store().read(move |tx| draft::mentioned(tx, &names, engine.settings())).await?
        };
        Ok(draft::prepare(draft, &entities, &accounts, self.settings()))
    }
}

/// Posts what was prepared, as an answer to `in_reply_to` where there is one. Its id, or that of the status that the same
/// key made before.
pub(crate) fn post(
    command: &mut Command<'_>,
    author: AccountId,
    prepared: &Prepared,
    in_reply_to: Option<IdInput>,
) -> Result<StatusId, Error> {
    let author = command.acting(author)?;
    let viewer = Viewer::Local(author.id);
    let draft = &prepared.draft;
    let key = draft.idempotency_key.as_ref().map(|key| (author.id, SecretHash::of(key)));
    if let Some(key) = &key
        && let Some(status) = made_before(command, key)?
    {
        // What the author cannot see any more is not answered with.
        return Ok(command.query(viewer).status(status)?.status.id);
    }
    let parent = match in_reply_to {
        Some(input) => Some(parent(command, viewer, input)?),
        None => None,
    };
    let address = address(command, &author, draft.audience, parent.as_ref())?;
    let id = command.new_id();
    let attachments = attach(command, author.id, id, &draft.media)?;
    let status = Status {
        id,
        author: author.id,
        created_at: command.now(),
        visibility: address.visibility,
        local_only: draft.local_only,
        local: true,
        reblog_of: None,
        in_reply_to: parent.as_ref().map(|parent| StatusRef { status: parent.id, author: parent.author }),
        conversation: parent.as_ref().map_or(id, |parent| parent.conversation),
        text: draft.text.clone(),
        format: draft.format,
        html: prepared.html.clone(),
        spoiler_text: draft.spoiler_text.clone(),
        sensitive: draft.sensitive.unwrap_or(author.posting.sensitive) || !draft.spoiler_text.is_empty(),
        language: draft.language.clone().or_else(|| author.posting.language.clone()),
        mentions: prepared.mentions.clone(),
        addressed: address.addressed,
        circle: address.circle,
        tags: prepared.tags.clone(),
        attachments,
        application: draft.application.clone(),
    };
    STATUSES.put(command.tx(), &id, &status)?;
    CONVERSATIONS.put(command.tx(), &(status.conversation, id), &parent.as_ref().map(|parent| parent.id))?;
    if let Some(parent) = parent.filter(|_| status.visibility.is_open()) {
        let mut stats = STATUS_STATS.get(command.read(), &parent.id)?.unwrap_or_default();
        stats.replies += 1;
        STATUS_STATS.put(command.tx(), &parent.id, &stats)?;
    }
    publish(command, &author, &status, &prepared.words)?;
    tell(command, &status)?;
    if let Some(key) = key {
        let made = (id, command.now());
        IDEMPOTENCY_KEYS.put(command.tx(), &key, &made)?;
    }
    Ok(id)
}

/// The status that `key` made within the last hour, if it is still there.
fn made_before(command: &mut Command<'_>, key: &(AccountId, SecretHash)) -> Result<Option<StatusId>, Error> {
    // Each new key makes room for itself, so the table does not grow with time.
    for (old, (_, made_at)) in IDEMPOTENCY_KEYS.page(command.read(), &Scan::prefix(&(key.0,)), 16)? {
        if command.now().since(made_at) >= KEY_LIFETIME {
            IDEMPOTENCY_KEYS.delete(command.tx(), &old)?;
        }
    }
    match IDEMPOTENCY_KEYS.get(command.read(), key)? {
        Some((status, made_at))
            if command.now().since(made_at) < KEY_LIFETIME
                && STATUSES.contains(command.read(), &status)? =>
        {
            Ok(Some(status))
        }
        _ => Ok(None),
    }
}

/// The status answered to: the author has to see it; an answer to a reblog answers the original.
fn parent(command: &Command<'_>, viewer: Viewer, input: IdInput) -> Result<Status, Error> {
    let query = command.query(viewer);
    let unknown = |error| match error {
        Error::NotFound => Error::from(Invalid::UnknownParent),
        error => error,
    };
    let view = query.status_by_input(input).map_err(unknown)?;
    let status = view.reblog.as_ref().map_or(&view.stored, |original| &original.stored);
    Ok(Status::clone(status))
}

/// Tells those the status names, and the followers who asked to be told. // R131
fn tell(command: &mut Command<'_>, status: &Status) -> Result<(), Error> {
    let named = status.mentions.iter().map(|mention| mention.account);
    let addressed = status.addressed.iter().copied().filter(|_| status.circle.is_none());
    for account in named.chain(addressed).collect::<Vec<_>>() {
        notify(command, account, NotificationKind::Mention, status.author, Some(status))?;
    }
    // Neither for answers to others nor twice to someone who is named.
    if status.in_reply_to.is_some_and(|parent| parent.author != status.author) {
        return Ok(());
    }
    let scan = Scan::prefix(&(status.author,));
    for ((_, subscriber), ()) in SUBSCRIBERS.page(command.read(), &scan, TOLD_AT_ONCE)? {
        if !status.addresses(subscriber) {
            notify(command, subscriber, NotificationKind::Status, status.author, Some(status))?;
        }
    }
    Ok(())
}

/// Whether `account` counts a status of this visibility among its posts. // R81
pub(super) fn count(
    command: &mut Command<'_>,
    account: &Account,
    status: &Status,
    up: bool,
) -> Result<(), Error> {
    if !status.visibility.is_open() {
        return Ok(());
    }
    let mut stats = ACCOUNT_STATS.get(command.read(), &account.id)?.unwrap_or_default();
    if up {
        stats.statuses += 1;
        stats.last_status_at = Some(command.now());
    } else {
        stats.statuses = stats.statuses.saturating_sub(1);
    }
    ACCOUNT_STATS.put(command.tx(), &account.id, &stats)?;
    crate::accounts::count_statuses(command, if up { 1 } else { -1 })
}
