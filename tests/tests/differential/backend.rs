//! The storage backends that are compared.

use std::path::Path;
use std::sync::Arc;

use koinon_engine::memory::MemoryStore;
use koinon_engine::store::schema::TABLES;
use koinon_engine::store::{Store, StoreError};
use koinon_storage_sqlite::{Durability, READABLE_VIEWS, SqliteOptions, SqliteStore};

/// A storage backend.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Backend {
    Memory,
    Sqlite,
}

impl Backend {
    /// All of them; the first one is what the others are compared with.
    pub(crate) const ALL: [Self; 2] = [Self::Memory, Self::Sqlite];

    /// Whether a closed store can be opened again.
    pub(crate) fn is_lasting(self) -> bool {
        self != Self::Memory
    }

    /// Opens the store in `folder`. Nothing here loses its power, so nothing is synchronised.
    pub(crate) fn open(self, folder: &Path) -> Result<Arc<dyn Store>, StoreError> {
        match self {
            Self::Memory => Ok(Arc::new(MemoryStore::new(TABLES))),
            Self::Sqlite => {
                let options = SqliteOptions {
                    durability: Durability::Normal,
                    readers: 1,
                    views: READABLE_VIEWS.to_vec(),
                    ..SqliteOptions::default()
                };
                Ok(Arc::new(SqliteStore::open(&folder.join("store"), TABLES, options)?))
            }
        }
    }
}
