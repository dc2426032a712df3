//! sled, behind calls that answer errors where sled panics or waits without end.

use std::ffi::OsStr;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use koinon_engine::store::{Direction, StoreError};
use sled::{Batch, Db, IVec};

use crate::committer::{Committer, has_failed, wake_after_failure};
use crate::error::{Failure, call, file_error};
use crate::log;
use crate::marker::Marker;
use crate::tables::Span;

/// A closed sled lets go of its lock a moment later, when its threads have ended their work.
const LOCK_TRIES: u32 = 400;
const LOCK_PAUSE: Duration = Duration::from_millis(5);
/// Less than this and sled refuses to start or does nothing but load pages.
const SMALLEST_CACHE: u64 = 256 << 10;

/// An open sled and the lock on its directory.
pub(crate) struct Database {
    path: PathBuf,
    /// There until it is dropped.
    db: Option<Db>,
    /// There until it is dropped, which waits for its thread.
    committer: Mutex<Option<Committer>>,
    /// A commit failed: what sled holds in memory is not what is on the disk.
    broken: AtomicBool,
    /// sled never answered a commit: every call would wait.
    given_up: AtomicBool,
    /// Of whoever holds the directory, also when another sled is started in it.
    marker: Arc<Mutex<Marker>>,
    /// sled's log, to look for its lock.
    log: Option<File>,
}

/// How sled is started.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Settings {
    pub(crate) cache_capacity: u64,
    /// How long a commit may take.
    pub(crate) patience: Duration,
}

/// Rows of sled in order. Not a snapshot.
pub(crate) struct Rows<'a> {
    database: &'a Database,
    rows: sled::Iter,
}

impl Database {
    /// Starts sled in the directory that `marker` recognised. sled may change damaged files while it starts.
    pub(crate) fn start(
        path: &Path,
        settings: Settings,
        marker: Arc<Mutex<Marker>>,
    ) -> Result<Self, StoreError> {
        remove_unfinished_snapshots(path).map_err(|error| file_error(path, &error))?;
        // Its own flusher would add nothing to the flush of every commit, but wait with it.
        let config = sled::Config::new()
            .path(path)
            .cache_capacity(settings.cache_capacity.max(SMALLEST_CACHE))
            .flush_every_ms(None);
        let mut tries = 0;
        let db = loop {
            tries += 1;
            match call(|| config.open()) {
                Err(Failure::Locked) if tries < LOCK_TRIES => thread::sleep(LOCK_PAUSE),
                other => break other.map_err(|failure| failure.at(path))?,
            }
        };
        let committer = Committer::start(db.clone(), settings.patience)?;
        Ok(Self {
            path: path.to_owned(),
            db: Some(db),
            committer: Mutex::new(Some(committer)),
            broken: AtomicBool::new(false),
            given_up: AtomicBool::new(false),
            marker,
            log: File::open(path.join(log::NAME)).ok(),
        })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn marker(&self) -> MutexGuard<'_, Marker> {
        self.marker.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The marker, to start another sled with.
    pub(crate) fn share_marker(&self) -> Arc<Mutex<Marker>> {
        Arc::clone(&self.marker)
    }

    /// Whether sled can be closed, and writes nothing any more until somebody commits.
    pub(crate) fn is_at_rest(&self) -> bool {
        let Some(db) = &self.db else { return true };
        let mut committer = self.committer.lock().unwrap_or_else(PoisonError::into_inner);
        // Closing flushes without end unless everything is flushed already or sled noted a failure.
        let is_flushed = committer
            .as_mut()
            .is_some_and(|committer| !self.broken.load(Ordering::Acquire) && committer.flush(db).is_ok());
        is_flushed || has_failed(db)
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

    /// Writes `batch`, which changes these places, as one unit and hands it to the operating system, all of it or nothing.
    ///
    /// After an error sled is broken: parts of the batch may be seen, and nothing further can be written.
    pub(crate) fn commit(&self, batch: Batch, places: Vec<Vec<u8>>) -> Result<(), Failure> {
        let db = self.usable()?;
        let mut committer = self.committer.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(committer) = committer.as_mut().filter(|_| !self.broken.load(Ordering::Acquire)) else {
            return Err(Failure::Io(io::Error::other("an earlier commit failed")));
        };
        let committed = committer.commit(db, batch, places);
        if committed.is_err() {
            self.broken.store(true, Ordering::Release);
            self.given_up.store(committer.is_lost(), Ordering::Release);
            wake_after_failure(db);
        }
        committed
    }

    /// sled's threads may still be tidying up its files after it was closed; they hold its lock.
    fn wait_for_threads(&self) {
        let Some(log) = &self.log else { return };
        for _ in 0..LOCK_TRIES {
            match log.try_lock() {
                Err(TryLockError::WouldBlock) => thread::sleep(LOCK_PAUSE),
                _ => return,
            }
        }
        tracing::warn!(path = %self.path.display(), "threads of sled outlive it");
    }

    fn usable(&self) -> Result<&Db, Failure> {
        match &self.db {
            Some(db) if !self.given_up.load(Ordering::Acquire) => Ok(db),
            _ => Err(Failure::Io(io::Error::from(io::ErrorKind::TimedOut))),
        }
    }
}

/// Removes what sled left of a snapshot of its table of pages when it was killed while it wrote one.
///
/// It takes such a file for the newest snapshot, and then for damage; but it made it of the log, and can do so again.
fn remove_unfinished_snapshots(directory: &Path) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
        if name.starts_with("snap.") && name.ends_with(".generating") {
            tracing::info!(path = %path.display(), "removing an unfinished snapshot");
            fs::remove_file(&path)?;
        }
    }
    Ok(())
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
        let can_close = self.is_at_rest();
        let Some(db) = self.db.take() else { return };
        // Waits for its thread.
        drop(self.committer.get_mut().unwrap_or_else(PoisonError::into_inner).take());
        if !can_close {
            // The lock goes with the process.
            let path = self.path.display();
            tracing::error!(%path, "sled cannot be closed; the store stays locked until the process ends");
            std::mem::forget(db);
            return;
        }
        let close = || {
            drop(db);
            Ok(())
        };
        if let Err(failure) = call(close) {
            tracing::error!(path = %self.path.display(), ?failure, "closing sled failed");
        }
        self.wait_for_threads();
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
