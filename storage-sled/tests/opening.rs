//! What is opened, what is refused, and that what is refused is not touched.
#![allow(clippy::unwrap_used)]

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Barrier, mpsc};

use common::{OTHERS, ROWS, TABLES, all, filled, get, names_beside, open, put, refusal, value};
use futures::FutureExt;
use futures::executor::block_on;
use koinon_engine::store::{Outcome, Store, StoreError, StoreExt, TableDefinition};
use koinon_storage_sled::{Durability, SledOptions, SledStore};

/// The path is refused, and every byte below and beside it stays.
fn assert_untouched(path: &Path, check: impl Fn(&StoreError) -> bool) {
    let before = content(path.parent().unwrap());
    let error = refusal(path);
    assert!(check(&error), "{error:?}");
    assert!(error.to_string().len() > 20, "{error}");
    assert!(content(path.parent().unwrap()) == before, "changed after {error}");
}

/// Every file and directory below one, with its bytes.
fn content(directory: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(content(&path));
        }
        found.push((path.clone(), fs::read(&path).unwrap_or_default()));
    }
    found.sort();
    found
}

fn is_unusable(error: &StoreError) -> bool {
    matches!(error, StoreError::Unusable(_))
}

#[test]
fn a_store_is_made_where_there_is_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a name with % and ? in it");
    let store = open(&path);
    put(&store, b"key", b"value").unwrap();
    assert_eq!(store.path(), fs::canonicalize(&path).unwrap());
    assert_eq!(names_beside(&path).len(), 1, "{:?}", names_beside(&path));
    drop(store);
    assert_eq!(get(&open(&path), b"key").unwrap().unwrap(), b"value");
}

#[test]
fn a_store_is_made_in_an_empty_directory() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("store");
    fs::create_dir(&path).unwrap();
    put(&open(&path.join("")), b"key", b"value").unwrap();
    assert_eq!(get(&open(&path.join("..").join("store")), b"key").unwrap().unwrap(), b"value");
    assert_eq!(names_beside(&path), ["store"]);
}

#[cfg(unix)]
#[test]
fn a_new_store_is_readable_by_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("store");
    let _store = open(&path);
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o077, 0);
}

#[test]
fn tables_of_a_newer_program_are_added_and_those_of_an_older_one_stay() {
    const LATER: TableDefinition = TableDefinition { name: "later" };
    let directory = tempfile::tempdir().unwrap();
    let path = filled(directory.path(), 3);
    for verify_at_open in [true, false] {
        let options = SledOptions { verify_at_open, ..SledOptions::default() };
        let more = SledStore::open(&path, &[LATER, ROWS], options).unwrap();
        assert_eq!(all(&more, LATER).unwrap().len(), usize::from(!verify_at_open));
        assert_eq!(get(&more, &1u32.to_be_bytes()).unwrap().unwrap(), value(1));
        assert!(matches!(all(&more, OTHERS), Err(StoreError::Backend(_))));
        let written: Result<(), StoreError> = block_on(more.write(|tx| tx.put(LATER, b"key", b"value")));
        written.unwrap();
        assert_eq!(block_on(more.check()).unwrap(), []);
    }
    let store = open(&path);
    assert_eq!(all(&store, OTHERS).unwrap().len(), 3);
    assert_eq!(block_on(store.check()).unwrap(), [], "rows of tables it does not know are counted, too");
}

/// What a program that may have to refuse a store needs.
#[test]
fn a_store_opened_for_reading_keeps_its_rows_and_tables() {
    const LATER: TableDefinition = TableDefinition { name: "later" };
    let directory = tempfile::tempdir().unwrap();
    let path = filled(directory.path(), 3);
    for _ in 0..2 {
        let store = SledStore::open_for_reading(&path, &[ROWS, LATER], SledOptions::default()).unwrap();
        assert_eq!(all(&store, ROWS).unwrap().len(), 3);
        assert_eq!(all(&store, LATER).unwrap(), [], "a table that is not there has no rows");
        assert!(matches!(put(&store, b"key", b"value"), Err(StoreError::Backend(_))));
        let known = SledStore::open(&path, TABLES, SledOptions::default()).unwrap_err();
        assert!(matches!(known, StoreError::Locked(_)), "{known}");
    }
    let store = open(&path);
    put(&store, b"key", b"value").unwrap();
    assert_eq!(all(&store, ROWS).unwrap().len(), 4);
    assert_eq!(block_on(store.check()).unwrap(), []);
    drop(store);
    let nothing = directory.path().join("nothing");
    let refused = SledStore::open_for_reading(&nothing, TABLES, SledOptions::default()).unwrap_err();
    assert!(matches!(refused, StoreError::Io(_)), "{refused}");
    assert!(!nothing.exists());
}

#[test]
fn names_that_no_backend_can_use_are_refused() {
    let directory = tempfile::tempdir().unwrap();
    for name in ["", "Rows", "r2", "a b"] {
        let tables = [TableDefinition { name }];
        let error = SledStore::open(&directory.path().join("store"), &tables, SledOptions::default());
        assert!(matches!(error, Err(StoreError::Backend(_))), "{name}");
    }
    assert!(fs::read_dir(directory.path()).unwrap().next().is_none());
}

#[test]
fn a_store_that_is_open_is_locked() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("store");
    let first = open(&path);
    put(&first, b"key", b"value").unwrap();
    assert_untouched(&path, |error| matches!(error, StoreError::Locked(_)));
    put(&first, b"later", b"value").unwrap();
    drop(first);
    assert_eq!(all(&open(&path), ROWS).unwrap().len(), 2);
}

/// Another program may have opened sled's files, too.
#[test]
fn a_store_whose_sled_is_open_is_locked() {
    let directory = tempfile::tempdir().unwrap();
    let path = filled(directory.path(), 3);
    let other = sled::open(&path).unwrap();
    assert!(matches!(refusal(&path), StoreError::Locked(_)));
    drop(other);
    assert_eq!(all(&open(&path), ROWS).unwrap().len(), 3);
}

#[test]
fn what_is_no_directory_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("file");
    for content in ["", "a line of text\n"] {
        fs::write(&path, content).unwrap();
        assert_untouched(&path, is_unusable);
    }
    assert!(is_unusable(&refusal(Path::new("/"))));
    let nowhere = directory.path().join("absent directory").join("store");
    assert!(matches!(refusal(&nowhere), StoreError::Io(_)));
}

#[test]
fn directories_of_others_are_refused_and_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("store");
    fs::create_dir(&path).unwrap();
    fs::write(path.join("a file"), "somebody's").unwrap();
    assert_untouched(&path, is_unusable);
    fs::write(path.join("koinon.store"), "somebody's, too").unwrap();
    assert_untouched(&path, is_unusable);
    let sleds = directory.path().join("sled");
    let database = sled::open(&sleds).unwrap();
    database.insert("key", "value").unwrap();
    database.flush().unwrap();
    drop(database);
    assert_untouched(&sleds, is_unusable);
}

#[test]
fn a_newer_store_is_refused_and_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let path = filled(directory.path(), 3);
    let marker = path.join("koinon.store");
    let mut bytes = fs::read(&marker).unwrap();
    bytes[12..16].copy_from_slice(&2u32.to_be_bytes());
    let sum = crc32fast::hash(&bytes[..16]);
    bytes[16..20].copy_from_slice(&sum.to_be_bytes());
    fs::write(&marker, bytes).unwrap();
    assert_untouched(&path, |error| matches!(error, StoreError::Newer { found: 2, known: 1 }));
}

/// sled forgets what it cannot read at the end of its log; the number of commits tells.
#[test]
fn a_store_that_lost_its_newest_commits_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let path = filled(directory.path(), 3);
    let earlier = directory.path().join("earlier");
    common::copy_directory(&path, &earlier);
    let store = open(&path);
    put(&store, b"key", b"value").unwrap();
    drop(store);
    fs::copy(path.join("koinon.store"), earlier.join("koinon.store")).unwrap();
    let error = refusal(&earlier);
    assert!(matches!(&error, StoreError::Unusable(text) if text.contains("of 3 commits")), "{error}");
}

/// sled writes a snapshot of its table of pages when it opens, and takes what is left of one for damage.
#[test]
fn a_store_whose_opening_was_cut_off_opens() {
    let directory = tempfile::tempdir().unwrap();
    let path = filled(directory.path(), 3);
    let whole = names_in(&path).into_iter().find(|name| name.starts_with("snap.")).unwrap();
    let bytes = fs::read(path.join(&whole)).unwrap();
    for length in [0, 5, bytes.len() - 4, bytes.len()] {
        for name in [&whole, "snap.0000000000FFFFFF"] {
            fs::write(path.join(format!("{name}.generating")), &bytes[..length]).unwrap();
            let store = open(&path);
            assert_eq!(all(&store, ROWS).unwrap().len(), 3, "{length}");
            drop(store);
            assert!(names_in(&path).iter().all(|name| !name.ends_with(".generating")));
        }
    }
}

/// Names in a directory.
fn names_in(directory: &Path) -> Vec<String> {
    names_beside(&directory.join("any"))
}

/// Whoever comes first makes the store; nobody's writes go to one that is replaced afterwards.
#[test]
fn several_threads_may_make_one_store_at_once() {
    let directory = tempfile::tempdir().unwrap();
    for round in 0..10 {
        let path = directory.path().join(round.to_string());
        if round % 2 == 0 {
            fs::create_dir(&path).unwrap();
        }
        let together = Barrier::new(4);
        let opened: Vec<u8> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..4u8)
                .map(|number| {
                    let (path, together) = (&path, &together);
                    scope.spawn(move || {
                        together.wait();
                        match SledStore::open(path, TABLES, SledOptions::default()) {
                            Ok(store) => put(&store, &[number], b"value").is_ok().then_some(number),
                            Err(StoreError::Locked(_)) => None,
                            Err(error) => panic!("{error}"),
                        }
                    })
                })
                .collect();
            threads.into_iter().filter_map(|thread| thread.join().unwrap()).collect()
        });
        let store = open(&path);
        let keys: Vec<u8> = all(&store, ROWS).unwrap().into_iter().map(|(key, _)| key[0]).collect();
        assert_eq!(keys, opened);
        assert!(!keys.is_empty());
        assert_eq!(block_on(store.check()).unwrap(), []);
    }
}

#[test]
fn only_the_default_durability_calls_itself_durable() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("store");
    let normal = SledOptions { durability: Durability::Normal, ..SledOptions::default() };
    let store = SledStore::open(&path, TABLES, normal).unwrap();
    put(&store, b"key", b"value").unwrap();
    assert!(!store.capabilities().durable);
    drop(store);
    let store = open(&path);
    assert!(store.capabilities().durable && !store.capabilities().shared);
    assert_eq!(get(&store, b"key").unwrap().unwrap(), b"value");
}

#[test]
fn closing_finishes_the_writes_that_are_queued() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("store");
    // One commit for each job, so that many are still waiting when the store is dropped.
    let options = SledOptions { group_jobs: 1, ..SledOptions::default() };
    let store = SledStore::open(&path, TABLES, options).unwrap();
    let (release, released) = mpsc::channel::<()>();
    let first = store.run_write(Box::new(move |_| {
        let _ = released.recv();
        Outcome::Abort
    }));
    start(first);
    for number in 0..50u8 {
        start(store.write(move |tx| tx.put(ROWS, &[number], b"queued")));
    }
    drop(release);
    drop(store);
    assert_eq!(all(&open(&path), ROWS).unwrap().len(), 50);
}

/// Polls a future once, so that its job is queued, and forgets it.
fn start<T>(future: impl Future<Output = T>) {
    let _ = future.now_or_never();
}
