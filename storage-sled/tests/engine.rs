//! The engine on this store.
#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::sync::Arc;

use futures::executor::block_on;
use koinon_engine::accounts::NewAccount;
use koinon_engine::audience::Viewer;
use koinon_engine::id::IdInput;
use koinon_engine::media::MemoryBlobs;
use koinon_engine::model::{AccountId, StatusId};
use koinon_engine::page::PageRequest;
use koinon_engine::relationships::FollowOptionsChange;
use koinon_engine::settings::Settings;
use koinon_engine::statuses::Draft;
use koinon_engine::store::schema::TABLES;
use koinon_engine::timelines::TimelineFilter;
use koinon_engine::{Engine, Surroundings};
use koinon_storage_sled::{SledOptions, SledStore, restore};

fn open(path: &Path) -> Engine {
    let store = Arc::new(SledStore::open(path, TABLES, SledOptions::default()).unwrap());
    let blobs = Arc::new(MemoryBlobs::new());
    block_on(Engine::open(store, blobs, Settings::default(), Surroundings::default())).unwrap()
}

fn account(engine: &Engine, name: &str) -> AccountId {
    let new = NewAccount {
        username: name.into(),
        email: format!("{name}@example.org"),
        password: "a long password".into(),
        ..NewAccount::default()
    };
    block_on(engine.create_account(new)).unwrap()
}

fn home(engine: &Engine, reader: AccountId) -> Vec<(StatusId, String)> {
    let page = block_on(engine.query(Viewer::Local(reader), |query| {
        query.home_timeline(&TimelineFilter::default(), &PageRequest::newest(40))
    }));
    page.unwrap().items.iter().map(|view| (view.status.id, view.status.text.clone())).collect()
}

#[test]
fn an_instance_lives_on_sled_and_is_there_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    let engine = open(&path);
    let (ada, bob) = (account(&engine, "ada"), account(&engine, "bob"));
    block_on(engine.follow(bob, ada, FollowOptionsChange::default())).unwrap();
    let mut posted = Vec::new();
    let mut parent = None;
    for number in 0..10 {
        let draft =
            Draft { text: format!("Number {number} #koinon"), in_reply_to: parent, ..Draft::default() };
        let status = block_on(engine.post(ada, draft)).unwrap().status.id;
        parent = (number % 3 == 0).then_some(IdInput::Exact(status));
        posted.insert(0, status);
    }
    let timeline = home(&engine, bob);
    assert_eq!(timeline.iter().map(|(id, _)| *id).collect::<Vec<_>>(), posted);
    block_on(engine.delete_status(ada, IdInput::Exact(posted[4]))).unwrap();
    let timeline = home(&engine, bob);
    assert_eq!(timeline.len(), 9);
    assert_eq!(block_on(engine.check()).unwrap(), []);
    let backup = folder.path().join("backup");
    block_on(engine.store().backup(&backup)).unwrap();
    drop(engine);

    let engine = open(&path);
    assert_eq!(home(&engine, bob), timeline);
    assert_eq!(block_on(engine.check()).unwrap(), []);
    block_on(engine.post(ada, Draft { text: "It goes on".into(), ..Draft::default() })).unwrap();
    assert_eq!(home(&engine, bob).len(), 10);

    restore(&backup, &folder.path().join("restored")).unwrap();
    let restored = open(&folder.path().join("restored"));
    assert_eq!(home(&restored, bob), timeline);
    assert_eq!(block_on(restored.check()).unwrap(), []);
}
