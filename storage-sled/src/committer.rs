//! The thread that waits for sled, so that nobody else waits for it without end.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use koinon_engine::store::StoreError;
use sled::{Batch, Db};

use crate::error::{Failure, call};
use crate::store::start;

/// How often somebody looks whether a commit that takes long has failed.
const PULSE: Duration = Duration::from_millis(250);

#[derive(Debug)]
pub(crate) struct Committer {
    /// Closed to end the thread.
    requests: Option<Sender<Request>>,
    outcomes: Receiver<Result<(), Failure>>,
    /// Not there any more once the thread was left to itself.
    thread: Option<JoinHandle<()>>,
    patience: Duration,
}

#[derive(Debug)]
enum Request {
    Commit(Batch, Vec<Vec<u8>>),
    Flush,
}

impl Committer {
    pub(crate) fn start(db: Db, patience: Duration) -> Result<Self, StoreError> {
        let (requests, to_do) = channel();
        let (report, outcomes) = channel();
        let thread = start("koinon-committer", move || {
            for request in to_do {
                let outcome = match request {
                    // A batch that failed half-way holds a buffer for ever, and a flush would wait for it.
                    Request::Commit(batch, places) => call(|| db.apply_batch(batch)).and_then(|()| {
                        settle(&db, &places);
                        flush(&db)
                    }),
                    Request::Flush => flush(&db),
                };
                if report.send(outcome).is_err() {
                    return;
                }
            }
        })?;
        Ok(Self { requests: Some(requests), outcomes, thread: Some(thread), patience })
    }

    /// Writes `batch`, which changes these places, as one unit and hands it to the operating system.
    pub(crate) fn commit(&mut self, db: &Db, batch: Batch, places: Vec<Vec<u8>>) -> Result<(), Failure> {
        self.run(db, Request::Commit(batch, places))
    }

    /// Hands everything to the operating system.
    pub(crate) fn flush(&mut self, db: &Db) -> Result<(), Failure> {
        self.run(db, Request::Flush)
    }

    /// Whether the thread never came back from sled.
    pub(crate) fn is_lost(&self) -> bool {
        self.thread.is_none()
    }

    fn run(&mut self, db: &Db, request: Request) -> Result<(), Failure> {
        let gone = || Failure::Damage("the thread that commits has ended".into());
        if self.is_lost() {
            return Err(gone());
        }
        self.requests.as_ref().ok_or_else(gone)?.send(request).map_err(|_| gone())?;
        let begun = Instant::now();
        loop {
            match self.outcomes.recv_timeout(PULSE.min(self.patience)) {
                Ok(outcome) => return outcome,
                Err(RecvTimeoutError::Disconnected) => return Err(gone()),
                Err(RecvTimeoutError::Timeout) if begun.elapsed() < self.patience => wake_after_failure(db),
                Err(RecvTimeoutError::Timeout) => {
                    self.thread = None;
                    let seconds = self.patience.as_secs_f32();
                    return Err(Failure::Damage(format!("sled did not answer for {seconds} seconds")));
                }
            }
        }
    }
}

/// Whether sled noted a failed write, after which it refuses to write and waits for nothing.
pub(crate) fn has_failed(db: &Db) -> bool {
    db.context.global_error().is_err()
}

/// Wakes those who wait inside sled for a write that has failed.
///
/// Some of sled's threads note a failure without waking anybody. Any flush after that does it for them.
pub(crate) fn wake_after_failure(db: &Db) {
    if has_failed(db) {
        let _ = flush(db);
    }
}

/// Lets sled divide the pages that have become too large, and join those that are too small.
///
/// It does so when it passes by the next time, which may be to read; and it refuses to read them when the disk has failed
/// by then. So it passes by before it hears from the disk.
fn settle(db: &Db, places: &[Vec<u8>]) {
    for place in places {
        let _ = call(|| db.get(place));
    }
}

fn flush(db: &Db) -> Result<(), Failure> {
    call(|| db.flush()).map(drop)
}

impl Drop for Committer {
    fn drop(&mut self) {
        self.requests = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
