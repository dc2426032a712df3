//! The Mastodon dialect as clients see it: requests in, answers out, over an engine in memory.
#![allow(clippy::unwrap_used)]

mod client;
mod deletion;
mod entities;
mod hidden;
mod http;
mod idempotency;
mod ids;
mod marks;
mod pictures;
mod posting;
mod reblogs;
mod routes;
mod threads;
mod visibility;
mod world;
