//! Read jobs, each on a snapshot: on the thread that asks, or on threads kept for long ones.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use futures::channel::oneshot;
use koinon_engine::store::{ReadJob, StoreError};

use crate::queue::Queue;
use crate::session::Session;
use crate::shared::Shared;
use crate::tables::Tables;
use crate::versions::Versions;
use crate::view::View;

/// A read job and where its end is reported.
pub(crate) struct Read {
    pub(crate) job: ReadJob,
    pub(crate) reply: oneshot::Sender<Result<(), StoreError>>,
}

#[derive(Debug, Clone)]
pub(crate) struct Reader {
    pub(crate) shared: Arc<Shared>,
    pub(crate) versions: Arc<Versions>,
    pub(crate) tables: Arc<Tables>,
}

impl Reader {
    /// Runs jobs until the queue is closed and empty.
    pub(crate) fn serve(&self, queue: &Queue<Read>) {
        while let Some(Read { job, reply }) = queue.pop() {
            // The caller may have gone; its job ran nevertheless.
            let _ = reply.send(self.run_job(job));
        }
    }

    pub(crate) fn run_job(&self, job: ReadJob) -> Result<(), StoreError> {
        let snapshot = self.versions.snapshot();
        let database = self.shared.current();
        let view = View { database: &database, overlay: &snapshot };
        let session = Session { view, tables: &self.tables, commit: snapshot.commit };
        catch_unwind(AssertUnwindSafe(|| job(&session))).map_err(|_| StoreError::Panicked)
    }
}
