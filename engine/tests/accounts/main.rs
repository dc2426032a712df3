//! How people join, prove who they are, are found, and leave.
#![allow(clippy::unwrap_used)]

mod credentials;
mod lookup;
mod moderation;
mod owner;
mod registration;
mod statistics;
#[path = "../support/mod.rs"]
mod support;
