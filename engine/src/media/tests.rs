//! What uploads become. The files are built here, byte by byte where encoders would not write such things.

#![allow(clippy::unwrap_used)]

mod blobs;
mod fixtures;
mod gif;
mod hostile;
mod jpeg;
mod pictures;
mod png;
mod profile;
mod types;
mod webp;
