//! The people that measurements need beside those of a data set, and finding people again.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use futures::executor::block_on;
use koinon_dataset::username;
use koinon_engine::Engine;
use koinon_engine::audience::Viewer;
use koinon_engine::id::IdInput;
use koinon_engine::model::{AccountId, StatusId};
use koinon_engine::oauth::{NewApp, OUT_OF_BAND};
use koinon_engine::page::PageRequest;
use koinon_engine::scope::Scopes;
use koinon_engine::statuses::Draft;
use koinon_engine::store::schema::{ACCOUNT_NAMES, ACCOUNT_STATS};
use koinon_engine::store::{Scan, StoreError, StoreExt};
use koinon_engine::timelines::TimelineFilter;

use crate::Failure;

/// Accounts whom those who follow so many are called after.
pub(crate) const FOLLOWS: [usize; 4] = [10, 100, 1_000, 10_000];
/// Followers of the account called `author`.
pub(crate) const FOLLOWERS: usize = 50;
/// Answers in the thread of the account called `author`.
const REPLIES: usize = 50;
/// Accounts that the account called `stale` follows.
const STALE: usize = 20;

/// Adds readers with few and many follows, an author with fifty followers and a thread of fifty answers, and one who
/// follows only those who have posted nothing for the longest time.
pub(crate) fn add_people(engine: &Engine) -> Result<(), Failure> {
    let (others, quiet) = block_on(engine.store().read(|tx| {
        let mut others = Vec::new();
        for number in 0.. {
            match ACCOUNT_NAMES.get(tx, &(username(number), String::new()))? {
                Some(account) => others.push(account),
                None => break,
            }
        }
        let mut quiet = Vec::new();
        for (account, stats) in ACCOUNT_STATS.page(tx, &Scan::all(), usize::MAX)? {
            quiet.extend(stats.last_status_at.map(|last| (last, account)));
        }
        quiet.sort_unstable();
        Ok::<_, StoreError>((others, quiet))
    }))?;
    let quiet: Vec<AccountId> = quiet.into_iter().take(STALE).map(|(_, account)| account).collect();
    for follows in FOLLOWS.into_iter().filter(|follows| *follows <= others.len()) {
        let followed = others[..follows].to_vec();
        follow_all(engine, &format!("reader{follows}"), followed)?;
    }
    follow_all(engine, "stale", quiet)?;
    let followers: Vec<AccountId> = others.iter().copied().take(FOLLOWERS).collect();
    let author = add_author(engine, "author", followers.clone())?;
    let root = block_on(engine.post(author, draft("What do you all think?", None)))?.status.id;
    let mut last = root;
    for number in 0..REPLIES {
        // Half of them answer the first one, the others each other.
        let parent = if number % 2 == 0 { root } else { last };
        let follower = followers[number % followers.len()];
        let text = format!("@author I think that it is number {number}");
        last = block_on(engine.post(follower, draft(&text, Some(parent))))?.status.id;
    }
    Ok(())
}

/// An account that these follow.
pub(crate) fn add_author(
    engine: &Engine,
    name: &str,
    followers: Vec<AccountId>,
) -> Result<AccountId, Failure> {
    let name = name.to_owned();
    Ok(block_on(engine.bulk(move |bulk| {
        let author = bulk.create_account(&name)?;
        followers.iter().try_for_each(|follower| bulk.follow(*follower, author))?;
        Ok(author)
    }))?)
}

/// New accounts, with nothing else to them.
pub(crate) fn add_accounts(engine: &Engine, prefix: &str, count: usize) -> Result<Vec<AccountId>, Failure> {
    let prefix = prefix.to_owned();
    Ok(block_on(engine.bulk(move |bulk| {
        (0..count).map(|number| bulk.create_account(&format!("{prefix}{number}"))).collect()
    }))?)
}

fn follow_all(engine: &Engine, name: &str, followed: Vec<AccountId>) -> Result<(), Failure> {
    let name = name.to_owned();
    let reader = block_on(engine.bulk(move |bulk| bulk.create_account(&name)))?;
    for part in followed.chunks(100) {
        let part = part.to_vec();
        block_on(engine.bulk(move |bulk| part.iter().try_for_each(|other| bulk.follow(reader, *other))))?;
    }
    Ok(())
}

pub(crate) fn draft(text: &str, in_reply_to: Option<StatusId>) -> Draft {
    Draft { text: text.to_owned(), in_reply_to: in_reply_to.map(IdInput::Exact), ..Draft::default() }
}

/// The account of a name.
pub(crate) fn account(engine: &Engine, name: &str) -> Result<AccountId, Failure> {
    let name = name.to_owned();
    Ok(block_on(engine.query(Viewer::Anonymous, move |query| query.account_by_name(&name)))?.account.id)
}

/// The account of the data set that follows the most others: the most stands in its home timeline.
pub(crate) fn keenest(engine: &Engine) -> Result<AccountId, Failure> {
    let specials: Vec<AccountId> =
        FOLLOWS.iter().filter_map(|follows| account(engine, &format!("reader{follows}")).ok()).collect();
    let by_follows = block_on(engine.store().read(|tx| {
        let stats = ACCOUNT_STATS.page(tx, &Scan::all(), usize::MAX)?;
        let keyed = stats.into_iter().map(|(account, stats)| ((Reverse(stats.following), account), ()));
        Ok::<_, StoreError>(keyed.collect::<BTreeMap<_, _>>())
    }))?;
    let mut accounts = by_follows.into_keys().map(|(_, account)| account);
    accounts.find(|account| !specials.contains(account)).ok_or_else(|| "there are no accounts".into())
}

/// The ids of a home timeline, newest first.
pub(crate) fn home_ids(engine: &Engine, reader: AccountId, most: usize) -> Result<Vec<StatusId>, Failure> {
    let mut ids = Vec::new();
    let mut request = PageRequest::newest(400);
    while ids.len() < most {
        let page = block_on(engine.query(Viewer::Local(reader), move |query| {
            query.home_timeline(&TimelineFilter::default(), &request)
        }))?;
        ids.extend(page.items.iter().map(|view| view.status.id));
        match page.next {
            Some(next) => request.max = Some(IdInput::Exact(next)),
            None => break,
        }
    }
    Ok(ids)
}

/// An access token.
pub(crate) fn token(engine: &Engine, account: AccountId) -> Result<String, Failure> {
    let scopes = Scopes::parse("read write follow")?;
    let app = NewApp {
        name: "benches".into(),
        redirect_uris: vec![OUT_OF_BAND.into()],
        scopes: Some(scopes.to_string()),
        website: None,
    };
    let (app, _) = block_on(engine.register_app(app))?;
    let issued = block_on(engine.issue_token(app.id, account, scopes))?;
    Ok(issued.access.reveal().to_owned())
}
