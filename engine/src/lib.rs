//! In the making.
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod id;
pub mod memory;
pub mod store;
