//! The instance under test: in memory, with a clock that stands still and a seeded source of randomness.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures::executor::block_on;
use koinon_engine::accounts::{Authority, NewAccount};
use koinon_engine::entropy::SeededEntropy;
use koinon_engine::id::Flake;
use koinon_engine::media::MemoryBlobs;
use koinon_engine::memory::MemoryStore;
use koinon_engine::model::{
    Account, AccountId, AccountState, App, PostingDefaults, Profile, Role, Status, StatusId, Visibility,
};
use koinon_engine::oauth::NewApp;
use koinon_engine::scope::Scopes;
use koinon_engine::settings::{PasswordHashing, Registrations, Settings};
use koinon_engine::store::schema::{
    ACCOUNT_NAMES, ACCOUNT_STATS, ACCOUNT_WORDS, ACCOUNTS, AuthorFeed, BY_AUTHOR, CONVERSATIONS, FOLLOWERS,
    Form, HOME, PUBLIC, PublicFeed, STATUSES, TABLES, TAGGED,
};
use koinon_engine::store::{Defect, ReadTx, Scan, StoreError, StoreExt, WriteTx};
use koinon_engine::text::SafeHtml;
use koinon_engine::time::{ManualClock, Timestamp};
use koinon_engine::{Engine, Surroundings};
use koinon_http::{Api, Options};

use crate::client::Client;

/// Where the instance says it is reached.
pub(crate) const BASE: &str = "https://koinon.example";

/// Everything an ordinary client asks for.
pub(crate) const SCOPES: &str = "read write follow push";

/// The instance, its people and its clock. Whoever makes a world leaves it without defects, or says so.
pub(crate) struct World {
    pub(crate) api: Api,
    pub(crate) engine: Engine,
    pub(crate) clock: Arc<ManualClock>,
    app: App,
    made: AtomicU64,
    damaged: Cell<bool>,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with(settings(), Options::default())
    }

    pub(crate) fn with_options(options: Options) -> Self {
        Self::with(settings(), options)
    }

    pub(crate) fn with(settings: Settings, options: Options) -> Self {
        let store = Arc::new(MemoryStore::new(TABLES));
        let clock = Arc::new(ManualClock::new(Timestamp::from_milliseconds(1_790_000_000_000)));
        let surroundings =
            Surroundings { clock: Arc::clone(&clock) as _, entropy: Arc::new(SeededEntropy::new(11)) };
        let blobs = Arc::new(MemoryBlobs::new());
        let engine = block_on(Engine::open(store, blobs, settings, surroundings)).unwrap();
        let app = NewApp {
            name: "Ein Klient".into(),
            redirect_uris: vec!["urn:ietf:wg:oauth:2.0:oob".into()],
            scopes: Some(SCOPES.into()),
            website: Some("https://client.example".into()),
        };
        let (app, _) = block_on(engine.register_app(app)).unwrap();
        let api = Api::new(engine.clone(), options).unwrap();
        Self { api, engine, clock, app, made: AtomicU64::new(0), damaged: Cell::new(false) }
    }

    /// Someone who is signed in.
    pub(crate) fn person(&self, username: &str) -> Client {
        self.person_with_role(username, Role::User)
    }

    pub(crate) fn people<const N: usize>(&self, usernames: [&str; N]) -> [Client; N] {
        usernames.map(|username| self.person(username))
    }

    pub(crate) fn person_with_role(&self, username: &str, role: Role) -> Client {
        let account = NewAccount {
            username: username.into(),
            email: format!("{username}@mail.example"),
            password: "correct horse battery".into(),
            role,
        };
        let account = block_on(self.engine.create_account(account)).unwrap();
        let client = Client { api: self.api.clone(), token: None, account };
        client.with_token(self.token(account, SCOPES))
    }

    /// Somebody whose followers need approval.
    pub(crate) fn locked(&self, username: &str) -> Client {
        let client = self.person(username);
        let path = "/api/v1/accounts/update_credentials";
        client.send_form(http::Method::PATCH, path, "locked=true").ok();
        client
    }

    /// A token of `account` with these scopes.
    pub(crate) fn token(&self, account: AccountId, scopes: &str) -> String {
        let scopes = Scopes::parse(scopes).unwrap();
        let issued = block_on(self.engine.issue_token(self.app.id, account, scopes)).unwrap();
        issued.access.reveal().to_owned()
    }

    /// A token of a program for itself.
    pub(crate) fn app_token(&self, scopes: &str) -> String {
        let app = NewApp {
            name: "A program".into(),
            redirect_uris: vec!["urn:ietf:wg:oauth:2.0:oob".into()],
            scopes: Some(scopes.into()),
            website: None,
        };
        let (app, secret) = block_on(self.engine.register_app(app)).unwrap();
        let request = koinon_engine::oauth::TokenRequest {
            grant_type: Some("client_credentials".into()),
            client_id: Some(app.client_id),
            client_secret: Some(secret.reveal().to_owned()),
            scope: Some(scopes.into()),
            ..Default::default()
        };
        block_on(self.engine.exchange(request)).unwrap().access.reveal().to_owned()
    }

    pub(crate) fn visitor(&self) -> Client {
        Client::visitor(&self.api)
    }

    pub(crate) fn suspend(&self, client: &Client) {
        block_on(self.engine.suspend(Authority::Operator, client.account)).unwrap();
    }

    pub(crate) fn advance(&self, duration: Duration) {
        self.clock.advance(duration);
    }

    /// Does all deferred work that is due.
    pub(crate) fn run_due(&self) -> usize {
        let mut done = 0;
        loop {
            match block_on(self.engine.run_due(100)).unwrap() {
                0 => return done,
                more => done += more,
            }
        }
    }

    pub(crate) fn read<T: Send + 'static>(
        &self,
        job: impl FnOnce(&dyn ReadTx) -> Result<T, StoreError> + Send + 'static,
    ) -> T {
        block_on(self.engine.store().read(job)).unwrap()
    }

    pub(crate) fn write(&self, job: impl FnMut(&mut dyn WriteTx) -> Result<(), StoreError> + Send + 'static) {
        block_on(self.engine.store().write(job)).unwrap();
    }

    /// What is wrong with the stored data.
    pub(crate) fn defects(&self) -> Vec<Defect> {
        block_on(self.engine.check()).unwrap()
    }

    /// Says that the data of this world are damaged on purpose.
    pub(crate) fn is_damaged(&self) {
        self.damaged.set(true);
    }

    /// A moment of its own for each thing that is written straight to the tables.
    fn fresh_id(&self) -> Flake {
        self.clock.advance(Duration::from_millis(10));
        let number = self.made.fetch_add(1, Ordering::SeqCst);
        Flake::from_parts(u64::try_from(self.engine.now().milliseconds()).unwrap(), 0, u128::from(number))
    }

    /// An account of another instance, as federation would have brought it here. It has no token.
    pub(crate) fn remote(&self, username: &str, domain: &str) -> Client {
        let account = Account {
            id: self.fresh_id(),
            username: username.to_owned(),
            domain: Some(domain.to_owned()),
            uri: Some(format!("https://{domain}/users/{username}")),
            created_at: self.engine.now(),
            state: AccountState::Active,
            limited: false,
            role: Role::User,
            profile: Profile::default(),
            posting: PostingDefaults::default(),
        };
        let (id, name) = (account.id, (username.to_lowercase(), domain.to_owned()));
        self.write(move |tx| {
            ACCOUNT_NAMES.put(tx, &name, &id)?;
            ACCOUNT_WORDS.put(tx, &(name.0.clone(), id), &())?;
            ACCOUNTS.put(tx, &id, &account)
        });
        Client { account: id, ..self.visitor() }
    }

    /// A public post of another instance, in the feeds that posting puts it in.
    pub(crate) fn remote_post(&self, author: &Client, shape: impl FnOnce(&mut Status)) -> StatusId {
        let id = self.fresh_id();
        let mut status = Status {
            id,
            author: author.account,
            created_at: self.engine.now(),
            visibility: Visibility::Public,
            local_only: false,
            local: false,
            reblog_of: None,
            in_reply_to: None,
            conversation: id,
            text: String::new(),
            format: Default::default(),
            html: SafeHtml::default(),
            spoiler_text: String::new(),
            sensitive: false,
            language: None,
            mentions: Vec::new(),
            addressed: Vec::new(),
            circle: None,
            tags: Vec::new(),
            attachments: Vec::new(),
            application: None,
        };
        shape(&mut status);
        self.write(move |tx| {
            let parent = status.in_reply_to.map(|parent| parent.status);
            CONVERSATIONS.put(tx, &(status.conversation, id), &parent)?;
            BY_AUTHOR.put(tx, &(status.author, AuthorFeed::All, id), &Form::Original)?;
            if status.visibility == Visibility::Public {
                for feed in [PublicFeed::All, PublicFeed::Remote] {
                    PUBLIC.put(tx, &(feed, id), &())?;
                    for tag in &status.tags {
                        TAGGED.put(tx, &(tag.clone(), feed, id), &())?;
                    }
                }
            }
            if status.visibility.is_open() {
                let mut stats = ACCOUNT_STATS.get(tx, &status.author)?.unwrap_or_default();
                stats.statuses += 1;
                ACCOUNT_STATS.put(tx, &status.author, &stats)?;
            }
            for (_, follower) in FOLLOWERS.page(tx, &Scan::prefix(&(status.author,)), usize::MAX)? {
                HOME.put(tx, &(follower, id), &())?;
            }
            STATUSES.put(tx, &id, &status)
        });
        id
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if std::thread::panicking() || self.damaged.get() {
            return;
        }
        self.run_due();
        assert_eq!(self.defects(), [], "the world that a test leaves behind");
    }
}

/// Settings with a password hash that costs next to nothing.
pub(crate) fn settings() -> Settings {
    Settings {
        domain: "koinon.example".into(),
        base_url: BASE.into(),
        registrations: Registrations::Open,
        password_hashing: PasswordHashing { memory_kib: 8, passes: 1, lanes: 1 },
        ..Settings::default()
    }
}
