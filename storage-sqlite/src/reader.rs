//! Connections that run read jobs, each on a snapshot: on the thread that asks while one of them is free, else on
//! threads of their own.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};

use futures::channel::oneshot;
use koinon_engine::store::{ReadJob, StoreError};
use rusqlite::Connection;

use crate::error::store_error;
use crate::queue::Queue;
use crate::session::Session;
use crate::tables::Catalog;

/// A read job and where its end is reported.
pub(crate) struct Read {
    pub(crate) job: ReadJob,
    pub(crate) reply: oneshot::Sender<Result<(), StoreError>>,
}

/// A connection that reads.
#[derive(Debug)]
pub(crate) struct Reader {
    pub(crate) connection: Connection,
    pub(crate) catalog: Arc<Catalog>,
}

/// All connections that read.
#[derive(Debug)]
pub(crate) struct Readers(Vec<Mutex<Reader>>);

impl Readers {
    pub(crate) fn new(readers: Vec<Reader>) -> Self {
        Self(readers.into_iter().map(Mutex::new).collect())
    }

    /// A connection that nobody uses, if there is one. Handing a job to another thread and back costs more than
    /// most jobs do.
    pub(crate) fn idle(&self) -> Option<MutexGuard<'_, Reader>> {
        self.0.iter().find_map(|reader| match reader.try_lock() {
            Ok(reader) => Some(reader),
            // Jobs are guarded where they run; a connection is sound between them.
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        })
    }

    /// Runs queued jobs until the queue is closed and empty, on the connection of this number if no other is idle.
    pub(crate) fn serve(&self, number: usize, queue: &Queue<Read>) {
        while let Some(Read { job, reply }) = queue.pop() {
            let reader =
                self.idle().unwrap_or_else(|| self.0[number].lock().unwrap_or_else(PoisonError::into_inner));
            // The caller may have gone; its job ran nevertheless.
            let _ = reply.send(reader.run_job(job));
        }
    }
}

impl Reader {
    /// WAL gives one consistent state to everything between BEGIN and the end, from the first read on.
    pub(crate) fn run_job(&self, job: ReadJob) -> Result<(), StoreError> {
        self.execute("BEGIN").map_err(store_error)?;
        let session = Session { connection: &self.connection, catalog: &self.catalog };
        let run = catch_unwind(AssertUnwindSafe(|| job(&session)));
        // After a serious error SQLite has ended the transaction itself.
        if !self.connection.is_autocommit() {
            self.execute("ROLLBACK").map_err(store_error)?;
        }
        run.map_err(|_| StoreError::Panicked)
    }

    fn execute(&self, sql: &str) -> rusqlite::Result<()> {
        self.connection.prepare_cached(sql)?.execute(()).map(drop)
    }
}
