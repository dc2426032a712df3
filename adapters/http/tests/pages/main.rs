//! Pages for people with a browser and without scripts.
#![allow(clippy::unwrap_used)]

#[path = "../support/mod.rs"]
mod support;

mod joining;
mod reading;
mod signing_in;
