//! In the making.
#![cfg_attr(test, allow(clippy::unwrap_used))]

#[cfg(any(test, feature = "conformance"))]
pub mod conformance;
pub mod id;
pub mod memory;
pub mod store;
