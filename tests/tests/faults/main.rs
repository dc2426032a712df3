//! What goes wrong under a server, and what it still keeps: see `RELIABILITY.md`.
//!
//! The short forms run with every test run; variables named in each module make them long.

#![allow(clippy::unwrap_used)]

mod backup_moment;
mod backup_under_load;
mod client;
mod crowd;
mod failing_calls;
mod folders;
mod full_disk;
mod kill_points;
mod read_only;
mod stop;
