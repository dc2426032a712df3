//! Search.

use http::Method;
use koinon_engine::audience::{AccountView, StatusView, Visible};
use koinon_engine::page::PageRequest;
use koinon_engine::search::FoundTag;
use serde::{Deserialize, Serialize};

use super::entities::{Account, Status};
use super::refuse;
use crate::answer::json;
use crate::call::{Call, limit};
use crate::endpoint::{Access, Answer, Endpoint, route};
use crate::failure::Failure;
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
    let limit = limit(wanted.limit.as_deref(), 20, 40);
    let page = PageRequest { limit: limit + wanted.offset.unwrap_or(0).min(1_000), ..call.page(20, 40)? };
    let skip = wanted.offset.unwrap_or(0).min(1_000);
    call.query(move |query| {
        let asked =
            |kind: &str| wanted.kind.as_deref().is_none_or(|wanted| wanted.is_empty() || wanted == kind);
        let text = wanted.q.trim();
        let mut found = Found::default();
        if text.is_empty() {
            return Ok(found);
        }
        // A pasted address finds just what it leads to. // R112
        if text.starts_with("http://") || text.starts_with("https://") {
            found.statuses.extend(query.status_by_url(text)?);
            if found.statuses.is_empty() {
                let name = text.rsplit('/').next().unwrap_or_default();
                let own = text.starts_with(&query.settings().base_url);
                match query.account_by_name(name) {
                    Ok(view) if own => found.accounts.push(view),
                    Ok(_) | Err(koinon_engine::Error::NotFound) => {}
                    Err(error) => return Err(error),
                }
            }
            return Ok(found);
        }
        if asked("accounts") {
            let accounts = query.search_accounts(text, limit + skip, wanted.following)?;
            found.accounts = accounts.into_iter().skip(skip).collect();
        }
        if asked("statuses") {
            let author = wanted.account_id.as_deref().filter(|id| !id.is_empty());
            let statuses = query.search_statuses(text, &page)?.items.into_iter().skip(skip);
            found.statuses = statuses
                .filter(|view| author.is_none_or(|author| view.author.account.id.to_string() == author))
                .collect();
        }
        if asked("hashtags") {
            found.tags = query.search_tags(text, limit, skip)?;
        }
        Ok(found)
    })
    .await
}

#[derive(Serialize)]
struct Results<'a, T> {
    accounts: Vec<Account<'a>>,
    statuses: Vec<Status<'a>>,
    hashtags: Vec<T>,
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
    json(&results(&call, &found, |tag| tag.name.as_str()))
}

async fn version_two(call: Call) -> Answer {
    let found = find(&call).await?;
    let url = |tag: &FoundTag| call.engine().settings().tag_url(&tag.name);
    json(&results(&call, &found, |tag| Tag { name: &tag.name, url: url(tag), history: [], following: false }))
}

fn results<'a, T>(call: &'a Call, found: &'a Found, tag: impl Fn(&'a FoundTag) -> T) -> Results<'a, T> {
    let renderer = call.renderer();
    Results {
        accounts: found.accounts.iter().map(|view| renderer.account(view)).collect(),
        statuses: found.statuses.iter().map(|view| renderer.status(view)).collect(),
        hashtags: found.tags.iter().map(tag).collect(),
    }
}
