//! A few threads for work that would hold up a caller: password hashes, pictures.

use std::fmt;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use futures::channel::oneshot;

/// Jobs waiting beyond the ones being worked on; more are turned away, which bounds memory and waiting time.
const QUEUE: usize = 128;

type Job = Box<dyn FnOnce() + Send>;

/// The threads. They end when this is dropped.
pub(crate) struct Workers {
    queue: SyncSender<Job>,
}

impl fmt::Debug for Workers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Workers")
    }
}

impl Workers {
    /// As many threads as the machine has processors, at most four: each password hash takes 19 MiB.
    pub(crate) fn new() -> Self {
        let (queue, jobs) = sync_channel::<Job>(QUEUE);
        let jobs = Arc::new(Mutex::new(jobs));
        let threads = thread::available_parallelism().map_or(2, |count| count.get().min(4));
        for number in 0..threads {
            let jobs = Arc::clone(&jobs);
            let spawned =
                thread::Builder::new().name(format!("koinon-work-{number}")).spawn(move || work(&jobs));
            if let Err(error) = spawned {
                tracing::warn!(%error, "a worker thread could not be started");
            }
        }
        Self { queue }
    }

    /// Runs `job` on one of the threads; none if too much is waiting already, or the job panicked.
    pub(crate) async fn run<T: Send + 'static>(&self, job: impl FnOnce() -> T + Send + 'static) -> Option<T> {
        let (sender, receiver) = oneshot::channel();
        let job = Box::new(move || {
            // Nobody waits any more when the request was given up.
            let _ = sender.send(job());
        });
        match self.queue.try_send(job) {
            Ok(()) => receiver.await.ok(),
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => None,
        }
    }
}

fn work(jobs: &Mutex<Receiver<Job>>) {
    loop {
        let job = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = job else { return };
        // A panic drops the job's sender, which tells its caller.
        if std::panic::catch_unwind(std::panic::AssertUnwindSafe(job)).is_err() {
            tracing::error!("a worker job panicked");
        }
    }
}
