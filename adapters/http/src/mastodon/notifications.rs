//! Notifications and markers.

use std::collections::BTreeMap;

use http::Method;
use koinon_engine::markers::MarkedTimeline;
use koinon_engine::model::{Marker, NotificationKind};
use koinon_engine::notifications::NotificationFilter;
use koinon_engine::page::Page;
use serde::{Deserialize, Serialize};

use super::refuse;
use super::timelines::visibilities;
use crate::answer::{self, empty_object, json, page};
use crate::call::Call;
use crate::endpoint::{Access, Answer, Endpoint, route};
use crate::failure::Failure;
use crate::router::Route;

pub(super) fn routes() -> Vec<Route<Endpoint>> {
    let read = Access::Account("read:notifications");
    let write = Access::Account("write:notifications");
    vec![
        route(Method::GET, "/api/v1/notifications", read, refuse, index),
        route(Method::GET, "/api/v1/notifications/{id}", read, refuse, show),
        route(Method::POST, "/api/v1/notifications/clear", write, refuse, clear),
        route(Method::POST, "/api/v1/notifications/{id}/dismiss", write, refuse, dismiss),
        route(Method::POST, "/api/v1/notifications/dismiss", write, refuse, dismiss),
        route(Method::DELETE, "/api/v1/notifications/destroy_multiple", write, refuse, destroy_multiple),
        route(Method::GET, "/api/v1/markers", Access::Account("read:statuses"), refuse, markers),
        route(Method::POST, "/api/v1/markers", Access::Account("write:statuses"), refuse, set_markers),
    ]
}

/// Parameters of the list of notifications.
#[derive(Debug, Deserialize)]
struct Filters {
    #[serde(default)]
    types: Vec<String>,
    #[serde(default)]
    include_types: Vec<String>,
    #[serde(default)]
    exclude_types: Vec<String>,
    #[serde(default)]
    exclude_visibilities: Vec<String>,
    account_id: Option<String>,
}

async fn index(call: Call) -> Answer {
    let request = call.page(15, 30)?; // R14
    let wanted: Filters = call.read()?;
    let asked: Vec<String> = wanted.types.into_iter().chain(wanted.include_types).collect();
    let kinds = kinds(&asked);
    let from = wanted.account_id.filter(|id| !id.is_empty());
    // Kinds and accounts that do not exist match nothing.
    if !asked.is_empty() && kinds.is_empty() {
        return page(&call, &Page::<()>::empty(), |()| true);
    }
    let without = self::kinds(&wanted.exclude_types);
    let exclude_visibilities = visibilities(&wanted.exclude_visibilities);
    let found = call
        .query(move |query| {
            let from = match from {
                None => None,
                Some(text) => match query.account_by_input(&text) {
                    Ok(view) => Some(view.account.id),
                    Err(koinon_engine::Error::NotFound) => return Ok(Page::empty()),
                    Err(error) => return Err(error),
                },
            };
            query.notifications(&NotificationFilter { kinds, without, from, exclude_visibilities }, &request)
        })
        .await?;
    page(&call, &found, |view| call.renderer().notification(view))
}

fn kinds(names: &[String]) -> Vec<NotificationKind> {
    NotificationKind::ALL.into_iter().filter(|kind| names.iter().any(|name| name == kind.as_str())).collect()
}

async fn show(call: Call) -> Answer {
    let id = call.id("id")?;
    let view = call.query(move |query| query.notification(id)).await?;
    answer::entity(&call.renderer().notification(&view))
}

async fn clear(call: Call) -> Answer {
    call.engine().clear_notifications(call.account()?).await?;
    empty_object()
}

async fn dismiss(call: Call) -> Answer {
    call.engine().dismiss_notifications(call.account()?, vec![call.id("id")?]).await?;
    empty_object()
}

async fn destroy_multiple(call: Call) -> Answer {
    #[derive(Deserialize)]
    struct Wanted {
        #[serde(default)]
        ids: Vec<String>,
    }
    let wanted: Wanted = call.read()?;
    call.engine().dismiss_notifications(call.account()?, Call::ids(&wanted.ids)).await?;
    empty_object()
}

#[derive(Serialize)]
struct MarkerEntity {
    last_read_id: String,
    version: u64,
    updated_at: String,
}

fn entities(call: &Call, markers: &[(MarkedTimeline, Marker)]) -> BTreeMap<&'static str, MarkerEntity> {
    let entity = |marker: &Marker| MarkerEntity {
        last_read_id: call.renderer().id(marker.last_read_id),
        version: marker.version,
        updated_at: marker.updated_at.to_string(),
    };
    markers.iter().map(|(timeline, marker)| (timeline.as_str(), entity(marker))).collect()
}

async fn markers(call: Call) -> Answer {
    #[derive(Deserialize)]
    struct Wanted {
        #[serde(default)]
        timeline: Vec<String>,
    }
    let wanted: Wanted = call.read()?;
    let timelines: Vec<MarkedTimeline> =
        wanted.timeline.iter().filter_map(|name| name.parse().ok()).collect();
    let found = call.query(move |query| query.markers(&timelines)).await?;
    json(&entities(&call, &found))
}

async fn set_markers(call: Call) -> Answer {
    #[derive(Deserialize)]
    struct Wanted {
        home: Option<Position>,
        notifications: Option<Position>,
    }
    #[derive(Deserialize)]
    struct Position {
        last_read_id: Option<String>,
    }
    let wanted: Wanted = call.read()?;
    let mut positions = Vec::new();
    for (timeline, position) in
        [(MarkedTimeline::Home, wanted.home), (MarkedTimeline::Notifications, wanted.notifications)]
    {
        if let Some(id) = position.and_then(|position| position.last_read_id) {
            let id = id
                .parse()
                .map_err(|_| Failure::from(koinon_engine::error::Invalid::Malformed("Last read")))?;
            positions.push((timeline, id));
        }
    }
    let set = call.engine().set_markers(call.account()?, positions).await?;
    json(&entities(&call, &set))
}
