//! Giving uploads to a status, and taking them back from it.

use super::{WAITING_TIME, waiting};
use crate::command::Command;
use crate::error::{Error, Invalid};
use crate::id::IdInput;
use crate::jobs::{Job, enqueue};
use crate::model::{AccountId, Attachment, MediaId, Status, StatusId};
use crate::store::schema::{BLOB_USES, MEDIA};

/// Gives uploads of `owner` to a status, in the order asked; each only once. // R207
pub(crate) fn attach(
    command: &mut Command<'_>,
    owner: AccountId,
    status: StatusId,
    wanted: &[IdInput],
) -> Result<Vec<Attachment>, Error> {
    let mut attachments: Vec<Attachment> = Vec::with_capacity(wanted.len());
    for input in wanted {
        let mut media = waiting(command, owner, *input).map_err(|error| match error {
            Error::NotFound => Invalid::UnknownMedia.into(),
            error => error,
        })?;
        media.status = Some(status);
        MEDIA.put(command.tx(), &media.attachment.id, &media)?;
        attachments.push(media.attachment);
    }
    Ok(attachments)
}

/// Frees the uploads of a status that is being deleted, so that its author can write it anew with them.
pub(crate) fn detach(command: &mut Command<'_>, status: &Status) -> Result<(), Error> {
    for attachment in &status.attachments {
        if let Some(mut media) = MEDIA.get(command.read(), &attachment.id)? {
            media.status = None;
            MEDIA.put(command.tx(), &attachment.id, &media)?;
            let due = command.now() + WAITING_TIME;
            enqueue(command, due, &Job::DropMedia { media: attachment.id })?;
        }
    }
    Ok(())
}

/// Forgets an upload that no status has taken. The bytes stay until nothing uses them and someone collects them.
pub(crate) fn drop_unattached(command: &mut Command<'_>, id: MediaId) -> Result<(), Error> {
    let Some(media) = MEDIA.get(command.read(), &id)?.filter(|media| media.status.is_none()) else {
        return Ok(());
    };
    for file in std::iter::once(&media.attachment.file).chain(&media.attachment.thumbnail) {
        BLOB_USES.delete(command.tx(), &(*file.blob.as_bytes(), id))?;
    }
    Ok(MEDIA.delete(command.tx(), &id)?)
}
