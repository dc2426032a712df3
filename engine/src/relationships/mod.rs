//! How accounts stand to each other: follows and requests to follow, blocks, mutes.
//!
//! Every relation stands in a table by pair and in one or two ordered lists; the functions in `rules` are the only
//! ones that write them, so that they and the counters beside the accounts stay in step.
//!
//! Whoever is acted upon has to be visible to the one who acts; the opposites (unfollow, unblock, …) work without
//! that, but then say no more than what the one who acts did themself.

mod blocks;
mod domain;
mod feed;
mod follows;
mod lists;
mod mutes;
mod queries;
mod rules;

pub use follows::FollowOptionsChange;
pub(crate) use follows::{accept, follow};
pub use lists::{FamiliarFollowers, MutedAccount};
pub use mutes::MuteOptions;
pub use queries::RelationshipView;
