//! What is where in a data folder.

use std::fs::{self, DirBuilder};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use koinon_engine::media::{BlobStore, DirectoryBlobs};
use koinon_engine::store::Store;
use koinon_engine::store::schema::TABLES;
use koinon_storage_sqlite::{READABLE_VIEWS, SqliteOptions, SqliteStore};

use crate::error::ServerError;

/// The database.
pub(crate) const DATABASE: &str = "koinon.sqlite";
/// The folder of uploaded files.
pub(crate) const MEDIA: &str = "media";

/// The folder of an instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataFolder(PathBuf);

impl DataFolder {
    /// The folder, which is made if there is none; only its owner can read it then.
    pub fn create(path: &Path) -> Result<Self, ServerError> {
        let failed = |source| ServerError::Folder { folder: path.to_owned(), source };
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(path).map_err(failed)?;
        if !fs::metadata(path).map_err(failed)?.is_dir() {
            return Err(failed(io::ErrorKind::NotADirectory.into()));
        }
        Ok(Self(path.to_owned()))
    }

    /// The folder of an instance that is there already.
    pub fn existing(path: &Path) -> Result<Self, ServerError> {
        let folder = Self(path.to_owned());
        match folder.database().try_exists() {
            Ok(true) => Ok(folder),
            Ok(false) => Err(ServerError::NoInstance(path.to_owned())),
            Err(source) => Err(ServerError::Folder { folder: path.to_owned(), source }),
        }
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Its database.
    pub fn database(&self) -> PathBuf {
        self.0.join(DATABASE)
    }

    /// Its folder of uploaded files.
    pub fn media(&self) -> PathBuf {
        self.0.join(MEDIA)
    }

    /// Opens the database, which is made if there is none. Blocks.
    pub fn open_store(&self) -> Result<Arc<dyn Store>, ServerError> {
        let options = SqliteOptions { views: READABLE_VIEWS.to_vec(), ..SqliteOptions::default() };
        Ok(Arc::new(SqliteStore::open(&self.database(), TABLES, options)?))
    }

    /// Opens the folder of uploaded files, which is made if there is none. Blocks.
    pub fn open_blobs(&self) -> Result<Arc<dyn BlobStore>, ServerError> {
        Ok(Arc::new(DirectoryBlobs::open(self.media())?))
    }
}
