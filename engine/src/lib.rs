//! The rules of a social server: who may see what, timelines, relationships, notifications, search. No HTTP, no database, no
//! async runtime, no clock and no randomness of its own.
//!
//! ```
//! use std::sync::Arc;
//!
//! use koinon_engine::accounts::NewAccount;
//! use koinon_engine::audience::Viewer;
//! use koinon_engine::media::MemoryBlobs;
//! use koinon_engine::memory::MemoryStore;
//! use koinon_engine::settings::Settings;
//! use koinon_engine::statuses::Draft;
//! use koinon_engine::store::schema::TABLES;
//! use koinon_engine::{Engine, Surroundings};
//!
//! # futures::executor::block_on(async {
//! let store = Arc::new(MemoryStore::new(TABLES));
//! let blobs = Arc::new(MemoryBlobs::new());
//! let engine = Engine::open(store, blobs, Settings::default(), Surroundings::default()).await?;
//! let ada = engine
//!     .create_account(NewAccount { username: "ada".into(), password: "a long password".into(), ..NewAccount::default() })
//!     .await?;
//! let posted = engine.post(ada, Draft { text: "Hello, #world".into(), ..Draft::default() }).await?;
//! let id = posted.status.id;
//! let seen = engine.query(Viewer::Anonymous, move |query| query.status(id)).await?;
//! assert_eq!(seen.status.tags, ["world"]);
//! # Ok::<(), koinon_engine::Error>(())
//! # }).unwrap();
//! ```
//!
//! | where to look | for |
//! |---|---|
//! | [`Engine`] | everything that changes something, and [`query`](Engine::query) |
//! | [`query::Query`] | every question, from one snapshot, for one viewer |
//! | [`audience`] | who may see what; [`audience::Visible`] is the proof that someone may |
//! | [`model`] | the data, [`store::schema`] where it lies |
//! | [`store`] | what a storage backend has to do; [`memory`] is the simplest one |
//! | [`accounts`], [`oauth`], [`profiles`] | people, how they sign in, what they let programs do |
//! | [`statuses`], [`timelines`], [`search`], [`uploads`] | posting and reading |
//! | [`relationships`], [`circles`], [`notifications`], [`markers`], [`reports`] | the rest of social life |
//! | [`text`], [`media`] | text to safe HTML, uploads to clean files |
//! | [`bulk`] | many commands in one transaction |
//! | [`check`], [`migration`] | whether the stored data says one thing, and how older data is brought up to date |
//!
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod accounts;
pub mod audience;
pub mod bulk;
mod cache;
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
pub mod migration;
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
