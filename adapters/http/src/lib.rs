//! Koinon behind HTTP, free of any framework: `http::Request` in, `http::Response` out.

#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod body;
pub mod limits;
pub mod params;
pub mod router;

pub use body::Body;
