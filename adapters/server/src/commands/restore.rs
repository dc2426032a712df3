//! `koinon restore`

use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;
use std::process::ExitCode;

use futures::executor::block_on;
use koinon_engine::media::DirectoryBlobs;
use koinon_engine::migration::{MIGRATIONS, needs_upgrade};
use koinon_engine::store::StoreError;
use tempfile::{TempDir, TempPath};

use super::tell;
use crate::archive::{ArchiveError, unpack};
use crate::config::{Config, FILE_NAME as CONFIGURATION};
use crate::error::ServerError;
use crate::folder::DataFolder;
use crate::lock::FolderLock;
use crate::store_kind::StoreKind;

/// Puts a backup into a folder that has no data. Until everything in it was verified, nothing is at its place.
pub(super) fn restore(config: &Config, file: &Path) -> Result<ExitCode, ServerError> {
    let folder = DataFolder::create(&config.data)?;
    let _lock = FolderLock::take(folder.path())?;
    folder.refuse_data()?;
    let io_failed = |source| ServerError::Folder { folder: folder.path().to_owned(), source };
    let draft = TempDir::with_prefix_in("restore-", folder.path()).map_err(io_failed)?;
    let unpacked = DataFolder::create(draft.path())?;
    let manifest = unpack(file, unpacked.path(), &DirectoryBlobs::open(unpacked.media())?)?;
    let kind = manifest.store;
    if let Some(wanted) = config.store.filter(|wanted| *wanted != kind) {
        return Err(ServerError::OtherStore { place: file.to_owned(), held: kind, wanted });
    }
    verify_records(file, &unpacked, kind)?;
    refuse_newer(&unpacked, kind)?;
    put_in_place(&unpacked, &folder, kind).map_err(io_failed)?;
    tell(format_args!(
        "{}: restored what {} wrote on {}; {} uploaded files",
        folder.path().display(),
        manifest.program,
        manifest.created_at,
        manifest.media.files
    ))?;
    Ok(ExitCode::SUCCESS)
}

/// Every record against its checksum: a backup of damaged records is refused rather than served. Afterwards the store
/// is at its place among what was unpacked.
fn verify_records(file: &Path, unpacked: &DataFolder, kind: StoreKind) -> Result<(), ServerError> {
    if kind == StoreKind::Sled {
        let records = unpacked.path().join(kind.backup_entry());
        return match koinon_storage_sled::restore(&records, &unpacked.database(kind)) {
            Ok(_) => Ok(()),
            Err(StoreError::Unusable(reason)) => {
                Err(ArchiveError::Damaged { file: file.to_owned(), reason: reason.to_string() }.into())
            }
            Err(error) => Err(error.into()),
        };
    }
    let store = unpacked.open_store(kind)?;
    match block_on(store.check())?.first() {
        None => Ok(()),
        Some(defect) => {
            let reason = format!("a record of {:?} is damaged: {}", defect.table, defect.description);
            Err(ArchiveError::Damaged { file: file.to_owned(), reason }.into())
        }
    }
}

/// Data that this program could not serve are not restored by it.
fn refuse_newer(unpacked: &DataFolder, kind: StoreKind) -> Result<(), ServerError> {
    let store = unpacked.open_store_for_reading(kind)?;
    block_on(needs_upgrade(&*store, MIGRATIONS)).map(drop)?;
    Ok(())
}

/// Moves what was made in a draft to where a server looks for it. The database comes last: a folder with a database has
/// everything.
pub(super) fn put_in_place(unpacked: &DataFolder, folder: &DataFolder, kind: StoreKind) -> io::Result<()> {
    match fs::remove_dir(folder.media()) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => fs::rename(unpacked.media(), folder.media())?,
    }
    let configuration = unpacked.path().join(CONFIGURATION);
    if configuration.try_exists()? {
        // One that is there already was put there for this instance.
        keep_existing(
            TempPath::try_from_path(configuration)?.persist_noclobber(folder.path().join(CONFIGURATION)),
        )?;
    }
    let (store, place) = (unpacked.database(kind), folder.database(kind));
    match kind {
        StoreKind::Sqlite => TempPath::try_from_path(store)?.persist_noclobber(place)?,
        // A folder takes the place of nothing or of an empty one only.
        StoreKind::Sled => fs::rename(store, place)?,
    }
    if cfg!(unix) {
        fs::File::open(folder.path())?.sync_all()?;
    }
    Ok(())
}

fn keep_existing(persisted: Result<(), tempfile::PathPersistError>) -> io::Result<()> {
    match persisted {
        Err(error) if error.error.kind() != ErrorKind::AlreadyExists => Err(error.into()),
        _ => Ok(()),
    }
}
