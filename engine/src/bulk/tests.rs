use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use futures::executor::block_on;

use super::buffer::Buffer;
use crate::audience::Viewer;
use crate::conformance::{Factory, TABLES as CONFORMANCE_TABLES};
use crate::entropy::SeededEntropy;
use crate::error::{Error, Invalid};
use crate::id::IdInput;
use crate::media::MemoryBlobs;
use crate::memory::MemoryStore;
use crate::model::{AccountId, MarkKind};
use crate::profiles::ProfileChange;
use crate::relationships::FollowOptionsChange;
use crate::settings::Settings;
use crate::statuses::Draft;
use crate::store::schema::TABLES;
use crate::store::{
    Backup, Capabilities, Defect, Direction, KeyRange, Outcome, ReadJob, ReadTx, Step, Store, StoreError,
    StoreExt, WriteJob, WriteTx,
};
use crate::time::{ManualClock, Timestamp};
use crate::{Engine, Surroundings};

/// A store whose jobs all write through a buffer.
#[derive(Debug)]
struct Buffered(MemoryStore);

#[async_trait]
impl Store for Buffered {
    async fn run_read(&self, job: ReadJob) -> Result<(), StoreError> {
        self.0.run_read(job).await
    }

    async fn run_write(&self, mut job: WriteJob) -> Result<(), StoreError> {
        let failure = Arc::new(Mutex::new(None));
        let failed = Arc::clone(&failure);
        let buffered = move |tx: &mut dyn WriteTx| {
            let mut buffer = Buffer::new(tx);
            match job(&mut buffer) {
                Outcome::Abort => Outcome::Abort,
                Outcome::Commit => match buffer.store() {
                    Ok(()) => Outcome::Commit,
                    Err(error) => {
                        *failed.lock().unwrap() = Some(error);
                        Outcome::Abort
                    }
                },
            }
        };
        self.0.run_write(Box::new(buffered)).await?;
        let failure = failure.lock().unwrap().take();
        failure.map_or(Ok(()), Err)
    }

    fn capabilities(&self) -> Capabilities {
        self.0.capabilities()
    }

    async fn backup(&self, file: &Path) -> Result<Backup, StoreError> {
        self.0.backup(file).await
    }

    async fn check(&self) -> Result<Vec<Defect>, StoreError> {
        self.0.check().await
    }
}

struct BufferedFactory;

impl Factory for BufferedFactory {
    fn open(&self) -> Arc<dyn Store> {
        Arc::new(Buffered(MemoryStore::new(CONFORMANCE_TABLES)))
    }
}

mod conformance {
    crate::store_conformance!(super::super::BufferedFactory);
}

struct World {
    engine: Engine,
    clock: Arc<ManualClock>,
}

fn world() -> World {
    let clock = Arc::new(ManualClock::new(Timestamp::from_milliseconds(1_700_000_000_000)));
    let surroundings =
        Surroundings { clock: Arc::clone(&clock) as _, entropy: Arc::new(SeededEntropy::new(7)) };
    let store = Arc::new(MemoryStore::new(TABLES));
    let engine =
        block_on(Engine::open(store, Arc::new(MemoryBlobs::new()), Settings::default(), surroundings));
    World { engine: engine.unwrap(), clock }
}

impl World {
    fn accounts(&self) -> Vec<AccountId> {
        let make = self.engine.bulk(|bulk| {
            let accounts: Result<Vec<_>, Error> =
                ["ada", "bea", "cleo"].iter().map(|name| bulk.create_account(name)).collect();
            let accounts = accounts?;
            let locked = ProfileChange { locked: Some(true), ..ProfileChange::default() };
            bulk.change_profile(accounts[2], &locked)?;
            Ok(accounts)
        });
        block_on(make).unwrap()
    }

    fn dump(&self) -> Vec<(&'static str, Vec<u8>, Vec<u8>)> {
        let read = |tx: &dyn ReadTx| {
            let mut rows = Vec::new();
            for table in TABLES {
                tx.scan(*table, &KeyRange::all(), Direction::Ascending, &mut |key, value| {
                    rows.push((table.name, key.to_vec(), value.to_vec()));
                    Ok(Step::Continue)
                })?;
            }
            Ok::<_, StoreError>(rows)
        };
        block_on(self.engine.store().read(read)).unwrap()
    }
}

fn drafts() -> [Draft; 2] {
    ["Hello @bea, this is #about nothing", "@ada is it?"]
        .map(|text| Draft { text: text.into(), ..Draft::default() })
}

#[test]
fn commands_of_one_transaction_store_what_they_store_one_by_one() {
    let (single, many) = (world(), world());
    let accounts = single.accounts();
    assert_eq!(accounts, many.accounts());
    let [ada, bea, cleo] = accounts[..] else { panic!("three accounts") };

    let engine = &single.engine;
    let step = || single.clock.advance(Duration::from_secs(5));
    block_on(async {
        engine.follow(bea, ada, FollowOptionsChange::default()).await?;
        engine.follow(ada, cleo, FollowOptionsChange::default()).await?;
        engine.authorize_follow_request(cleo, ada).await?;
        step();
        let [first, second] = drafts();
        let first = engine.post(ada, first).await?.status.id;
        step();
        let second = Draft { in_reply_to: Some(IdInput::Exact(first)), ..second };
        engine.post(bea, second).await?;
        engine.mark(bea, MarkKind::Favourite, IdInput::Exact(first)).await?;
        engine.reblog(bea, IdInput::Exact(first), None).await?;
        Ok::<_, Error>(())
    })
    .unwrap();

    let engine = &many.engine;
    let start = engine.now();
    let prepared: Vec<_> =
        drafts().into_iter().map(|draft| block_on(engine.prepare_post(draft)).unwrap()).collect();
    block_on(engine.bulk(move |bulk| {
        bulk.follow(bea, ada)?;
        bulk.follow(ada, cleo)?;
        bulk.authorize_follow_request(cleo, ada)?;
        bulk.set_time(start + Duration::from_secs(5));
        let first = bulk.post(ada, &prepared[0], None)?;
        bulk.set_time(start + Duration::from_secs(10));
        bulk.post(bea, &prepared[1], Some(first))?;
        bulk.mark(bea, MarkKind::Favourite, first)?;
        bulk.reblog(bea, first, None).map(drop)
    }))
    .unwrap();

    assert_eq!(single.dump(), many.dump());
    assert_eq!(block_on(engine.check()).unwrap(), []);
}

#[test]
fn nothing_of_a_transaction_is_stored_when_one_of_its_commands_failed_and_nobody_minded() {
    let world = world();
    let ada = world.accounts()[0];
    let before = world.dump();
    let prepared = block_on(world.engine.prepare_post(drafts()[0].clone())).unwrap();
    let result = block_on(world.engine.bulk(move |bulk| {
        bulk.post(ada, &prepared, None)?;
        assert!(bulk.create_account("ada").is_err());
        bulk.create_account("dora")
    }));
    assert!(matches!(result, Err(Error::Invalid(Invalid::Taken("Username")))), "{result:?}");
    assert_eq!(world.dump(), before);
}

#[test]
fn a_query_that_was_answered_before_a_transaction_is_answered_anew_after_it() {
    let world = world();
    let ada = world.accounts()[0];
    let name = |world: &World| {
        let asked = world.engine.query(Viewer::Anonymous, move |query| query.account(ada));
        block_on(asked).unwrap().account.profile.display_name.clone()
    };
    assert_eq!(name(&world), "");
    let change = ProfileChange { display_name: Some("Ada".into()), ..ProfileChange::default() };
    block_on(world.engine.bulk(move |bulk| bulk.change_profile(ada, &change))).unwrap();
    assert_eq!(name(&world), "Ada");
}
