//! Koinon behind HTTP, free of any framework: `http::Request` in, `http::Response` out.
//!
//! The lower half of the crate knows HTTP and nothing of social software; dialects, OAuth and pages stand on
//! it:
//!
//! | module | what it answers |
//! |---|---|
//! | [`limits`] | is the request too large? |
//! | [`router`] | which route is it for, and what does `Allow` say? |
//! | [`params`] | what did the client send, in whichever format? |
//! | [`credentials`] | by whose authority? |
//! | [`client_address`] | from which address, through which proxies? |
//! | [`rate_limit`] | is that too often? |
//! | [`paging`] | where are the next and the previous page? |
//! | [`cors`] | may a web page of another origin read the answer? |
//! | [`body`] | bytes and streams of both directions |
//!
//! Nothing here reads a clock, opens a socket or needs an async runtime. Errors are enums, matched by kind;
//! those that HTTP has a status for tell it by `status()`. How an error looks in an answer is the dialect's
//! decision.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod access;
mod activity;
mod answer;
mod api;
pub mod body;
pub mod call;
pub mod client_address;
pub mod cors;
pub mod credentials;
pub mod endpoint;
pub mod failure;
mod json;
pub mod limits;
mod mastodon;
mod oauth;
pub mod options;
pub mod paging;
pub mod params;
pub mod rate_limit;
pub mod router;
mod web;

pub use api::{Api, Peer};
pub use body::Body;
pub use options::{IdFormat, Options, Profile};
