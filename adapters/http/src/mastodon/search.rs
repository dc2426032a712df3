//! Search.

use http::Method;
use koinon_engine::Error;
use koinon_engine::audience::{AccountView, StatusView, Visible};
use koinon_engine::model::AccountId;
use koinon_engine::page::PageRequest;
use koinon_engine::query::Query;
use koinon_engine::search::FoundTag;
use serde::{Deserialize, Serialize};

use super::entities::{RenderedAccount, Status};
use super::refuse;
use crate::answer;
use crate::call::{Call, limit};
use crate::endpoint::{Access, Answer, Endpoint, route};
use crate::failure::Failure;
use crate::json::{Object, Plain, WriteJson};
use crate::router::Route;

pub(super) fn routes() -> Vec<Route<Endpoint>> {
    let access = Access::Optional("read:search");
    vec![
        route(Method::GET, "/api/v1/search", access, refuse, version_one),
        route(Method::GET, "/api/v2/search", access, refuse, version_two),
    ]
}

/// What was found, in the three kinds of things that can be.
#[derive(Debug, Default)]
struct Found {
    accounts: Vec<Visible<AccountView>>,
    statuses: Vec<Visible<StatusView>>,
    tags: Vec<FoundTag>,
}

/// Parameters of a search. `resolve` asks other instances, which there is nobody to do.
#[derive(Debug, Deserialize)]
struct Wanted {
    #[serde(default)]
    q: String,
    #[serde(rename = "type")]
    kind: Option<String>,
    limit: Option<String>,
    offset: Option<usize>,
    #[serde(default)]
    following: bool,
    account_id: Option<String>,
}

async fn find(call: &Call) -> Result<Found, Failure> {
    let wanted: Wanted = call.read()?;
    let (limit, skip) = (limit(wanted.limit.as_deref(), 20, 40), wanted.offset.unwrap_or(0).min(1_000));
    let page = PageRequest { limit: limit + skip, ..call.page(20, 40)? };
    call.query(move |query| {
        let asked =
            |kind: &str| wanted.kind.as_deref().is_none_or(|wanted| wanted.is_empty() || wanted == kind);
        let text = wanted.q.trim();
        let mut found = Found::default();
        if text.is_empty() || limit == 0 {
            return Ok(found);
        }
        // A pasted address finds just what it leads to. // R112
        if text.starts_with("http://") || text.starts_with("https://") {
            if asked("statuses") {
                found.statuses.extend(query.status_by_url(text)?);
            }
            if asked("accounts") {
                found.accounts.extend(query.account_by_url(text)?);
            }
            return Ok(found);
        }
        if asked("accounts") {
            let accounts = query.search_accounts(text, limit + skip, wanted.following)?;
            found.accounts = accounts.into_iter().skip(skip).collect();
        }
        if asked("statuses") {
            found.statuses = match author(query, wanted.account_id.as_deref())? {
                Author::Anyone => query.search_statuses(text, None, &page)?.items,
                Author::Only(author) => query.search_statuses(text, Some(author), &page)?.items,
                Author::Nobody => Vec::new(),
            };
            found.statuses.drain(..skip.min(found.statuses.len()));
        }
        if asked("hashtags") {
            found.tags = query.search_tags(text, limit, skip)?;
        }
        Ok(found)
    })
    .await
}

/// Whose statuses are searched.
enum Author {
    Anyone,
    Only(AccountId),
    /// Someone who does not exist for whoever asks.
    Nobody,
}

fn author(query: &Query<'_>, id: Option<&str>) -> Result<Author, Error> {
    let Some(id) = id.filter(|id| !id.is_empty()) else { return Ok(Author::Anyone) };
    let Ok(id) = id.parse() else { return Ok(Author::Nobody) };
    match query.account_by_id(id) {
        Ok(view) => Ok(Author::Only(view.account.id)),
        Err(Error::NotFound) => Ok(Author::Nobody),
        Err(error) => Err(error),
    }
}

struct Results<'a, T> {
    accounts: Vec<RenderedAccount>,
    statuses: Vec<Status<'a>>,
    hashtags: Vec<Plain<T>>,
}

impl<T: Serialize> WriteJson for Results<'_, T> {
    fn write_json(&self, out: &mut Vec<u8>) {
        Object::begin(out)
            .field("accounts", &self.accounts)
            .field("statuses", &self.statuses)
            .field("hashtags", &self.hashtags)
            .end();
    }
}

#[derive(Serialize)]
struct Tag<'a> {
    name: &'a str,
    url: String,
    history: [(); 0],
    following: bool,
}

/// Hashtags are plain names in the first version.
async fn version_one(call: Call) -> Answer {
    let found = find(&call).await?;
    answer::entity(&results(&call, &found, |tag| tag.name.as_str()))
}

async fn version_two(call: Call) -> Answer {
    let found = find(&call).await?;
    let url = |tag: &FoundTag| call.engine().settings().tag_url(&tag.name);
    answer::entity(&results(&call, &found, |tag| Tag {
        name: &tag.name,
        url: url(tag),
        history: [],
        following: false,
    }))
}

fn results<'a, T>(call: &'a Call, found: &'a Found, tag: impl Fn(&'a FoundTag) -> T) -> Results<'a, T> {
    let renderer = call.renderer();
    Results {
        accounts: found.accounts.iter().map(|view| renderer.account(view)).collect(),
        statuses: found.statuses.iter().map(|view| renderer.status(view)).collect(),
        hashtags: found.tags.iter().map(|found| Plain(tag(found))).collect(),
    }
}
