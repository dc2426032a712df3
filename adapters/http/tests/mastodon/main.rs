//! The Mastodon dialect as clients see it: requests in, answers out, over an engine in memory.
#![allow(clippy::unwrap_used)]

mod accounts;
mod check;
mod client;
mod deletion;
mod entities;
mod hidden;
mod histories;
mod http;
mod idempotency;
mod ids;
mod lists;
mod marks;
mod media;
mod notifications;
mod paging;
mod pictures;
mod posting;
mod profile;
mod reblogs;
mod relationships;
mod reports;
mod routes;
mod search;
mod surfaces;
mod threads;
mod timelines;
mod visibility;
mod world;
