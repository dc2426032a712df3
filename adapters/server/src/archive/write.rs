//! Making a backup while the instance goes on.

use std::collections::HashSet;
use std::fs::{self, File};
use std::future::poll_fn;
use std::io::{BufWriter, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::task::Poll;

use chrono::{SecondsFormat, Utc};
use koinon_engine::media::{BlobError, BlobId, BlobStore};
use koinon_engine::store::Store;
use serde::{Deserialize, Serialize};
use tar::{Builder, Header};
use tempfile::{NamedTempFile, TempDir};

use super::MANIFEST;
use super::error::{ArchiveError, failed};
use super::hashing::HashingReader;
use super::manifest::{Counted, FORMAT, Hashed, Manifest};
use crate::config::FILE_NAME as CONFIGURATION;
use crate::folder::{DataFolder, MEDIA};
use crate::store_kind::StoreKind;

/// A backup that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Written {
    /// Length of the file.
    pub bytes: u64,
    /// What it holds.
    pub manifest: Manifest,
}

/// Writes a backup of the instance in `folder` to `target`, which appears when it is complete and on the medium.
///
/// Uploaded files that are damaged are left out and listed. Besides the backup itself, a second copy of the records
/// needs room beside `target` meanwhile. Blocks, and copies everything; dropping the future between two files gives up
/// and leaves nothing.
///
/// # Errors
/// [`ArchiveError::Exists`] when there is anything at `target`; it is never overwritten.
pub async fn write_archive(
    target: &Path,
    folder: &DataFolder,
    kind: StoreKind,
    store: &dyn Store,
    blobs: &dyn BlobStore,
) -> Result<Written, ArchiveError> {
    refuse_existing(target)?;
    let beside = directory_of(target);
    let draft = tempfile::Builder::new()
        .prefix(&prefix_of(target))
        .suffix(".part")
        .tempfile_in(&beside)
        .map_err(failed("write a file in", &beside))?;
    let snapshot =
        TempDir::with_prefix_in(prefix_of(target), &beside).map_err(failed("make a folder in", &beside))?;
    let snapshot = snapshot.path().join(kind.backup_entry());

    let mut archive = Archive::new(&draft, blobs)?;
    archive.add_media().await?;
    archive.add_file_if_present(CONFIGURATION, &folder.path().join(CONFIGURATION))?;
    store.backup(&snapshot).await?;
    archive.add_records(kind, &snapshot)?;
    archive.add_media().await?;
    let manifest = archive.finish(kind)?;

    let bytes = draft.as_file().metadata().map_err(failed("look at", draft.path()))?.len();
    place(draft, target, &beside)?;
    Ok(Written { bytes, manifest })
}

/// An archive in the making.
struct Archive<'a> {
    tar: Builder<BufWriter<&'a File>>,
    path: &'a Path,
    blobs: &'a dyn BlobStore,
    copied: HashSet<BlobId>,
    media: Counted,
    damaged: Vec<BlobId>,
    records: Option<Hashed>,
    configuration: Option<Hashed>,
    modified: u64,
}

impl<'a> Archive<'a> {
    fn new(draft: &'a NamedTempFile, blobs: &'a dyn BlobStore) -> Result<Self, ArchiveError> {
        Ok(Self {
            tar: Builder::new(BufWriter::with_capacity(1 << 20, draft.as_file())),
            path: draft.path(),
            blobs,
            copied: HashSet::new(),
            media: Counted::default(),
            damaged: Vec::new(),
            records: None,
            configuration: None,
            modified: u64::try_from(Utc::now().timestamp()).unwrap_or(0),
        })
    }

    /// Copies the uploaded files that were not there the last time.
    async fn add_media(&mut self) -> Result<(), ArchiveError> {
        let blobs = self.blobs;
        for id in blobs.ids()? {
            let id = id?;
            look_up().await;
            if !self.copied.insert(id) {
                continue;
            }
            match blobs.get(&id) {
                Ok(Some(bytes)) => {
                    self.append(&media_path(&id), bytes.len() as u64, &bytes[..])?;
                    self.media.add(bytes.len() as u64);
                }
                // Deleted since it was listed.
                Ok(None) => {}
                Err(BlobError::Corrupt { .. }) => self.damaged.push(id),
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    fn add_records(&mut self, kind: StoreKind, snapshot: &Path) -> Result<(), ArchiveError> {
        let file = File::open(snapshot).map_err(failed("open", snapshot))?;
        self.records = Some(self.add_file(kind.backup_entry(), file, snapshot)?);
        Ok(())
    }

    fn add_file_if_present(&mut self, name: &str, path: &Path) -> Result<(), ArchiveError> {
        match File::open(path) {
            Ok(file) => self.configuration = Some(self.add_file(name, file, path)?),
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(failed("open", path)(error)),
        }
        Ok(())
    }

    fn add_file(&mut self, name: &str, file: File, path: &Path) -> Result<Hashed, ArchiveError> {
        let length = file.metadata().map_err(failed("look at", path))?.len();
        let mut reader = HashingReader::new(file.take(length));
        self.append(name, length, &mut reader)?;
        let hashed = reader.finish();
        if hashed.bytes != length {
            let source = ErrorKind::UnexpectedEof.into();
            return Err(ArchiveError::Io { action: "read all of", path: path.to_owned(), source });
        }
        Ok(hashed)
    }

    fn append(&mut self, name: &str, length: u64, content: impl Read) -> Result<(), ArchiveError> {
        let mut header = Header::new_gnu();
        header.set_size(length);
        header.set_mode(0o600);
        header.set_mtime(self.modified);
        self.tar.append_data(&mut header, name, content).map_err(failed("write", self.path))
    }

    fn finish(mut self, kind: StoreKind) -> Result<Manifest, ArchiveError> {
        let manifest = Manifest {
            format: FORMAT,
            program: format!("koinon {}", env!("CARGO_PKG_VERSION")),
            created_at: Utc::now().to_rfc3339_opts(SecondsFormat::Millis, true),
            store: kind,
            records: self.records.take().expect("the records are added before an archive is finished"),
            configuration: self.configuration.take(),
            media: self.media,
            damaged_media: std::mem::take(&mut self.damaged),
        };
        let text = serde_json::to_vec_pretty(&manifest).expect("a manifest has nothing that JSON cannot say");
        self.append(MANIFEST, text.len() as u64, &text[..])?;
        let path = self.path;
        let mut writer = self.tar.into_inner().map_err(failed("write", path))?;
        writer.flush().map_err(failed("write", path))?;
        Ok(manifest)
    }
}

/// Lets whoever waits for the backup give it up.
async fn look_up() {
    let mut looked = false;
    poll_fn(|context| {
        if std::mem::replace(&mut looked, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// Where tools that unpack the archive put an uploaded file: where the folder of media has it.
pub(super) fn media_path(id: &BlobId) -> String {
    let name = id.to_string();
    format!("{MEDIA}/{}/{}/{name}", &name[..2], &name[2..4])
}

fn place(draft: NamedTempFile, target: &Path, beside: &Path) -> Result<(), ArchiveError> {
    draft.as_file().sync_all().map_err(failed("flush", draft.path()))?;
    draft.persist_noclobber(target).map_err(|error| match error.error.kind() {
        ErrorKind::AlreadyExists => ArchiveError::Exists(target.to_owned()),
        _ => failed("write", target)(error.error),
    })?;
    flush_directory(beside)
}

/// Makes the names in a folder durable, where the system knows such a thing.
pub(super) fn flush_directory(directory: &Path) -> Result<(), ArchiveError> {
    if cfg!(unix) {
        File::open(directory)
            .and_then(|directory| directory.sync_all())
            .map_err(failed("flush", directory))?;
    }
    Ok(())
}

fn refuse_existing(target: &Path) -> Result<(), ArchiveError> {
    match fs::symlink_metadata(target) {
        Ok(_) => Err(ArchiveError::Exists(target.to_owned())),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(failed("look at", target)(error)),
    }
}

fn directory_of(target: &Path) -> PathBuf {
    match target.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}

fn prefix_of(target: &Path) -> String {
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    format!("{name}.")
}
