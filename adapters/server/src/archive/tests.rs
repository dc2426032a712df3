//! What is written is read back, and nothing else is taken for it.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use futures::executor::block_on;
use koinon_engine::media::{BlobStore, MemoryBlobs};
use koinon_engine::store::{Backup, Capabilities, Defect, ReadJob, Store, StoreError, WriteJob};
use tar::{Builder, EntryType, Header};
use tempfile::TempDir;

use super::{ArchiveError, Manifest, unpack, write_archive};
use crate::folder::DataFolder;
use crate::store_kind::StoreKind::{self, Sled, Sqlite};

/// An instance with two uploads and a configuration, and its backup.
struct Backed {
    folder: TempDir,
    blobs: MemoryBlobs,
}

impl Backed {
    fn new(kind: StoreKind) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = DataFolder::create(&folder.path().join("data")).unwrap();
        let blobs = MemoryBlobs::new();
        blobs.put(b"one").unwrap();
        blobs.put(&[2; 1500]).unwrap();
        fs::write(data.path().join("koinon.toml"), "title = \"Kept\"\n").unwrap();
        let store = data.open_store(kind).unwrap();
        let backed = Self { folder, blobs };
        block_on(write_archive(&backed.file(), &data, kind, &*store, &backed.blobs)).unwrap();
        backed
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("backup.tar")
    }
}

/// Everything that comes out of a backup.
#[derive(Debug, PartialEq)]
struct Unpacked {
    manifest: Manifest,
    records: Vec<u8>,
    configuration: Option<Vec<u8>>,
    media: Vec<Vec<u8>>,
}

fn unpack_all(file: &Path) -> Result<Unpacked, ArchiveError> {
    let target = tempfile::tempdir().unwrap();
    let blobs = MemoryBlobs::new();
    let manifest = unpack(file, target.path(), &blobs)?;
    Ok(Unpacked {
        records: fs::read(target.path().join(manifest.store.backup_entry())).unwrap(),
        configuration: fs::read(target.path().join("koinon.toml")).ok(),
        media: blobs.ids().unwrap().map(|id| blobs.get(&id.unwrap()).unwrap().unwrap()).collect(),
        manifest,
    })
}

#[test]
fn everything_comes_back() {
    for kind in StoreKind::ALL {
        let backed = Backed::new(kind);
        let unpacked = unpack_all(&backed.file()).unwrap();
        assert_eq!(unpacked.manifest.store, kind);
        assert_eq!(unpacked.manifest.media.files, 2);
        assert_eq!(unpacked.manifest.media.bytes, 1503);
        assert_eq!(unpacked.configuration.as_deref(), Some(&b"title = \"Kept\"\n"[..]));
        let restored = tempfile::tempdir().unwrap();
        let records = restored.path().join(kind.backup_entry());
        fs::write(&records, &unpacked.records).unwrap();
        let data = DataFolder::create(restored.path()).unwrap();
        if kind == Sled {
            koinon_storage_sled::restore(&records, &data.database(kind)).unwrap();
        }
        let store = data.open_store(kind).unwrap();
        assert_eq!(block_on(store.check()).unwrap(), []);
    }
}

#[test]
fn a_backup_whose_manifest_does_not_tell_the_store_is_one_of_sqlite() {
    let text = r#"{"format":1,"program":"koinon","created_at":"","records":{"bytes":0,"sha256":""},"media":{"files":0,"bytes":0}}"#;
    assert_eq!(serde_json::from_str::<Manifest>(text).unwrap().store, Sqlite);
}

#[test]
fn a_flipped_bit_is_found_or_changes_nothing() {
    StoreKind::ALL.into_iter().for_each(flip_bits);
}

fn flip_bits(kind: StoreKind) {
    let backed = Backed::new(kind);
    let sound = unpack_all(&backed.file()).unwrap();
    let bytes = fs::read(backed.file()).unwrap();
    let file = backed.folder.path().join("flipped.tar");
    // The first entries and the last one densely, the bulk of the records here and there.
    let ends = (0..4096).chain(bytes.len() - 4096..bytes.len()).step_by(61);
    let middle = (4096..bytes.len() - 4096).step_by(bytes.len() / 50);
    let places: Vec<usize> = ends.chain(middle).collect();
    let mut found = 0;
    for place in places {
        let mut flipped = bytes.clone();
        flipped[place] ^= 1 << (place % 8);
        fs::write(&file, flipped).unwrap();
        match unpack_all(&file) {
            Err(_) => found += 1,
            // The hashes of the manifest were compared; its time and program are told, not used.
            Ok(unpacked) => assert!(
                unpacked.records == sound.records
                    && unpacked.configuration == sound.configuration
                    && unpacked.media == sound.media,
                "at {place}"
            ),
        }
    }
    assert!(found > 50, "{found}");
}

#[test]
fn a_backup_that_was_cut_off_is_refused_wherever_it_was_cut() {
    StoreKind::ALL.into_iter().for_each(cut_off);
}

fn cut_off(kind: StoreKind) {
    let backed = Backed::new(kind);
    let bytes = fs::read(backed.file()).unwrap();
    let file = backed.folder.path().join("cut.tar");
    // Behind the manifest come only the zeros that end every archive.
    let end = bytes.iter().rposition(|byte| *byte != 0).unwrap();
    for length in (0..end).step_by(end / 40).chain([end]) {
        fs::write(&file, &bytes[..length]).unwrap();
        let error = unpack_all(&file).unwrap_err();
        assert!(
            matches!(error, ArchiveError::Damaged { .. })
                || length < 512 && matches!(error, ArchiveError::NotABackup(_)),
            "{length} of {end}: {error}"
        );
    }
}

#[test]
fn what_came_while_the_records_were_copied_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let data = DataFolder::create(&folder.path().join("data")).unwrap();
    let blobs = Arc::new(MemoryBlobs::new());
    blobs.put(b"before").unwrap();
    let store = UploadDuringBackup { store: data.open_store(Sqlite).unwrap(), blobs: Arc::clone(&blobs) };
    let file = folder.path().join("backup.tar");
    block_on(write_archive(&file, &data, Sqlite, &store, &*blobs)).unwrap();
    let mut media = unpack_all(&file).unwrap().media;
    media.sort();
    assert_eq!(media, [b"before".to_vec(), b"meanwhile".to_vec()]);
}

#[test]
fn a_failure_leaves_nothing_at_the_name_of_the_backup() {
    let folder = tempfile::tempdir().unwrap();
    let data = DataFolder::create(&folder.path().join("data")).unwrap();
    let store = data.open_store(Sqlite).unwrap();
    let out = folder.path().join("out");
    fs::create_dir(&out).unwrap();
    fs::create_dir(data.path().join("koinon.toml")).unwrap();
    let written =
        block_on(write_archive(&out.join("backup.tar"), &data, Sqlite, &*store, &MemoryBlobs::new()));
    assert!(matches!(written, Err(ArchiveError::Io { .. })), "{written:?}");
    assert_eq!(fs::read_dir(&out).unwrap().count(), 0);
}

#[test]
fn entries_that_lead_elsewhere_are_refused_before_they_are_written() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("target");
    fs::create_dir(&target).unwrap();
    for (name, entry_type) in [
        ("../evil", EntryType::Regular),
        ("/tmp/evil", EntryType::Regular),
        ("media/../koinon.toml", EntryType::Regular),
        ("media/ab/cd/evil", EntryType::Regular),
        ("koinon.sqlite", EntryType::Symlink),
        ("koinon.toml", EntryType::Link),
        ("media", EntryType::Directory),
    ] {
        let file = folder.path().join("crafted.tar");
        let mut tar = Builder::new(fs::File::create(&file).unwrap());
        let mut header = Header::new_gnu();
        // Set as bytes, since the crate itself refuses such names.
        header.as_gnu_mut().unwrap().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_entry_type(entry_type);
        header.set_size(4);
        header.set_cksum();
        tar.append(&header, &b"evil"[..]).unwrap();
        tar.into_inner().unwrap().flush().unwrap();
        let blobs = MemoryBlobs::new();
        let refused = unpack(&file, &target, &blobs);
        assert!(matches!(refused, Err(ArchiveError::NotABackup(_))), "{name}: {refused:?}");
        assert_eq!(fs::read_dir(&target).unwrap().count() + blobs.ids().unwrap().count(), 0, "{name}");
        assert!(!folder.path().join("evil").exists());
    }
}

/// Somebody uploads a file at the moment the records are being copied.
#[derive(Debug)]
struct UploadDuringBackup {
    store: Arc<dyn Store>,
    blobs: Arc<MemoryBlobs>,
}

#[async_trait]
impl Store for UploadDuringBackup {
    async fn run_read(&self, job: ReadJob) -> Result<(), StoreError> {
        self.store.run_read(job).await
    }
    async fn run_write(&self, job: WriteJob) -> Result<(), StoreError> {
        self.store.run_write(job).await
    }
    fn capabilities(&self) -> Capabilities {
        self.store.capabilities()
    }
    async fn backup(&self, file: &Path) -> Result<Backup, StoreError> {
        self.blobs.put(b"meanwhile").unwrap();
        self.store.backup(file).await
    }
    async fn check(&self) -> Result<Vec<Defect>, StoreError> {
        self.store.check().await
    }
}
