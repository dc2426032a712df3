//! `koinon check`

use std::process::ExitCode;

use koinon_engine::Error;
use koinon_engine::media::{BlobError, BlobStore};
use koinon_engine::store::{Defect, StoreError};

use super::{tell, with_engine};
use crate::config::Config;
use crate::error::ServerError;
use crate::folder::DataFolder;

/// Lists what is wrong with the data on standard output; the exit status tells whether anything is.
pub(super) fn check(config: &Config) -> Result<ExitCode, ServerError> {
    let folder = DataFolder::existing(&config.data)?;
    let mut defects = records(config, &folder)?;
    let files = media(&*folder.open_blobs()?, &mut defects)?;
    if defects.is_empty() {
        tell(format_args!(
            "{}: the records are sound, and so are {files} uploaded files",
            folder.path().display()
        ))?;
        return Ok(ExitCode::SUCCESS);
    }
    for defect in &defects {
        tell(line(defect))?;
    }
    tell(format_args!("{}: {} defects", folder.path().display(), defects.len()))?;
    Ok(ExitCode::FAILURE)
}

/// What is wrong with the records. A database that cannot even be opened is a defect too.
fn records(config: &Config, folder: &DataFolder) -> Result<Vec<Defect>, ServerError> {
    match with_engine(config, folder, async |engine| Ok(engine.check().await?)) {
        Err(
            ServerError::Store(error @ (StoreError::Unusable(_) | StoreError::Damaged { .. }))
            | ServerError::Engine(Error::Store(error @ (StoreError::Unusable(_) | StoreError::Damaged { .. }))),
        ) => Ok(vec![defect("", &error.to_string())]),
        checked => checked,
    }
}

/// Reads every uploaded file and compares it with its name; answers how many are sound.
fn media(blobs: &dyn BlobStore, defects: &mut Vec<Defect>) -> Result<u64, ServerError> {
    let mut sound = 0;
    for id in blobs.ids()? {
        match blobs.get(&id?) {
            Ok(Some(_)) => sound += 1,
            // Deleted since it was listed.
            Ok(None) => {}
            Err(error @ BlobError::Corrupt { .. }) => defects.push(defect("media", &error.to_string())),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(sound)
}

fn defect(table: &str, description: &str) -> Defect {
    Defect { table: table.to_owned(), key: String::new(), description: description.to_owned() }
}

fn line(defect: &Defect) -> String {
    [&defect.table, &defect.key, &defect.description]
        .into_iter()
        .filter(|part| !part.is_empty())
        .cloned()
        .collect::<Vec<_>>()
        .join(": ")
}
