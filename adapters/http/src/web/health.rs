//! Whether the instance works.

use http::Method;
use koinon_engine::audience::Viewer;
use serde::Serialize;

use crate::answer::json;
use crate::call::Call;
use crate::endpoint::{Access, Answer, Endpoint, route};
use crate::mastodon::refuse;
use crate::router::Route;

pub(super) fn routes() -> Vec<Route<Endpoint>> {
    vec![route(Method::GET, "/health", Access::Open, refuse, health)]
}

#[derive(Serialize)]
struct Health {
    status: &'static str,
    store: &'static str,
    version: &'static str,
}

/// Reads something; where that fails, the refusal is a 503. // R220
async fn health(call: Call) -> Answer {
    call.engine().query(Viewer::Anonymous, |query| query.search_tags("health", 1, 0)).await?;
    let store = call.engine().capabilities().backend;
    json(&Health { status: "ok", store, version: env!("CARGO_PKG_VERSION") })
}
