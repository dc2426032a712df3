//! The thread that waits for sled, so that nobody else waits for it without end.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use koinon_engine::store::StoreError;
use sled::Batch;

use crate::database::Database;
use crate::error::Failure;
use crate::store::start;

/// How often somebody looks whether a commit that takes long has failed.
const PULSE: Duration = Duration::from_millis(500);

#[derive(Debug)]
pub(crate) struct Committer {
    database: Arc<Database>,
    /// Closed to end the thread.
    batches: Option<Sender<Batch>>,
    outcomes: Receiver<Result<(), Failure>>,
    /// Not there any more once the thread was left to itself.
    thread: Option<JoinHandle<()>>,
    patience: Duration,
}

impl Committer {
    pub(crate) fn start(database: Arc<Database>, patience: Duration) -> Result<Self, StoreError> {
        let (batches, to_commit) = channel();
        let (report, outcomes) = channel();
        let committing = Arc::clone(&database);
        let thread = start("koinon-committer", move || {
            for batch in to_commit {
                if report.send(committing.commit(batch)).is_err() {
                    return;
                }
            }
        })?;
        Ok(Self { database, batches: Some(batches), outcomes, thread: Some(thread), patience })
    }

    /// [`Database::commit`], but it ends.
    pub(crate) fn commit(&mut self, batch: Batch) -> Result<(), Failure> {
        let gone = || Failure::Damage("the thread that commits has ended".into());
        self.batches.as_ref().ok_or_else(gone)?.send(batch).map_err(|_| gone())?;
        let begun = Instant::now();
        loop {
            match self.outcomes.recv_timeout(PULSE.min(self.patience)) {
                Ok(outcome) => return outcome,
                Err(RecvTimeoutError::Disconnected) => return Err(gone()),
                Err(RecvTimeoutError::Timeout) if begun.elapsed() < self.patience => {
                    self.database.wake_after_failure();
                }
                Err(RecvTimeoutError::Timeout) => {
                    self.database.give_up();
                    self.thread = None;
                    let seconds = self.patience.as_secs_f32();
                    return Err(Failure::Damage(format!("sled did not answer for {seconds} seconds")));
                }
            }
        }
    }
}

impl Drop for Committer {
    fn drop(&mut self) {
        self.batches = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
