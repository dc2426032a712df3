//! Reading records through what is kept of them.

use std::any::Any;
use std::sync::Arc;

use super::derived::is_kept;
use super::{Cache, Snapshot};
use crate::store::{Key, ReadTx, Record, StoreError, Table};

/// A snapshot of the store, with what is kept in memory of it.
#[derive(Clone, Copy)]
pub(crate) struct Records<'a> {
    tx: &'a dyn ReadTx,
    kept: Option<Snapshot<'a>>,
}

impl<'a> Records<'a> {
    /// Of a snapshot that is only read.
    pub(crate) fn of_snapshot(tx: &'a dyn ReadTx, cache: &'a Cache) -> Result<Self, StoreError> {
        let kept = tx.version()?.and_then(|version| cache.at(version));
        Ok(Self { tx, kept })
    }

    /// Of a transaction that writes, whose state nobody else sees.
    pub(crate) fn of_transaction(tx: &'a dyn ReadTx) -> Self {
        Self { tx, kept: None }
    }

    /// Whether what is found is kept for later questions.
    pub(crate) fn keeps(&self) -> bool {
        self.kept.is_some()
    }

    /// The transaction itself.
    pub(crate) fn tx(&self) -> &'a dyn ReadTx {
        self.tx
    }

    /// The record at `key`. Cost: at most one point read.
    pub(crate) fn get<K: Key, V: Record + Send + Sync + 'static>(
        &self,
        table: Table<K, V>,
        key: &K,
    ) -> Result<Option<Arc<V>>, StoreError> {
        let Some(kept) = self.kept.filter(|_| is_kept(table.definition())) else {
            return Ok(table.get(self.tx, key)?.map(Arc::new));
        };
        let bytes = key.to_bytes();
        let name = table.definition().name;
        if let Some(known) = kept.get(name, &bytes) {
            match known.map(Arc::downcast::<V>) {
                None => return Ok(None),
                Some(Ok(record)) => return Ok(Some(record)),
                // A table has one type of record.
                Some(Err(_)) => {}
            }
        }
        let (record, size) = match table.get_sized(self.tx, &bytes)? {
            Some((record, size)) => (Some(Arc::new(record)), size + size_of::<V>()),
            None => (None, 0),
        };
        kept.keep(name, &bytes, record.clone().map(|record| record as Arc<dyn Any + Send + Sync>), size);
        Ok(record)
    }

    /// What was found out before about `key`, or what `find` finds out now. `name` says what it is about and which
    /// records it depends on, see [`derived`](super::derived); `bytes` is about what a value takes beside itself.
    pub(crate) fn derived<V: Send + Sync + 'static, E>(
        &self,
        name: &'static str,
        key: &[u8],
        bytes: impl FnOnce(&V) -> usize,
        find: impl FnOnce() -> Result<V, E>,
    ) -> Result<Arc<V>, E> {
        let known = self.kept.and_then(|kept| kept.get(name, key)).flatten();
        if let Some(Ok(known)) = known.map(Arc::downcast::<V>) {
            return Ok(known);
        }
        let found = Arc::new(find()?);
        if let Some(kept) = self.kept {
            let value: Arc<dyn Any + Send + Sync> = Arc::clone(&found) as _;
            kept.keep(name, key, Some(value), size_of::<V>() + bytes(&found));
        }
        Ok(found)
    }
}

impl std::fmt::Debug for Records<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Records").field("kept", &self.kept.is_some()).finish_non_exhaustive()
    }
}
