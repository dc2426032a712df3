//! What a person sees with `sqlite3 koinon.sqlite "SELECT * FROM v_statuses"`.

#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use futures::executor::block_on;
use koinon_engine::accounts::NewAccount;
use koinon_engine::media::MemoryBlobs;
use koinon_engine::relationships::FollowOptionsChange;
use koinon_engine::settings::Settings;
use koinon_engine::statuses::Draft;
use koinon_engine::store::schema::TABLES;
use koinon_engine::{Engine, Surroundings};
use koinon_storage_sqlite::{READABLE_VIEWS, SqliteOptions, SqliteStore};
use rusqlite::Connection;

#[test]
fn people_read_accounts_statuses_follows_and_notifications_as_plain_columns() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("koinon.sqlite");
    let options = SqliteOptions { views: READABLE_VIEWS.to_vec(), ..SqliteOptions::default() };
    let store = Arc::new(SqliteStore::open(&path, TABLES, options).unwrap());
    let blobs = Arc::new(MemoryBlobs::new());
    let engine = block_on(Engine::open(store, blobs, Settings::default(), Surroundings::default())).unwrap();
    let account = |name: &str| {
        let new = NewAccount {
            username: name.into(),
            email: format!("{name}@example.org"),
            password: "a long password".into(),
            ..NewAccount::default()
        };
        block_on(engine.create_account(new)).unwrap()
    };
    let (ada, bob) = (account("ada"), account("bob"));
    block_on(engine.follow(bob, ada, FollowOptionsChange::default())).unwrap();
    let draft = Draft { text: "Hello #world".into(), ..Draft::default() };
    let status = block_on(engine.post(ada, draft)).unwrap().status.id;
    drop(engine);

    let file = Connection::open(&path).unwrap();
    let text = |sql: &str| file.query_row(sql, [], |row| row.get::<_, String>(0)).unwrap();
    assert_eq!(text("SELECT id FROM v_accounts WHERE username = 'ada' AND followers = 1"), ada.to_string());
    assert_eq!(text("SELECT text FROM v_statuses WHERE visibility = 'public'"), "Hello #world");
    assert_eq!(text("SELECT author FROM v_statuses"), ada.to_string());
    assert_eq!(text("SELECT guid FROM v_statuses"), status.guid());
    let follower = "SELECT a.username FROM v_follows f JOIN v_accounts a ON a.guid = f.follower_guid";
    assert_eq!(text(follower), "bob");
    assert_eq!(text("SELECT from_account FROM v_notifications WHERE kind = 'follow'"), bob.to_string());
}
