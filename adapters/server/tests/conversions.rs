//! Stores of real instances, converted by the real program, also when it is killed.

#![allow(clippy::unwrap_used)]

mod process;

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::thread;
use std::time::Duration;

use futures::executor::block_on;
use koinon_engine::store::schema::TABLES;
use koinon_engine::store::{Store, StoreExt};
use koinon_storage_sled::{SledOptions, SledStore};
use koinon_storage_sqlite::{SqliteOptions, SqliteStore};
use process::{Server, account_with_token, error_of, fail, folder_of, koinon, run, succeed, text};
use serde_json::json;

fn place(store: &str, data: &Path) -> String {
    format!("{store}:{}", text(data))
}

/// Rows and a hash of them, of all tables.
fn digest(store: &dyn Store) -> (u64, u64) {
    use std::hash::{DefaultHasher, Hash, Hasher};

    use koinon_engine::store::{Direction, KeyRange, Step, StoreError};
    let read = |tx: &dyn koinon_engine::store::ReadTx| -> Result<(u64, u64), StoreError> {
        let (mut rows, mut hash) = (0, DefaultHasher::new());
        for table in TABLES {
            tx.scan(*table, &KeyRange::all(), Direction::Ascending, &mut |key, value| {
                (table.name, key, value).hash(&mut hash);
                rows += 1;
                Ok(Step::Continue)
            })?;
        }
        Ok((rows, hash.finish()))
    };
    block_on(store.read(read)).unwrap()
}

fn sqlite(data: &Path) -> SqliteStore {
    SqliteStore::open(&data.join("koinon.sqlite"), TABLES, SqliteOptions::default()).unwrap()
}

fn sled(data: &Path) -> SledStore {
    SledStore::open(&data.join("koinon.sled"), TABLES, SledOptions::default()).unwrap()
}

#[test]
fn an_instance_goes_on_with_the_other_store_and_back() {
    let data = folder_of("sqlite");
    let server = Server::start(data.path());
    let token = account_with_token(data.path(), "alice");
    let posted = server.post("/api/v1/statuses", &token, &json!({ "status": "still here" })).1;
    let at = |store| place(store, data.path());
    let line = fail(&["convert", "--from", &at("sqlite"), "--to", &at("sled")]);
    assert!(line.contains("another server is running"), "{line}");
    server.stop();
    for (from, to) in [("sqlite", "sled"), ("sled", "sqlite")] {
        let told = succeed(&["convert", "--from", &at(from), "--to", &at(to)]);
        assert!(told.contains(&format!("equal to those of {from}:")), "{told}");
        assert!(told.contains(&format!("koinon.{from}.converted now")), "{told}");
        succeed(&["check", "--data", text(data.path())]);
        let server = Server::start(data.path());
        let path = format!("/api/v1/statuses/{}", posted["id"].as_str().unwrap());
        let (status, found) = server.get(&path, Some(&token));
        assert_eq!((status, &found["content"]), (200, &posted["content"]), "{to}");
        assert_eq!(server.post("/api/v1/statuses", &token, &json!({ "status": "and more" })).0, 200);
        server.stop();
    }
}

#[test]
fn killed_again_and_again_it_goes_on_until_both_stores_are_equal() {
    for is_one_folder in [true, false] {
        let folder = tempfile::tempdir().unwrap();
        let from = folder.path().join("from");
        let to = if is_one_folder { from.clone() } else { folder.path().join("to") };
        fs::create_dir(&from).unwrap();
        let source = sqlite(&from);
        for table in [TABLES[2], TABLES[20], TABLES[TABLES.len() - 2]] {
            let filled = block_on(source.write(move |tx| {
                (0..20_000_u32).try_for_each(|key| tx.put(table, &key.to_be_bytes(), &[b'x'; 300]))
            }));
            filled.unwrap();
        }
        let before = digest(&source);
        drop(source);
        let arguments = ["convert", "--from", &place("sqlite", &from), "--to", &place("sled", &to)];
        let mut kills = 0;
        loop {
            let mut child = koinon(&arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
            // Later each time, so that it comes to its end at last.
            thread::sleep(Duration::from_millis(20 + 40 * kills));
            let ended = child.try_wait().unwrap();
            child.kill().unwrap();
            child.wait().unwrap();
            if let Some(status) = ended {
                assert!(status.success());
                break;
            }
            kills += 1;
            if to.join("koinon.converting/conversion.json").exists() {
                let line = fail(&["serve", "--data", text(&to), "--listen", "127.0.0.1:0"]);
                assert!(
                    line.contains("holds an unfinished conversion (run the same koinon convert"),
                    "{line}"
                );
            } else if to.join("koinon.sled").exists() {
                // It was done, and about to tell so.
                break;
            }
        }
        assert!(kills > 2, "killed {kills} times only");
        assert!(digest(&sled(&to)) == before, "after {kills} kills");
        assert!(!to.join("koinon.converting").exists());
        assert_eq!(from.join("koinon.sqlite").exists(), !is_one_folder);
    }
}

#[test]
fn what_makes_no_sense_is_told_in_one_line_with_what_to_do() {
    let (one, other) = (folder_of("sqlite"), folder_of("sled"));
    account_with_token(one.path(), "alice");
    account_with_token(other.path(), "alice");
    let convert = |from: &str, to: &str| fail(&["convert", "--from", from, "--to", to]);
    let line = convert(&place("sqlite", one.path()), &place("sled", other.path()));
    assert!(line.ends_with("holds data already (choose an empty folder; nothing was changed)"), "{line}");
    let line = convert(&place("sled", one.path()), &place("sqlite", other.path()));
    assert!(line.contains("there is no store sled:"), "{line}");
    let line = convert(&place("sqlite", one.path()), &place("sqlite", one.path()));
    assert!(line.contains("cannot be the new one too (name another"), "{line}");
    let output = run(&["convert", "--from", "somewhere", "--to", "sled:elsewhere"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(error_of(&output).contains("such as sqlite:koinon-data"), "{}", error_of(&output));
}
