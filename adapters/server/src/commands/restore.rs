//! `koinon restore`

use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;
use std::process::ExitCode;

use futures::executor::block_on;
use koinon_engine::media::DirectoryBlobs;
use tempfile::{TempDir, TempPath};

use super::tell;
use crate::archive::{ArchiveError, unpack};
use crate::config::{Config, FILE_NAME as CONFIGURATION};
use crate::error::ServerError;
use crate::folder::DataFolder;
use crate::lock::FolderLock;

/// Puts a backup into a folder that has no data. Until everything in it was verified, nothing is at its place.
pub(super) fn restore(config: &Config, file: &Path) -> Result<ExitCode, ServerError> {
    let folder = DataFolder::create(&config.data)?;
    let _lock = FolderLock::take(folder.path())?;
    refuse_data(&folder)?;
    let io_failed = |source| ServerError::Folder { folder: folder.path().to_owned(), source };
    let draft = TempDir::with_prefix_in("restore-", folder.path()).map_err(io_failed)?;
    let unpacked = DataFolder::create(draft.path())?;
    let manifest = unpack(file, unpacked.path(), &DirectoryBlobs::open(unpacked.media())?)?;
    verify_records(file, &unpacked)?;
    put_in_place(&unpacked, &folder).map_err(io_failed)?;
    tell(format_args!(
        "{}: restored what {} wrote on {}; {} uploaded files",
        folder.path().display(),
        manifest.program,
        manifest.created_at,
        manifest.media.files
    ))?;
    Ok(ExitCode::SUCCESS)
}

/// A database, or uploaded files. A configuration and an empty folder are no data.
fn refuse_data(folder: &DataFolder) -> Result<(), ServerError> {
    let failed = |source| ServerError::Folder { folder: folder.path().to_owned(), source };
    let has_database = folder.database().try_exists().map_err(failed)?;
    let has_media = match fs::read_dir(folder.media()) {
        Ok(mut names) => names.next().is_some(),
        Err(error) if error.kind() == ErrorKind::NotFound => false,
        Err(error) => return Err(failed(error)),
    };
    if has_database || has_media { Err(ServerError::HoldsData(folder.path().to_owned())) } else { Ok(()) }
}

/// Every record against its checksum: a backup of damaged records is refused rather than served.
fn verify_records(file: &Path, unpacked: &DataFolder) -> Result<(), ServerError> {
    let store = unpacked.open_store()?;
    match block_on(store.check())?.first() {
        None => Ok(()),
        Some(defect) => {
            let reason = format!("a record of {:?} is damaged: {}", defect.table, defect.description);
            Err(ArchiveError::Damaged { file: file.to_owned(), reason }.into())
        }
    }
}

/// Moves what was unpacked to where a server looks for it. The database comes last: a folder with a database has
/// everything.
fn put_in_place(unpacked: &DataFolder, folder: &DataFolder) -> io::Result<()> {
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
    TempPath::try_from_path(unpacked.database())?.persist_noclobber(folder.database())?;
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
