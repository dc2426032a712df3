//! What follows a commit that failed: the store is brought back to the commit before while it is in use.
//!
//! sled takes no writes after an error, and what the disk holds is open then. So another sled is started in the place
//! of the one that failed, which goes on to serve reads until the other one is verified. Both cannot have one log, and
//! a log whose synchronisation failed has to be written again anyway: the second one gets a copy.

use std::sync::Arc;
use std::time::{Duration, Instant};

use koinon_engine::store::{StoreError, TableDefinition};

use crate::catalog::{Catalog, Change};
use crate::database::Database;
use crate::disk::Disk;
use crate::error::damaged;
use crate::log;
use crate::opening::{Access, open_database};
use crate::options::SledOptions;
use crate::undo;

/// Time between two attempts when nobody wants to write.
pub(crate) const PAUSE: Duration = Duration::from_secs(1);
/// Longest time that somebody who wants to write waits for the next attempt.
const LONGEST_REST: Duration = Duration::from_secs(5);
/// Sleds that may be left to themselves because they never answered. Each keeps its memory.
const MOST_ABANDONED: usize = 4;

/// A commit that failed, and what has been done about it.
#[derive(Debug)]
pub(crate) struct Failed {
    /// What those who want to write are told.
    error: StoreError,
    changes: Vec<Change>,
    is_noted: bool,
    /// Whether attempts have no sense any more.
    is_final: bool,
    /// When the last attempt ended, and how long it took.
    last_attempt: Option<(Instant, Duration)>,
}

impl Failed {
    /// Notes how to undo `changes` if that is possible already.
    pub(crate) fn new(error: StoreError, directory: &std::path::Path, changes: Vec<Change>) -> Self {
        let noted = undo::write(directory, &changes);
        if let Err(error) = &noted {
            tracing::error!(%error, "how to undo the failed commit could not be noted yet");
        }
        Self { error, changes, is_noted: noted.is_ok(), is_final: false, last_attempt: None }
    }

    /// Of which it is not known what it would have changed.
    pub(crate) fn for_good(error: StoreError) -> Self {
        Self { error, changes: Vec::new(), is_noted: true, is_final: true, last_attempt: None }
    }

    /// Another sled for the one that failed, with everything up to the commit that `catalog` belongs to.
    ///
    /// # Errors
    /// What those who want to write are told. The next call may succeed.
    pub(crate) fn recover(
        &mut self,
        failed: &Arc<Database>,
        catalog: &Catalog,
        definitions: &[TableDefinition],
        options: &SledOptions,
        abandoned: &mut usize,
    ) -> Result<(Database, Disk), StoreError> {
        if self.is_final {
            return Err(self.error.clone());
        }
        if let Some((ended, took)) = self.last_attempt {
            // Attempts take half of the time at most, also on a store that takes long to copy.
            let rest = took.min(LONGEST_REST).saturating_sub(ended.elapsed());
            std::thread::sleep(rest);
        }
        let begun = Instant::now();
        let attempted = self.attempt(failed, catalog, definitions, options, abandoned);
        self.last_attempt = Some((Instant::now(), begun.elapsed()));
        match attempted {
            Ok(recovered) => {
                tracing::warn!(path = %failed.path().display(), "the store takes writes again");
                Ok(recovered)
            }
            Err(error) => {
                self.is_final =
                    !matches!(error, StoreError::Io(_) | StoreError::Full(_) | StoreError::Busy(_));
                if self.is_final {
                    tracing::error!(%error, "nothing can be written until the store is opened again");
                    self.error = error.clone();
                }
                tracing::debug!(%error, "the store could not be brought back yet");
                Err(error)
            }
        }
    }

    fn attempt(
        &mut self,
        failed: &Arc<Database>,
        catalog: &Catalog,
        definitions: &[TableDefinition],
        options: &SledOptions,
        abandoned: &mut usize,
    ) -> Result<(Database, Disk), StoreError> {
        let path = failed.path();
        if !self.is_noted {
            undo::write(path, &self.changes)?;
            self.is_noted = true;
        }
        let can_be_closed = failed.is_at_rest();
        if !can_be_closed && *abandoned >= MOST_ABANDONED {
            return Err(StoreError::Backend(format!("sled stopped answering {abandoned} times").into()));
        }
        log::replace_with_copy(path)?;
        let marker = failed.share_marker();
        let (database, found) = open_database(path, marker, definitions, options, Access::Writing)?;
        if found != *catalog {
            return Err(damaged(path, "it is not what it was before the commit that failed"));
        }
        let mut disk = Disk::open(path, options.durability)?;
        disk.synchronise()?;
        *abandoned += usize::from(!can_be_closed);
        Ok((database, disk))
    }
}
