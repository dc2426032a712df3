//! References against what they refer to.

use super::{defect, each};
use crate::error::Error;
use crate::media::BlobStore;
use crate::model::{AccountId, Status, StatusId, StoredFile};
use crate::statuses::{author_feeds, public_feeds};
use crate::store::schema::{
    ACCOUNT_NAMES, ACCOUNTS, BLOB_USES, BY_AUTHOR, CONVERSATIONS, CREDENTIALS, EMAILS, HOME,
    IDEMPOTENCY_KEYS, MEDIA, NOTIFICATIONS, PUBLIC, REPORTS, STATUS_WORDS, STATUSES, TAGGED, TOKENS,
    TOMBSTONES,
};
use crate::store::{Defect, ReadTx};

pub(super) fn check(tx: &dyn ReadTx, blobs: &dyn BlobStore, defects: &mut Vec<Defect>) -> Result<(), Error> {
    accounts(tx, blobs, defects)?;
    statuses(tx, defects)?;
    feeds(tx, defects)?;
    media(tx, blobs, defects)?;
    each(tx, NOTIFICATIONS, |key, notification| {
        let about_nothing = match notification.status {
            Some(status) => !STATUSES.contains(tx, &status)?,
            None => false,
        };
        if about_nothing || !account_exists(tx, notification.from)? || !account_exists(tx, key.0)? {
            defects.push(defect(NOTIFICATIONS, key, "is about something that does not exist"));
        }
        Ok(())
    })?;
    each(tx, REPORTS, |key, report| {
        if !account_exists(tx, report.by)? || !account_exists(tx, report.target)? {
            defects.push(defect(REPORTS, key, "concerns an account that does not exist"));
        }
        Ok(())
    })?;
    each(tx, TOKENS, |key, token| {
        if token.account.is_some_and(|account| !account_exists(tx, account).unwrap_or(false)) {
            defects.push(defect(TOKENS, key, "acts for an account that does not exist"));
        }
        Ok(())
    })
}

fn accounts(tx: &dyn ReadTx, blobs: &dyn BlobStore, defects: &mut Vec<Defect>) -> Result<(), Error> {
    each(tx, ACCOUNTS, |id, account| {
        let name = (account.username.to_lowercase(), account.domain.clone().unwrap_or_default());
        if ACCOUNT_NAMES.get(tx, &name)? != Some(*id) {
            defects.push(defect(ACCOUNTS, id, "is not found by its name"));
        }
        for picture in account.profile.avatar.iter().chain(&account.profile.header) {
            for file in std::iter::once(&picture.still).chain(&picture.animation) {
                if !blob_exists(blobs, file)? {
                    defects.push(defect(ACCOUNTS, id, "has a picture whose file is missing"));
                }
            }
        }
        Ok(())
    })?;
    each(tx, ACCOUNT_NAMES, |key, id| {
        if !account_exists(tx, id)? {
            defects.push(defect(ACCOUNT_NAMES, key, "names an account that does not exist"));
        }
        Ok(())
    })?;
    each(tx, CREDENTIALS, |id, _| {
        if !account_exists(tx, *id)? {
            defects.push(defect(CREDENTIALS, id, "belongs to an account that does not exist"));
        }
        Ok(())
    })?;
    each(tx, EMAILS, |key, id| {
        if !CREDENTIALS.contains(tx, &id)? {
            defects.push(defect(EMAILS, key, "belongs to an account that cannot sign in"));
        }
        Ok(())
    })
}

fn statuses(tx: &dyn ReadTx, defects: &mut Vec<Defect>) -> Result<(), Error> {
    each(tx, STATUSES, |id, status| {
        if !account_exists(tx, status.author)? {
            defects.push(defect(STATUSES, id, "has no author"));
        }
        for other in status.in_reply_to.iter().chain(&status.reblog_of) {
            if !was_status(tx, other.status)? {
                defects.push(defect(STATUSES, id, "answers or passes on a status that never was"));
            }
        }
        for attachment in &status.attachments {
            let attached = MEDIA.get(tx, &attachment.id)?.and_then(|media| media.status);
            if attached != Some(*id) {
                defects.push(defect(STATUSES, id, "has an attachment that is not attached to it"));
            }
        }
        if !stands_everywhere(tx, &status)? {
            defects.push(defect(STATUSES, id, "is missing from a feed it belongs to"));
        }
        Ok(())
    })?;
    each(tx, IDEMPOTENCY_KEYS, |key, (status, _)| {
        if !was_status(tx, status)? {
            defects.push(defect(IDEMPOTENCY_KEYS, key, "made a status that never was"));
        }
        Ok(())
    })
}

/// Whether the feeds that a status belongs to have it. Home timelines may not have got it yet.
fn stands_everywhere(tx: &dyn ReadTx, status: &Status) -> Result<bool, Error> {
    for feed in author_feeds(status) {
        if !BY_AUTHOR.contains(tx, &(status.author, feed, status.id))? {
            return Ok(false);
        }
    }
    for feed in public_feeds(status) {
        if !PUBLIC.contains(tx, &(feed, status.id))? {
            return Ok(false);
        }
        for tag in &status.tags {
            if !TAGGED.contains(tx, &(tag.clone(), feed, status.id))? {
                return Ok(false);
            }
        }
    }
    Ok(status.reblog_of.is_some() || CONVERSATIONS.contains(tx, &(status.conversation, status.id))?)
}

fn feeds(tx: &dyn ReadTx, defects: &mut Vec<Defect>) -> Result<(), Error> {
    // Rows of a home timeline may outlast the follow that put them there, and so the status.
    each(tx, HOME, |key, ()| {
        if !was_status(tx, key.1)? {
            defects.push(defect(HOME, key, "shows a status that never was"));
        }
        Ok(())
    })?;
    each(tx, BY_AUTHOR, |key, _| {
        if STATUSES.get(tx, &key.2)?.is_none_or(|status| status.author != key.0) {
            defects.push(defect(BY_AUTHOR, key, "shows a status that is not the author's"));
        }
        Ok(())
    })?;
    each(tx, PUBLIC, |key, ()| missing(tx, key.1, || defect(PUBLIC, key, NO_STATUS), defects))?;
    each(tx, TAGGED, |key, ()| missing(tx, key.2, || defect(TAGGED, key, NO_STATUS), defects))?;
    each(tx, STATUS_WORDS, |key, ()| missing(tx, key.1, || defect(STATUS_WORDS, key, NO_STATUS), defects))?;
    each(tx, CONVERSATIONS, |key, _| missing(tx, key.1, || defect(CONVERSATIONS, key, NO_STATUS), defects))
}

const NO_STATUS: &str = "shows a status that does not exist";

fn missing(
    tx: &dyn ReadTx,
    status: StatusId,
    describe: impl FnOnce() -> Defect,
    defects: &mut Vec<Defect>,
) -> Result<(), Error> {
    if !STATUSES.contains(tx, &status)? {
        defects.push(describe());
    }
    Ok(())
}

fn media(tx: &dyn ReadTx, blobs: &dyn BlobStore, defects: &mut Vec<Defect>) -> Result<(), Error> {
    each(tx, MEDIA, |id, media| {
        if let Some(status) = media.status {
            let attached = STATUSES.get(tx, &status)?;
            if attached.is_none_or(|status| status.attachments.iter().all(|attachment| attachment.id != *id))
            {
                defects.push(defect(MEDIA, id, "is attached to a status that does not show it"));
            }
        }
        for file in std::iter::once(&media.attachment.file).chain(&media.attachment.thumbnail) {
            if !blob_exists(blobs, file)? {
                defects.push(defect(MEDIA, id, "has a file that is missing"));
            }
            if !BLOB_USES.contains(tx, &(*file.blob.as_bytes(), *id))? {
                defects.push(defect(MEDIA, id, "uses a file that is not marked as used"));
            }
        }
        Ok(())
    })
}

fn account_exists(tx: &dyn ReadTx, id: AccountId) -> Result<bool, Error> {
    Ok(ACCOUNTS.contains(tx, &id)?)
}

fn was_status(tx: &dyn ReadTx, id: StatusId) -> Result<bool, Error> {
    Ok(STATUSES.contains(tx, &id)? || TOMBSTONES.contains(tx, &id)?)
}

fn blob_exists(blobs: &dyn BlobStore, file: &StoredFile) -> Result<bool, Error> {
    blobs.contains(&file.blob).map_err(|error| Error::Blob(std::sync::Arc::new(error)))
}
