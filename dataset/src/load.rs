//! From events to records, through the engine.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

use fastrand::Rng;
use futures::executor::block_on;
use koinon_engine::bulk::Bulk;
use koinon_engine::entropy::SeededEntropy;
use koinon_engine::media::MemoryBlobs;
use koinon_engine::model::{AccountId, MarkKind, StatusId};
use koinon_engine::settings::Settings;
use koinon_engine::statuses::Prepared;
use koinon_engine::store::Store;
use koinon_engine::time::{ManualClock, Timestamp};
use koinon_engine::{Engine, Error, Surroundings};

use crate::events::{Action, Event, Events, MEMORY};
use crate::graph::Graph;
use crate::text::{profile, username};
use crate::{BEGIN, Plan, SPAN};

/// Accounts join, and follow each other, within the first two days.
const DAY: Duration = Duration::from_secs(86_400);
/// Events that are prepared together.
const BATCH: usize = 8_192;
/// Deferred jobs that are done at a time.
const JOBS: usize = 64;

/// Why a data set could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// The engine refused or failed.
    #[error(transparent)]
    Engine(#[from] Error),
    /// The thread that renders texts panicked.
    #[error("a thread panicked")]
    Panicked,
}

/// What was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Made {
    /// Accounts.
    pub accounts: u64,
    /// Those of them that answer requests to follow.
    pub locked: u64,
    /// Follows.
    pub follows: u64,
    /// Requests to follow that were not answered.
    pub requests: u64,
    /// Statuses, replies and reblogs counted too.
    pub statuses: u64,
    /// Those of them that answer another one.
    pub replies: u64,
    /// Those of them that pass on another one.
    pub reblogs: u64,
    /// Favourites.
    pub favourites: u64,
    /// Bookmarks.
    pub bookmarks: u64,
}

/// What is told of the progress: what was made last, and how many of it.
pub type Advance<'a> = dyn FnMut(&'static str, u64) + 'a;

/// What the numbers that `advance` of [`load`] is told add up to.
pub fn progress_total(plan: &Plan) -> u64 {
    let statuses = if plan.accounts == 0 { 0 } else { plan.statuses };
    2 * u64::from(plan.accounts) + u64::from(statuses)
}

/// Makes what `plan` says in `store`, which has to be empty. Blocks; texts are rendered on a second thread.
///
/// Nobody can sign in to the accounts, but tokens can be made for them. When it fails the store holds a part.
///
/// # Errors
/// Those of the store; [`Error::Invalid`] if the store is not empty and has accounts of the same names.
pub fn load(
    store: Arc<dyn Store>,
    settings: Settings,
    plan: &Plan,
    advance: &mut Advance<'_>,
) -> Result<Made, LoadError> {
    let surroundings = Surroundings {
        clock: Arc::new(ManualClock::new(BEGIN)),
        entropy: Arc::new(SeededEntropy::new(plan.seed)),
    };
    let blobs = Arc::new(MemoryBlobs::new());
    let engine = block_on(Engine::open(store, blobs, settings, surroundings))?;
    let mut rng = Rng::with_seed(plan.seed);
    let graph = Arc::new(Graph::new(plan.accounts, &mut rng));
    let mut made = Made::default();
    let accounts: Arc<[AccountId]> = make_accounts(&engine, &graph, rng.fork(), advance, &mut made)?.into();
    make_follows(&engine, &graph, &accounts, advance, &mut made)?;
    let begin = BEGIN + 2 * DAY;
    let events = Events::new(&graph, plan.statuses, begin, SPAN - 2 * DAY, rng.fork());
    make_statuses(&engine, &accounts, events, advance, &mut made)?;
    // What was left of the last transaction.
    while block_on(engine.bulk(|bulk| {
        bulk.set_time(BEGIN + SPAN);
        bulk.run_due(JOBS)
    }))? > 0
    {}
    Ok(made)
}

fn make_accounts(
    engine: &Engine,
    graph: &Graph,
    mut rng: Rng,
    advance: &mut Advance<'_>,
    made: &mut Made,
) -> Result<Vec<AccountId>, LoadError> {
    let profiles: Vec<_> =
        (0_u32..).zip(&graph.locked).map(|(number, locked)| profile(number, *locked, &mut rng)).collect();
    let (profiles, mut accounts) = (Arc::new(profiles), Vec::new());
    while accounts.len() < profiles.len() {
        let (first, profiles) = (accounts.len(), Arc::clone(&profiles));
        let joined = block_on(engine.bulk(move |bulk| {
            let mut joined = Vec::new();
            for (number, profile) in profiles.iter().enumerate().skip(first) {
                bulk.set_time(at(BEGIN, DAY, number, profiles.len()));
                let account = bulk.create_account(&username(number as u32))?;
                bulk.change_profile(account, profile)?;
                joined.push(account);
                if !bulk.has_room() {
                    break;
                }
            }
            Ok(joined)
        }))?;
        advance("accounts", joined.len() as u64);
        accounts.extend(joined);
    }
    made.accounts = accounts.len() as u64;
    made.locked = graph.locked.iter().filter(|locked| **locked).count() as u64;
    Ok(accounts)
}

fn make_follows(
    engine: &Engine,
    graph: &Arc<Graph>,
    accounts: &Arc<[AccountId]>,
    advance: &mut Advance<'_>,
    made: &mut Made,
) -> Result<(), LoadError> {
    let mut first = 0;
    while first < accounts.len() {
        let (graph, accounts) = (Arc::clone(graph), Arc::clone(accounts));
        let next = block_on(engine.bulk(move |bulk| {
            for number in first..accounts.len() {
                bulk.set_time(at(BEGIN + DAY, DAY, number, accounts.len()));
                for wish in &graph.follows[number] {
                    let (actor, target) = (accounts[number], accounts[wish.target as usize]);
                    bulk.follow(actor, target)?;
                    if graph.locked[wish.target as usize] && !wish.waits {
                        bulk.authorize_follow_request(target, actor)?;
                    }
                }
                if !bulk.has_room() {
                    return Ok(number + 1);
                }
            }
            Ok(accounts.len())
        }))?;
        advance("follows", (next - first) as u64);
        first = next;
    }
    let waiting = graph.follows.iter().flatten().filter(|wish| wish.waits).count();
    made.requests = waiting as u64;
    made.follows = (graph.follows.iter().flatten().count() - waiting) as u64;
    Ok(())
}

/// An event whose text is rendered.
#[derive(Debug)]
enum Ready {
    Post { author: u32, prepared: Box<Prepared>, in_reply_to: Option<u32> },
    Reblog { actor: u32, status: u32 },
    Mark { actor: u32, kind: MarkKind, status: u32 },
}

type Batch = Vec<(Timestamp, Ready)>;

fn make_statuses(
    engine: &Engine,
    accounts: &Arc<[AccountId]>,
    events: Events<'_>,
    advance: &mut Advance<'_>,
    made: &mut Made,
) -> Result<(), LoadError> {
    // One batch waits while another is stored and a third is rendered.
    let (sender, receiver) = sync_channel(1);
    thread::scope(|scope| {
        let rendering = scope.spawn(|| render(engine, events, sender));
        let stored = store(engine, accounts, receiver, advance, made);
        let rendered = rendering.join().map_err(|_| LoadError::Panicked)?;
        stored.and(rendered)
    })
}

fn render(engine: &Engine, mut events: Events<'_>, batches: SyncSender<Batch>) -> Result<(), LoadError> {
    loop {
        let mut batch = Vec::with_capacity(BATCH);
        for Event { at, action } in events.by_ref().take(BATCH) {
            let ready = match action {
                Action::Post { author, draft, in_reply_to } => {
                    let prepared = Box::new(block_on(engine.prepare_post(*draft))?);
                    Ready::Post { author, prepared, in_reply_to }
                }
                Action::Reblog { actor, status } => Ready::Reblog { actor, status },
                Action::Mark { actor, kind, status } => Ready::Mark { actor, kind, status },
            };
            batch.push((at, ready));
        }
        // Who stores has given up when nobody takes it; they say why.
        if batch.is_empty() || batches.send(batch).is_err() {
            return Ok(());
        }
    }
}

fn store(
    engine: &Engine,
    accounts: &Arc<[AccountId]>,
    batches: Receiver<Batch>,
    advance: &mut Advance<'_>,
    made: &mut Made,
) -> Result<(), LoadError> {
    let mut recent = Recent::default();
    for batch in batches {
        batch.iter().for_each(|(_, ready)| count(made, ready));
        let batch = Arc::new(batch);
        let mut first = 0;
        while first < batch.len() {
            let (batch, accounts, known) = (Arc::clone(&batch), Arc::clone(accounts), recent.clone());
            let (next, after) = block_on(engine.bulk(move |bulk| {
                let mut recent = known.clone();
                let mut next = first;
                while next < batch.len() && bulk.has_room() {
                    let (at, ready) = &batch[next];
                    bulk.set_time(*at);
                    perform(bulk, ready, &accounts, &mut recent)?;
                    next += 1;
                }
                while bulk.has_room() && bulk.run_due(JOBS)? > 0 {}
                Ok((next, recent))
            }))?;
            advance("statuses", after.count - recent.count);
            (first, recent) = (next, after);
        }
    }
    Ok(())
}

fn perform(
    bulk: &mut Bulk<'_>,
    ready: &Ready,
    accounts: &[AccountId],
    recent: &mut Recent,
) -> Result<(), Error> {
    let account = |number: u32| accounts[number as usize];
    match *ready {
        Ready::Post { author, ref prepared, in_reply_to } => {
            let parent = in_reply_to.map(|number| recent.id(number)).transpose()?;
            recent.push(bulk.post(account(author), prepared, parent)?);
        }
        Ready::Reblog { actor, status } => {
            recent.push(bulk.reblog(account(actor), recent.id(status)?, None)?);
        }
        Ready::Mark { actor, kind, status } => bulk.mark(account(actor), kind, recent.id(status)?)?,
    }
    Ok(())
}

/// The ids of the statuses that others may still react to.
#[derive(Debug, Clone, Default)]
struct Recent {
    ids: Vec<StatusId>,
    /// Statuses made so far.
    count: u64,
}

impl Recent {
    fn push(&mut self, id: StatusId) {
        // In large steps, since moving the rest costs as much as the rest is long.
        if self.ids.len() == 2 * MEMORY {
            self.ids.drain(..MEMORY);
        }
        self.ids.push(id);
        self.count += 1;
    }

    fn id(&self, number: u32) -> Result<StatusId, Error> {
        let back = self.count.checked_sub(u64::from(number)).and_then(|back| usize::try_from(back).ok());
        let place = back.and_then(|back| self.ids.len().checked_sub(back));
        place.and_then(|place| self.ids.get(place)).copied().ok_or(Error::NotFound)
    }
}

fn count(made: &mut Made, ready: &Ready) {
    match ready {
        Ready::Post { in_reply_to, .. } => {
            made.statuses += 1;
            made.replies += u64::from(in_reply_to.is_some());
        }
        Ready::Reblog { .. } => {
            made.statuses += 1;
            made.reblogs += 1;
        }
        Ready::Mark { kind: MarkKind::Favourite, .. } => made.favourites += 1,
        Ready::Mark { .. } => made.bookmarks += 1,
    }
}

/// The moment of the one of `count` that are evenly spread over `span`.
fn at(begin: Timestamp, span: Duration, number: usize, count: usize) -> Timestamp {
    let milliseconds = span.as_millis() * number as u128 / count.max(1) as u128;
    begin + Duration::from_millis(u64::try_from(milliseconds).unwrap_or(u64::MAX))
}
