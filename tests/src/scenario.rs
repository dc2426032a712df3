//! A sequence of commands that is the same in every run, so that a store that was cut off in it can be compared, byte
//! for byte, with what it has to hold.
//!
//! Clock and randomness depend on the seed alone: after `n` commands a store holds exactly what the in-memory store
//! holds after `n` commands. A store that went through a fault may therefore hold the state after what was
//! acknowledged, or after the one command that was on its way, and no other.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use koinon_engine::accounts::NewAccount;
use koinon_engine::entropy::SeededEntropy;
use koinon_engine::id::{Flake, IdInput};
use koinon_engine::media::{BlobStore, DirectoryBlobs, MemoryBlobs};
use koinon_engine::memory::MemoryStore;
use koinon_engine::model::{AccountId, MarkKind, StatusId};
use koinon_engine::relationships::{FollowOptionsChange, MuteOptions};
use koinon_engine::settings::{PasswordHashing, Settings};
use koinon_engine::statuses::Draft;
use koinon_engine::store::schema::TABLES;
use koinon_engine::store::{Direction, KeyRange, Step, Store, StoreError, StoreExt};
use koinon_engine::time::{ManualClock, Timestamp};
use koinon_engine::uploads::Caption;
use koinon_engine::{Engine, Error, Surroundings};

use crate::backend::Backend;

/// 2026-09-21, a day like any other.
const START: Timestamp = Timestamp::from_milliseconds(1_790_000_000_000);
/// Time between two commands; with it jobs become due.
const PACE: Duration = Duration::from_secs(61);
const ACCOUNTS: usize = 4;

/// A scenario under way.
#[derive(Debug)]
pub struct Scenario {
    engine: Engine,
    clock: Arc<ManualClock>,
    random: u64,
    step: usize,
    accounts: Vec<AccountId>,
    statuses: Vec<(AccountId, StatusId)>,
}

impl Scenario {
    /// At its beginning, over a store without rows.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn begin(store: Arc<dyn Store>, blobs: Arc<dyn BlobStore>, seed: u64) -> Result<Self, Error> {
        let clock = Arc::new(ManualClock::new(START));
        let surroundings = Surroundings {
            clock: Arc::<ManualClock>::clone(&clock),
            entropy: Arc::new(SeededEntropy::new(seed)),
        };
        let settings = Settings {
            password_hashing: PasswordHashing { memory_kib: 8, passes: 1, lanes: 1 },
            ..Settings::default()
        };
        let engine = Engine::open(store, blobs, settings, surroundings).await?;
        Ok(Self { engine, clock, random: seed | 1, step: 0, accounts: Vec::new(), statuses: Vec::new() })
    }

    /// Commands that have been acknowledged.
    pub fn step(&self) -> usize {
        self.step
    }

    /// Runs the next command, which is one transaction at most.
    ///
    /// # Errors
    /// That of the command; nothing of it is stored then.
    pub async fn advance(&mut self) -> Result<(), Error> {
        self.clock.advance(PACE);
        if self.accounts.len() < ACCOUNTS {
            self.create_account().await?;
        } else {
            self.do_something().await?;
        }
        self.step += 1;
        Ok(())
    }

    async fn create_account(&mut self) -> Result<(), Error> {
        let username = format!("person{}", self.accounts.len());
        let account = NewAccount {
            email: format!("{username}@example.org"),
            username,
            password: "correct horse battery".into(),
            ..NewAccount::default()
        };
        self.accounts.push(self.engine.create_account(account).await?);
        Ok(())
    }

    async fn do_something(&mut self) -> Result<(), Error> {
        let (actor, other) = (self.someone(), self.someone());
        let choice = self.below(16);
        let status = (!self.statuses.is_empty()).then(|| self.below(self.statuses.len()));
        match (choice, status) {
            (0..=3, Some(status)) => self.post(actor, Some(self.statuses[status].1)).await?,
            (4, Some(status)) => {
                drop(self.engine.mark(actor, MarkKind::Favourite, self.input(status)).await?)
            }
            (5, Some(status)) => drop(self.engine.mark(actor, MarkKind::Bookmark, self.input(status)).await?),
            (6, Some(status)) => {
                drop(self.engine.unmark(actor, MarkKind::Favourite, self.input(status)).await?)
            }
            (7, Some(status)) => drop(self.engine.reblog(actor, self.input(status), None).await?),
            (8, Some(status)) => {
                let (author, id) = self.statuses.swap_remove(status);
                self.engine.delete_status(author, IdInput::Exact(id)).await?;
            }
            (9 | 10, _) if actor != other => {
                self.engine.follow(actor, other, FollowOptionsChange::default()).await?;
            }
            (11, _) if actor != other => drop(self.engine.unfollow(actor, other).await?),
            (12, _) if actor != other => drop(self.engine.mute(actor, other, MuteOptions::default()).await?),
            (13, _) => drop(self.engine.run_due(1).await?),
            (14, _) => {
                let caption = Caption { description: Some(format!("picture {}", self.step)), focus: None };
                self.engine.upload(actor, picture(self.step), caption).await?;
            }
            _ => self.post(actor, None).await?,
        }
        Ok(())
    }

    async fn post(&mut self, author: AccountId, in_reply_to: Option<Flake>) -> Result<(), Error> {
        let mentioned = self.below(ACCOUNTS);
        let draft = Draft {
            text: format!("Number {} for @person{mentioned} about #koinon", self.step),
            in_reply_to: in_reply_to.map(IdInput::Exact),
            idempotency_key: Some(format!("key {}", self.step)),
            ..Draft::default()
        };
        let posted = self.engine.post(author, draft).await?;
        self.statuses.push((author, posted.status.id));
        Ok(())
    }

    fn someone(&mut self) -> AccountId {
        let chosen = self.below(ACCOUNTS);
        self.accounts[chosen]
    }

    fn input(&self, status: usize) -> IdInput {
        IdInput::Exact(self.statuses[status].1)
    }

    fn below(&mut self, limit: usize) -> usize {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        (self.random % limit as u64) as usize
    }
}

/// The smallest GIF, in a colour that depends on `number`.
pub(crate) fn picture(number: usize) -> Vec<u8> {
    let [.., green, blue] = number.to_be_bytes();
    let mut gif = b"GIF89a\x01\0\x01\0\x80\0\0".to_vec();
    gif.extend([7, green, blue, 0, 0, 0]);
    gif.extend(b",\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;");
    gif
}

/// Closes a store that nobody uses any more.
///
/// The thread that ran the last command may still hold it for a moment; only the last holder closes it.
pub fn close(store: Arc<dyn Store>) {
    while Arc::strong_count(&store) > 1 {
        thread::sleep(Duration::from_millis(1));
    }
}

/// Where in a scenario the store in `folder` is: after at least `acknowledged` and at most `at_most` commands.
///
/// Opens the store, lets it check itself, compares every row of every table, and writes once more.
///
/// # Errors
/// One line that says what is wrong: acknowledged commands that are missing, halves of others, damage.
pub async fn verify(
    backend: Backend,
    folder: &Path,
    seed: u64,
    acknowledged: usize,
    at_most: usize,
) -> Result<usize, String> {
    let told = |what: &'static str| move |error: &dyn std::fmt::Display| format!("{what}: {error}");
    let store = backend.open(folder).map_err(|error| told("opening")(&error))?;
    let blobs =
        Arc::new(DirectoryBlobs::open(folder.join("media")).map_err(|error| told("opening media")(&error))?);
    let engine = Engine::open(Arc::clone(&store), blobs, Settings::default(), Surroundings::default()).await;
    let engine = engine.map_err(|error| told("opening the engine")(&error))?;
    let defects = engine.check().await.map_err(|error| told("checking")(&error))?;
    if let Some(defect) = defects.first() {
        return Err(format!("{} defects, first {defect:?}", defects.len()));
    }
    let found = contents(&*store).await.map_err(|error| told("reading")(&error))?;
    let step = position(&found, seed, acknowledged, at_most).await?;
    let late = NewAccount {
        username: "latecomer".into(),
        password: "correct horse battery".into(),
        ..NewAccount::default()
    };
    engine.create_account(late).await.map_err(|error| told("writing again")(&error))?;
    Ok(step)
}

async fn position(found: &Contents, seed: u64, acknowledged: usize, at_most: usize) -> Result<usize, String> {
    let memory = Arc::new(MemoryStore::new(TABLES));
    let told = |error: Error| format!("the scenario itself: {error}");
    let mut expected =
        Scenario::begin(Arc::<MemoryStore>::clone(&memory), Arc::new(MemoryBlobs::default()), seed)
            .await
            .map_err(told)?;
    let mut difference = String::new();
    loop {
        if expected.step() >= acknowledged {
            let wanted = contents(&*memory).await.map_err(|error| error.to_string())?;
            if wanted == *found {
                return Ok(expected.step());
            }
            if expected.step() == acknowledged {
                difference = wanted.difference(found);
            }
        }
        if expected.step() == at_most {
            return Err(format!(
                "the store holds no state between {acknowledged} and {at_most} commands; \
                 compared with {acknowledged}: {difference}"
            ));
        }
        expected.advance().await.map_err(told)?;
    }
}

/// How many rows each table has, and the hash of all of them.
#[derive(Debug, PartialEq, Eq)]
struct Contents(BTreeMap<&'static str, (usize, u64)>);

impl Contents {
    fn difference(&self, found: &Self) -> String {
        let differs = |(name, wanted): (&&str, &(usize, u64))| {
            let other = found.0.get(name).filter(|other| *other != wanted)?;
            Some(format!("{name} has {} rows instead of {}", other.0, wanted.0))
        };
        self.0.iter().filter_map(differs).collect::<Vec<_>>().join(", ")
    }
}

async fn contents(store: &dyn Store) -> Result<Contents, StoreError> {
    store
        .read(|tx| {
            let mut contents = BTreeMap::new();
            for table in TABLES {
                let (mut rows, mut hasher) = (0, DefaultHasher::new());
                tx.scan(*table, &KeyRange::all(), Direction::Ascending, &mut |key, value| {
                    rows += 1;
                    (key, value).hash(&mut hasher);
                    Ok(Step::Continue)
                })?;
                contents.insert(table.name, (rows, hasher.finish()));
            }
            Ok(Contents(contents))
        })
        .await
}

#[cfg(test)]
mod tests;
