//! One instance on one backend, and what a history has made on it so far.

use std::sync::Arc;

use futures::executor::block_on;
use koinon_engine::accounts::NewAccount;
use koinon_engine::audience::Viewer;
use koinon_engine::entropy::SeededEntropy;
use koinon_engine::id::Flake;
use koinon_engine::media::MemoryBlobs;
use koinon_engine::model::{
    Account, AccountId, AccountState, CircleId, MediaId, PostingDefaults, Profile, ReportId, Role, StatusId,
};
use koinon_engine::query::Query;
use koinon_engine::settings::{Limits, PasswordHashing, Registrations, Settings};
use koinon_engine::store::schema::{ACCOUNT_NAMES, ACCOUNTS};
use koinon_engine::store::{Store, StoreError, StoreExt};
use koinon_engine::time::{ManualClock, Timestamp};
use koinon_engine::{Engine, Error, Surroundings};
use tempfile::TempDir;

use super::backend::Backend;

/// The names of the accounts, by their numbers.
pub(crate) const NAMES: [&str; 8] = ["ada", "bob", "cleo", "dan", "eve", "fay", "gus", "hal"];
/// The number of the account that lives elsewhere.
pub(crate) const REMOTE: u8 = 5;
/// Where it lives.
pub(crate) const ELSEWHERE: &str = "remote.example";
/// An id that nothing has.
pub(crate) const NOBODY: Flake = Flake::from_parts(1_700_000_000_000, 7, 7);

const PASSWORD: &str = "correct horse battery";

/// One instance on one backend.
pub(crate) struct World {
    pub(crate) backend: Backend,
    pub(crate) clock: Arc<ManualClock>,
    /// The accounts there are, by their numbers.
    pub(crate) accounts: [Option<AccountId>; NAMES.len()],
    /// Every status there ever was, oldest first.
    pub(crate) statuses: Vec<StatusId>,
    pub(crate) circles: Vec<(AccountId, CircleId)>,
    pub(crate) uploads: Vec<(AccountId, MediaId)>,
    pub(crate) reports: Vec<ReportId>,
    folder: TempDir,
    blobs: Arc<MemoryBlobs>,
    seed: u64,
    opened: u64,
    /// None only while the store is being opened again.
    open: Option<(Arc<dyn Store>, Engine)>,
}

impl World {
    /// An instance with five accounts and one from elsewhere. The same seed makes the same instance on every backend.
    pub(crate) fn new(backend: Backend, seed: u64) -> Result<Self, String> {
        let mut world = Self {
            backend,
            clock: Arc::new(ManualClock::new(Timestamp::from_milliseconds(1_790_000_000_000))),
            accounts: [None; NAMES.len()],
            statuses: Vec::new(),
            circles: Vec::new(),
            uploads: Vec::new(),
            reports: Vec::new(),
            folder: tempfile::tempdir().map_err(|error| error.to_string())?,
            blobs: Arc::default(),
            seed,
            opened: 0,
            open: None,
        };
        world.reopen().map_err(|error| format!("{backend:?} does not open: {error:?}"))?;
        for number in 0..REMOTE {
            let role = if number == 0 { Role::Admin } else { Role::User };
            let made = world.register(number, role).map_err(|error| error.to_string())?;
            world.accounts[usize::from(number)] = Some(made);
        }
        world.insert_remote().map_err(|error| error.to_string())?;
        Ok(world)
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.open.as_ref().expect("a world is open between steps").1
    }

    pub(crate) fn store(&self) -> &dyn Store {
        &*self.open.as_ref().expect("a world is open between steps").0
    }

    /// Closes the engine, and the store where it outlives that, and opens both again.
    pub(crate) fn reopen(&mut self) -> Result<(), Error> {
        let kept = match self.open.take() {
            Some((store, engine)) => {
                drop(engine);
                (!self.backend.is_lasting()).then_some(store)
            }
            None => None,
        };
        let store = match kept {
            Some(store) => store,
            None => self.backend.open(self.folder.path())?,
        };
        self.opened += 1;
        let surroundings = Surroundings {
            clock: Arc::clone(&self.clock) as _,
            // Another process has other randomness.
            entropy: Arc::new(SeededEntropy::new(self.seed ^ (self.opened << 32))),
        };
        let blobs = Arc::clone(&self.blobs) as _;
        let engine = block_on(Engine::open(Arc::clone(&store), blobs, settings(), surroundings))?;
        self.open = Some((store, engine));
        Ok(())
    }

    pub(crate) fn register(&self, number: u8, role: Role) -> Result<AccountId, Error> {
        let name = NAMES[usize::from(number)];
        let account = NewAccount {
            username: name.into(),
            email: format!("{name}@mail.example"),
            password: PASSWORD.into(),
            role,
        };
        block_on(self.engine().create_account(account))
    }

    /// The account with a number, or an id that no account has.
    pub(crate) fn account(&self, number: u8) -> AccountId {
        self.accounts.get(usize::from(number)).copied().flatten().unwrap_or(NOBODY)
    }

    /// The status that so many came after, beginning anew at the oldest.
    pub(crate) fn status(&self, ago: u8) -> StatusId {
        match self.statuses.len() {
            0 => NOBODY,
            count => self.statuses[count - 1 - usize::from(ago) % count],
        }
    }

    /// Everyone who looks: nobody in particular, and the accounts of this instance.
    pub(crate) fn viewers(&self) -> Vec<Viewer> {
        let local = self.accounts.iter().enumerate().filter(|(number, _)| *number != usize::from(REMOTE));
        let local = local.filter_map(|(_, account)| *account).map(Viewer::Local);
        std::iter::once(Viewer::Anonymous).chain(local).collect()
    }

    pub(crate) fn ask<T: Send + 'static>(
        &self,
        viewer: Viewer,
        question: impl FnOnce(&Query<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        block_on(self.engine().query(viewer, question))
    }

    /// The engine cannot meet accounts from elsewhere yet, so one is written into the tables.
    fn insert_remote(&mut self) -> Result<(), StoreError> {
        let id = Flake::from_parts(1_780_000_000_000, 1, 1);
        let account = Account {
            id,
            username: NAMES[usize::from(REMOTE)].into(),
            domain: Some(ELSEWHERE.into()),
            uri: Some(format!("https://{ELSEWHERE}/users/fay")),
            created_at: Timestamp::from_milliseconds(1_780_000_000_000),
            state: AccountState::Active,
            limited: false,
            role: Role::User,
            profile: Profile::default(),
            posting: PostingDefaults::default(),
        };
        let name = (account.username.clone(), ELSEWHERE.to_owned());
        block_on(self.store().write(move |tx| {
            ACCOUNTS.put(tx, &id, &account)?;
            ACCOUNT_NAMES.put(tx, &name, &id)
        }))?;
        self.accounts[usize::from(REMOTE)] = Some(id);
        Ok(())
    }
}

/// Passwords cost next to nothing, and limits are low enough to be met.
fn settings() -> Settings {
    Settings {
        domain: "koinon.example".into(),
        base_url: "https://koinon.example".into(),
        registrations: Registrations::Open,
        password_hashing: PasswordHashing { memory_kib: 8, passes: 1, lanes: 1 },
        limits: Limits { pins: 2, circles: 2, ..Limits::default() },
        ..Settings::default()
    }
}
