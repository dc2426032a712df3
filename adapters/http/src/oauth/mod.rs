//! OAuth 2.

use crate::endpoint::Endpoint;
use crate::router::Route;

/// The routes of OAuth.
pub(crate) fn routes() -> Vec<Route<Endpoint>> {
    Vec::new()
}
