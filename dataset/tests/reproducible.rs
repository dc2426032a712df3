//! The same plan makes the same records, and they are sound.

#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use futures::executor::block_on;
use koinon_dataset::{Made, Plan, load, progress_total};
use koinon_engine::media::MemoryBlobs;
use koinon_engine::memory::MemoryStore;
use koinon_engine::model::Visibility;
use koinon_engine::settings::Settings;
use koinon_engine::store::schema::{FOLLOWS, STATUSES, TABLES};
use koinon_engine::store::{Direction, KeyRange, ReadTx, Scan, Step, Store, StoreError, StoreExt};
use koinon_engine::{Engine, Surroundings};

const PLAN: Plan = Plan { accounts: 120, statuses: 1_500, seed: 11 };

fn make(plan: &Plan) -> (Arc<dyn Store>, Made) {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new(TABLES));
    let mut told = 0;
    let made = load(Arc::clone(&store), Settings::default(), plan, &mut |_, count| told += count).unwrap();
    assert_eq!(told, progress_total(plan));
    (store, made)
}

fn dump(store: &dyn Store) -> Vec<(&'static str, Vec<u8>, Vec<u8>)> {
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
    block_on(store.read(read)).unwrap()
}

#[test]
fn the_same_plan_makes_the_same_records_and_another_seed_others() {
    let (one, other) = (make(&PLAN).0, make(&PLAN).0);
    let (one, other) = (dump(&*one), dump(&*other));
    assert!(one.len() > 20_000, "{}", one.len());
    assert_eq!(one, other);
    let different = make(&Plan { seed: 12, ..PLAN }).0;
    assert_ne!(one, dump(&*different));
}

#[test]
fn the_records_are_sound_and_as_many_as_were_told() {
    let (store, made) = make(&PLAN);
    let (blobs, settings) = (Arc::new(MemoryBlobs::new()), Settings::default());
    let engine = Engine::open(Arc::clone(&store), blobs, settings, Surroundings::default());
    let engine = block_on(engine).unwrap();
    assert_eq!(block_on(engine.check()).unwrap(), []);
    assert_eq!(block_on(engine.run_due(10)).unwrap(), 0);
    let (statuses, follows) = block_on(store.read(|tx| {
        let statuses = STATUSES.page(tx, &Scan::all(), usize::MAX)?;
        Ok::<_, StoreError>((statuses, FOLLOWS.page(tx, &Scan::all(), usize::MAX)?.len()))
    }))
    .unwrap();
    let count = |wanted: fn(&koinon_engine::model::Status) -> bool| {
        statuses.iter().filter(|(_, status)| wanted(status)).count() as u64
    };
    assert_eq!((made.accounts, made.statuses), (120, 1_500));
    assert_eq!((statuses.len() as u64, follows as u64), (made.statuses, made.follows));
    assert_eq!(count(|status| status.reblog_of.is_some()), made.reblogs);
    assert_eq!(count(|status| status.in_reply_to.is_some()), made.replies);
    for (least, wanted) in [
        (
            900,
            (|status| status.visibility == Visibility::Public) as fn(&koinon_engine::model::Status) -> bool,
        ),
        (50, |status| status.visibility == Visibility::Unlisted),
        (50, |status| status.visibility == Visibility::Private),
        (20, |status| status.visibility == Visibility::Direct),
        (300, |status| !status.mentions.is_empty()),
        (100, |status| !status.tags.is_empty()),
    ] {
        assert!(count(wanted) > least, "{} of {least}", count(wanted));
    }
    assert!(made.favourites > 500 && made.bookmarks > 10 && made.locked > 0 && made.requests > 0, "{made:?}");
}

#[test]
fn the_smallest_plans_can_be_made() {
    for accounts in 0..4 {
        let (_, made) = make(&Plan { accounts, statuses: if accounts == 0 { 0 } else { 20 }, seed: 1 });
        assert_eq!(made.accounts, u64::from(accounts));
    }
}
