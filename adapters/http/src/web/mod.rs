//! Pages for browsers, without scripts; files; and what other programs look up by well-known addresses.

pub(crate) mod browser;
mod cookies;
mod files;
pub(crate) mod form;
mod front;
mod health;
mod nodeinfo;
pub(crate) mod page;
mod posts;
mod profiles;
mod refusal;
mod register;
mod sign_in;
mod style;
mod tags;
mod threads;
mod webfinger;
mod welcome;

pub(crate) use refusal::refuse;

use crate::endpoint::Endpoint;
use crate::router::Route;

/// The routes of pages and files.
pub(crate) fn routes() -> Vec<Route<Endpoint>> {
    let mut routes = files::routes();
    routes.extend(health::routes());
    routes.extend(style::routes());
    routes.extend(nodeinfo::routes());
    routes.extend(webfinger::routes());
    routes.extend(front::routes());
    routes.extend(profiles::routes());
    routes.extend(threads::routes());
    routes.extend(tags::routes());
    routes.extend(sign_in::routes());
    routes.extend(register::routes());
    routes.extend(welcome::routes());
    routes
}
