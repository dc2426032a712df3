//! In the making.

pub mod text;
