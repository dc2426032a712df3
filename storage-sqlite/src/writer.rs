//! The thread that writes: jobs that wait share one transaction and one synchronisation of the log.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use futures::channel::oneshot;
use koinon_engine::store::{Outcome, StoreError, Version, WriteJob};
use rusqlite::Connection;

use crate::commits;
use crate::error::store_error;
use crate::queue::Queue;
use crate::session::{Transaction, Versions};
use crate::statistics::Counters;
use crate::tables::Catalog;

/// How long writes may wait for readers that keep the log from being emptied.
const WAIT_FOR_READERS: Duration = Duration::from_millis(250);

/// A write job and where its outcome is reported.
pub(crate) struct Write {
    pub(crate) job: WriteJob,
    pub(crate) reply: oneshot::Sender<Result<(), StoreError>>,
}

#[derive(Debug)]
pub(crate) struct Writer {
    pub(crate) connection: Connection,
    pub(crate) catalog: Arc<Catalog>,
    pub(crate) queue: Arc<Queue<Write>>,
    pub(crate) counters: Arc<Counters>,
    /// What this writer calls itself in the versions it makes.
    pub(crate) name: u64,
    /// Most jobs in one transaction.
    pub(crate) group_jobs: usize,
    /// Bytes after which a transaction takes no further job.
    pub(crate) group_bytes: usize,
    pub(crate) busy_timeout: Duration,
    pub(crate) log: Log,
}

/// The write-ahead log, which readers that always overlap would let grow without end.
#[derive(Debug)]
pub(crate) struct Log {
    pub(crate) path: PathBuf,
    /// Size it is brought back to.
    pub(crate) limit: u64,
    /// Size at which that is tried next.
    pub(crate) threshold: u64,
}

/// What one run of a job came to.
struct Run {
    result: Result<(), StoreError>,
    bytes: usize,
}

/// SQLite ended the transaction, with everything that other jobs had written in it.
struct TransactionLost(StoreError);

type Finished = (Write, Result<(), StoreError>);

impl Writer {
    /// Runs jobs until the queue is closed and empty, then empties the log into the file.
    pub(crate) fn run(mut self) {
        while let Some(first) = self.queue.pop() {
            // Jobs are guarded where they run; this is for what they captured, whose drop may panic.
            let _ = catch_unwind(AssertUnwindSafe(|| self.run_group(first)));
            self.roll_back_if_open();
            self.keep_log_small();
        }
        if let Err(error) = self.empty_log() {
            tracing::warn!(%error, "the log was not emptied at closing; the next opening reads it");
        }
    }

    /// Runs a job and those that wait behind it in one transaction, and answers all of them after its commit.
    fn run_group(&self, first: Write) {
        let versions = match self.begin() {
            Ok(versions) => versions,
            Err(error) => return refuse([first].into_iter().chain(self.queue.take_all()), &error),
        };
        let mut group: Vec<Finished> = Vec::new();
        let mut bytes = 0;
        let mut next = Some(first);
        while let Some(mut write) = next {
            match self.run_between_savepoints(&mut write.job, versions) {
                Ok(run) => {
                    bytes += run.bytes;
                    group.push((write, run.result));
                }
                Err(TransactionLost(error)) => {
                    group.push((write, Err(error)));
                    return self.finish_failed(group);
                }
            }
            let has_room = group.len() < self.group_jobs && bytes < self.group_bytes;
            next = if has_room { self.queue.try_pop() } else { None };
        }
        match self.commit(bytes, versions) {
            Ok(()) => self.answer(group),
            Err(error) => {
                self.roll_back_if_open();
                // What a job decided on the strength of writes that are gone does not count.
                let failed = |(write, _)| (write, Err(error.clone()));
                self.finish_failed(group.into_iter().map(failed).collect());
            }
        }
    }

    /// After a transaction failed: a single job gets its error; of several each has another try alone, so
    /// that only those fail that cannot be written.
    fn finish_failed(&self, group: Vec<Finished>) {
        if group.len() == 1 {
            return self.answer(group);
        }
        tracing::warn!(jobs = group.len(), "a shared transaction failed; its jobs run again one by one");
        let mut group = group.into_iter().map(|(write, _)| write);
        while let Some(mut write) = group.next() {
            self.counters.repeated();
            match self.begin() {
                Ok(versions) => {
                    let result = self.run_alone(&mut write.job, versions);
                    self.answer(vec![(write, result)]);
                }
                // Another process holds the file: the others need not wait for that one after another.
                Err(error) => return refuse([write].into_iter().chain(group), &error),
            }
        }
    }

    fn run_alone(&self, job: &mut WriteJob, versions: Versions) -> Result<(), StoreError> {
        let result = match self.run_between_savepoints(job, versions) {
            Ok(run) => self.commit(run.bytes, versions).and(run.result),
            Err(TransactionLost(error)) => Err(error),
        };
        self.roll_back_if_open();
        result
    }

    /// Runs a job so that it can be undone without the jobs before it.
    fn run_between_savepoints(&self, job: &mut WriteJob, versions: Versions) -> Result<Run, TransactionLost> {
        let lost = |error| {
            self.roll_back_if_open();
            TransactionLost(store_error(error))
        };
        self.execute("SAVEPOINT job").map_err(lost)?;
        let mut transaction = Transaction::new(&self.connection, &self.catalog, versions);
        let outcome = catch_unwind(AssertUnwindSafe(|| job(&mut transaction)));
        let Transaction { bytes, failure, .. } = transaction;
        if self.connection.is_autocommit() {
            let unknown = || StoreError::Io("SQLite rolled the transaction back".into());
            return Err(TransactionLost(failure.unwrap_or_else(unknown)));
        }
        let (keep, result) = match (outcome, failure) {
            (Ok(Outcome::Commit), None) => (true, Ok(())),
            (Ok(Outcome::Commit), Some(error)) => (false, Err(error)),
            (Ok(Outcome::Abort), _) => (false, Ok(())),
            (Err(_), _) => (false, Err(StoreError::Panicked)),
        };
        if !keep {
            self.execute("ROLLBACK TO job").map_err(lost)?;
        }
        self.execute("RELEASE job").map_err(lost)?;
        Ok(Run { result, bytes: if keep { bytes } else { 0 } })
    }

    fn begin(&self) -> Result<Versions, StoreError> {
        self.execute("BEGIN IMMEDIATE").map_err(store_error)?;
        let before = commits::read(&self.connection).inspect_err(|_| self.roll_back_if_open())?;
        let after = before.map(|before| Version { number: before.number.wrapping_add(1), writer: self.name });
        Ok(Versions { before, after })
    }

    /// Commits; where nothing was written there is nothing to count.
    fn commit(&self, bytes: usize, versions: Versions) -> Result<(), StoreError> {
        if let Some(version) = versions.after.filter(|_| bytes > 0) {
            commits::count(&self.connection, version).map_err(store_error)?;
        }
        self.execute("COMMIT").map_err(store_error)?;
        self.counters.committed();
        Ok(())
    }

    fn answer(&self, group: Vec<Finished>) {
        self.counters.ran(group.len());
        // First every answer, then the jobs are dropped.
        let _jobs: Vec<WriteJob> = group
            .into_iter()
            .map(|(Write { job, reply }, result)| {
                // The caller may have gone; its job ran nevertheless.
                let _ = reply.send(result);
                job
            })
            .collect();
    }

    fn roll_back_if_open(&self) {
        if !self.connection.is_autocommit()
            && let Err(error) = self.execute("ROLLBACK")
        {
            tracing::error!(%error, "a transaction could not be rolled back");
        }
    }

    /// Waits for the readers of old states when the log has outgrown its limit. Where one of them lasts, the
    /// next try comes when the log has doubled.
    fn keep_log_small(&mut self) {
        let bytes = fs::metadata(&self.log.path).map_or(0, |metadata| metadata.len());
        if bytes < self.log.threshold {
            return;
        }
        let _ = self.connection.busy_timeout(WAIT_FOR_READERS.min(self.busy_timeout));
        let emptied = self.empty_log();
        let _ = self.connection.busy_timeout(self.busy_timeout);
        self.log.threshold = match emptied {
            Ok(true) => self.log.limit.saturating_mul(2),
            _ => bytes.saturating_mul(2),
        };
        tracing::debug!(bytes, ?emptied, "the log had outgrown its limit");
    }

    /// Moves the content of the log into the file. `false` when readers were in the way.
    fn empty_log(&self) -> rusqlite::Result<bool> {
        self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", (), |row| Ok(row.get::<_, i64>(0)? == 0))
    }

    fn execute(&self, sql: &str) -> rusqlite::Result<()> {
        self.connection.prepare_cached(sql)?.execute(()).map(drop)
    }
}

fn refuse(writes: impl Iterator<Item = Write>, error: &StoreError) {
    for Write { reply, .. } in writes {
        let _ = reply.send(Err(error.clone()));
    }
}

#[cfg(test)]
mod tests;
