//! What people let programs do in their name.
#![allow(clippy::unwrap_used)]

mod apps;
mod authorize;
mod client;
mod codes;
mod passwords;
mod refresh;
mod revoke;
mod secrets;
mod sessions;
#[path = "../support/mod.rs"]
mod support;
mod web;
