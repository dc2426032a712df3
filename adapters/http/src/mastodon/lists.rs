//! Lists: what Mastodon calls circles.

use http::Method;
use koinon_engine::circles::{CircleChange, NewCircle};
use koinon_engine::error::Invalid;
use koinon_engine::model::{AccountId, Circle, RepliesPolicy};
use serde::{Deserialize, Serialize};

use super::refuse;
use crate::answer::{empty_object, json, page};
use crate::call::Call;
use crate::endpoint::{Access, Answer, Endpoint, route};
use crate::failure::Failure;
use crate::router::Route;

pub(super) fn routes() -> Vec<Route<Endpoint>> {
    let read = Access::Account("read:lists");
    let write = Access::Account("write:lists");
    vec![
        route(Method::GET, "/api/v1/lists", read, refuse, index),
        route(Method::POST, "/api/v1/lists", write, refuse, create),
        route(Method::GET, "/api/v1/lists/{id}", read, refuse, show),
        route(Method::PUT, "/api/v1/lists/{id}", write, refuse, update),
        route(Method::DELETE, "/api/v1/lists/{id}", write, refuse, delete),
        route(Method::GET, "/api/v1/lists/{id}/accounts", read, refuse, members),
        route(Method::POST, "/api/v1/lists/{id}/accounts", write, refuse, add),
        route(Method::DELETE, "/api/v1/lists/{id}/accounts", write, refuse, remove),
        route(Method::GET, "/api/v1/accounts/{id}/lists", read, refuse, lists_with),
    ]
}

#[derive(Serialize)]
struct List<'a> {
    id: String,
    title: &'a str,
    replies_policy: &'static str,
    exclusive: bool,
}

fn entity<'a>(call: &Call, circle: &'a Circle) -> List<'a> {
    List {
        id: call.renderer().id(circle.id),
        title: &circle.title,
        replies_policy: match circle.replies {
            RepliesPolicy::Followed => "followed",
            RepliesPolicy::List => "list",
            RepliesPolicy::None => "none",
        },
        exclusive: circle.exclusive,
    }
}

fn entities<'a>(call: &Call, circles: &'a [Circle]) -> Vec<List<'a>> {
    circles.iter().map(|circle| entity(call, circle)).collect()
}

/// Parameters of a list.
#[derive(Debug, Deserialize)]
struct Wish {
    title: Option<String>,
    replies_policy: Option<String>,
    exclusive: Option<bool>,
}

impl Wish {
    fn replies(&self) -> Result<Option<RepliesPolicy>, Failure> {
        match self.replies_policy.as_deref().filter(|text| !text.is_empty()) {
            None => Ok(None),
            Some("followed") => Ok(Some(RepliesPolicy::Followed)),
            Some("list") => Ok(Some(RepliesPolicy::List)),
            Some("none") => Ok(Some(RepliesPolicy::None)),
            Some(_) => Err(Invalid::Malformed("Replies policy").into()),
        }
    }
}

async fn index(call: Call) -> Answer {
    let circles = call.query(|query| query.circles()).await?;
    json(&entities(&call, &circles))
}

async fn show(call: Call) -> Answer {
    let id = call.id("id")?;
    let circle = call.query(move |query| query.circle(id)).await?;
    json(&entity(&call, &circle))
}

async fn create(call: Call) -> Answer {
    let wish: Wish = call.read()?;
    let circle = NewCircle {
        replies: wish.replies()?.unwrap_or_default(),
        title: wish.title.unwrap_or_default(),
        exclusive: wish.exclusive.unwrap_or_default(),
    };
    let circle = call.engine().create_circle(call.account()?, circle).await?;
    json(&entity(&call, &circle))
}

async fn update(call: Call) -> Answer {
    let wish: Wish = call.read()?;
    let change = CircleChange { replies: wish.replies()?, title: wish.title, exclusive: wish.exclusive };
    let circle = call.engine().change_circle(call.account()?, call.id("id")?, change).await?;
    json(&entity(&call, &circle))
}

async fn delete(call: Call) -> Answer {
    call.engine().delete_circle(call.account()?, call.id("id")?).await?;
    empty_object()
}

async fn members(call: Call) -> Answer {
    let (id, request) = (call.id("id")?, call.page(40, 80)?);
    let members = call.query(move |query| query.circle_members(id, &request)).await?;
    page(&call, &members, |view| call.renderer().account(view))
}

async fn add(call: Call) -> Answer {
    call.engine().add_to_circle(call.account()?, call.id("id")?, named(&call).await?).await?;
    empty_object()
}

async fn remove(call: Call) -> Answer {
    call.engine().remove_from_circle(call.account()?, call.id("id")?, named(&call).await?).await?;
    empty_object()
}

/// The accounts a request names; each has to exist for whoever asks.
async fn named(call: &Call) -> Result<Vec<AccountId>, Failure> {
    #[derive(Deserialize)]
    struct Wanted {
        #[serde(default)]
        account_ids: Vec<String>,
    }
    let wanted: Wanted = call.read()?;
    call.query(move |query| {
        wanted.account_ids.iter().map(|id| Ok(query.account_by_input(id)?.account.id)).collect()
    })
    .await
}

async fn lists_with(call: Call) -> Answer {
    let member = call.account_id("id").await?;
    let circles = call.query(move |query| query.circles_with(member)).await?;
    json(&entities(&call, &circles))
}
