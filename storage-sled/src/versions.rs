//! Rows as they were, for read jobs that must not see what was committed since.
//!
//! Before a commit changes sled, the rows it replaces are put here. A snapshot is the number of the newest
//! commit it sees; reading, it asks sled first and then whether the row was replaced by a later commit. So
//! readers wait for no writer, and no writer waits for them. New snapshots see only what is durable.

use std::collections::{BTreeMap, VecDeque};
use std::ops::Bound;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use koinon_engine::store::{Direction, StoreError};

use crate::view::{Overlay, Replacement};

/// Bytes that a kept row costs beside its own.
const OVERHEAD: usize = 128;

#[derive(Debug)]
pub(crate) struct Versions {
    state: RwLock<State>,
    /// The newest commit whose replaced rows are here.
    newest: AtomicU64,
    /// Bytes of replaced rows beyond which old snapshots are given up.
    limit: usize,
}

#[derive(Debug)]
struct State {
    /// The newest durable commit.
    visible: u64,
    /// Snapshots in use, by the commit they see.
    snapshots: BTreeMap<u64, usize>,
    /// For each place the commits that replaced its row, oldest first, and what stood there before.
    replaced: BTreeMap<Vec<u8>, VecDeque<(u64, Replacement)>>,
    /// Places by commit, oldest first.
    commits: VecDeque<(u64, Vec<Vec<u8>>)>,
    bytes: usize,
    /// Snapshots before this commit have lost rows.
    oldest: u64,
}

/// One state of the store; the rows it needs are kept until it is dropped.
#[derive(Debug)]
pub(crate) struct Snapshot<'a> {
    versions: &'a Versions,
    pub(crate) commit: u64,
}

impl Versions {
    /// For a store whose newest commit is `commit`.
    pub(crate) fn new(commit: u64, limit: usize) -> Self {
        let state = State {
            visible: commit,
            snapshots: BTreeMap::new(),
            replaced: BTreeMap::new(),
            commits: VecDeque::new(),
            bytes: 0,
            oldest: 0,
        };
        Self { state: RwLock::new(state), newest: AtomicU64::new(commit), limit }
    }

    /// The newest durable state.
    pub(crate) fn snapshot(&self) -> Snapshot<'_> {
        let mut state = self.write();
        let commit = state.visible;
        *state.snapshots.entry(commit).or_default() += 1;
        Snapshot { versions: self, commit }
    }

    /// Keeps the rows that `commit` is going to replace. To be called before sled shows any of it.
    pub(crate) fn keep(&self, commit: u64, rows: impl Iterator<Item = (Vec<u8>, Replacement)>) {
        let mut state = self.write();
        let mut places = Vec::new();
        for (place, before) in rows {
            state.bytes += cost(&place, before.as_ref());
            places.push(place.clone());
            state.replaced.entry(place).or_default().push_back((commit, before));
        }
        state.commits.push_back((commit, places));
        self.newest.store(commit, Ordering::Release);
    }

    /// Shows `commit`, which is durable, to new snapshots.
    pub(crate) fn show(&self, commit: u64) {
        let mut state = self.write();
        state.visible = commit;
        state.forget_unneeded();
        while state.bytes > self.limit && state.oldest < commit {
            let Some(given_up) = state.forget_oldest() else { break };
            state.oldest = given_up;
        }
    }

    fn read(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Drops rows that no snapshot, now or later, looks through.
    fn forget_unneeded(&mut self) {
        let needed_from =
            self.snapshots.keys().next().map_or(self.visible, |oldest| self.visible.min(*oldest));
        while self.commits.front().is_some_and(|(commit, _)| *commit <= needed_from) {
            self.forget_oldest();
        }
    }

    /// Drops the rows of the oldest commit that has some.
    fn forget_oldest(&mut self) -> Option<u64> {
        let (commit, places) = self.commits.pop_front()?;
        for place in places {
            let Some(kept) = self.replaced.get_mut(&place) else { continue };
            if let Some((_, before)) = kept.pop_front() {
                self.bytes -= cost(&place, before.as_ref());
            }
            if kept.is_empty() {
                self.replaced.remove(&place);
            }
        }
        Some(commit)
    }

    fn require(&self, commit: u64) -> Result<(), StoreError> {
        if commit >= self.oldest {
            return Ok(());
        }
        let text = "the job has read for so long that the rows it needs are gone; see snapshot_bytes";
        Err(StoreError::Busy(text.into()))
    }
}

fn cost(place: &[u8], before: Option<&sled::IVec>) -> usize {
    OVERHEAD + place.len() * 2 + before.map_or(0, |row| row.len())
}

impl Snapshot<'_> {
    /// Whether no commit came after this state, so that sled is right everywhere.
    fn is_newest(&self) -> bool {
        self.versions.newest.load(Ordering::Acquire) <= self.commit
    }

    /// What stood at a place of which these commits are known.
    fn replacement(&self, kept: &VecDeque<(u64, Replacement)>) -> Option<Replacement> {
        kept.iter().find(|(commit, _)| *commit > self.commit).map(|(_, before)| before.clone())
    }
}

impl Overlay for Snapshot<'_> {
    fn get(&self, place: &[u8]) -> Result<Option<Replacement>, StoreError> {
        if self.is_newest() {
            return Ok(None);
        }
        let state = self.versions.read();
        state.require(self.commit)?;
        Ok(state.replaced.get(place).and_then(|kept| self.replacement(kept)))
    }

    fn next(
        &self,
        between: (Bound<&[u8]>, Bound<&[u8]>),
        direction: Direction,
    ) -> Result<Option<(Vec<u8>, Replacement)>, StoreError> {
        if self.is_newest() {
            return Ok(None);
        }
        let state = self.versions.read();
        state.require(self.commit)?;
        let mut found = state.replaced.range::<[u8], _>(between).filter_map(|(place, kept)| {
            let replacement = self.replacement(kept)?;
            Some((place.clone(), replacement))
        });
        Ok(match direction {
            Direction::Ascending => found.next(),
            Direction::Descending => found.next_back(),
        })
    }
}

impl Drop for Snapshot<'_> {
    fn drop(&mut self) {
        let mut state = self.versions.write();
        if let Some(count) = state.snapshots.get_mut(&self.commit) {
            *count -= 1;
            if *count == 0 {
                state.snapshots.remove(&self.commit);
                state.forget_unneeded();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn commit(versions: &Versions, number: u64, rows: &[(&str, Option<&str>)]) {
        let row = |(place, before): &(&str, Option<&str>)| {
            (place.as_bytes().to_vec(), before.map(|text| text.as_bytes().into()))
        };
        versions.keep(number, rows.iter().map(row));
        versions.show(number);
    }

    fn seen(snapshot: &Snapshot<'_>, place: &str) -> Option<Option<String>> {
        let text = |row: sled::IVec| String::from_utf8(row.to_vec()).unwrap();
        snapshot.get(place.as_bytes()).unwrap().map(|row| row.map(text))
    }

    #[test]
    fn each_snapshot_sees_rows_as_they_were() {
        let versions = Versions::new(7, usize::MAX);
        let first = versions.snapshot();
        commit(&versions, 8, &[("a", Some("1")), ("b", None)]);
        let second = versions.snapshot();
        commit(&versions, 9, &[("a", Some("2"))]);
        assert_eq!(seen(&first, "a"), Some(Some("1".into())));
        assert_eq!(seen(&first, "b"), Some(None));
        assert_eq!(seen(&first, "c"), None);
        assert_eq!(seen(&second, "a"), Some(Some("2".into())));
        assert_eq!(seen(&second, "b"), None);
        assert_eq!(seen(&versions.snapshot(), "a"), None);
    }

    #[test]
    fn a_commit_is_hidden_until_it_is_shown() {
        let versions = Versions::new(1, usize::MAX);
        versions.keep(2, [(b"a".to_vec(), None)].into_iter());
        assert_eq!(seen(&versions.snapshot(), "a"), Some(None));
        versions.show(2);
        assert_eq!(seen(&versions.snapshot(), "a"), None);
    }

    #[test]
    fn replaced_rows_come_in_order_from_either_end() {
        let versions = Versions::new(1, usize::MAX);
        let old = versions.snapshot();
        commit(&versions, 2, &[("b", Some("2")), ("d", Some("4")), ("c", None)]);
        let from = |start, direction| {
            let between = (Bound::Included(start), Bound::Excluded(&b"d"[..]));
            old.next(between, direction).unwrap().map(|(place, _)| place)
        };
        assert_eq!(from(b"a", Direction::Ascending), Some(b"b".to_vec()));
        assert_eq!(from(b"a", Direction::Descending), Some(b"c".to_vec()));
        assert_eq!(from(b"c\0", Direction::Ascending), None);
    }

    #[test]
    fn rows_nobody_looks_through_are_dropped() {
        let versions = Versions::new(1, usize::MAX);
        let (early, late) = (versions.snapshot(), versions.snapshot());
        commit(&versions, 2, &[("a", Some("1"))]);
        let middle = versions.snapshot();
        commit(&versions, 3, &[("a", Some("2"))]);
        drop(early);
        assert!(versions.read().bytes > 0);
        assert_eq!(seen(&late, "a"), Some(Some("1".into())));
        drop(late);
        assert_eq!(versions.read().commits.len(), 1);
        drop(middle);
        let state = versions.read();
        assert_eq!((state.bytes, state.replaced.len(), state.commits.len()), (0, 0, 0));
    }

    #[test]
    fn a_snapshot_that_costs_too_much_ends_with_an_error() {
        let versions = Versions::new(1, 2 * OVERHEAD);
        let old = versions.snapshot();
        commit(&versions, 2, &[("a", None)]);
        assert_eq!(seen(&old, "a"), Some(None));
        let newer = versions.snapshot();
        commit(&versions, 3, &[("b", None)]);
        assert!(matches!(old.get(b"a"), Err(StoreError::Busy(_))));
        assert!(matches!(old.get(b"c"), Err(StoreError::Busy(_))), "it cannot know that this one is right");
        assert_eq!(seen(&newer, "b"), Some(None), "the younger one is served");
        drop(old);
        assert_eq!(seen(&versions.snapshot(), "a"), None);
    }
}
