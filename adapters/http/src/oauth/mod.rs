//! OAuth 2: how programs get tokens, give them back, and learn what this instance can do.
//!
//! The rules stand in the engine's `oauth` module; here is how they are asked over HTTP.

mod authorize;
mod client;
mod consent;
mod metadata;
mod redirect;
mod refusal;
mod revoke;
mod tokens;
mod userinfo;

use crate::endpoint::Endpoint;
use crate::router::Route;

/// The routes of OAuth.
pub(crate) fn routes() -> Vec<Route<Endpoint>> {
    let mut routes = Vec::new();
    routes.extend(authorize::routes());
    routes.extend(tokens::routes());
    routes.extend(revoke::routes());
    routes.extend(userinfo::routes());
    routes.extend(metadata::routes());
    routes
}
