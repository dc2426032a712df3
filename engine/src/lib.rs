//! In the making.
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod accounts;
pub mod audience;
pub mod check;
pub mod circles;
mod command;
#[cfg(any(test, feature = "conformance"))]
pub mod conformance;
mod engine;
pub mod entropy;
pub mod error;
pub mod id;
pub mod ids;
pub mod jobs;
pub mod markers;
pub mod media;
pub mod memory;
pub mod model;
pub mod notifications;
pub mod oauth;
pub mod page;
pub mod profiles;
pub mod query;
pub mod relationships;
pub mod reports;
pub mod scope;
pub mod search;
pub mod settings;
pub mod statuses;
pub mod store;
pub mod text;
pub mod time;
pub mod timelines;
pub mod uploads;
mod workers;

pub use engine::{Engine, Surroundings};
pub use error::Error;
