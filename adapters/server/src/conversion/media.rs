//! Copying uploaded files to another folder.

use koinon_engine::media::{BlobError, BlobId, BlobStore};

use super::error::ConversionError;
use crate::progress::Progress;

/// Uploaded files that came along.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Media {
    /// How many.
    pub files: u64,
    /// Those that were damaged and left out.
    pub damaged: Vec<BlobId>,
}

/// Copies the files that the target does not have, and then reads each of them there: its name is the hash of its
/// content.
pub(super) fn copy(source: &dyn BlobStore, target: &dyn BlobStore) -> Result<Media, ConversionError> {
    let mut media = Media::default();
    let mut progress = Progress::start("copying", 0, 0);
    for id in source.ids()? {
        let id = id?;
        if !target.contains(&id)? {
            match source.get(&id) {
                Ok(Some(bytes)) => drop(target.put(&bytes)?),
                Ok(None) => continue,
                Err(BlobError::Corrupt { .. }) => {
                    media.damaged.push(id);
                    continue;
                }
                Err(error) => return Err(error.into()),
            }
        }
        media.files += 1;
        progress.advance("uploaded files", 1);
    }
    progress.finish();
    let mut progress = Progress::start("comparing", media.files, 0);
    for id in target.ids()? {
        // An error when the content is not the one that the name promises.
        target.get(&id?)?;
        progress.advance("uploaded files", 1);
    }
    progress.finish();
    Ok(media)
}
