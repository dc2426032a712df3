//! sled, behind calls that answer errors where sled panics or waits without end.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use koinon_engine::store::{Direction, StoreError};
use sled::{Batch, Db, IVec};

use crate::error::{Failure, call};
use crate::marker::Marker;
use crate::tables::Span;

/// A closed sled lets go of its lock a moment later, when its threads have ended their work.
const LOCK_TRIES: u32 = 100;
const LOCK_PAUSE: Duration = Duration::from_millis(20);
/// Less than this and sled refuses to start or does nothing but load pages.
const SMALLEST_CACHE: u64 = 256 << 10;

/// An open sled and the lock on its directory.
pub(crate) struct Database {
    path: PathBuf,
    /// There until it is dropped.
    db: Option<Db>,
    /// A commit failed: what sled holds in memory is not what is on the disk.
    broken: AtomicBool,
    /// sled was given up: every call would wait.
    given_up: AtomicBool,
    marker: Mutex<Marker>,
}

/// Rows of sled in order. Not a snapshot.
pub(crate) struct Rows<'a> {
    database: &'a Database,
    rows: sled::Iter,
}

impl Database {
    /// Starts sled in the directory that `marker` recognised. sled may change damaged files while it starts.
    pub(crate) fn start(path: &Path, cache_capacity: u64, marker: Marker) -> Result<Self, StoreError> {
        // Its own flusher would add nothing to the flush of every commit, but wait with it.
        let config = sled::Config::new()
            .path(path)
            .cache_capacity(cache_capacity.max(SMALLEST_CACHE))
            .flush_every_ms(None);
        let mut tries = 0;
        let db = loop {
            tries += 1;
            match call(|| config.open()) {
                Err(Failure::Locked) if tries < LOCK_TRIES => thread::sleep(LOCK_PAUSE),
                other => break other.map_err(|failure| failure.at(path))?,
            }
        };
        Ok(Self {
            path: path.to_owned(),
            db: Some(db),
            broken: AtomicBool::new(false),
            given_up: AtomicBool::new(false),
            marker: Mutex::new(marker),
        })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn marker(&self) -> MutexGuard<'_, Marker> {
        self.marker.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn get(&self, place: &[u8]) -> Result<Option<IVec>, Failure> {
        let db = self.usable()?;
        call(|| db.get(place))
    }

    pub(crate) fn rows(&self, span: &Span) -> Result<Rows<'_>, Failure> {
        let db = self.usable()?;
        let rows = call(|| Ok(db.range::<&[u8], _>(&span.start[..]..&span.end[..])))?;
        Ok(Rows { database: self, rows })
    }

    /// Writes `batch` as one unit and hands it to the operating system, all of it or nothing.
    ///
    /// After an error sled is broken: parts of the batch may be seen, and nothing further can be written.
    pub(crate) fn commit(&self, batch: Batch) -> Result<(), Failure> {
        let db = self.usable()?;
        if self.broken.load(Ordering::Acquire) {
            return Err(Failure::Damage("an earlier commit failed".into()));
        }
        // A batch that failed half-way holds a buffer for ever, and a flush would wait for it.
        let committed = call(|| db.apply_batch(batch)).and_then(|()| call(|| db.flush()));
        if committed.is_err() {
            self.broken.store(true, Ordering::Release);
        }
        committed.map(drop)
    }

    /// Wakes those who wait inside sled for a write that has failed; whether there was such a failure.
    ///
    /// Some of sled's threads note a failure without waking anybody. Any flush after that does it for them.
    pub(crate) fn wake_after_failure(&self) -> bool {
        let Some(db) = self.db.as_ref().filter(|db| has_failed(db)) else { return false };
        let _ = call(|| db.flush());
        true
    }

    /// From here on nothing enters sled any more.
    pub(crate) fn give_up(&self) {
        self.broken.store(true, Ordering::Release);
        self.given_up.store(true, Ordering::Release);
    }

    fn usable(&self) -> Result<&Db, Failure> {
        match &self.db {
            Some(db) if !self.given_up.load(Ordering::Acquire) => Ok(db),
            _ => Err(Failure::Damage("sled stopped answering".into())),
        }
    }
}

/// Whether sled noted a failed write, after which it refuses to write and never waits.
fn has_failed(db: &Db) -> bool {
    db.context.global_error().is_err()
}

impl Rows<'_> {
    /// The next row from one end.
    pub(crate) fn next(&mut self, direction: Direction) -> Result<Option<(IVec, IVec)>, Failure> {
        self.database.usable()?;
        let rows = &mut self.rows;
        call(|| match direction {
            Direction::Ascending => rows.next().transpose(),
            Direction::Descending => rows.next_back().transpose(),
        })
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let Some(db) = self.db.take() else { return };
        if self.broken.load(Ordering::Acquire) && !has_failed(&db) {
            // Closing flushes, and that would wait for ever. The lock goes with the process.
            tracing::error!(path = %self.path.display(), "sled cannot be closed; it stays until the process ends");
            std::mem::forget(db);
        } else if let Err(failure) = call(|| {
            drop(db);
            Ok(())
        }) {
            tracing::error!(path = %self.path.display(), ?failure, "closing sled failed");
        }
    }
}

impl std::fmt::Debug for Database {
    // What sled prints of itself is all of its rows.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Database").field("path", &self.path).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Rows<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rows").finish_non_exhaustive()
    }
}
