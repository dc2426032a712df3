//! What clients ask for when they start and what nobody can make here: lists that are empty, and truly so.

use http::Method;

use super::refuse;
use crate::answer::json;
use crate::endpoint::{Access, Endpoint, route};
use crate::router::Route;

pub(super) fn routes() -> Vec<Route<Endpoint>> {
    let everyone = Access::Optional("");
    let lists = [
        ("/api/v1/custom_emojis", Access::Open),
        ("/api/v1/announcements", everyone),
        ("/api/v1/trends", everyone),
        ("/api/v1/trends/tags", everyone),
        ("/api/v1/trends/statuses", everyone),
        ("/api/v1/trends/links", everyone),
        ("/api/v1/suggestions", Access::Account("read")),
        // Web clients ask for these before anybody has signed in.
        ("/api/v2/suggestions", Access::Optional("read")),
        ("/api/v1/filters", Access::Account("read:filters")),
        ("/api/v2/filters", Access::Account("read:filters")),
        ("/api/v1/followed_tags", Access::Account("read:follows")),
        ("/api/v1/featured_tags", Access::Account("read:accounts")),
        ("/api/v1/endorsements", Access::Account("read:accounts")),
        ("/api/v1/scheduled_statuses", Access::Account("read:statuses")),
    ];
    let empty = |(path, access)| route(Method::GET, path, access, refuse, |_| async { json(&[(); 0]) });
    lists.into_iter().map(empty).collect()
}
