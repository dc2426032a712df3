//! Home, public and tag timelines.

use http::Method;
use koinon_engine::model::Visibility;
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

/// Whose answers are shown where a client does not say: on Mastodon, home has those between people one knows, public
/// timelines have none, tags have all; Pleroma shows all everywhere. // R102
#[derive(Debug, Clone, Copy)]
struct Usual {
    mastodon: Replies,
    /// Whether the client may say otherwise.
    optional: bool,
}

const HOME: Usual = Usual { mastodon: Replies::Following, optional: true };
const PUBLIC: Usual = Usual { mastodon: Replies::Nobody, optional: true };
const OTHERS: Usual = Usual { mastodon: Replies::All, optional: false };

/// What a request wants of a timeline; none if nothing can be both local and remote. // R105
fn filter(call: &Call, usual: Usual) -> Result<Option<TimelineFilter>, Failure> {
    let wanted: Filters = call.read()?;
    let origin = match (wanted.local, wanted.remote) {
        (true, true) => return Ok(None),
        (true, false) => Origin::Here,
        (false, true) => Origin::Elsewhere,
        (false, false) => Origin::Everywhere,
    };
    let asked = wanted.reply_visibility.as_deref().filter(|_| usual.optional);
    let replies = match (asked, call.api().options().profile) {
        (Some("self"), _) => Replies::Own,            // R100
        (Some("following"), _) => Replies::Following, // R101
        (_, Profile::Mastodon) => usual.mastodon,
        (_, Profile::Pleroma) => Replies::All,
    };
    Ok(Some(TimelineFilter {
        only_media: wanted.only_media,
        origin,
        with_muted: wanted.with_muted,
        replies,
        exclude_visibilities: visibilities(&wanted.exclude_visibilities),
    }))
}

/// The visibilities that clients know by these names; names of none are left out. // R61 R63
pub(super) fn visibilities(names: &[String]) -> Vec<Visibility> {
    Visibility::ALL
        .into_iter()
        .filter(|visibility| names.iter().any(|name| name == super::entities::visibility(*visibility)))
        .collect()
}

async fn home(call: Call) -> Answer {
    let request = call.page(20, 40)?; // R13
    let timeline = match filter(&call, HOME)? {
        Some(filter) => call.query(move |query| query.home_timeline(&filter, &request)).await?,
        None => koinon_engine::page::Page::empty(),
    };
    page(&call, &timeline, |view| call.renderer().status(view))
}

async fn public(call: Call) -> Answer {
    let request = call.page(20, 40)?;
    let timeline = match filter(&call, PUBLIC)? {
        Some(filter) => call.query(move |query| query.public_timeline(&filter, &request)).await?,
        None => koinon_engine::page::Page::empty(),
    };
    page(&call, &timeline, |view| call.renderer().status(view))
}

async fn list(call: Call) -> Answer {
    let (id, request) = (call.id("id")?, call.page(20, 40)?);
    let timeline = match filter(&call, OTHERS)? {
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
        any: Vec<String>,
        #[serde(default)]
        all: Vec<String>,
        #[serde(default)]
        none: Vec<String>,
    }
    let request = call.page(20, 40)?;
    let Tags { hashtag, any, all, none } = call.read()?;
    let tags = TagFilter { any, all, none };
    let timeline = match filter(&call, OTHERS)? {
        Some(filter) => {
            call.query(move |query| query.tag_timeline(&hashtag, &tags, &filter, &request)).await?
        }
        None => koinon_engine::page::Page::empty(),
    };
    page(&call, &timeline, |view| call.renderer().status(view))
}
