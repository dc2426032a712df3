//! The storage backends under test, by name.

use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;

use koinon_engine::store::schema::TABLES;
use koinon_engine::store::{Store, StoreError};
use koinon_storage_sqlite::{Durability, SqliteOptions, SqliteStore};

/// A backend that keeps its data on a disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    /// `koinon-storage-sqlite`.
    Sqlite,
    /// The same without synchronising each write: what a test of lost power has to find fault with.
    SqliteNormal,
}

impl Backend {
    /// Each that promises to lose nothing.
    pub const ALL: &[Self] = &[Self::Sqlite];

    /// What [`FromStr`] reads.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::SqliteNormal => "sqlite-normal",
        }
    }

    /// Opens the store of the engine in `folder`; makes it where there is none.
    ///
    /// # Errors
    /// Those of the backend.
    pub fn open(self, folder: &Path) -> Result<Arc<dyn Store>, StoreError> {
        let durability = match self {
            Self::Sqlite => Durability::Full,
            Self::SqliteNormal => Durability::Normal,
        };
        let options = SqliteOptions { readers: 1, durability, ..SqliteOptions::default() };
        Ok(Arc::new(SqliteStore::open(&folder.join("koinon.sqlite"), TABLES, options)?))
    }
}

impl FromStr for Backend {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let found = [Self::Sqlite, Self::SqliteNormal].into_iter().find(|backend| backend.name() == name);
        found.ok_or_else(|| format!("{name:?} is no backend"))
    }
}
