//! The store contract, on SQLite.
#![allow(clippy::unwrap_used)]

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use koinon_engine::conformance::{Factory, TABLES};
use koinon_engine::store::Store;
use koinon_storage_sqlite::{SqliteOptions, SqliteStore};

/// Each store in a file of its own, in a directory that goes with the factory.
struct Files {
    directory: tempfile::TempDir,
    opened: AtomicU32,
    options: SqliteOptions,
}

impl Files {
    fn new(options: SqliteOptions) -> Self {
        Self { directory: tempfile::tempdir().unwrap(), opened: AtomicU32::new(0), options }
    }

    fn path(&self, number: u32) -> PathBuf {
        self.directory.path().join(number.to_string())
    }
}

impl Factory for Files {
    fn open(&self) -> Arc<dyn Store> {
        let number = self.opened.fetch_add(1, Ordering::Relaxed) + 1;
        Arc::new(SqliteStore::open(&self.path(number), TABLES, self.options.clone()).unwrap())
    }

    fn reopen(&self, store: Arc<dyn Store>) -> Option<Arc<dyn Store>> {
        drop(store);
        let path = self.path(self.opened.load(Ordering::Relaxed));
        Some(Arc::new(SqliteStore::open(&path, TABLES, self.options.clone()).unwrap()))
    }

    fn commits_while_reading(&self) -> bool {
        true
    }
}

mod as_delivered {
    koinon_engine::store_conformance!(super::super::Files::new(super::super::SqliteOptions::default()));
}

/// The tightest settings: one reader, one job per commit, hardly any cache.
mod smallest {
    fn options() -> super::SqliteOptions {
        super::SqliteOptions {
            readers: 1,
            group_jobs: 1,
            writer_cache_kib: 1,
            reader_cache_kib: 1,
            log_bytes: 1,
            ..super::SqliteOptions::default()
        }
    }

    koinon_engine::store_conformance!(super::super::Files::new(super::options()));
}
