//! The thread that writes: jobs that wait share one commit and one synchronisation of the files.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use futures::channel::oneshot;
use koinon_engine::store::{Outcome, StoreError, TableDefinition, WriteJob};
use sled::Batch;

use crate::catalog::{Catalog, Change, Tally};
use crate::database::Database;
use crate::disk::Disk;
use crate::options::SledOptions;
use crate::queue::{Popped, Queue};
use crate::recovery::{Failed, PAUSE};
use crate::session::{Pending, Transaction};
use crate::shared::Shared;
use crate::statistics::Counters;
use crate::tables::{Tables, split_place};
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
    pub(crate) shared: Arc<Shared>,
    pub(crate) versions: Arc<Versions>,
    /// The tables the store was opened with.
    pub(crate) definitions: Vec<TableDefinition>,
    pub(crate) tables: Arc<Tables>,
    pub(crate) queue: Arc<Queue<Write>>,
    pub(crate) counters: Arc<Counters>,
    pub(crate) disk: Disk,
    /// As of the newest commit.
    pub(crate) catalog: Catalog,
    pub(crate) options: SledOptions,
    /// The commit that failed, until the store is brought back to the one before.
    pub(crate) failed: Option<Failed>,
    /// Sleds that were left to themselves.
    pub(crate) abandoned: usize,
}

type Finished = (Write, Result<(), StoreError>);

impl Writer {
    /// Runs jobs until the queue is closed and empty.
    pub(crate) fn run(mut self) {
        while let Some(first) = self.next() {
            if let Err(error) = self.recover() {
                refuse([first].into_iter().chain(self.queue.take_all()), &error);
                continue;
            }
            // Jobs are guarded where they run and where they are dropped. A panic of our own leaves it open
            // what is committed.
            if catch_unwind(AssertUnwindSafe(|| self.run_group(first))).is_err() {
                let error = StoreError::Backend("the thread that writes panicked".into());
                self.failed = Some(Failed::for_good(error));
            }
        }
        if let Err(error) = self.shared.current().marker().synchronise() {
            tracing::warn!(%error, "the number of commits was not synchronised at closing");
        }
    }

    /// The next job; none when the queue is closed and empty. After a failed commit, the time until then is used.
    fn next(&mut self) -> Option<Write> {
        loop {
            if self.failed.is_none() {
                return self.queue.pop();
            }
            match self.queue.pop_within(PAUSE) {
                Popped::Item(write) => return Some(write),
                // The next attempt is another's, or that of the next opening.
                Popped::Nothing => drop(self.recover()),
                Popped::Closed => {
                    drop(self.recover());
                    return None;
                }
            }
        }
    }

    /// Brings the store back to where it was before a commit failed.
    fn recover(&mut self) -> Result<(), StoreError> {
        let Some(failed) = &mut self.failed else { return Ok(()) };
        let database = self.shared.current();
        let (database, disk) = failed.recover(
            &database,
            &self.catalog,
            &self.definitions,
            &self.options,
            &mut self.abandoned,
        )?;
        self.shared.replace(database);
        self.disk = disk;
        self.failed = None;
        Ok(())
    }

    /// Runs a job and those that wait behind it, commits what they wrote at once, and answers all of them.
    fn run_group(&mut self, first: Write) {
        let mut pending = Pending::default();
        let mut group: Vec<Finished> = Vec::new();
        let database = self.shared.current();
        let room = self.disk.free_bytes().saturating_sub(self.options.min_free_bytes);
        let mut next = Some(first);
        while let Some(mut write) = next {
            let result = self.run_job(&database, &mut write.job, &mut pending, room);
            group.push((write, result));
            let has_room = group.len() < self.options.group_jobs && pending.bytes < self.options.group_bytes;
            next = if has_room { self.queue.try_pop() } else { None };
        }
        if let Err(error) = self.commit(&database, pending) {
            // What a job decided on the strength of writes that are gone does not count, not even an abort.
            for (_, result) in &mut group {
                if result.is_ok() {
                    *result = Err(error.clone());
                }
            }
        }
        self.answer(group);
    }

    fn run_job(
        &self,
        database: &Database,
        job: &mut WriteJob,
        pending: &mut Pending,
        room: u64,
    ) -> Result<(), StoreError> {
        let mut transaction = Transaction::new(database, &self.tables, pending, self.catalog.commit);
        let outcome = catch_unwind(AssertUnwindSafe(|| job(&mut transaction)));
        let result = match (outcome, transaction.failure.take()) {
            (Ok(Outcome::Commit), None) if transaction.fits(room / WRITTEN_PER_BYTE) => return Ok(()),
            (Ok(Outcome::Commit), None) => {
                let text = format!("{} bytes are to stay free on the disk", self.options.min_free_bytes);
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
    fn commit(&mut self, database: &Database, pending: Pending) -> Result<(), StoreError> {
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
        let places = changes.iter().map(|change| change.place.clone()).collect();
        let committed = database.commit(batch, places).map_err(|failure| failure.at(database.path()));
        if let Err(error) = committed.and_then(|()| self.disk.synchronise()) {
            return Err(self.stop(database, error, changes));
        }
        if let Err(error) = database.marker().record(catalog.commit) {
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

    /// After a failed commit it is open what sled and the disk hold. Readers go on with the state before it, which
    /// the next writer brings back.
    fn stop(&mut self, database: &Database, error: StoreError, changes: Vec<Change>) -> StoreError {
        let error = match error {
            // What sled says of a disk that fails is not to be told from damage, which the recovery finds out.
            StoreError::Unusable(reason) => StoreError::Io(reason),
            other => other,
        };
        tracing::error!(%error, "a commit failed; it is undone as soon as the disk allows it");
        self.failed = Some(Failed::new(error.clone(), database.path(), changes));
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
