use std::sync::Arc;

use futures::executor::block_on;

use super::{Cache, Place, Recorder, Records};
use crate::id::Flake;
use crate::memory::MemoryStore;
use crate::model::AccountStats;
use crate::store::schema::{ACCOUNT_STATS, FOLLOWS, TABLES};
use crate::store::{Store, StoreError, StoreExt, Version};

fn version(number: u64) -> Version {
    Version { number, writer: 1 }
}

fn place(key: &str) -> Place {
    Place { table: "rows", key: key.as_bytes().into() }
}

fn keep(cache: &Cache, state: Version, key: &str, value: u32) {
    if let Some(snapshot) = cache.at(state) {
        snapshot.keep("rows", key.as_bytes(), Some(Arc::new(value)), 4);
    }
}

fn kept(cache: &Cache, state: Version, key: &str) -> Option<u32> {
    let value = cache.at(state)?.get("rows", key.as_bytes())??;
    Some(*value.downcast::<u32>().unwrap())
}

#[test]
fn what_was_found_is_kept_until_it_changes() {
    let cache = Cache::new(1 << 20);
    keep(&cache, version(1), "a", 1);
    keep(&cache, version(1), "b", 1);
    assert_eq!(kept(&cache, version(1), "a"), Some(1));
    cache.change(version(1), version(2), [place("a")]);
    assert_eq!(kept(&cache, version(2), "a"), None);
    assert_eq!(kept(&cache, version(2), "b"), Some(1));
    keep(&cache, version(2), "a", 2);
    assert_eq!(kept(&cache, version(2), "a"), Some(2));
}

#[test]
fn a_reader_of_an_old_state_finds_nothing_newer_and_leaves_nothing_older() {
    let cache = Cache::new(1 << 20);
    keep(&cache, version(1), "a", 1);
    cache.change(version(1), version(2), [place("a")]);
    keep(&cache, version(2), "a", 2);
    assert_eq!(kept(&cache, version(1), "a"), None, "it would be of a later state");
    cache.change(version(2), version(3), [place("a")]);
    keep(&cache, version(2), "a", 2);
    assert_eq!(kept(&cache, version(3), "a"), None, "it was of an earlier state");
}

#[test]
fn while_a_commit_is_on_its_way_the_old_state_is_not_kept() {
    let cache = Cache::new(1 << 20);
    cache.change(version(1), version(2), [place("a")]);
    keep(&cache, version(1), "a", 1);
    assert_eq!(kept(&cache, version(2), "a"), None);
}

#[test]
fn nothing_is_known_after_others_have_written() {
    let cache = Cache::new(1 << 20);
    keep(&cache, version(1), "a", 1);
    let foreign = Version { number: 2, writer: 9 };
    assert_eq!(kept(&cache, foreign, "a"), None);
    keep(&cache, foreign, "a", 2);
    assert_eq!(kept(&cache, foreign, "a"), Some(2));
    // One more by others, seen only by the command that follows it.
    let foreign = Version { number: 3, writer: 9 };
    cache.change(foreign, version(4), [place("b")]);
    assert_eq!(kept(&cache, version(4), "a"), None);
    keep(&cache, version(2), "a", 1);
    assert_eq!(kept(&cache, version(4), "a"), None);
}

#[test]
fn a_commit_that_was_announced_and_failed_hides_no_commit_of_others() {
    let cache = Cache::new(1 << 20);
    keep(&cache, version(1), "a", 1);
    cache.change(version(1), version(2), [place("b")]);
    // It failed; another process made the state of the same number.
    let foreign = Version { number: 2, writer: 9 };
    assert_eq!(kept(&cache, foreign, "a"), None);
    // Or nobody did, and the next command of this process starts where the first had.
    keep(&cache, foreign, "a", 2);
    cache.change(foreign, version(3), [place("b")]);
    cache.change(foreign, version(3), [place("a")]);
    assert_eq!(kept(&cache, version(3), "a"), None);
}

#[test]
fn many_changes_forget_when_each_was_made_and_nothing_becomes_wrong() {
    let cache = Cache::new(1 << 20);
    keep(&cache, version(1), "kept", 1);
    cache.change(version(1), version(2), (0..5_000).map(|number| place(&number.to_string())));
    keep(&cache, version(1), "7", 1);
    assert_eq!(kept(&cache, version(2), "7"), None);
    assert_eq!(kept(&cache, version(2), "kept"), Some(1));
}

#[test]
fn what_is_kept_stays_within_its_bounds() {
    let cache = Cache::new(100_000);
    for number in 0..10_000 {
        keep(&cache, version(1), &number.to_string(), number);
    }
    assert!(cache.entries.weight() <= 100_000 && cache.entries.weight() > 50_000);
}

#[test]
fn what_was_found_out_weighs_what_it_takes() {
    let (cache, store) = (Arc::new(Cache::new(1 << 20)), MemoryStore::new(TABLES));
    let shared = Arc::clone(&cache);
    block_on(store.read(move |tx| {
        let records = Records::of_snapshot(tx, &shared)?;
        let found = || Ok::<_, StoreError>(vec![0_u8; 5_000]);
        records.derived(super::RECENT_MARKS, b"someone", Vec::len, found).map(drop)
    }))
    .unwrap();
    assert!(cache.entries.weight() >= 5_000, "{}", cache.entries.weight());
}

#[test]
fn records_and_what_depends_on_them_change_with_their_tables() {
    let (cache, store) = (Arc::new(Cache::new(1 << 20)), MemoryStore::new(TABLES));
    let (one, other) = (Flake::from_parts(1, 0, 0), Flake::from_parts(2, 0, 0));
    let pair = [one.to_bytes(), other.to_bytes()].concat();
    let look = || {
        let (cache, pair) = (Arc::clone(&cache), pair.clone());
        block_on(store.read(move |tx| {
            let records = Records::of_snapshot(tx, &cache)?;
            let stats = records.get(ACCOUNT_STATS, &one)?.map(|stats| stats.statuses);
            let follows =
                records.derived(super::RELATIONS, &pair, |_| 0, || FOLLOWS.contains(tx, &(other, one)))?;
            Ok::<_, StoreError>((stats, *follows))
        }))
        .unwrap()
    };
    let change = |statuses: u64, follows: bool| {
        let cache = Arc::clone(&cache);
        block_on(store.write(move |tx| {
            let mut tx = Recorder::new(tx);
            ACCOUNT_STATS.put(&mut tx, &one, &AccountStats { statuses, ..AccountStats::default() })?;
            let key = [other.to_bytes(), one.to_bytes()].concat();
            if follows {
                crate::store::WriteTx::put(&mut tx, FOLLOWS.definition(), &key, b"{}")?;
            } else {
                crate::store::WriteTx::delete(&mut tx, FOLLOWS.definition(), &key)?;
            }
            tx.announce(&cache)
        }))
        .unwrap();
    };
    assert_eq!(look(), (None, false));
    assert_eq!(look(), (None, false));
    for (statuses, follows) in [(1, true), (2, false), (3, true)] {
        change(statuses, follows);
        assert_eq!(look(), (Some(statuses), follows));
        assert_eq!(look(), (Some(statuses), follows));
    }
    assert!(!cache.entries.is_empty());
    assert!(!store.capabilities().durable);
}
