//! Records and what was found out from them, kept in memory for as long as they are true.
//!
//! Every entry is true for the states of the store from its `since` on. A command that is about to commit names the
//! records it changes; their entries go before anybody can see the state without them. So a reader of any snapshot,
//! also one that began long ago, finds what its snapshot holds or nothing.
//!
//! Commits of other processes are noticed by the [`Version`] of the next snapshot, and nothing is known after them.

mod derived;
mod recorder;
mod records;

pub(crate) use derived::{EXCLUSIVE_CIRCLES, RECENT_MARKS, RELATIONS};
pub(crate) use recorder::Recorder;
pub(crate) use records::Records;

use std::any::Any;
use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use quick_cache::Equivalent;

use crate::store::{Key, Table, Version};

/// Changes that are remembered one by one; beyond it only that there were some.
const HISTORY: usize = 4_096;
/// Bytes that an entry takes beside its value.
const OVERHEAD: usize = 128;

/// What one engine keeps. Costs nothing until it is used.
#[derive(Debug)]
pub(crate) struct Cache {
    entries: quick_cache::sync::Cache<Place, Entry, Weights>,
    history: Mutex<History>,
}

/// Where an entry stands: a table, or the name of something derived, and a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    table: &'static str,
    key: Box<[u8]>,
}

/// A place that is asked for.
struct PlaceRef<'a>(&'static str, &'a [u8]);

/// A value of any type; none where it is known that there is none.
type Value = Option<Arc<dyn Any + Send + Sync>>;

#[derive(Clone)]
struct Entry {
    /// The first state that it is true for.
    since: u64,
    value: Value,
    bytes: usize,
}

#[derive(Debug, Clone)]
struct Weights;

/// What is known of the commits so far.
#[derive(Debug, Default)]
struct History {
    /// The newest state whose changes are known; it may be about to be committed.
    known: Option<Version>,
    /// Of states before this number nothing is known.
    floor: u64,
    /// The number of the state that last changed a place, where that is later than `floor`.
    changed: HashMap<Place, u64>,
}

/// A state of the store, for which entries can be asked and made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Snapshot<'a> {
    cache: &'a Cache,
    number: u64,
}

impl Cache {
    /// Keeps up to about `bytes`.
    pub(crate) fn new(bytes: u64) -> Self {
        let entries = usize::try_from(bytes / 1024).unwrap_or(usize::MAX);
        Self {
            entries: quick_cache::sync::Cache::with_weighter(entries, bytes, Weights),
            history: Mutex::default(),
        }
    }

    /// What is kept for readers of the state `version`. None where it is too old.
    pub(crate) fn at(&self, version: Version) -> Option<Snapshot<'_>> {
        let mut history = self.history();
        if !history.covers(version) {
            self.forget(&mut history, version);
        }
        (version.number >= history.floor).then_some(Snapshot { cache: self, number: version.number })
    }

    /// What is kept of the newest state that this engine knows of. Others may have written since.
    pub(crate) fn newest(&self) -> Option<Snapshot<'_>> {
        let number = self.history().known?.number;
        Some(Snapshot { cache: self, number })
    }

    /// The transaction that started from `before` and is about to make `after` changes `places`.
    pub(crate) fn change(&self, before: Version, after: Version, places: impl IntoIterator<Item = Place>) {
        let mut history = self.history();
        // A commit that failed was announced and never made: then `before` is older than what is known.
        let follows = history.known.is_some_and(|known| known == before || before.number < known.number);
        if !follows {
            self.forget(&mut history, before);
        }
        history.known = Some(after);
        for place in places {
            self.entries.remove(&place);
            history.changed.insert(place, after.number);
        }
        if history.changed.len() > HISTORY {
            history.changed.clear();
            history.floor = after.number;
        }
    }

    /// Others have written: from `version` on everything is new.
    fn forget(&self, history: &mut History, version: Version) {
        self.entries.clear();
        history.changed.clear();
        history.floor = version.number;
        history.known = Some(version);
    }

    fn history(&self) -> MutexGuard<'_, History> {
        // Nothing in here runs foreign code while the lock is held.
        self.history.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl History {
    /// Whether every change that led to `version` was announced.
    fn covers(&self, version: Version) -> bool {
        self.known.is_some_and(|known| known == version || version.number < known.number)
    }
}

impl Snapshot<'_> {
    /// What is known to stand at a place in this state.
    fn get(&self, table: &'static str, key: &[u8]) -> Option<Value> {
        let entry = self.cache.entries.get(&PlaceRef(table, key))?;
        (entry.since <= self.number).then_some(entry.value)
    }

    /// The record at `key`, if it is kept; none inside where it is known that there is none.
    pub(crate) fn record<K: Key, V: Send + Sync + 'static>(
        &self,
        table: Table<K, V>,
        key: &K,
    ) -> Option<Option<Arc<V>>> {
        match self.get(table.definition().name, &key.to_bytes())? {
            None => Some(None),
            // A table has one type of record.
            Some(value) => value.downcast().ok().map(Some),
        }
    }

    /// Keeps what was found at a place in this state, unless it has changed since. `bytes` is about its size.
    fn keep(&self, table: &'static str, key: &[u8], value: Value, bytes: usize) {
        let place = Place { table, key: key.into() };
        let history = self.cache.history();
        let since = history.changed.get(&place).copied().unwrap_or(history.floor);
        if since <= self.number {
            let bytes = bytes + place.key.len() + OVERHEAD;
            self.cache.entries.insert(place, Entry { since, value, bytes });
        }
    }
}

impl Hash for Place {
    fn hash<H: Hasher>(&self, state: &mut H) {
        PlaceRef(self.table, &self.key).hash(state);
    }
}

impl Hash for PlaceRef<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write(self.0.as_bytes());
        state.write(self.1);
    }
}

impl Equivalent<Place> for PlaceRef<'_> {
    fn equivalent(&self, place: &Place) -> bool {
        self.0 == place.table && self.1 == &*place.key
    }
}

impl std::fmt::Debug for Entry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Entry")
            .field("since", &self.since)
            .field("bytes", &self.bytes)
            .finish_non_exhaustive()
    }
}

impl quick_cache::Weighter<Place, Entry> for Weights {
    fn weight(&self, _: &Place, entry: &Entry) -> u64 {
        entry.bytes as u64
    }
}

#[cfg(test)]
mod tests;
