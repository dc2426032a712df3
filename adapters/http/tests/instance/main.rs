//! What the instance says about itself, to clients and to whoever looks it up.
#![allow(clippy::unwrap_used)]

#[path = "../support/mod.rs"]
mod support;

mod empty_lists;
mod entities;
mod nodeinfo;
mod schema;
mod webfinger;
