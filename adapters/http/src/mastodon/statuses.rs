//! Single statuses: asking for them, posting, deleting, and what accounts do to them.

use http::{HeaderMap, Method};
use koinon_engine::audience::{StatusView, Visible};
use koinon_engine::error::Invalid;
use koinon_engine::id::IdInput;
use koinon_engine::model::{ApplicationName, MarkKind, Visibility};
use koinon_engine::statuses::{Audience, Draft};
use koinon_engine::text::Format;
use serde::{Deserialize, Serialize};

use super::entities::Status;
use super::refuse;
use crate::answer::{self, empty_object, json, page};
use crate::call::Call;
use crate::endpoint::{Access, Answer, Endpoint, route};
use crate::failure::Failure;
use crate::json::{Object, WriteJson};
use crate::router::Route;

pub(super) fn routes() -> Vec<Route<Endpoint>> {
    let read = Access::Optional("read:statuses");
    let mut routes = vec![
        route(Method::GET, "/api/v1/statuses", read, refuse, several),
        route(Method::POST, "/api/v1/statuses", Access::Account("write:statuses"), refuse, post),
        route(Method::GET, "/api/v1/statuses/{id}", read, refuse, show),
        route(Method::DELETE, "/api/v1/statuses/{id}", Access::Account("write:statuses"), refuse, delete),
        route(Method::GET, "/api/v1/statuses/{id}/context", read, refuse, context),
        route(Method::GET, "/api/v1/statuses/{id}/card", read, refuse, card),
        route(Method::GET, "/api/v1/statuses/{id}/source", Access::Account("read:statuses"), refuse, source),
        route(Method::GET, "/api/v1/statuses/{id}/reblogged_by", read, refuse, reblogged_by),
        route(Method::GET, "/api/v1/statuses/{id}/favourited_by", read, refuse, favourited_by),
        route(
            Method::POST,
            "/api/v1/statuses/{id}/reblog",
            Access::Account("write:statuses"),
            refuse,
            reblog,
        ),
        route(
            Method::POST,
            "/api/v1/statuses/{id}/unreblog",
            Access::Account("write:statuses"),
            refuse,
            unreblog,
        ),
        route(Method::GET, "/api/v1/favourites", Access::Account("read:favourites"), refuse, |call| {
            marked(call, MarkKind::Favourite)
        }),
        route(Method::GET, "/api/v1/bookmarks", Access::Account("read:bookmarks"), refuse, |call| {
            marked(call, MarkKind::Bookmark)
        }),
    ];
    for (name, undo, scope, kind) in [
        (
            "/api/v1/statuses/{id}/favourite",
            "/api/v1/statuses/{id}/unfavourite",
            "write:favourites",
            MarkKind::Favourite,
        ),
        (
            "/api/v1/statuses/{id}/bookmark",
            "/api/v1/statuses/{id}/unbookmark",
            "write:bookmarks",
            MarkKind::Bookmark,
        ),
        ("/api/v1/statuses/{id}/pin", "/api/v1/statuses/{id}/unpin", "write:accounts", MarkKind::Pin),
    ] {
        let access = Access::Account(scope);
        routes.push(route(Method::POST, name, access, refuse, move |call| mark(call, kind)));
        routes.push(route(Method::POST, undo, access, refuse, move |call| unmark(call, kind)));
    }
    routes
}

async fn show(call: Call) -> Answer {
    let id = call.id("id")?;
    let view = call.query(move |query| query.status_by_input(id)).await?;
    answer::entity(&call.renderer().status(&view))
}

async fn several(call: Call) -> Answer {
    #[derive(Deserialize)]
    struct Wanted {
        #[serde(default)]
        ids: Vec<String>,
        #[serde(default)]
        id: Vec<String>,
    }
    let Wanted { ids, id } = call.read()?;
    let ids: Vec<IdInput> = ids.iter().chain(&id).filter_map(|id| id.parse().ok()).collect();
    let views = call.query(move |query| query.statuses(&ids)).await?;
    answer::entity(&views.iter().map(|view| call.renderer().status(view)).collect::<Vec<_>>())
}

/// Parameters of a post.
#[derive(Debug, Default, Deserialize)]
struct Post {
    #[serde(default)]
    status: String,
    content_type: Option<String>,
    in_reply_to_id: Option<String>,
    #[serde(default)]
    media_ids: Vec<String>,
    sensitive: Option<bool>,
    #[serde(default)]
    spoiler_text: String,
    visibility: Option<String>,
    language: Option<String>,
    #[serde(default)]
    local_only: bool,
}

async fn post(call: Call) -> Answer {
    let author = call.account()?;
    let wanted: Post = call.read()?;
    let session = call.session();
    let draft = Draft {
        text: wanted.status,
        format: format(wanted.content_type.as_deref())?,
        spoiler_text: wanted.spoiler_text,
        sensitive: wanted.sensitive,
        audience: audience(wanted.visibility.as_deref())?,
        local_only: wanted.local_only,
        in_reply_to: answered(wanted.in_reply_to_id.as_deref())?,
        media: wanted
            .media_ids
            .iter()
            .filter(|id| !id.is_empty())
            .map(|id| id.parse().map_err(|_| Invalid::UnknownMedia.into()))
            .collect::<Result<_, Failure>>()?,
        language: wanted.language.filter(|code| !code.is_empty()),
        application: session.map(|session| ApplicationName {
            name: session.app_name.clone(),
            website: session.app_website.clone(),
        }),
        idempotency_key: idempotency_key(call.headers()),
    };
    let view = call.engine().post(author, draft).await?;
    answer::entity(&call.renderer().status(&view))
}

fn format(content_type: Option<&str>) -> Result<Format, Failure> {
    match content_type.filter(|text| !text.is_empty()) {
        None => Ok(Format::Plain),
        Some(text) => text.parse().map_err(|_| Invalid::Malformed("Content type").into()),
    }
}

fn audience(visibility: Option<&str>) -> Result<Option<Audience>, Failure> {
    let Some(text) = visibility.filter(|text| !text.is_empty()) else { return Ok(None) };
    if let Some(list) = text.strip_prefix("list:") {
        let id = list.parse().map_err(|_| Invalid::UnknownCircle)?;
        return Ok(Some(Audience::Circle(id))); // R52
    }
    let visibility: Visibility = text.parse().map_err(|_| Invalid::Malformed("Visibility"))?;
    Ok(Some(Audience::Visibility(visibility)))
}

/// The status answered to; an empty id means none.
fn answered(id: Option<&str>) -> Result<Option<IdInput>, Failure> {
    match id.filter(|id| !id.is_empty()) {
        None => Ok(None),
        Some(id) => Ok(Some(id.parse().map_err(|_| Invalid::UnknownParent)?)),
    }
}

fn idempotency_key(headers: &HeaderMap) -> Option<String> {
    let key = headers.get("idempotency-key")?;
    Some(String::from_utf8_lossy(key.as_bytes()).into_owned()).filter(|key| !key.is_empty())
}

async fn delete(call: Call) -> Answer {
    let deleted = call.engine().delete_status(call.account()?, call.id("id")?).await?;
    match &deleted.status {
        Some(view) => answer::entity(&call.renderer().deleted_status(view)),
        None => empty_object(),
    }
}

struct Context<'a> {
    ancestors: Vec<Status<'a>>,
    descendants: Vec<Status<'a>>,
}

impl WriteJson for Context<'_> {
    fn write_json(&self, out: &mut Vec<u8>) {
        Object::begin(out).field("ancestors", &self.ancestors).field("descendants", &self.descendants).end();
    }
}

async fn context(call: Call) -> Answer {
    let id = call.id("id")?;
    let context = call.query(move |query| query.context(id)).await?;
    let renderer = call.renderer();
    answer::entity(&Context {
        ancestors: context.ancestors.iter().map(|view| renderer.status(view)).collect(),
        descendants: context.descendants.iter().map(|view| renderer.status(view)).collect(),
    })
}

/// The preview of a link. No server fetches what its users link to, so there is none. // R315
async fn card(call: Call) -> Answer {
    let id = call.id("id")?;
    call.query(move |query| query.status_by_input(id)).await?;
    empty_object()
}

#[derive(Serialize)]
struct Source<'a> {
    id: String,
    text: &'a str,
    spoiler_text: &'a str,
    content_type: &'static str,
}

async fn source(call: Call) -> Answer {
    let id = call.id("id")?;
    let view = call.query(move |query| query.status_by_input(id)).await?;
    let status = &view.status;
    json(&Source {
        id: call.renderer().id(status.id),
        text: &status.text,
        spoiler_text: &status.spoiler_text,
        content_type: status.format.as_str(), // R92
    })
}

async fn favourited_by(call: Call) -> Answer {
    let (id, request) = (call.id("id")?, call.page(40, 80)?); // R12
    let accounts = call.query(move |query| query.favourited_by(id, &request)).await?;
    page(&call, &accounts, |view| call.renderer().account(view))
}

async fn reblogged_by(call: Call) -> Answer {
    let (id, request) = (call.id("id")?, call.page(40, 80)?);
    let accounts = call.query(move |query| query.reblogged_by(id, &request)).await?;
    page(&call, &accounts, |view| call.renderer().account(view))
}

async fn reblog(call: Call) -> Answer {
    #[derive(Deserialize)]
    struct Wanted {
        visibility: Option<String>,
    }
    let wanted: Wanted = call.read()?;
    let visibility = match audience(wanted.visibility.as_deref())? {
        None => None,
        Some(Audience::Visibility(visibility)) => Some(visibility),
        Some(Audience::Circle(_)) => return Err(Invalid::NotReblogged.into()),
    };
    let view = call.engine().reblog(call.account()?, call.id("id")?, visibility).await?;
    answer::entity(&call.renderer().status(&view))
}

async fn unreblog(call: Call) -> Answer {
    let view = call.engine().unreblog(call.account()?, call.id("id")?).await?;
    undone(&call, view)
}

async fn mark(call: Call, kind: MarkKind) -> Answer {
    let view = call.engine().mark(call.account()?, kind, call.id("id")?).await?;
    answer::entity(&call.renderer().status(&view))
}

async fn unmark(call: Call, kind: MarkKind) -> Answer {
    let view = call.engine().unmark(call.account()?, kind, call.id("id")?).await?;
    undone(&call, view)
}

async fn marked(call: Call, kind: MarkKind) -> Answer {
    let request = call.page(20, 40)?;
    let statuses = call.query(move |query| query.own_marks(kind, &request)).await?;
    page(&call, &statuses, |view| call.renderer().status(view))
}

/// What was undone is undone; of a status that is out of sight nothing is told.
pub(super) fn undone(call: &Call, view: Option<Visible<StatusView>>) -> Answer {
    match view {
        Some(view) => answer::entity(&call.renderer().status(&view)),
        None => Err(koinon_engine::Error::NotFound.into()),
    }
}
