//! The data that is measured on: one reader who follows fifty accounts, one poster with fifty followers.

use std::error::Error;
use std::path::Path;
use std::sync::Arc;

use futures::executor::block_on;
use koinon_engine::accounts::NewAccount;
use koinon_engine::audience::Viewer;
use koinon_engine::media::MemoryBlobs;
use koinon_engine::model::{AccountId, StatusId};
use koinon_engine::oauth::NewApp;
use koinon_engine::page::PageRequest;
use koinon_engine::relationships::FollowOptionsChange;
use koinon_engine::scope::Scopes;
use koinon_engine::settings::Settings;
use koinon_engine::statuses::Draft;
use koinon_engine::store::Store;
use koinon_engine::store::schema::TABLES;
use koinon_engine::timelines::TimelineFilter;
use koinon_engine::{Engine, Surroundings};
use koinon_storage_sqlite::{SqliteOptions, SqliteStore};

/// Accounts that the reader follows, and that follow the poster.
const FRIENDS: usize = 50;
/// Statuses of the friends.
const STATUSES: usize = 3_000;

/// An instance with people in it.
pub(crate) struct World {
    pub(crate) engine: Engine,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) reader: AccountId,
    pub(crate) poster: AccountId,
    pub(crate) reader_token: String,
    pub(crate) poster_token: String,
    /// A status in the middle of the reader's home timeline.
    pub(crate) a_status: StatusId,
    /// Statuses all over the reader's home timeline.
    pub(crate) old_cursors: Vec<StatusId>,
    /// Removed with the world.
    pub(crate) folder: tempfile::TempDir,
}

impl World {
    pub(crate) fn make() -> Result<Self, Box<dyn Error>> {
        let folder = tempfile::tempdir()?;
        let store = open_store(&folder.path().join("koinon.sqlite"))?;
        let settings = Settings {
            domain: "localhost".into(),
            base_url: "http://127.0.0.1:3000".into(),
            ..Settings::default()
        };
        let engine = block_on(Engine::open(
            Arc::clone(&store),
            Arc::new(MemoryBlobs::new()),
            settings,
            Surroundings::default(),
        ))?;
        let reader = account(&engine, "reader")?;
        let poster = account(&engine, "poster")?;
        let mut friends = Vec::new();
        for number in 0..FRIENDS {
            let friend = account(&engine, &format!("friend{number}"))?;
            block_on(engine.follow(reader, friend, FollowOptionsChange::default()))?;
            block_on(engine.follow(friend, poster, FollowOptionsChange::default()))?;
            friends.push(friend);
        }
        post_statuses(&engine, &friends)?;
        let cursors = home_ids(&engine, reader)?;
        Ok(Self {
            reader_token: token(&engine, reader)?,
            poster_token: token(&engine, poster)?,
            a_status: cursors[cursors.len() / 2],
            old_cursors: cursors.into_iter().step_by(7).collect(),
            engine,
            store,
            reader,
            poster,
            folder,
        })
    }
}

/// A store as the server opens it.
pub(crate) fn open_store(path: &Path) -> Result<Arc<dyn Store>, Box<dyn Error>> {
    Ok(Arc::new(SqliteStore::open(path, TABLES, SqliteOptions::default())?))
}

/// Posts of about the length people write, some of them answers, some with tags and mentions.
fn post_statuses(engine: &Engine, friends: &[AccountId]) -> Result<(), Box<dyn Error>> {
    let mut parent = None;
    for number in 0..STATUSES {
        let text = match number % 5 {
            0 => format!(
                "Number {number} is about #koinon and #rust, and about as long as people write when they have a little time."
            ),
            1 => format!("@friend{} what do you think of number {number}?", number % FRIENDS),
            2 => format!(
                "Number {number}: see https://example.org/articles/{number} for more than I could say here."
            ),
            _ => format!("Just number {number}. Nothing happened today, and it was good that it did not."),
        };
        let in_reply_to = parent.filter(|_| number % 10 == 4);
        let draft = Draft { text, in_reply_to, ..Draft::default() };
        let status = block_on(engine.post(friends[number % friends.len()], draft))?;
        parent = Some(koinon_engine::id::IdInput::Exact(status.status.id));
    }
    Ok(())
}

fn home_ids(engine: &Engine, reader: AccountId) -> Result<Vec<StatusId>, Box<dyn Error>> {
    let mut ids = Vec::new();
    let mut request = PageRequest::newest(40);
    loop {
        let page = block_on(engine.query(Viewer::Local(reader), move |query| {
            query.home_timeline(&TimelineFilter::default(), &request)
        }))?;
        ids.extend(page.items.iter().map(|view| view.status.id));
        match page.next {
            Some(next) => request.max = Some(koinon_engine::id::IdInput::Exact(next)),
            None => return Ok(ids),
        }
    }
}

fn account(engine: &Engine, name: &str) -> Result<AccountId, Box<dyn Error>> {
    let account = NewAccount {
        username: name.to_owned(),
        email: format!("{name}@example.org"),
        password: "a long and unlikely password".to_owned(),
        ..NewAccount::default()
    };
    Ok(block_on(engine.create_account(account))?)
}

fn token(engine: &Engine, account: AccountId) -> Result<String, Box<dyn Error>> {
    let scopes = Scopes::parse("read write follow")?;
    let app = NewApp {
        name: "benches".into(),
        redirect_uris: vec!["urn:ietf:wg:oauth:2.0:oob".into()],
        scopes: Some(scopes.to_string()),
        website: None,
    };
    let (app, _) = block_on(engine.register_app(app))?;
    let issued = block_on(engine.issue_token(app.id, account, scopes))?;
    Ok(issued.access.reveal().to_owned())
}
