//! Home, public and tag timelines.

use http::Method;
use koinon_engine::timelines::{Origin, Replies, TagFilter, TimelineFilter};
use serde::Deserialize;

use super::refuse;
use crate::answer::page;
use crate::call::Call;
use crate::endpoint::{Access, Answer, Endpoint, route};
use crate::failure::Failure;
use crate::options::Profile;
use crate::router::Route;

pub(super) fn routes() -> Vec<Route<Endpoint>> {
    vec![
        route(Method::GET, "/api/v1/timelines/home", Access::Account("read:statuses"), refuse, home),
        route(Method::GET, "/api/v1/timelines/public", Access::Optional("read:statuses"), refuse, public),
        route(Method::GET, "/api/v1/timelines/list/{id}", Access::Account("read:lists"), refuse, list),
        route(Method::GET, "/api/v1/timelines/tag/{hashtag}", Access::Optional("read:statuses"), refuse, tag),
    ]
}

/// Parameters that filter every timeline.
#[derive(Debug, Deserialize)]
struct Filters {
    #[serde(default)]
    local: bool,
    #[serde(default)]
    remote: bool,
    #[serde(default)]
    only_media: bool,
    #[serde(default)]
    with_muted: bool,
    reply_visibility: Option<String>,
    #[serde(default)]
    exclude_visibilities: Vec<String>,
}

/// What a request wants of a timeline; none if nothing can be both local and remote. // R105
fn filter(call: &Call) -> Result<Option<TimelineFilter>, Failure> {
    let wanted: Filters = call.read()?;
    let origin = match (wanted.local, wanted.remote) {
        (true, true) => return Ok(None),
        (true, false) => Origin::Here,
        (false, true) => Origin::Elsewhere,
        (false, false) => Origin::Everywhere,
    };
    let replies = match (wanted.reply_visibility.as_deref(), call.api().options().profile) {
        (Some("self"), _) => Replies::Own,
        (Some("following"), _) | (None, Profile::Mastodon) => Replies::Following,
        (_, _) => Replies::All, // R102
    };
    Ok(Some(TimelineFilter {
        only_media: wanted.only_media,
        origin,
        with_muted: wanted.with_muted,
        replies,
        exclude_visibilities: wanted
            .exclude_visibilities
            .iter()
            .filter_map(|name| name.parse().ok())
            .collect(),
    }))
}

async fn home(call: Call) -> Answer {
    let request = call.page(20, 40)?; // R13
    let timeline = match filter(&call)? {
        Some(filter) => call.query(move |query| query.home_timeline(&filter, &request)).await?,
        None => koinon_engine::page::Page::empty(),
    };
    page(&call, &timeline, |view| call.renderer().status(view))
}

async fn public(call: Call) -> Answer {
    let request = call.page(20, 40)?;
    let timeline = match filter(&call)? {
        Some(filter) => call.query(move |query| query.public_timeline(&filter, &request)).await?,
        None => koinon_engine::page::Page::empty(),
    };
    page(&call, &timeline, |view| call.renderer().status(view))
}

async fn list(call: Call) -> Answer {
    let (id, request) = (call.id("id")?, call.page(20, 40)?);
    let timeline = match filter(&call)? {
        Some(filter) => call.query(move |query| query.circle_timeline(id, &filter, &request)).await?,
        None => koinon_engine::page::Page::empty(),
    };
    page(&call, &timeline, |view| call.renderer().status(view))
}

async fn tag(call: Call) -> Answer {
    #[derive(Deserialize)]
    struct Tags {
        hashtag: String,
        #[serde(default)]
        all: Vec<String>,
        #[serde(default)]
        none: Vec<String>,
    }
    let request = call.page(20, 40)?;
    let Tags { hashtag, all, none } = call.read()?;
    let tags = TagFilter { all, none };
    let timeline = match filter(&call)? {
        Some(filter) => {
            call.query(move |query| query.tag_timeline(&hashtag, &tags, &filter, &request)).await?
        }
        None => koinon_engine::page::Page::empty(),
    };
    page(&call, &timeline, |view| call.renderer().status(view))
}
