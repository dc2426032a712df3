//! The store contract, on sled.
#![allow(clippy::unwrap_used)]

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use koinon_engine::conformance::{Factory, TABLES};
use koinon_engine::store::Store;
use koinon_storage_sled::{SledOptions, SledStore};

/// Each store in a directory of its own, in a directory that goes with the factory.
struct Directories {
    directory: tempfile::TempDir,
    opened: AtomicU32,
    options: SledOptions,
}

impl Directories {
    fn new(options: SledOptions) -> Self {
        Self { directory: tempfile::tempdir().unwrap(), opened: AtomicU32::new(0), options }
    }

    fn path(&self, number: u32) -> PathBuf {
        self.directory.path().join(number.to_string())
    }
}

impl Factory for Directories {
    fn open(&self) -> Arc<dyn Store> {
        let number = self.opened.fetch_add(1, Ordering::Relaxed) + 1;
        Arc::new(SledStore::open(&self.path(number), TABLES, self.options.clone()).unwrap())
    }

    fn reopen(&self, store: Arc<dyn Store>) -> Option<Arc<dyn Store>> {
        drop(store);
        let path = self.path(self.opened.load(Ordering::Relaxed));
        Some(Arc::new(SledStore::open(&path, TABLES, self.options.clone()).unwrap()))
    }

    fn commits_while_reading(&self) -> bool {
        true
    }
}

mod as_delivered {
    koinon_engine::store_conformance!(super::super::Directories::new(super::super::SledOptions::default()));
}

/// The tightest settings: one reader, one job per commit, hardly any cache.
mod smallest {
    fn options() -> super::SledOptions {
        super::SledOptions {
            readers: 1,
            group_jobs: 1,
            cache_capacity: 1,
            verify_at_open: false,
            ..super::SledOptions::default()
        }
    }

    koinon_engine::store_conformance!(super::super::Directories::new(super::options()));
}
