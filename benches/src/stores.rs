//! The stores that are measured, as the server opens them.

use std::path::Path;
use std::sync::Arc;

use futures::executor::block_on;
use koinon_engine::media::MemoryBlobs;
use koinon_engine::memory::MemoryStore;
use koinon_engine::settings::Settings;
use koinon_engine::store::Store;
use koinon_engine::store::schema::TABLES;
use koinon_engine::{Engine, Surroundings};
use koinon_storage_sled::{SledOptions, SledStore};
use koinon_storage_sqlite::{Durability, READABLE_VIEWS, SqliteOptions, SqliteStore};

use crate::Failure;

/// What keeps the records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Backend {
    Memory,
    Sqlite,
    Sled,
}

impl Backend {
    pub(crate) const ALL: [Self; 3] = [Self::Memory, Self::Sqlite, Self::Sled];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Sqlite => "sqlite",
            Self::Sled => "sled",
        }
    }

    /// What it is called in a data folder, where it is in one.
    pub(crate) const fn place(self) -> &'static str {
        match self {
            Self::Memory => "",
            Self::Sqlite => "koinon.sqlite",
            Self::Sled => "koinon.sled",
        }
    }

    /// Its store in a data folder.
    pub(crate) fn open(self, folder: &Path) -> Result<Arc<dyn Store>, Failure> {
        let path = folder.join(self.place());
        Ok(match self {
            Self::Memory => Arc::new(MemoryStore::new(TABLES)),
            Self::Sqlite => Arc::new(SqliteStore::open(&path, TABLES, sqlite_options())?),
            Self::Sled => Arc::new(SledStore::open(&path, TABLES, SledOptions::default())?),
        })
    }

    /// The same for filling it.
    pub(crate) fn open_to_fill(self, folder: &Path) -> Result<Arc<dyn Store>, Failure> {
        if self != Self::Sqlite {
            return self.open(folder);
        }
        let options =
            SqliteOptions { durability: Durability::Normal, writer_cache_kib: 256 << 10, ..sqlite_options() };
        Ok(Arc::new(SqliteStore::open(&folder.join(self.place()), TABLES, options)?))
    }
}

fn sqlite_options() -> SqliteOptions {
    SqliteOptions { views: READABLE_VIEWS.to_vec(), ..SqliteOptions::default() }
}

/// How the instances are set up.
pub(crate) fn settings() -> Settings {
    Settings { domain: "localhost".into(), base_url: "http://127.0.0.1:3000".into(), ..Settings::default() }
}

/// An engine over a store.
pub(crate) fn engine(store: Arc<dyn Store>) -> Result<Engine, Failure> {
    let blobs = Arc::new(MemoryBlobs::new());
    Ok(block_on(Engine::open(store, blobs, settings(), Surroundings::default()))?)
}
