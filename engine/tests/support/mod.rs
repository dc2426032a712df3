//! An instance to test: in memory, with a clock that stands still and a seeded source of randomness.
#![allow(dead_code, reason = "every test program uses another part of it")]

use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;

use futures::executor::block_on;
use koinon_engine::audience::{AccountView, Viewer, Visible};
use koinon_engine::entropy::SeededEntropy;
use koinon_engine::media::MemoryBlobs;
use koinon_engine::memory::MemoryStore;
use koinon_engine::model::{AccountId, Role};
use koinon_engine::query::Query;
use koinon_engine::settings::{PasswordHashing, Registrations, Settings};
use koinon_engine::store::schema::TABLES;
use koinon_engine::store::{Direction, KeyRange, Step, StoreError, StoreExt};
use koinon_engine::time::{ManualClock, Timestamp};
use koinon_engine::{Engine, Error, Surroundings};

/// The password of every account that [`Instance::account`] makes.
pub(crate) const PASSWORD: &str = "correct horse battery";

pub(crate) struct Instance {
    pub(crate) engine: Engine,
    pub(crate) store: Arc<MemoryStore>,
    pub(crate) clock: Arc<ManualClock>,
}

impl Instance {
    pub(crate) fn new() -> Self {
        Self::with(settings())
    }

    pub(crate) fn with(settings: Settings) -> Self {
        let store = Arc::new(MemoryStore::new(TABLES));
        let clock = Arc::new(ManualClock::new(Timestamp::from_milliseconds(1_790_000_000_000)));
        let engine = open(&store, &clock, settings, 1);
        Self { engine, store, clock }
    }

    /// A second process on the same store.
    pub(crate) fn another(&self, seed: u64) -> Engine {
        open(&self.store, &self.clock, self.engine.settings().clone(), seed)
    }

    /// A second process that keeps nothing in memory.
    pub(crate) fn forgetful(&self) -> Engine {
        let settings = Settings { cache_bytes: 0, ..self.engine.settings().clone() };
        open(&self.store, &self.clock, settings, 99)
    }

    pub(crate) fn advance(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    /// An account that may do nothing in particular.
    pub(crate) fn account(&self, username: &str) -> AccountId {
        self.account_with_role(username, Role::User)
    }

    pub(crate) fn account_with_role(&self, username: &str, role: Role) -> AccountId {
        let account = koinon_engine::accounts::NewAccount {
            username: username.into(),
            email: format!("{username}@mail.example"),
            password: PASSWORD.into(),
            role,
        };
        block_on(self.engine.create_account(account)).unwrap()
    }

    pub(crate) fn ask<T: Send + 'static>(
        &self,
        viewer: Viewer,
        question: impl FnOnce(&Query<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        block_on(self.engine.query(viewer, question))
    }

    /// The account as `viewer` sees it.
    pub(crate) fn see(&self, viewer: Viewer, account: AccountId) -> Result<Visible<AccountView>, Error> {
        self.ask(viewer, move |query| query.account(account))
    }

    /// Every byte in the store.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let read = self.store.read(|tx| {
            let mut bytes = Vec::new();
            for table in TABLES {
                tx.scan(*table, &KeyRange::all(), Direction::Ascending, &mut |key, value| {
                    bytes.extend_from_slice(key);
                    bytes.extend_from_slice(value);
                    Ok(Step::Continue)
                })?;
            }
            Ok::<_, StoreError>(bytes)
        });
        block_on(read).unwrap()
    }

    /// Whether `needle` stands somewhere in the store.
    pub(crate) fn stores(&self, needle: &[u8]) -> bool {
        self.bytes().windows(needle.len()).any(|window| window == needle)
    }

    /// How many rows `table` has.
    pub(crate) fn rows(&self, table: koinon_engine::store::TableDefinition) -> usize {
        let read = self.store.read(move |tx| {
            let mut rows = 0;
            tx.scan(table, &KeyRange::all(), Direction::Ascending, &mut |_, _| {
                rows += 1;
                Ok(Step::Continue)
            })?;
            Ok::<_, StoreError>(rows)
        });
        block_on(read).unwrap()
    }
}

/// Settings with a password hash that costs next to nothing.
pub(crate) fn settings() -> Settings {
    Settings {
        domain: "koinon.example".into(),
        base_url: "https://koinon.example".into(),
        registrations: Registrations::Open,
        password_hashing: PasswordHashing { memory_kib: 8, passes: 1, lanes: 1 },
        ..Settings::default()
    }
}

/// What `contenders` threads get that do the same thing at the same moment.
pub(crate) fn race<T: Send + 'static>(
    contenders: usize,
    act: impl Fn(usize) -> T + Send + Sync + 'static,
) -> Vec<T> {
    let (act, start) = (Arc::new(act), Arc::new(Barrier::new(contenders)));
    let threads: Vec<_> = (0..contenders)
        .map(|number| {
            let (act, start) = (Arc::clone(&act), Arc::clone(&start));
            thread::spawn(move || {
                start.wait();
                act(number)
            })
        })
        .collect();
    threads.into_iter().map(|thread| thread.join().unwrap()).collect()
}

fn open(store: &Arc<MemoryStore>, clock: &Arc<ManualClock>, settings: Settings, seed: u64) -> Engine {
    let surroundings =
        Surroundings { clock: Arc::clone(clock) as Arc<_>, entropy: Arc::new(SeededEntropy::new(seed)) };
    block_on(Engine::open(Arc::clone(store) as Arc<_>, Arc::new(MemoryBlobs::new()), settings, surroundings))
        .unwrap()
}
