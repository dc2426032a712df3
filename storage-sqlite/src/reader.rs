//! A thread that runs read jobs, each on a snapshot.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

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

#[derive(Debug)]
pub(crate) struct Reader {
    pub(crate) connection: Connection,
    pub(crate) catalog: Arc<Catalog>,
    pub(crate) queue: Arc<Queue<Read>>,
}

impl Reader {
    /// Runs jobs until the queue is closed and empty.
    pub(crate) fn run(self) {
        while let Some(Read { job, reply }) = self.queue.pop() {
            // The caller may have gone; its job ran nevertheless.
            let _ = reply.send(self.run_job(job));
        }
    }

    /// WAL gives one consistent state to everything between BEGIN and the end, from the first read on.
    fn run_job(&self, job: ReadJob) -> Result<(), StoreError> {
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
