//! `koinon backup`

use std::path::Path;
use std::process::ExitCode;

use futures::executor::block_on;

use super::tell;
use crate::archive::write_archive;
use crate::config::Config;
use crate::error::ServerError;
use crate::folder::DataFolder;

/// Writes one file with everything, while a server may be running.
pub(super) fn backup(config: &Config, file: &Path) -> Result<ExitCode, ServerError> {
    let folder = DataFolder::existing(&config.data)?;
    let (store, blobs) = (folder.open_store()?, folder.open_blobs()?);
    let written = block_on(write_archive(file, &folder, &*store, &*blobs))?;
    let media = written.manifest.media;
    for id in &written.manifest.damaged_media {
        eprintln!("koinon: warning: the uploaded file {id} is damaged and was left out");
    }
    tell(format_args!(
        "{}: {} bytes; the records ({} bytes) and {} uploaded files ({} bytes)",
        file.display(),
        written.bytes,
        written.manifest.records.bytes,
        media.files,
        media.bytes
    ))?;
    Ok(ExitCode::SUCCESS)
}
