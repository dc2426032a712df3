//! In the making.
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod accounts;
pub mod audience;
mod command;
mod engine;
pub mod entropy;
pub mod error;
pub mod id;
pub mod ids;
pub mod jobs;
pub mod media;
pub mod memory;
pub mod model;
pub mod notifications;
pub mod oauth;
pub mod page;
pub mod query;
pub mod scope;
pub mod settings;
pub mod store;
pub mod text;
pub mod time;
mod workers;

pub use engine::{Engine, Surroundings};
pub use error::Error;
