//! How accounts stand to each other, through the public face of the engine.
#![allow(clippy::unwrap_used)]

mod blocks;
mod follows;
mod invariants;
mod lists;
mod mutes;
#[path = "../world/mod.rs"]
mod world;
