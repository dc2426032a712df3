//! The thread that writes: jobs that wait share one commit and one synchronisation of the files.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use futures::channel::oneshot;
use koinon_engine::store::{Outcome, StoreError, WriteJob};
use sled::Batch;

use crate::catalog::{Catalog, Change, Tally};
use crate::database::Database;
use crate::disk::Disk;
use crate::queue::Queue;
use crate::session::{Pending, Transaction};
use crate::statistics::Counters;
use crate::tables::{Tables, split_place};
use crate::undo;
use crate::versions::Versions;

/// Bytes on the disk that a byte written may cost at once: sled writes whole pages when it splits them.
const WRITTEN_PER_BYTE: u64 = 4;

/// A write job and where its outcome is reported.
pub(crate) struct Write {
    pub(crate) job: WriteJob,
    pub(crate) reply: oneshot::Sender<Result<(), StoreError>>,
}

#[derive(Debug)]
pub(crate) struct Writer {
    pub(crate) database: Arc<Database>,
    pub(crate) versions: Arc<Versions>,
    pub(crate) tables: Arc<Tables>,
    pub(crate) queue: Arc<Queue<Write>>,
    pub(crate) counters: Arc<Counters>,
    pub(crate) disk: Disk,
    /// As of the newest commit.
    pub(crate) catalog: Catalog,
    /// Most jobs in one commit.
    pub(crate) group_jobs: usize,
    /// Bytes after which a commit takes no further job.
    pub(crate) group_bytes: usize,
    /// Bytes that stay free on the disk.
    pub(crate) min_free_bytes: u64,
    /// Why nothing can be written any more.
    pub(crate) failure: Option<StoreError>,
}

type Finished = (Write, Result<(), StoreError>);

impl Writer {
    /// Runs jobs until the queue is closed and empty.
    pub(crate) fn run(mut self) {
        while let Some(first) = self.queue.pop() {
            if let Some(error) = &self.failure {
                refuse([first].into_iter().chain(self.queue.take_all()), error);
                continue;
            }
            // Jobs are guarded where they run and where they are dropped. A panic of our own leaves it open
            // what is committed.
            if catch_unwind(AssertUnwindSafe(|| self.run_group(first))).is_err() {
                self.failure = Some(StoreError::Backend("the thread that writes panicked".into()));
            }
        }
        if let Err(error) = self.database.marker().synchronise() {
            tracing::warn!(%error, "the number of commits was not synchronised at closing");
        }
    }

    /// Runs a job and those that wait behind it, commits what they wrote at once, and answers all of them.
    fn run_group(&mut self, first: Write) {
        let mut pending = Pending::default();
        let mut group: Vec<Finished> = Vec::new();
        let room = self.disk.free_bytes().saturating_sub(self.min_free_bytes);
        let mut next = Some(first);
        while let Some(mut write) = next {
            let result = self.run_job(&mut write.job, &mut pending, room);
            group.push((write, result));
            let has_room = group.len() < self.group_jobs && pending.bytes < self.group_bytes;
            next = if has_room { self.queue.try_pop() } else { None };
        }
        if let Err(error) = self.commit(pending) {
            // What a job decided on the strength of writes that are gone does not count, not even an abort.
            for (_, result) in &mut group {
                if result.is_ok() {
                    *result = Err(error.clone());
                }
            }
        }
        self.answer(group);
    }

    fn run_job(&self, job: &mut WriteJob, pending: &mut Pending, room: u64) -> Result<(), StoreError> {
        let mut transaction = Transaction::new(&self.database, &self.tables, pending, self.catalog.commit);
        let outcome = catch_unwind(AssertUnwindSafe(|| job(&mut transaction)));
        let result = match (outcome, transaction.failure.take()) {
            (Ok(Outcome::Commit), None) if transaction.fits(room / WRITTEN_PER_BYTE) => return Ok(()),
            (Ok(Outcome::Commit), None) => {
                let text = format!("{} bytes are to stay free on the disk", self.min_free_bytes);
                Err(StoreError::Full(text.into()))
            }
            (Ok(Outcome::Commit), Some(error)) => Err(error),
            (Ok(Outcome::Abort), _) => Ok(()),
            (Err(_), _) => Err(StoreError::Panicked),
        };
        transaction.roll_back();
        result
    }

    /// Makes the rows of a group durable and shows them to readers, in this order.
    fn commit(&mut self, pending: Pending) -> Result<(), StoreError> {
        let Some((catalog, changes)) = self.prepare(pending) else { return Ok(()) };
        let mut batch = Batch::default();
        for Change { place, after, .. } in &changes {
            match after {
                Some(stored) => batch.insert(&place[..], stored),
                None => batch.remove(&place[..]),
            }
        }
        let replaced = changes.iter().map(|change| (change.place.clone(), change.before.clone()));
        self.versions.keep(catalog.commit, replaced);
        let committed = self.database.commit(batch).map_err(|failure| failure.at(self.database.path()));
        if let Err(error) = committed.and_then(|()| self.disk.synchronise()) {
            return Err(self.stop(error, &changes));
        }
        if let Err(error) = self.database.marker().record(catalog.commit) {
            tracing::warn!(%error, "the number of commits was not noted");
        }
        self.versions.show(catalog.commit);
        self.catalog = catalog;
        self.counters.committed();
        Ok(())
    }

    /// The rows that change, those of the catalogue included, and the catalogue after that. None when all
    /// rows are what they were.
    fn prepare(&self, pending: Pending) -> Option<(Catalog, Vec<Change>)> {
        let mut catalog = self.catalog.clone();
        let mut tallies: HashMap<u16, &mut Tally> =
            catalog.tables.values_mut().map(|entry| (entry.number, &mut entry.tally)).collect();
        let mut changes = Vec::with_capacity(pending.rows.len());
        for (place, row) in pending.rows {
            if row.before == row.after {
                continue;
            }
            if let Some(tally) = split_place(&place).and_then(|(number, _)| tallies.get_mut(&number)) {
                row.before.iter().for_each(|stored| tally.remove(stored));
                row.after.iter().for_each(|stored| tally.add(stored));
            }
            changes.push(Change { place, before: row.before, after: row.after });
        }
        if changes.is_empty() {
            return None;
        }
        catalog.commit += 1;
        changes.extend(catalog.changes_since(&self.catalog));
        Some((catalog, changes))
    }

    /// After a failed commit it is open what sled and the disk hold. Readers go on with the state before it,
    /// writers get errors, and the next opening undoes it.
    fn stop(&mut self, error: StoreError, changes: &[Change]) -> StoreError {
        tracing::error!(%error, "a commit failed; nothing can be written until the store is opened again");
        if let Err(error) = undo::write(self.database.path(), changes) {
            tracing::error!(%error, "how to undo the failed commit could not be noted");
        }
        self.failure = Some(error.clone());
        error
    }

    fn answer(&self, group: Vec<Finished>) {
        self.counters.ran(group.len());
        // First every answer, then the jobs are dropped, which may panic.
        let jobs: Vec<WriteJob> = group
            .into_iter()
            .map(|(Write { job, reply }, result)| {
                // The caller may have gone; its job ran nevertheless.
                let _ = reply.send(result);
                job
            })
            .collect();
        for job in jobs {
            let _ = catch_unwind(AssertUnwindSafe(|| drop(job)));
        }
    }
}

fn refuse(writes: impl Iterator<Item = Write>, error: &StoreError) {
    for Write { reply, job } in writes {
        let _ = reply.send(Err(error.clone()));
        let _ = catch_unwind(AssertUnwindSafe(|| drop(job)));
    }
}

#[cfg(test)]
mod tests;
