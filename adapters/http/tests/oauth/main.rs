//! OAuth over HTTP, as clients and browsers see it. Rules A1 to I are those of the contract's checklist, T1 to T52 its
//! list of tests; what needs no HTTP is tested in the engine.
#![allow(clippy::unwrap_used)]

#[path = "../support/mod.rs"]
mod support;

mod apps;
mod authorize;
mod metadata;
mod revoke;
mod token;
