//! A small world for tests: an engine over the memory store, people in it, and posts written straight to the tables.
#![allow(dead_code, reason = "each test file is a crate of its own and uses its part")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures::executor::block_on;
use koinon_engine::audience::{AccountView, Viewer, Visible};
use koinon_engine::entropy::SeededEntropy;
use koinon_engine::id::{Flake, IdInput};
use koinon_engine::media::MemoryBlobs;
use koinon_engine::memory::MemoryStore;
use koinon_engine::model::{
    Account, AccountId, AccountState, PostingDefaults, Profile, Role, Status, StatusId, StatusRef, Visibility,
};
use koinon_engine::notifications::{NotificationFilter, NotificationView};
use koinon_engine::page::{Page, PageRequest};
use koinon_engine::query::Query;
use koinon_engine::settings::Settings;
use koinon_engine::store::schema::{
    ACCOUNTS, AuthorFeed, BY_AUTHOR, CONVERSATIONS, Form, HOME, STAFF, STATUSES, TABLES,
};
use koinon_engine::store::{ReadTx, Scan, StoreError, StoreExt, WriteTx};
use koinon_engine::time::{ManualClock, Timestamp};
use koinon_engine::{Engine, Error, Surroundings};

/// The engine and what drives it.
pub(crate) struct World {
    pub(crate) engine: Engine,
    pub(crate) clock: Arc<ManualClock>,
    made: AtomicU64,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with(Settings { domain: "home.example".into(), ..Settings::default() })
    }

    pub(crate) fn with(settings: Settings) -> Self {
        let clock = Arc::new(ManualClock::new(Timestamp::from_milliseconds(1_790_000_000_000)));
        let surroundings =
            Surroundings { clock: Arc::clone(&clock) as _, entropy: Arc::new(SeededEntropy::new(7)) };
        let store = Arc::new(MemoryStore::new(TABLES));
        let engine =
            block_on(Engine::open(store, Arc::new(MemoryBlobs::new()), settings, surroundings)).unwrap();
        Self { engine, clock, made: AtomicU64::new(0) }
    }

    /// A moment of its own for each thing, so that the order of ids is the order of making.
    pub(crate) fn fresh_id(&self) -> Flake {
        self.clock.advance(Duration::from_millis(10));
        let number = self.made.fetch_add(1, Ordering::SeqCst);
        let moment = u64::try_from(self.engine.now().milliseconds()).unwrap();
        Flake::from_parts(moment, 0, u128::from(number))
    }

    pub(crate) fn account(&self, username: &str) -> AccountId {
        self.account_with(username, |_| {})
    }

    pub(crate) fn locked(&self, username: &str) -> AccountId {
        self.account_with(username, |account| account.profile.locked = true)
    }

    pub(crate) fn remote(&self, username: &str, domain: &str) -> AccountId {
        self.account_with(username, |account| account.domain = Some(domain.to_owned()))
    }

    pub(crate) fn account_with(&self, username: &str, shape: impl FnOnce(&mut Account)) -> AccountId {
        let mut account = Account {
            id: self.fresh_id(),
            username: username.to_owned(),
            domain: None,
            uri: None,
            created_at: self.engine.now(),
            state: AccountState::Active,
            limited: false,
            role: Role::User,
            profile: Profile::default(),
            posting: PostingDefaults::default(),
        };
        shape(&mut account);
        let id = account.id;
        self.write(move |tx| {
            if account.role > Role::User {
                STAFF.put(tx, &id, &account.role)?;
            }
            ACCOUNTS.put(tx, &id, &account)
        });
        id
    }

    /// Changes the record of an account, as moderation and the account's own settings do.
    pub(crate) fn change(&self, id: AccountId, change: impl Fn(&mut Account) + Send + 'static) {
        self.write(move |tx| {
            let mut account = ACCOUNTS.get(tx, &id)?.unwrap();
            change(&mut account);
            ACCOUNTS.put(tx, &id, &account)
        });
    }

    pub(crate) fn post(&self, author: AccountId) -> StatusId {
        self.post_with(author, |_| {})
    }

    pub(crate) fn post_with(&self, author: AccountId, shape: impl FnOnce(&mut Status)) -> StatusId {
        let id = self.fresh_id();
        let mut status = Status {
            id,
            author,
            created_at: self.engine.now(),
            visibility: Visibility::Public,
            local_only: false,
            local: true,
            reblog_of: None,
            in_reply_to: None,
            conversation: id,
            text: "hello".into(),
            format: Default::default(),
            html: Default::default(),
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
            BY_AUTHOR.put(tx, &(author, AuthorFeed::All, id), &Form::Original)?;
            CONVERSATIONS.put(tx, &(status.conversation, id), &None)?;
            STATUSES.put(tx, &id, &status)
        });
        id
    }

    pub(crate) fn reblog(&self, by: AccountId, status: StatusId, author: AccountId) -> StatusId {
        self.post_with(by, |reblog| {
            reblog.reblog_of = Some(StatusRef { status, author });
            reblog.conversation = status;
        })
    }

    /// The rows of a home timeline, oldest first.
    pub(crate) fn home(&self, reader: AccountId) -> Vec<StatusId> {
        self.read(move |tx| {
            let rows = HOME.page(tx, &Scan::prefix(&(reader,)), usize::MAX)?;
            Ok(rows.into_iter().map(|((_, status), ())| status).collect())
        })
    }

    pub(crate) fn notifications(&self, of: AccountId) -> Vec<Visible<NotificationView>> {
        self.ask(of, |query| {
            query.notifications(&NotificationFilter::default(), &PageRequest::newest(10_000))
        })
        .unwrap()
        .items
    }

    /// What happened to `of` and who did it, newest first.
    pub(crate) fn told(&self, of: AccountId) -> Vec<(&'static str, AccountId)> {
        self.notifications(of).iter().map(|told| (told.kind.as_str(), told.from.account.id)).collect()
    }

    pub(crate) fn ask<T: Send + 'static>(
        &self,
        viewer: AccountId,
        question: impl FnOnce(&Query<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        block_on(self.engine.query(Viewer::Local(viewer), question))
    }

    pub(crate) fn ask_anonymously<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Query<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        block_on(self.engine.query(Viewer::Anonymous, question))
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

    pub(crate) fn advance(&self, duration: Duration) {
        self.clock.advance(duration);
    }
}

/// Everything of a list on one page.
pub(crate) fn whole() -> PageRequest {
    PageRequest::newest(10_000)
}

pub(crate) fn exact(id: Flake) -> IdInput {
    IdInput::Exact(id)
}

pub(crate) fn ids(page: &Page<Visible<AccountView>>) -> Vec<AccountId> {
    page.items.iter().map(|view| view.account.id).collect()
}

/// Every item of a list, by following the links from page to page.
pub(crate) fn walk<T>(limit: usize, mut page: impl FnMut(PageRequest) -> Page<T>) -> Vec<T> {
    let mut items = Vec::new();
    let mut request = PageRequest::newest(limit);
    for _ in 0..1_000 {
        let Page { items: more, next, .. } = page(request);
        assert!(more.len() <= limit);
        items.extend(more);
        match next {
            Some(next) => request.max = Some(IdInput::Exact(next)),
            None => return items,
        }
    }
    panic!("the list does not end");
}
