//! Uploaded files, from their arrival to the status that takes them.

mod attach;

pub(crate) use attach::{attach, detach, drop_unattached};

use std::sync::Arc;
use std::time::Duration;

use crate::audience::Viewer;
use crate::command::Command;
use crate::engine::Engine;
use crate::error::{Error, Invalid};
use crate::id::IdInput;
use crate::jobs::{Job, enqueue};
use crate::media::{BlobId, BlobStore, MediaLimits, PreparedMedia, prepare};
use crate::model::{AccountId, Attachment, Focus, Media, StoredFile};
use crate::query::Query;
use crate::store::schema::{BLOB_USES, MEDIA};
use crate::store::{ReadTx, Scan};

/// How long an upload waits for a status.
const WAITING_TIME: Duration = Duration::from_secs(24 * 3600);

/// What an uploader says about a file.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Caption {
    /// What it shows, in words; unchanged when none.
    pub description: Option<String>,
    /// The point to keep in view when it is cropped; unchanged when none.
    pub focus: Option<Focus>,
}

impl Engine {
    /// Takes in a file: checks it, strips what it tells about its maker, makes a smaller picture, stores it. // R206
    ///
    /// # Errors
    /// [`Invalid::Media`] for what is no acceptable picture, video or sound.
    pub async fn upload(
        &self,
        owner: AccountId,
        bytes: Vec<u8>,
        caption: Caption,
    ) -> Result<Attachment, Error> {
        check(&caption, self.settings().limits.description_characters)?;
        let blobs = Arc::clone(self.blobs());
        let limits = self.settings().limits.media.clone();
        let stored = self.work(move || store(bytes, &limits, &*blobs)).await??;
        self.command(move |command| {
            command.acting(owner)?;
            let id = command.new_id();
            let mut attachment = Attachment { id, ..stored.clone() };
            describe(&mut attachment, &caption);
            for file in std::iter::once(&attachment.file).chain(&attachment.thumbnail) {
                BLOB_USES.put(command.tx(), &(*file.blob.as_bytes(), id), &())?;
            }
            let media = Media { owner, created_at: command.now(), status: None, attachment };
            MEDIA.put(command.tx(), &id, &media)?;
            let due = command.now() + WAITING_TIME;
            enqueue(command, due, &Job::DropMedia { media: id })?;
            Ok(media.attachment)
        })
        .await
    }

    /// The bytes of a stored file.
    pub async fn file(&self, blob: BlobId) -> Result<Option<Vec<u8>>, Error> {
        let blobs = Arc::clone(self.blobs());
        self.read_file(move || blobs.get(&blob)).await?.map_err(|error| Error::Blob(Arc::new(error)))
    }

    /// Changes what is said about a file that waits for a status.
    ///
    /// # Errors
    /// [`Error::NotFound`] for files of others and files that have been attached.
    pub async fn caption(
        &self,
        owner: AccountId,
        media: IdInput,
        caption: Caption,
    ) -> Result<Attachment, Error> {
        check(&caption, self.settings().limits.description_characters)?;
        self.command(move |command| {
            command.acting(owner)?;
            let mut media = waiting(command, owner, media)?;
            describe(&mut media.attachment, &caption);
            MEDIA.put(command.tx(), &media.attachment.id, &media)?;
            Ok(media.attachment)
        })
        .await
    }
}

impl Query<'_> {
    /// A file of the viewer's that waits for a status; nobody else knows of it.
    pub fn upload(&self, media: IdInput) -> Result<Attachment, Error> {
        let found = stored_media(self.tx(), media)?.ok_or(Error::NotFound)?;
        if self.viewer() != Viewer::Local(found.owner) {
            return Err(Error::NotFound);
        }
        Ok(found.attachment)
    }
}

/// The stored upload that `input` means, whoever owns it.
fn stored_media(tx: &dyn ReadTx, input: IdInput) -> Result<Option<Media>, Error> {
    let (low, high) = input.range();
    Ok(MEDIA.first(tx, &Scan::all().from(&low).through(&high))?.map(|(_, media)| media))
}

/// The upload `input` of `owner`, still without a status. // R207
fn waiting(command: &Command<'_>, owner: AccountId, input: IdInput) -> Result<Media, Error> {
    stored_media(command.read(), input)?
        .filter(|media| media.owner == owner && media.status.is_none())
        .ok_or(Error::NotFound)
}

fn check(caption: &Caption, maximum: usize) -> Result<(), Error> {
    let too_long = |text: &String| text.chars().count() > maximum;
    if caption.description.as_ref().is_some_and(too_long) {
        return Err(Invalid::TooLong { field: "Description", maximum }.into());
    }
    Ok(())
}

fn describe(attachment: &mut Attachment, caption: &Caption) {
    if let Some(description) = &caption.description {
        attachment.description = Some(description.trim().to_owned()).filter(|text| !text.is_empty());
    }
    if caption.focus.is_some() {
        attachment.focus = caption.focus;
    }
}

/// Cleans the file and stores it with its thumbnail. The id is given later, in the transaction.
fn store(bytes: Vec<u8>, limits: &MediaLimits, blobs: &dyn BlobStore) -> Result<Attachment, Error> {
    let PreparedMedia { kind, file_type, bytes, picture } =
        prepare(bytes, limits).map_err(|error| Invalid::Media(error.to_string()))?;
    let file = StoredFile {
        blob: put(blobs, &bytes)?,
        file_type,
        bytes: bytes.len() as u64,
        dimensions: picture.as_ref().map(|picture| (picture.width, picture.height)),
    };
    let thumbnail = match &picture {
        None => None,
        Some(picture) => Some(StoredFile {
            blob: put(blobs, &picture.thumbnail.bytes)?,
            file_type: picture.thumbnail.file_type,
            bytes: picture.thumbnail.bytes.len() as u64,
            dimensions: Some((picture.thumbnail.width, picture.thumbnail.height)),
        }),
    };
    Ok(Attachment {
        id: crate::id::Flake::MIN,
        kind,
        file,
        thumbnail,
        blurhash: picture.map(|picture| picture.blurhash),
        description: None,
        focus: None,
    })
}

pub(crate) fn put(blobs: &dyn BlobStore, bytes: &[u8]) -> Result<BlobId, Error> {
    blobs.put(bytes).map_err(|error| Error::Blob(Arc::new(error)))
}
