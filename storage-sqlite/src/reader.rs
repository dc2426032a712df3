//! Connections that run read jobs, each on a snapshot: on the thread that asks while one of them is free, else on
//! threads of their own.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};

use futures::channel::oneshot;
use koinon_engine::store::{ReadJob, StoreError};
use rusqlite::Connection;

use crate::commits;
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
    /// WAL gives one consistent state to every statement as long as one of them is not at its end. The one that reads
    /// the version is kept open for that; a transaction in so many words would take two statements more.
    pub(crate) fn run_job(&self, job: ReadJob) -> Result<(), StoreError> {
        let mut statement = self.connection.prepare_cached(commits::READ).map_err(store_error)?;
        let mut rows = statement.query(()).map_err(store_error)?;
        let version = match rows.next().map_err(store_error)? {
            Some(row) => Some(commits::version(row).map_err(store_error)?),
            None => None,
        };
        // Without a row, as in a file that does not count its commits, the statement has ended already.
        let _transaction = match version {
            Some(_) => None,
            None => Some(self.connection.unchecked_transaction().map_err(store_error)?),
        };
        let session = Session { connection: &self.connection, catalog: &self.catalog, version };
        catch_unwind(AssertUnwindSafe(|| job(&session))).map_err(|_| StoreError::Panicked)
    }
}
