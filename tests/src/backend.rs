//! The storage backends under test, by name.

use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;

use koinon_engine::store::schema::TABLES;
use koinon_engine::store::{Store, StoreError};
use koinon_storage_sled::{SledOptions, SledStore};
use koinon_storage_sqlite::{SqliteOptions, SqliteStore};

/// A backend that keeps its data on a disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    /// `koinon-storage-sqlite`.
    Sqlite,
    /// The same without synchronising each write: what a test of lost power has to find fault with.
    SqliteNormal,
    /// `koinon-storage-sled`.
    Sled,
    /// The same without synchronising each write.
    SledNormal,
}

impl Backend {
    /// Each that promises to lose nothing.
    pub const ALL: &[Self] = &[Self::Sqlite, Self::Sled];

    /// What [`FromStr`] reads; for those that promise to lose nothing, also what `--store` of the server does.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::SqliteNormal => "sqlite-normal",
            Self::Sled => "sled",
            Self::SledNormal => "sled-normal",
        }
    }

    /// What the file or folder with the records is called in a data folder.
    pub fn place(self) -> &'static str {
        match self {
            Self::Sqlite | Self::SqliteNormal => "koinon.sqlite",
            Self::Sled | Self::SledNormal => "koinon.sled",
        }
    }

    /// Makes a store of `backup` in `folder`, where there is none.
    ///
    /// # Errors
    /// Those of the backend.
    pub fn restore(self, backup: &Path, folder: &Path) -> Result<(), StoreError> {
        let target = folder.join(self.place());
        match self {
            Self::Sqlite | Self::SqliteNormal => koinon_storage_sqlite::restore(backup, &target).map(drop),
            Self::Sled | Self::SledNormal => koinon_storage_sled::restore(backup, &target).map(drop),
        }
    }

    /// Opens the store of the engine in `folder`; makes it where there is none.
    ///
    /// # Errors
    /// Those of the backend.
    pub fn open(self, folder: &Path) -> Result<Arc<dyn Store>, StoreError> {
        let sqlite = |durability| -> Result<Arc<dyn Store>, StoreError> {
            let options = SqliteOptions { readers: 1, durability, ..SqliteOptions::default() };
            Ok(Arc::new(SqliteStore::open(&folder.join(self.place()), TABLES, options)?))
        };
        let sled = |durability| -> Result<Arc<dyn Store>, StoreError> {
            // The file systems of tests have less room than disks.
            let options =
                SledOptions { readers: 1, durability, min_free_bytes: 8 << 20, ..SledOptions::default() };
            Ok(Arc::new(SledStore::open(&folder.join(self.place()), TABLES, options)?))
        };
        match self {
            Self::Sqlite => sqlite(koinon_storage_sqlite::Durability::Full),
            Self::SqliteNormal => sqlite(koinon_storage_sqlite::Durability::Normal),
            Self::Sled => sled(koinon_storage_sled::Durability::Full),
            Self::SledNormal => sled(koinon_storage_sled::Durability::Normal),
        }
    }
}

impl FromStr for Backend {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let known = [Self::Sqlite, Self::SqliteNormal, Self::Sled, Self::SledNormal];
        let found = known.into_iter().find(|backend| backend.name() == name);
        found.ok_or_else(|| format!("{name:?} is no backend"))
    }
}
