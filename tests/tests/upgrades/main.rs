//! Data of older versions: brought up to date wherever it is interrupted, and frozen files of each version that was
//! released.

#![allow(clippy::unwrap_used)]

mod frozen;
mod interrupted;
