//! Blobs in memory, for tests and prototypes.

use std::collections::BTreeMap;
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use super::{BlobError, BlobId, BlobIds, BlobStore};

/// Keeps blobs in memory; they are gone when it is dropped.
#[derive(Debug, Default)]
pub struct MemoryBlobs {
    blobs: RwLock<BTreeMap<BlobId, Vec<u8>>>,
}

impl MemoryBlobs {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    // Every change is a single call on the map, so a panic elsewhere cannot leave it half done.
    fn read(&self) -> RwLockReadGuard<'_, BTreeMap<BlobId, Vec<u8>>> {
        self.blobs.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, BTreeMap<BlobId, Vec<u8>>> {
        self.blobs.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl BlobStore for MemoryBlobs {
    fn put(&self, bytes: &[u8]) -> Result<BlobId, BlobError> {
        let id = BlobId::of(bytes);
        self.write().entry(id).or_insert_with(|| bytes.to_vec());
        Ok(id)
    }

    fn get(&self, id: &BlobId) -> Result<Option<Vec<u8>>, BlobError> {
        Ok(self.read().get(id).cloned())
    }

    fn delete(&self, id: &BlobId) -> Result<bool, BlobError> {
        Ok(self.write().remove(id).is_some())
    }

    fn contains(&self, id: &BlobId) -> Result<bool, BlobError> {
        Ok(self.read().contains_key(id))
    }

    fn ids(&self) -> Result<BlobIds<'_>, BlobError> {
        let ids: Vec<BlobId> = self.read().keys().copied().collect();
        Ok(Box::new(ids.into_iter().map(Ok)))
    }
}
