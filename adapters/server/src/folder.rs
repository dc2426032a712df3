//! What is where in a data folder.

use std::fs::{self, DirBuilder};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use koinon_engine::media::{BlobStore, DirectoryBlobs};
use koinon_engine::store::schema::TABLES;
use koinon_engine::store::{Store, StoreError};
use koinon_storage_sled::{SledOptions, SledStore};
use koinon_storage_sqlite::{READABLE_VIEWS, SqliteOptions, SqliteStore};

use crate::conversion::is_unfinished;
use crate::error::ServerError;
use crate::store_kind::StoreKind;

/// The folder of uploaded files.
pub(crate) const MEDIA: &str = "media";

/// Page cache of a connection that fills a store, in KiB: rows go to all ends of some tables.
const FILLING_CACHE_KIB: u32 = 256 << 10;

/// The folder of an instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataFolder(PathBuf);

impl DataFolder {
    /// The folder, which is made if there is none; only its owner can read it then.
    pub fn create(path: &Path) -> Result<Self, ServerError> {
        let folder = Self(path.to_owned());
        let failed = |source| folder.failed(source);
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(path).map_err(failed)?;
        if !fs::metadata(path).map_err(failed)?.is_dir() {
            return Err(failed(io::ErrorKind::NotADirectory.into()));
        }
        Ok(folder)
    }

    /// The folder of an instance that is there already.
    pub fn existing(path: &Path) -> Result<Self, ServerError> {
        let folder = Self(path.to_owned());
        folder.refuse_unfinished()?;
        if folder.held()?.is_empty() {
            return Err(ServerError::NoInstance(path.to_owned()));
        }
        Ok(folder)
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The file or folder of a store.
    pub fn database(&self, kind: StoreKind) -> PathBuf {
        self.0.join(kind.place())
    }

    /// Its folder of uploaded files.
    pub fn media(&self) -> PathBuf {
        self.0.join(MEDIA)
    }

    /// The stores that are there.
    pub fn held(&self) -> Result<Vec<StoreKind>, ServerError> {
        let mut held = Vec::new();
        for kind in StoreKind::ALL {
            match self.database(kind).try_exists() {
                Ok(true) => held.push(kind),
                Ok(false) => {}
                // A folder that is a file is told by whoever makes it one.
                Err(source) if source.kind() == io::ErrorKind::NotADirectory => {}
                Err(source) => return Err(self.failed(source)),
            }
        }
        Ok(held)
    }

    /// The store that it holds, or that it is to hold when there is none yet.
    ///
    /// # Errors
    /// [`ServerError::OtherStore`] when it holds another one than is `wanted`, [`ServerError::SeveralStores`], and
    /// [`ServerError::Unfinished`] as long as its store is being converted.
    pub fn kind(&self, wanted: Option<StoreKind>) -> Result<StoreKind, ServerError> {
        self.refuse_unfinished()?;
        match (&self.held()?[..], wanted) {
            ([], wanted) => Ok(wanted.unwrap_or_default()),
            ([held], Some(wanted)) if *held != wanted => {
                Err(ServerError::OtherStore { place: self.0.clone(), held: *held, wanted })
            }
            ([held], _) => Ok(*held),
            _ => Err(ServerError::SeveralStores(self.0.clone())),
        }
    }

    /// Opens its store, which is made if there is none. Blocks.
    pub fn open_store(&self, kind: StoreKind) -> Result<Arc<dyn Store>, ServerError> {
        self.told(kind, open(kind, &self.database(kind)))
    }

    /// Opens its store to look at it, and changes nothing. Blocks.
    pub fn open_store_for_reading(&self, kind: StoreKind) -> Result<Arc<dyn Store>, ServerError> {
        self.told(kind, open_for_reading(kind, &self.database(kind)))
    }

    fn told(
        &self,
        kind: StoreKind,
        opened: Result<Arc<dyn Store>, StoreError>,
    ) -> Result<Arc<dyn Store>, ServerError> {
        match opened {
            // Others can open what is shared.
            Err(StoreError::Locked(_)) if !kind.is_shared() => {
                Err(ServerError::InUse { folder: self.0.clone(), kind })
            }
            opened => Ok(opened?),
        }
    }

    /// Opens its store for filling it: a loss of power before it is closed may take it with it. Blocks.
    pub(crate) fn open_store_to_fill(&self, kind: StoreKind) -> Result<Arc<dyn Store>, ServerError> {
        let path = self.database(kind);
        Ok(match kind {
            StoreKind::Sqlite => {
                let options = SqliteOptions {
                    durability: koinon_storage_sqlite::Durability::Normal,
                    writer_cache_kib: FILLING_CACHE_KIB,
                    ..sqlite_options()
                };
                Arc::new(SqliteStore::open(&path, TABLES, options)?)
            }
            StoreKind::Sled => {
                let durability = koinon_storage_sled::Durability::Normal;
                Arc::new(SledStore::open(
                    &path,
                    TABLES,
                    SledOptions { durability, ..SledOptions::default() },
                )?)
            }
        })
    }

    /// Opens the folder of uploaded files, which is made if there is none. Blocks.
    pub fn open_blobs(&self) -> Result<Arc<dyn BlobStore>, ServerError> {
        Ok(Arc::new(DirectoryBlobs::open(self.media())?))
    }

    /// Refuses a store, and uploaded files. A configuration and an empty folder are no data.
    pub(crate) fn refuse_data(&self) -> Result<(), ServerError> {
        self.refuse_unfinished()?;
        let has_media = match fs::read_dir(self.media()) {
            Ok(mut names) => names.next().is_some(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => false,
            Err(error) => return Err(self.failed(error)),
        };
        if has_media || !self.held()?.is_empty() {
            Err(ServerError::HoldsData(self.0.clone()))
        } else {
            Ok(())
        }
    }

    /// Refuses a folder in which a conversion was begun.
    fn refuse_unfinished(&self) -> Result<(), ServerError> {
        match is_unfinished(&self.0) {
            Ok(false) => Ok(()),
            Ok(true) => Err(ServerError::Unfinished(self.0.clone())),
            Err(source) if source.kind() == io::ErrorKind::NotADirectory => Ok(()),
            Err(source) => Err(self.failed(source)),
        }
    }

    pub(crate) fn failed(&self, source: io::Error) -> ServerError {
        ServerError::Folder { folder: self.0.clone(), source }
    }
}

fn open(kind: StoreKind, path: &Path) -> Result<Arc<dyn Store>, StoreError> {
    Ok(match kind {
        StoreKind::Sqlite => Arc::new(SqliteStore::open(path, TABLES, sqlite_options())?),
        StoreKind::Sled => Arc::new(SledStore::open(path, TABLES, SledOptions::default())?),
    })
}

fn open_for_reading(kind: StoreKind, path: &Path) -> Result<Arc<dyn Store>, StoreError> {
    Ok(match kind {
        StoreKind::Sqlite => Arc::new(SqliteStore::open_for_reading(path, TABLES, SqliteOptions::default())?),
        StoreKind::Sled => Arc::new(SledStore::open_for_reading(path, TABLES, SledOptions::default())?),
    })
}

fn sqlite_options() -> SqliteOptions {
    SqliteOptions { views: READABLE_VIEWS.to_vec(), ..SqliteOptions::default() }
}
