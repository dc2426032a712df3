//! What the same small instance costs on sled and on SQLite, as the server opens them.
//!
//! `cargo run --release -p koinon-storage-sled --example beside_sqlite`
//!
//! Each store is measured in a process of its own, in a new folder below the current one, since a folder for temporary
//! files may lie in memory.

use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

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
use koinon_engine::store::Store;
use koinon_engine::store::schema::TABLES;
use koinon_engine::timelines::TimelineFilter;
use koinon_engine::{Engine, Surroundings};
use koinon_storage_sled::{SledOptions, SledStore};
use koinon_storage_sqlite::{SqliteOptions, SqliteStore};

const ACCOUNTS: usize = 40;
const FOLLOWERS: usize = 20;
/// Statuses by one after the other, and by several at once.
const ALONE: usize = 2_000;
const TOGETHER: usize = 18_000;
const AT_ONCE: usize = 16;
/// How long reads are measured.
const READING: Duration = Duration::from_secs(5);

type Failure = Box<dyn Error + Send + Sync>;

fn main() -> Result<(), Failure> {
    if let Some(store) = std::env::args().nth(1) {
        return measure(&store);
    }
    for store in ["sqlite", "sled"] {
        if !Command::new(std::env::current_exe()?).arg(store).status()?.success() {
            return Err(format!("{store} failed").into());
        }
    }
    Ok(())
}

fn open(store: &str, path: &Path) -> Result<Engine, Failure> {
    let store: Arc<dyn Store> = match store {
        "sled" => Arc::new(SledStore::open(path, TABLES, SledOptions::default())?),
        _ => Arc::new(SqliteStore::open(path, TABLES, SqliteOptions::default())?),
    };
    let blobs = Arc::new(MemoryBlobs::new());
    Ok(block_on(Engine::open(store, blobs, Settings::default(), Surroundings::default()))?)
}

fn measure(store: &str) -> Result<(), Failure> {
    let folder = tempfile::tempdir_in(".")?;
    let path = folder.path().join("store");
    let engine = open(store, &path)?;
    let accounts = people(&engine)?;
    println!("{store}");
    for (count, at_once) in [(ALONE, 1), (TOGETHER, AT_ONCE)] {
        let elapsed = post(&engine, &accounts, count, at_once)?;
        tell(&format!("posts per second, {at_once} at once"), rate(count, elapsed));
    }
    for at_once in [1, 4] {
        for (name, max) in [("newest", None), ("old", middle(&engine, accounts[0])?)] {
            let count = read(&engine, accounts[0], max, at_once)?;
            tell(
                &format!("home timelines of 20 per second, {name}, {at_once} at once"),
                rate(count, READING),
            );
        }
    }
    tell("memory in use, KiB", memory("VmRSS:"));
    let begun = Instant::now();
    let backup = block_on(engine.backup(&folder.path().join("backup")))?;
    tell("backup, ms", begun.elapsed().as_millis());
    tell("backup, KiB", backup.bytes >> 10);
    let begun = Instant::now();
    drop(engine);
    tell("closing, ms", begun.elapsed().as_millis());
    tell("on the disk, KiB", size(&path)? >> 10);
    let begun = Instant::now();
    let engine = open(store, &path)?;
    tell("opening, ms", begun.elapsed().as_millis());
    let begun = Instant::now();
    assert!(block_on(engine.store().check())?.is_empty(), "the store is damaged");
    tell("checking, ms", begun.elapsed().as_millis());
    tell("most memory in use, KiB", memory("VmHWM:"));
    Ok(())
}

/// Accounts in a ring, each of which is followed by those behind it.
fn people(engine: &Engine) -> Result<Vec<AccountId>, Failure> {
    let mut accounts = Vec::new();
    for number in 0..ACCOUNTS {
        let new = NewAccount {
            username: format!("account{number}"),
            password: "a long and unlikely password".into(),
            ..NewAccount::default()
        };
        accounts.push(block_on(engine.create_account(new))?);
    }
    for number in 0..ACCOUNTS {
        for behind in 1..=FOLLOWERS {
            let follower = accounts[(number + behind) % ACCOUNTS];
            block_on(engine.follow(follower, accounts[number], FollowOptionsChange::default()))?;
        }
    }
    Ok(accounts)
}

fn post(engine: &Engine, accounts: &[AccountId], count: usize, at_once: usize) -> Result<Duration, Failure> {
    let next = AtomicUsize::new(0);
    let begun = Instant::now();
    let work = || -> Result<(), Failure> {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= count {
                return Ok(());
            }
            let text = format!(
                "Number {number} is about #koinon, and about as long as people write when they have a little time."
            );
            let author = accounts[number % accounts.len()];
            block_on(engine.post(author, Draft { text, ..Draft::default() }))?;
        }
    };
    together(at_once, &work)?;
    Ok(begun.elapsed())
}

/// How many home timelines are read in the time for it.
fn read(engine: &Engine, reader: AccountId, max: Option<StatusId>, at_once: usize) -> Result<usize, Failure> {
    let (count, begun) = (AtomicUsize::new(0), Instant::now());
    let work = || -> Result<(), Failure> {
        while begun.elapsed() < READING {
            let mut request = PageRequest::newest(20);
            request.max = max.map(IdInput::Exact);
            let page = block_on(engine.query(Viewer::Local(reader), move |query| {
                query.home_timeline(&TimelineFilter::default(), &request)
            }))?;
            assert_eq!(page.items.len(), 20);
            count.fetch_add(1, Ordering::Relaxed);
        }
        Ok(())
    };
    together(at_once, &work)?;
    Ok(count.into_inner())
}

/// A status in the middle of what an account reads.
fn middle(engine: &Engine, reader: AccountId) -> Result<Option<StatusId>, Failure> {
    let mut request = PageRequest::newest(40);
    for _ in 0..100 {
        let asked = request;
        let page = block_on(engine.query(Viewer::Local(reader), move |query| {
            query.home_timeline(&TimelineFilter::default(), &asked)
        }))?;
        request.max = page.next.map(IdInput::Exact);
    }
    match request.max {
        Some(IdInput::Exact(id)) => Ok(Some(id)),
        _ => Ok(None),
    }
}

fn together(at_once: usize, work: &(impl Fn() -> Result<(), Failure> + Sync)) -> Result<(), Failure> {
    thread::scope(|scope| {
        let threads: Vec<_> = (0..at_once).map(|_| scope.spawn(work)).collect();
        threads.into_iter().try_for_each(|thread| thread.join().map_err(|_| "a thread panicked")?)
    })
}

/// Bytes of a file, or of all files in a folder.
fn size(path: &Path) -> Result<u64, Failure> {
    if path.is_file() {
        return Ok(fs::metadata(path)?.len());
    }
    fs::read_dir(path)?.map(|entry| size(&entry?.path())).sum()
}

/// A line of what Linux knows about this process, in KiB.
fn memory(name: &str) -> String {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or("unknown");
    line.trim().trim_end_matches(" kB").to_owned()
}

fn rate(count: usize, elapsed: Duration) -> u64 {
    (count as f64 / elapsed.as_secs_f64()) as u64
}

fn tell(what: &str, value: impl std::fmt::Display) {
    println!("  {what}: {value}");
}
