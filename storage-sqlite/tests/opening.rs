//! What is opened, what is refused, and that a refused file is not touched.
#![allow(clippy::unwrap_used)]

mod common;

use std::fs;
use std::path::Path;
use std::sync::{Barrier, mpsc};

use common::{ROWS, TABLES, all, filled, get, names_beside, open, put, refusal, rows, value};
use futures::executor::block_on;
use koinon_engine::store::{Outcome, Store, StoreError, StoreExt, TableDefinition};
use koinon_storage_sqlite::{Durability, SqliteOptions, SqliteStore, View};
use rusqlite::Connection;

/// The path is refused, and every byte of every file beside it stays.
fn assert_untouched(path: &Path, check: impl Fn(&StoreError) -> bool) {
    let read = || -> Vec<(String, Vec<u8>)> {
        let content = |name: &String| fs::read(path.with_file_name(name)).unwrap_or_default();
        names_beside(path).into_iter().map(|name| (name.clone(), content(&name))).collect()
    };
    let before = read();
    let error = refusal(path);
    assert!(check(&error), "{error:?}");
    assert!(error.to_string().len() > 20, "{error}");
    assert!(read() == before, "{:?} after {error}", names_beside(path));
}

fn is_unusable(error: &StoreError) -> bool {
    matches!(error, StoreError::Unusable(_))
}

#[test]
fn a_store_is_made_where_there_is_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a name with % and ? in it.db");
    let store = open(&path);
    put(&store, b"key", b"value").unwrap();
    assert_eq!(store.path(), fs::canonicalize(&path).unwrap());
    drop(store);
    assert_eq!(names_beside(&path).len(), 1, "closed, it is one file: {:?}", names_beside(&path));
    assert_eq!(get(&open(&path), b"key").unwrap().unwrap(), b"value");
}

#[test]
fn a_store_is_made_in_an_empty_file() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("store");
    fs::write(&path, "").unwrap();
    put(&open(&path), b"key", b"value").unwrap();
    assert_eq!(get(&open(&path), b"key").unwrap().unwrap(), b"value");
}

#[cfg(unix)]
#[test]
fn a_new_store_is_readable_by_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("store");
    let store = open(&path);
    put(&store, b"key", b"value").unwrap();
    for name in names_beside(&path) {
        let mode = fs::metadata(path.with_file_name(&name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{name}");
    }
}

#[test]
fn the_file_is_what_it_says() {
    let directory = tempfile::tempdir().unwrap();
    let path = filled(directory.path(), 3);
    let connection = Connection::open(&path).unwrap();
    let pragma = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(pragma("application_id"), i64::from(i32::from_be_bytes(*b"KOIN")));
    assert_eq!(pragma("user_version"), 1);
    assert_eq!(pragma("page_size"), 8192);
    let mode: String = connection.pragma_query_value(None, "journal_mode", |row| row.get(0)).unwrap();
    assert_eq!(mode, "wal");
    let plan: String = connection
        .query_row(
            "EXPLAIN QUERY PLAN SELECT value FROM t_rows WHERE key >= x'00' AND key < x'01' ORDER BY key",
            (),
            |row| row.get(3),
        )
        .unwrap();
    assert!(plan.contains("SEARCH t_rows USING PRIMARY KEY"), "{plan}");
}

#[test]
fn people_can_read_the_values() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("store");
    let options = SqliteOptions {
        views: vec![View {
            name: "names",
            select: "SELECT value ->> 'name' AS name, value ->> 'year' AS year FROM t_rows WHERE year > 1800",
        }],
        ..SqliteOptions::default()
    };
    let store = SqliteStore::open(&path, TABLES, options).unwrap();
    put(&store, b"\x01\xff", br#"{"name":"ada","year":1815}"#).unwrap();
    put(&store, b"\x02", br#"{"name":"gottfried","year":1646}"#).unwrap();
    let connection = Connection::open(&path).unwrap();
    assert_eq!(connection.query_row("SELECT count(*) FROM v_names", (), |row| row.get(0)), Ok(1));
    let text = |sql| connection.query_row(sql, (), |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    assert_eq!(text("SELECT * FROM v_rows"), ("01FF".to_owned(), r#"{"name":"ada","year":1815}"#.to_owned()));
    let (name, year): (String, i64) =
        connection.query_row("SELECT * FROM v_names", (), |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    assert_eq!((&*name, year), ("ada", 1815));
    assert_eq!(connection.query_row("SELECT count(*) FROM v_others", (), |row| row.get(0)), Ok(0));
}

#[test]
fn tables_of_a_newer_program_are_added_and_those_of_an_older_one_stay() {
    let directory = tempfile::tempdir().unwrap();
    let path = filled(directory.path(), 3);
    const LATER: TableDefinition = TableDefinition { name: "later" };
    let more = SqliteStore::open(&path, &[ROWS, LATER], SqliteOptions::default()).unwrap();
    assert_eq!(all(&more, LATER).unwrap(), []);
    assert_eq!(get(&more, &1u32.to_be_bytes()).unwrap().unwrap(), value(1));
    assert!(matches!(all(&more, common::OTHERS), Err(StoreError::Backend(_))));
    drop(more);
    assert_eq!(all(&open(&path), common::OTHERS).unwrap().len(), 3);
}

#[test]
fn what_is_no_file_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    assert!(is_unusable(&refusal(directory.path())));
    let nowhere = directory.path().join("absent directory").join("store");
    assert!(matches!(refusal(&nowhere), StoreError::Io(_)));
}

#[test]
fn junk_is_refused_and_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("junk");
    let long = "SQLite format 4\0".repeat(5000);
    for junk in ["x", "a line of text\n", &"junk ".repeat(20), &"\0".repeat(8192), &long] {
        fs::write(&path, junk).unwrap();
        assert_untouched(&path, is_unusable);
    }
}

#[test]
fn a_cut_store_is_refused_or_reports_its_damage() {
    let directory = tempfile::tempdir().unwrap();
    let path = filled(directory.path(), 100);
    let whole = fs::read(&path).unwrap();
    for length in [1, 20, 60, 99, 100, 500, 8191] {
        fs::write(&path, &whole[..length]).unwrap();
        assert_untouched(&path, is_unusable);
    }
    for length in [8192, 8193, whole.len() / 2, whole.len() - 1] {
        fs::write(&path, &whole[..length]).unwrap();
        match SqliteStore::open(&path, TABLES, SqliteOptions::default()) {
            Ok(store) => assert!(!block_on(store.check()).unwrap().is_empty(), "cut at {length}"),
            Err(error) => assert!(is_unusable(&error), "cut at {length}: {error}"),
        }
    }
}

#[test]
fn databases_of_other_programs_are_refused_and_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    for (number, (application_id, journal_mode)) in
        [(0, "delete"), (0, "wal"), (77, "delete"), (77, "wal")].into_iter().enumerate()
    {
        let path = directory.path().join(number.to_string());
        let connection = Connection::open(&path).unwrap();
        connection.pragma_update(None, "journal_mode", journal_mode).unwrap();
        connection.pragma_update(None, "application_id", application_id).unwrap();
        connection.execute_batch("CREATE TABLE t_rows(key, value, sum)").unwrap();
        // While the other program has it open, and after it closed it.
        assert_untouched(&path, is_unusable);
        drop(connection);
        assert_untouched(&path, is_unusable);
    }
}

#[test]
fn a_newer_store_is_refused_and_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let path = filled(directory.path(), 3);
    Connection::open(&path).unwrap().pragma_update(None, "user_version", 2).unwrap();
    let is_newer = |error: &StoreError| matches!(error, StoreError::Newer { found: 2, known: 1 });
    assert_untouched(&path, is_newer);
}

/// A newer program that was killed leaves its version in the log, not in the header of the file.
#[test]
fn a_store_whose_log_is_newer_is_refused_and_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let path = filled(directory.path(), 3);
    let newer = Connection::open(&path).unwrap();
    newer.pragma_update(None, "user_version", 2).unwrap();
    let killed = directory.path().join("killed");
    let log =
        |path: &Path| path.with_file_name(format!("{}-wal", path.file_name().unwrap().to_str().unwrap()));
    fs::copy(&path, &killed).unwrap();
    fs::copy(log(&path), log(&killed)).unwrap();
    let before = (fs::read(&killed).unwrap(), fs::read(log(&killed)).unwrap());
    assert!(matches!(refusal(&killed), StoreError::Newer { found: 2, known: 1 }));
    assert!((fs::read(&killed).unwrap(), fs::read(log(&killed)).unwrap()) == before);
}

#[test]
fn a_store_without_a_version_is_refused_and_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let path = filled(directory.path(), 3);
    Connection::open(&path).unwrap().pragma_update(None, "user_version", 0).unwrap();
    assert_untouched(&path, is_unusable);
}

#[test]
fn a_table_of_another_shape_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let path = filled(directory.path(), 3);
    let connection = Connection::open(&path).unwrap();
    connection.execute_batch("DROP TABLE t_others; CREATE TABLE t_others(key, value, sum)").unwrap();
    drop(connection);
    assert!(is_unusable(&refusal(&path)));
}

/// Moving the main file away must not cost what stands in its log.
#[test]
fn a_log_without_its_file_is_not_thrown_away() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("store");
    let log = directory.path().join("store-wal");
    fs::write(&log, "frames").unwrap();
    assert_untouched(&path, is_unusable);
    fs::write(&path, "").unwrap();
    assert_untouched(&path, is_unusable);
    assert_eq!(fs::read(&log).unwrap(), b"frames");
}

/// As after a kill in the middle of a checkpoint: its first page tells the new length, its last one is missing.
#[test]
fn a_file_that_its_log_was_being_moved_into_opens_with_every_row() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("store");
    let log = directory.path().join("store-wal");
    let store = open(&path);
    for number in 0..50u8 {
        put(&store, &[number], &[b'x'; 1000]).unwrap();
    }
    let moved = fs::read(&log).unwrap();
    drop(store);
    let mut whole = fs::read(&path).unwrap();
    for pages_missing in 1..4 {
        whole.truncate(whole.len() - 8192);
        fs::write(&path, &whole).unwrap();
        fs::write(&log, &moved).unwrap();
        let store = open(&path);
        assert_eq!(all(&store, ROWS).unwrap().len(), 50, "{pages_missing}");
        assert_eq!(block_on(store.check()).unwrap(), []);
    }
}

/// What a program that may have to refuse a store needs.
#[test]
fn a_store_opened_for_reading_stays_as_it_is() {
    const LATER: TableDefinition = TableDefinition { name: "later" };
    let directory = tempfile::tempdir().unwrap();
    let path = filled(directory.path(), 3);
    let before = (fs::read(&path).unwrap(), names_beside(&path));
    let views = vec![View { name: "rows", select: "SELECT 1 AS one FROM t_rows" }];
    let options = SqliteOptions { views, ..SqliteOptions::default() };
    let store = SqliteStore::open_for_reading(&path, &[ROWS, LATER], options).unwrap();
    assert_eq!(all(&store, ROWS).unwrap().len(), 3);
    assert_eq!(all(&store, LATER).unwrap(), [], "a table that is not there has no rows");
    assert!(matches!(put(&store, b"key", b"value"), Err(StoreError::Backend(_))));
    block_on(store.backup(&directory.path().join("backup"))).unwrap();
    drop(store);
    fs::remove_file(directory.path().join("backup")).unwrap();
    assert!((fs::read(&path).unwrap(), names_beside(&path)) == before);

    // Beside one that writes.
    let writing = open(&path);
    let reading = SqliteStore::open_for_reading(&path, TABLES, SqliteOptions::default()).unwrap();
    put(&writing, b"key", b"value").unwrap();
    assert_eq!(all(&reading, ROWS).unwrap().len(), 4);
    drop(reading);
    put(&writing, b"key", b"another").unwrap();
    drop(writing);

    // With a log that a killed process left.
    let writing = open(&path);
    put(&writing, b"in the log", b"value").unwrap();
    let killed = directory.path().join("killed");
    let log = directory.path().join("killed-wal");
    fs::copy(&path, &killed).unwrap();
    fs::copy(directory.path().join("store-wal"), &log).unwrap();
    let before = (fs::read(&killed).unwrap(), fs::read(&log).unwrap());
    let reading = SqliteStore::open_for_reading(&killed, TABLES, SqliteOptions::default()).unwrap();
    assert_eq!(all(&reading, ROWS).unwrap().len(), 5);
    drop(reading);
    assert!((fs::read(&killed).unwrap(), fs::read(&log).unwrap()) == before);
}

/// One that a program made which did not count commits.
#[test]
fn a_file_that_does_not_count_its_commits_is_read_in_snapshots_without_a_version() {
    let directory = tempfile::tempdir().unwrap();
    let path = filled(directory.path(), 3);
    Connection::open(&path).unwrap().execute_batch("DROP TABLE commits").unwrap();
    let before = fs::read(&path).unwrap();
    let reading = SqliteStore::open_for_reading(&path, TABLES, SqliteOptions::default()).unwrap();
    assert_eq!(block_on(reading.read(|tx| tx.version())).unwrap(), None);
    drop(reading);
    assert!(fs::read(&path).unwrap() == before);

    let other = Connection::open(&path).unwrap();
    let reading = SqliteStore::open_for_reading(&path, TABLES, SqliteOptions::default()).unwrap();
    block_on(reading.read(move |tx| -> Result<(), StoreError> {
        assert_eq!(rows(tx, ROWS)?.len(), 3);
        other.execute("DELETE FROM t_rows", ()).unwrap();
        assert_eq!(rows(tx, ROWS)?.len(), 3, "what is committed meanwhile is not of this snapshot");
        Ok(())
    }))
    .unwrap();
    assert_eq!(all(&reading, ROWS).unwrap(), []);
    drop(reading);

    let writing = open(&path);
    let version = |store: &SqliteStore| block_on(store.read(|tx| tx.version())).unwrap().unwrap();
    let first = version(&writing);
    put(&writing, b"key", b"value").unwrap();
    assert_ne!(version(&writing), first, "from now on they are counted");
}

#[test]
fn what_is_not_there_cannot_be_opened_for_reading() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("store");
    let open = || SqliteStore::open_for_reading(&path, TABLES, SqliteOptions::default()).unwrap_err();
    assert!(matches!(open(), StoreError::Io(_)));
    assert!(!path.exists());
    fs::write(&path, "").unwrap();
    assert!(is_unusable(&open()));
    assert_eq!(fs::read(&path).unwrap(), b"");
}

#[test]
fn a_view_that_cannot_be_read_is_an_error_at_open() {
    let directory = tempfile::tempdir().unwrap();
    let path = filled(directory.path(), 3);
    let views = vec![View { name: "wrong", select: "SELECT nothing FROM nowhere" }];
    let error =
        SqliteStore::open(&path, TABLES, SqliteOptions { views, ..SqliteOptions::default() }).unwrap_err();
    assert!(matches!(&error, StoreError::Backend(text) if text.contains("v_wrong")), "{error}");
    assert_eq!(all(&open(&path), ROWS).unwrap().len(), 3);
}

/// Whoever comes first makes the file; nobody's writes go to a file that is replaced afterwards.
#[test]
fn several_stores_may_make_and_open_one_file_at_once() {
    let directory = tempfile::tempdir().unwrap();
    for round in 0..20 {
        let path = directory.path().join(round.to_string());
        if round % 2 == 0 {
            fs::write(&path, "").unwrap();
        }
        let together = Barrier::new(4);
        std::thread::scope(|scope| {
            for number in 0..4u8 {
                let (path, together) = (&path, &together);
                scope.spawn(move || {
                    together.wait();
                    let store = open(path);
                    put(&store, &[number], b"value").unwrap();
                });
            }
        });
        let store = open(&path);
        assert_eq!(all(&store, ROWS).unwrap().len(), 4);
        assert_eq!(block_on(store.check()).unwrap(), []);
    }
}

/// Opening looks at the file first. Had it opened and closed the file by itself, the system would have released
/// every lock of this process on it, and another process would take the log for one that nobody needs.
#[cfg(target_os = "linux")]
#[test]
fn opening_again_keeps_the_locks_of_the_first_store() {
    use std::os::unix::fs::MetadataExt;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("store");
    let first = open(&path);
    put(&first, b"key", b"value").unwrap();
    let inode = format!(":{} ", fs::metadata(&path).unwrap().ino());
    // Each file that is open tells its locks at once. The list of the whole system comes in pieces, between which a
    // line gets lost or comes again when others lock something.
    let locks = || {
        let open = fs::read_dir("/proc/self/fdinfo").unwrap();
        // Other tests close theirs meanwhile.
        let told = open.filter_map(|file| fs::read_to_string(file.unwrap().path()).ok());
        told.map(|told| {
            told.lines().filter(|line| line.starts_with("lock:") && line.contains(&inode)).count()
        })
        .sum::<usize>()
    };
    let before = locks();
    assert!(before > 0);
    drop(open(&path));
    assert!(
        SqliteStore::open(
            &path,
            TABLES,
            SqliteOptions { views: vec![View { name: "no", select: "" }], ..SqliteOptions::default() }
        )
        .is_err()
    );
    koinon_storage_sqlite::restore(&path, &directory.path().join("copy")).unwrap();
    block_on(first.backup(&directory.path().join("backup"))).unwrap();
    block_on(first.check()).unwrap();
    assert_eq!(locks(), before);
    put(&first, b"later", b"value").unwrap();
    assert_eq!(all(&open(&path), ROWS).unwrap().len(), 2);
}

#[test]
fn only_the_default_durability_calls_itself_durable() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("store");
    let normal = SqliteOptions { durability: Durability::Normal, ..SqliteOptions::default() };
    let store = SqliteStore::open(&path, TABLES, normal).unwrap();
    put(&store, b"key", b"value").unwrap();
    assert!(!store.capabilities().durable);
    drop(store);
    let store = open(&path);
    assert!(store.capabilities().durable && store.capabilities().shared);
    assert_eq!(get(&store, b"key").unwrap().unwrap(), b"value");
}

#[test]
fn closing_finishes_the_writes_that_are_queued() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("store");
    // One commit for each job, so that many are still waiting when the store is dropped.
    let store = SqliteStore::open(&path, TABLES, SqliteOptions { group_jobs: 1, ..SqliteOptions::default() })
        .unwrap();
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
    use futures::FutureExt;
    let _ = future.now_or_never();
}
