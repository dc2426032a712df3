//! The Mastodon dialect: document 002 and what clients of today need beside it.

mod absent;
mod accounts;
mod apps;
mod entities;
mod errors;
pub(crate) mod instance;
mod lists;
mod media;
mod notifications;
pub(crate) mod rates;
mod relationships;
mod reports;
mod search;
mod statuses;
mod timelines;

pub(crate) use entities::{Renderer, Renderings};
pub(crate) use errors::refuse;

use crate::call::Call;
use crate::endpoint::Endpoint;
use crate::router::Route;

/// The routes of the dialect.
pub(crate) fn routes() -> Vec<Route<Endpoint>> {
    let mut routes = Vec::new();
    routes.extend(apps::routes());
    routes.extend(instance::routes());
    routes.extend(accounts::routes());
    routes.extend(relationships::routes());
    routes.extend(statuses::routes());
    routes.extend(timelines::routes());
    routes.extend(notifications::routes());
    routes.extend(search::routes());
    routes.extend(reports::routes());
    routes.extend(media::routes());
    routes.extend(lists::routes());
    routes.extend(absent::routes());
    routes
}

impl Call {
    /// What entities are rendered with.
    pub(crate) fn renderer(&self) -> Renderer<'_> {
        Renderer {
            settings: self.engine().settings(),
            ids: self.id_format(),
            renderings: self.api().renderings(),
        }
    }
}
