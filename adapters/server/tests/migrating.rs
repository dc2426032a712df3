//! Data of this version, and of later ones: what `koinon migrate` and the others say.

#![allow(clippy::unwrap_used)]

mod process;

use std::fs;
use std::path::Path;
use std::sync::Arc;

use futures::executor::block_on;
use koinon_engine::store::schema::{META, TABLES, meta};
use koinon_engine::store::{Store, StoreExt};
use koinon_storage_sled::{SledOptions, SledStore};
use koinon_storage_sqlite::{SqliteOptions, SqliteStore};
use process::{Server, account_with_token, fail, folder_of, on_both_stores, succeed, text};

on_both_stores! {
    there_is_nothing_to_do_with_data_of_this_version,
    a_server_is_not_disturbed,
    newer_data_are_told_and_left_alone,
}

fn there_is_nothing_to_do_with_data_of_this_version(store: &str) {
    let data = folder_of(store);
    account_with_token(data.path(), "alice");
    let before = content(data.path());
    let said = format!(
        "{}: the data have version 1, the newest that this program knows; there is nothing to do\n",
        data.path().display()
    );
    assert_eq!(succeed(&["migrate", "--dry-run", "--data", text(data.path())]), said);
    assert!(store == "sled" || content(data.path()) == before, "a dry run changed something");
    assert_eq!(succeed(&["migrate", "--data", text(data.path())]), said);
    succeed(&["check", "--data", text(data.path())]);
}

#[test]
fn without_an_instance_none_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("none");
    for command in [&["migrate"][..], &["migrate", "--dry-run"]] {
        let line = fail(&[command, &["--data", text(&data)]].concat());
        assert!(line.starts_with("koinon: there is no instance in "), "{line}");
    }
    assert!(!data.exists());
}

fn a_server_is_not_disturbed(store: &str) {
    let data = folder_of(store);
    let server = Server::start(data.path());
    let token = account_with_token(data.path(), "alice");
    let line = fail(&["migrate", "--data", text(data.path())]);
    assert!(line.starts_with("koinon: another server is running on "), "{line}");
    let dry = ["migrate", "--dry-run", "--data", text(data.path())];
    if store == "sqlite" {
        assert!(succeed(&dry).contains("there is nothing to do"));
    } else {
        assert!(fail(&dry).contains("is in use, and one process only can open sled"));
    }
    assert_eq!(server.get("/api/v1/accounts/verify_credentials", Some(&token)).0, 200);
    server.stop();
}

/// B2
fn newer_data_are_told_and_left_alone(store: &str) {
    let data = folder_of(store);
    account_with_token(data.path(), "alice");
    let folder = tempfile::tempdir().unwrap();
    let backup = folder.path().join("backup.tar");
    let opened: Arc<dyn Store> = match store {
        // Without the views of the server, as if the newer program had others.
        "sqlite" => Arc::new(
            SqliteStore::open(&data.path().join("koinon.sqlite"), TABLES, SqliteOptions::default()).unwrap(),
        ),
        _ => Arc::new(
            SledStore::open(&data.path().join("koinon.sled"), TABLES, SledOptions::default()).unwrap(),
        ),
    };
    block_on(opened.write(|tx| META.put(tx, &meta::DATA_VERSION.to_owned(), &9.into()))).unwrap();
    drop(opened);
    let before = content(data.path());
    for command in [
        &["serve", "--listen", "127.0.0.1:0"][..],
        &["migrate"],
        &["migrate", "--dry-run"],
        &["check"],
        &["account", "create", "bob", "--password", "correct horse battery staple"],
        &["token", "create", "alice"],
    ] {
        let line = fail(&[command, &["--data", text(data.path())]].concat());
        assert!(line.contains("the data have version 9, this program knows up to 1 ("), "{line}");
        assert!(line.ends_with("(use the newer program that wrote them; nothing was changed)"), "{line}");
        assert!(store == "sled" || content(data.path()) == before, "changed by {command:?}");
    }
    if store == "sqlite" {
        fail(&["backup", text(&backup), "--data", text(data.path())]);
        assert!(content(data.path()) == before && !backup.exists());
    }
}

/// A backup of a newer program is not put where this one could not serve it.
#[test]
fn a_backup_of_newer_data_is_not_restored() {
    let data = folder_of("sled");
    account_with_token(data.path(), "alice");
    let path = data.path().join("koinon.sled");
    let store = SledStore::open(&path, TABLES, SledOptions::default()).unwrap();
    block_on(store.write(|tx| META.put(tx, &meta::DATA_VERSION.to_owned(), &9.into()))).unwrap();
    drop(store);
    let folder = tempfile::tempdir().unwrap();
    let (backup, again) = (folder.path().join("backup.tar"), folder.path().join("again"));
    succeed(&["backup", text(&backup), "--data", text(data.path())]);
    let line = fail(&["restore", text(&backup), "--data", text(&again)]);
    assert!(line.contains("the data have version 9"), "{line}");
    assert_eq!(fs::read_dir(&again).unwrap().count(), 0);
}

/// Every file of a folder with its bytes; folders by name.
fn content(folder: &Path) -> Vec<(std::ffi::OsString, Vec<u8>)> {
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(Result::unwrap)
        .map(|entry| (entry.file_name(), fs::read(entry.path()).unwrap_or_default()))
        .collect();
    files.sort();
    files
}
