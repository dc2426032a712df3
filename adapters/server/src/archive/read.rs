//! Unpacking a backup, every byte of it verified.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use koinon_engine::media::{BlobId, BlobStore};
use tar::{Archive, Entry};

use super::MANIFEST;
use super::error::{ArchiveError, failed};
use super::hashing::HashingReader;
use super::manifest::{Counted, FORMAT, FormatOnly, Hashed, Manifest};
use super::write::media_path;
use crate::config::FILE_NAME as CONFIGURATION;
use crate::folder::MEDIA;
use crate::store_kind::StoreKind;

/// Longest manifest that is read, in bytes: room for a hundred thousand files that were left out.
const MOST_MANIFEST_BYTES: u64 = 8 << 20;

/// Unpacks the backup `file` into the folder `target`, the uploaded files into `blobs`, and verifies that everything is there and
/// is what was written. What was unpacked before an error stays; the caller throws it away.
///
/// # Errors
/// [`ArchiveError::NotABackup`] for any other file, [`ArchiveError::Damaged`] when a byte is missing or another one,
/// [`ArchiveError::Newer`].
pub fn unpack(file: &Path, target: &Path, blobs: &dyn BlobStore) -> Result<Manifest, ArchiveError> {
    let reader = File::open(file).map_err(failed("open", file))?;
    let mut archive = Archive::new(BufReader::with_capacity(1 << 20, reader));
    let mut found = Found::default();
    let entries = archive.entries().map_err(failed("read", file))?;
    let mut first = true;
    for entry in entries {
        let entry = entry.map_err(|error| unreadable(file, &error, first))?;
        found.take(file, entry, target, blobs)?;
        first = false;
    }
    found.verify(file, first)
}

/// What came out of an archive.
#[derive(Debug, Default)]
struct Found {
    media: Counted,
    records: Option<(StoreKind, Hashed)>,
    configuration: Option<Hashed>,
    manifest: Option<Manifest>,
}

impl Found {
    fn take(
        &mut self,
        file: &Path,
        mut entry: Entry<'_, impl Read>,
        target: &Path,
        blobs: &dyn BlobStore,
    ) -> Result<(), ArchiveError> {
        let path = entry.path_bytes().into_owned();
        let path = String::from_utf8_lossy(&path).into_owned();
        if !entry.header().entry_type().is_file() || self.manifest.is_some() {
            return Err(self.unexpected(file, &path));
        }
        let store = StoreKind::ALL.into_iter().find(|kind| kind.backup_entry() == path);
        if let Some(kind) = store.filter(|_| self.records.is_none()) {
            self.records = Some((kind, extract(file, &mut entry, &target.join(kind.backup_entry()))?));
            return Ok(());
        }
        match path.as_str() {
            CONFIGURATION if self.configuration.is_none() => {
                self.configuration = Some(extract(file, &mut entry, &target.join(CONFIGURATION))?);
            }
            MANIFEST => self.manifest = Some(read_manifest(file, &mut entry)?),
            _ => {
                let id = media_id(&path).ok_or_else(|| self.unexpected(file, &path))?;
                let mut bytes = Vec::new();
                entry.read_to_end(&mut bytes).map_err(|error| unreadable(file, &error, false))?;
                if BlobId::of(&bytes) != id {
                    return Err(damaged(file, format!("{path} is not what it was")));
                }
                blobs.put(&bytes)?;
                self.media.add(bytes.len() as u64);
            }
        }
        Ok(())
    }

    /// An entry that no backup has. A file that begins with one is something else.
    fn unexpected(&self, file: &Path, path: &str) -> ArchiveError {
        if self.media.files == 0 && self.records.is_none() && self.configuration.is_none() {
            ArchiveError::NotABackup(file.to_owned())
        } else {
            damaged(file, format!("{path:?} does not belong in a backup"))
        }
    }

    fn verify(self, file: &Path, is_empty: bool) -> Result<Manifest, ArchiveError> {
        if is_empty {
            return Err(ArchiveError::NotABackup(file.to_owned()));
        }
        let manifest = self.manifest.ok_or_else(|| damaged(file, "it is not complete"))?;
        if self.records.as_ref() != Some(&(manifest.store, manifest.records.clone())) {
            return Err(damaged(file, "the records are not what they were"));
        }
        if self.configuration != manifest.configuration {
            return Err(damaged(file, "the configuration is not what it was"));
        }
        if self.media != manifest.media {
            return Err(damaged(file, "uploaded files are missing"));
        }
        Ok(manifest)
    }
}

/// Copies an entry to a new file.
fn extract(file: &Path, entry: &mut impl Read, target: &Path) -> Result<Hashed, ArchiveError> {
    let mut reader = HashingReader::new(entry);
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut output = options.open(target).map_err(failed("write", target))?;
    let mut buffer = vec![0; 1 << 16];
    loop {
        // Read and write apart, since they fail for different reasons.
        let count = reader.read(&mut buffer).map_err(|error| unreadable(file, &error, false))?;
        if count == 0 {
            break;
        }
        io::Write::write_all(&mut output, &buffer[..count]).map_err(failed("write", target))?;
    }
    output.sync_all().map_err(failed("flush", target))?;
    Ok(reader.finish())
}

fn read_manifest(file: &Path, entry: &mut impl Read) -> Result<Manifest, ArchiveError> {
    let mut text = Vec::new();
    entry
        .take(MOST_MANIFEST_BYTES)
        .read_to_end(&mut text)
        .map_err(|error| unreadable(file, &error, false))?;
    let no_manifest =
        |error: serde_json::Error| damaged(file, format!("its manifest cannot be read: {error}"));
    let FormatOnly { format } = serde_json::from_slice(&text).map_err(no_manifest)?;
    if format > FORMAT {
        return Err(ArchiveError::Newer { file: file.to_owned(), found: format, known: FORMAT });
    }
    serde_json::from_slice(&text).map_err(no_manifest)
}

/// The id of an uploaded file, if the path is exactly the one that such a file has.
fn media_id(path: &str) -> Option<BlobId> {
    let name = path.strip_prefix(MEDIA)?.rsplit('/').next()?;
    let id = name.parse().ok()?;
    (media_path(&id) == path).then_some(id)
}

/// An error while reading the archive: what tar cannot make sense of is damage, or no archive at all.
fn unreadable(file: &Path, error: &io::Error, first: bool) -> ArchiveError {
    match error.kind() {
        io::ErrorKind::Other | io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData if first => {
            ArchiveError::NotABackup(file.to_owned())
        }
        io::ErrorKind::Other | io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData => {
            damaged(file, crate::error::reason(error))
        }
        kind => ArchiveError::Io { action: "read", path: file.to_owned(), source: kind.into() },
    }
}

fn damaged(file: &Path, reason: impl Into<String>) -> ArchiveError {
    ArchiveError::Damaged { file: file.to_owned(), reason: reason.into() }
}
