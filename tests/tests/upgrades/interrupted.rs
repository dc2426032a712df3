//! Migrations that are interrupted, and killed, on every backend.
//!
//! `KOINON_KILLS` sets how many times each upgrade is killed, `KOINON_SEED` the moments.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use futures::executor::block_on;
use koinon_engine::memory::MemoryStore;
use koinon_engine::migration::{BATCH_ROWS, needs_upgrade, plan, run_batch, upgrade};
use koinon_engine::store::schema::{META, meta};
use koinon_engine::store::{Store, StoreError, StoreExt};
use koinon_tests::histories::{Row, dump_of, first_difference};
use koinon_tests::upgrades::{Disk, MIGRATIONS, TABLES, fill_new, fill_old};

const PEOPLE: u64 = 2 * BATCH_ROWS as u64 + 7;
const MANY_PEOPLE: u64 = 12_000;
const KILLS: usize = 10;

fn rows(store: &dyn Store) -> Vec<Row> {
    dump_of(store, TABLES).unwrap()
}

/// What version 4 would have stored.
fn expected(count: u64) -> Vec<Row> {
    let store = MemoryStore::new(TABLES);
    fill_new(&store, count).unwrap();
    rows(&store)
}

fn assert_same(found: &[Row], expected: &[Row]) {
    assert_eq!(first_difference(found, expected), None);
}

/// C4
#[test]
fn an_upgrade_interrupted_after_each_transaction_ends_as_if_it_were_not() {
    let expected = expected(PEOPLE);
    let memory = MemoryStore::new(TABLES);
    fill_old(&memory, PEOPLE).unwrap();
    while block_on(run_batch(&memory, MIGRATIONS)).unwrap().is_some() {}
    assert_same(&rows(&memory), &expected);
    for disk in Disk::ALL {
        let folder = tempfile::tempdir().unwrap();
        fill_old(&*disk.open(folder.path()).unwrap(), PEOPLE).unwrap();
        let mut transactions = 0;
        while block_on(run_batch(&*disk.open(folder.path()).unwrap(), MIGRATIONS)).unwrap().is_some() {
            transactions += 1;
        }
        assert_eq!(transactions, 9, "{disk:?}: three for each migration");
        let store = disk.open(folder.path()).unwrap();
        assert_same(&rows(&*store), &expected);
        assert_eq!(block_on(store.check()).unwrap(), []);
    }
}

/// C4
#[test]
fn an_upgrade_killed_at_any_moment_goes_on_and_ends_as_if_it_were_not() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let kills = number("KOINON_KILLS").map_or(KILLS, |kills| kills as usize);
    let seed = number("KOINON_SEED").unwrap_or_else(|| std::process::id().into());
    println!("{kills} kills of each, seed {seed}");
    let expected = expected(MANY_PEOPLE);
    for disk in Disk::ALL {
        let (mut random, mut killed, mut upgrades) = (seed | 1, 0, 0);
        while killed < kills {
            let folder = tempfile::tempdir().unwrap();
            fill_old(&*disk.open(folder.path()).unwrap(), MANY_PEOPLE).unwrap();
            let before = killed;
            while killed < kills && kill_on_the_way(disk, folder.path(), &mut random) {
                killed += 1;
            }
            let finished = start(disk, folder.path()).wait_with_output().unwrap();
            assert!(finished.status.success(), "seed {seed}, {disk:?}, {killed} kills: {finished:?}");
            let store = disk.open(folder.path()).unwrap();
            assert_same(&rows(&*store), &expected);
            assert_eq!(block_on(store.check()).unwrap(), [], "seed {seed}, {disk:?}, {killed} kills");
            upgrades += 1;
            assert!(killed > before, "{disk:?} is too fast to be killed");
        }
        println!("{disk:?}: killed {killed} times in {upgrades} upgrades");
    }
}

/// Starts an upgrade and kills it after some transactions, in the middle of the next one; with none of them, perhaps
/// while it opens the store. `false` if it was done before.
fn kill_on_the_way(disk: Disk, folder: &Path, random: &mut u64) -> bool {
    *random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    let (transactions, microseconds) = ((*random >> 33) as usize % 5, (*random >> 40) % 12_000);
    let mut child = start(disk, folder);
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let seen = lines.by_ref().take(transactions).map_while(Result::ok).count();
    thread::sleep(Duration::from_micros(microseconds));
    if seen < transactions || child.try_wait().unwrap().is_some() {
        assert!(child.wait().unwrap().success(), "an upgrade failed");
        return false;
    }
    child.kill().unwrap();
    child.wait().unwrap();
    true
}

fn start(disk: Disk, folder: &Path) -> Child {
    Command::new(env!("CARGO_BIN_EXE_upgrade-scenario"))
        .arg(disk.name())
        .arg(folder)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

#[test]
fn a_plan_leaves_the_store_as_it_is() {
    for disk in Disk::ALL {
        let folder = tempfile::tempdir().unwrap();
        fill_old(&*disk.open(folder.path()).unwrap(), MANY_PEOPLE).unwrap();
        let before = rows(&*disk.open(folder.path()).unwrap());
        let bytes = content(folder.path());
        let looking = disk.open_for_reading(folder.path()).unwrap();
        let whole = block_on(plan(&*looking, MIGRATIONS)).unwrap();
        assert_eq!((whole.found, whole.known, whole.steps.len()), (1, 4, 3));
        assert!(whole.steps.iter().all(|step| (step.done, step.rows) == (0, MANY_PEOPLE)), "{whole:?}");
        drop(looking);
        // sled tidies its files up whenever it is opened.
        assert!(disk == Disk::Sled || content(folder.path()) == bytes, "{disk:?} changed");
        let store = disk.open(folder.path()).unwrap();
        assert_same(&rows(&*store), &before);
        let begun = std::time::Instant::now();
        block_on(upgrade(&*store, MIGRATIONS, |_| {})).unwrap();
        println!("{disk:?}: likely {:?}, took {:?}", whole.likely(), begun.elapsed());
    }
}

/// B2
#[test]
fn newer_data_are_refused_and_every_byte_stays() {
    for disk in Disk::ALL {
        let folder = tempfile::tempdir().unwrap();
        let store = disk.open(folder.path()).unwrap();
        fill_old(&*store, 10).unwrap();
        block_on(store.write(|tx| META.put(tx, &meta::DATA_VERSION.to_owned(), &9.into()))).unwrap();
        let before = rows(&*store);
        drop(store);
        let bytes = content(folder.path());
        let refused = |store: Arc<dyn Store>| {
            let is_newer = |error: StoreError| matches!(error, StoreError::NewerData { found: 9, known: 4 });
            assert!(is_newer(block_on(needs_upgrade(&*store, MIGRATIONS)).unwrap_err()));
            assert!(is_newer(block_on(plan(&*store, MIGRATIONS)).unwrap_err()));
            assert!(is_newer(block_on(upgrade(&*store, MIGRATIONS, |_| {})).unwrap_err()));
        };
        refused(disk.open_for_reading(folder.path()).unwrap());
        refused(disk.open(folder.path()).unwrap());
        assert!(disk == Disk::Sled || content(folder.path()) == bytes, "{disk:?} changed");
        assert_same(&rows(&*disk.open(folder.path()).unwrap()), &before);
    }
}

/// Every file of a folder with its bytes.
fn content(folder: &Path) -> Vec<(std::ffi::OsString, Vec<u8>)> {
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(Result::unwrap)
        .map(|entry| (entry.file_name(), fs::read(entry.path()).unwrap_or_default()))
        .collect();
    files.sort();
    files
}
