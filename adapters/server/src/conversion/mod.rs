//! Converting the store of an instance: every row of every table from one store to another.
//!
//! The new store grows as a draft in the folder `koinon.converting` of the data folder it is meant for. As long as that
//! folder is there, nobody serves what is beside it. Rows are copied in the order of tables and keys, each batch in one
//! transaction, so the last row that is there tells where to go on after the process was killed, at whatever moment.
//! When all rows are there, both stores are read side by side, and only if they are equal does the draft get its name.
//!
//! The source is read in one snapshot, from counting its rows to comparing them. Nobody else has it open meanwhile: a
//! folder that is being served, or that another command is at work on, is refused. What changed it between two attempts
//! is noticed when the stores are compared; then everything is copied anew. Data of an older version are refused, since
//! migrating them changes the source, and so are those of a newer one.
//!
//! | in | what stands there |
//! |---|---|
//! | `place` | `sqlite:DIR`, and both sides of a conversion, locked |
//! | `draft` | the store in the making, and which conversion it is of |
//! | `rows` | counting, copying, comparing |
//! | `media` | uploaded files |
//! | `publish` | from draft to store; the old store and the configuration |

mod draft;
mod error;
mod media;
mod place;
mod publish;
mod rows;
#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::sync::Arc;

use futures::executor::block_on;
use koinon_engine::store::schema::TABLES;
use koinon_engine::store::{Store, StoreExt};

pub(crate) use draft::is_unfinished;
pub use error::ConversionError;
pub use media::Media;
pub use place::{StoreAt, StoreAtError};
pub use rows::Amount;

use crate::error::ServerError;
use crate::instance::close_store;
use draft::Draft;
use place::Sides;
use publish::{Stage, publish, stage};

/// A conversion that is complete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Converted {
    /// What was copied; none if an earlier attempt had copied everything.
    pub rows: Option<Amount>,
    /// Uploaded files that were copied.
    pub media: Media,
    /// Where the old store is now, if it was in the same folder.
    pub kept: Option<PathBuf>,
}

/// Makes the store `to` of the store `from`, or goes on with it where an earlier attempt ended.
///
/// Between two folders, uploaded files and the configuration are copied too; within one, the old store is kept under a
/// name that ends in `.converted`. The two may be of the same kind if their folders differ. Tables that this program
/// does not know are left out. Blocks, and tells on standard error how far it is. Cost: reads the source three times
/// and the target once, needs room for the new store, and, beside the memory of both stores, that for one batch of rows or
/// one uploaded file.
///
/// # Errors
/// [`ConversionError`] for what concerns the two stores, [`ServerError::Lock`] and [`ServerError::InUse`] when one of
/// the folders is in use, [`ServerError::HoldsData`] when there is a store or an uploaded file at the target.
/// After each of them the source is what it was, and there is no new store.
pub fn convert(from: &StoreAt, to: &StoreAt) -> Result<Converted, ServerError> {
    let sides = Sides::lock(from, to)?;
    let draft = Draft::begin_or_resume(&sides)?;
    let mut rows = None;
    let mut media = Media::default();
    if stage(&sides, &draft)? == Stage::Copying {
        rows = Some(copy_or_start_anew(&sides, &draft)?);
        if !sides.is_one_folder() {
            media = media::copy(&*sides.source.open_blobs()?, &*sides.target.open_blobs()?)?;
        }
    }
    let kept = publish(&sides, draft)?;
    Ok(Converted { rows, media, kept })
}

/// Copies what is not there yet. What an earlier attempt left may be of a source that has changed since.
fn copy_or_start_anew(sides: &Sides, draft: &Draft) -> Result<Amount, ServerError> {
    let is_resumed = draft.has_store()?;
    match copy(sides, draft) {
        Err(ServerError::Conversion(error)) if is_resumed && error.is_of_copy() => {
            tracing::warn!("what the last attempt copied is of no use ({error}); everything is copied anew");
            draft.discard_store()?;
            copy(sides, draft)
        }
        // Another attempt would fail likewise; the folder shall be as it was.
        Err(ServerError::Conversion(error)) if error.is_final() => {
            draft.discard()?;
            Err(error.into())
        }
        Err(error) if !draft.has_store()? => {
            draft.discard()?;
            Err(error)
        }
        copied => copied,
    }
}

fn copy(sides: &Sides, draft: &Draft) -> Result<Amount, ServerError> {
    let (source, target) = (sides.open_source()?, draft.open_store()?);
    let copied = block_on(transfer(&*source, Arc::clone(&target)));
    let closed = [close_store(source), close_store(target)];
    let copied = copied?;
    if closed == [true, true] { Ok(copied) } else { Err(ConversionError::NotClosed.into()) }
}

/// Counts, copies and compares, all of it in one snapshot of `source`.
async fn transfer(source: &dyn Store, target: Arc<dyn Store>) -> Result<Amount, ConversionError> {
    // On a thread of the store: the job waits for the other one meanwhile.
    source.long_read(move |tx| rows::transfer(tx, &*target, TABLES)).await
}
