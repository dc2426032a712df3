//! Named sets of accounts: lists, groups, aspects.

use serde::{Deserialize, Serialize};

use super::{AccountId, CircleId};

/// A set of accounts that its owner reads or addresses together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Circle {
    /// Its id.
    pub id: CircleId,
    /// Whose it is; nobody else knows of it.
    pub owner: AccountId,
    /// Its name.
    pub title: String,
    /// Which replies of members its timeline shows.
    #[serde(default)]
    pub replies: RepliesPolicy,
    /// Members' posts are left out of the owner's home timeline.
    #[serde(default)]
    pub exclusive: bool,
}

/// Which replies of members a circle's timeline shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RepliesPolicy {
    /// To any account the owner follows.
    Followed,
    /// To other members.
    #[default]
    List,
    /// None.
    None,
}
