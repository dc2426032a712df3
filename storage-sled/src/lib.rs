//! A store on sled.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod backup;
mod catalog;
mod check;
mod committer;
mod create;
mod database;
mod disk;
mod error;
mod files;
mod marker;
mod options;
mod queue;
mod reader;
mod salvage;
mod session;
mod statistics;
mod store;
mod tables;
mod undo;
mod versions;
mod view;
mod writer;

pub use backup::restore;
pub use options::{Durability, SledOptions};
pub use salvage::{Salvage, salvage};
pub use statistics::Statistics;
pub use store::SledStore;
