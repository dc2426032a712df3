//! How accounts stand to each other, through the public face of the engine.
#![allow(clippy::unwrap_used)]

mod blocks;
mod follows;
mod four;
mod invariants;
mod lists;
mod mutes;
mod tables;
#[path = "../world/mod.rs"]
mod world;
