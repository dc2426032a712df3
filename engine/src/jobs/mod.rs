//! Deferred work: rows that say what is to be done, and when.
//!
//! A job is written in the transaction that needs it, so it cannot be lost. It is done in a transaction that also
//! removes it, so it is done once; each job may leave a next one behind.

use serde::{Deserialize, Serialize};

use crate::command::Command;
use crate::engine::Engine;
use crate::error::Error;
use crate::id::Flake;
use crate::model::{AccountId, MediaId, StatusId};
use crate::store::schema::JOBS;
use crate::store::{Scan, StoreExt};
use crate::time::Timestamp;

/// Something to be done later.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Job {
    /// Put a status into the home timelines of the followers behind the follow `after`.
    FanOut {
        /// The status.
        status: StatusId,
        /// Id of the last follow that was served.
        after: Flake,
    },
    /// Remove what still refers to a deleted status.
    FinishDeletion {
        /// The status.
        status: StatusId,
        /// Who had posted it.
        author: AccountId,
        /// Id of the last follow that was served; none to begin anew.
        after: Option<Flake>,
    },
    /// Forget an upload that no status has taken.
    DropMedia {
        /// The upload.
        media: MediaId,
    },
}

/// Writes down that `job` is due at `due`.
pub(crate) fn enqueue(command: &mut Command<'_>, due: Timestamp, job: &Job) -> Result<(), Error> {
    let id = command.new_id();
    let due = u64::try_from(due.milliseconds()).unwrap_or(0);
    Ok(JOBS.put(command.tx(), &(due, id), job)?)
}

impl Engine {
    /// Does up to `limit` of the jobs that are due, oldest first; answers how many. Call it every second or so.
    pub async fn run_due(&self, limit: usize) -> Result<usize, Error> {
        let due = u64::try_from(self.now().milliseconds()).unwrap_or(0);
        let jobs = self.store().read(move |tx| JOBS.page(tx, &Scan::all().through(&(due,)), limit)).await?;
        let count = jobs.len();
        for (key, _) in jobs {
            self.command(move |command| {
                // Another process may have done it meanwhile.
                let Some(job) = JOBS.get(command.read(), &key)? else { return Ok(()) };
                JOBS.delete(command.tx(), &key)?;
                run(command, &job)
            })
            .await?;
        }
        Ok(count)
    }
}

/// Does up to `limit` of the jobs that are due, oldest first, in one transaction; answers how many.
pub(crate) fn run_due(command: &mut Command<'_>, limit: usize) -> Result<usize, Error> {
    let due = u64::try_from(command.now().milliseconds()).unwrap_or(0);
    let jobs = JOBS.page(command.read(), &Scan::all().through(&(due,)), limit)?;
    for (key, job) in &jobs {
        JOBS.delete(command.tx(), key)?;
        run(command, job)?;
    }
    Ok(jobs.len())
}

fn run(command: &mut Command<'_>, job: &Job) -> Result<(), Error> {
    match *job {
        Job::FanOut { status, after } => crate::statuses::fan_out(command, status, Some(after)),
        Job::FinishDeletion { status, author, after } => {
            crate::statuses::finish_deletion(command, status, author, after)
        }
        Job::DropMedia { media } => crate::uploads::drop_unattached(command, media),
    }
}
