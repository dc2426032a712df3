//! How two accounts stand to each other.

use serde::{Deserialize, Serialize};

use crate::id::Flake;
use crate::time::Timestamp;

/// One account follows another, or asks to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Follow {
    /// Its own id, by which lists of followers are ordered and paged.
    pub id: Flake,
    /// When it began.
    pub created_at: Timestamp,
    /// What the follower wants to see.
    #[serde(flatten)]
    pub options: FollowOptions,
}

/// What a follower wants to see of an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FollowOptions {
    /// Reblogs appear in the home timeline.
    pub show_reblogs: bool,
    /// Each new post makes a notification.
    #[serde(default)]
    pub notify: bool,
    /// Only posts in these languages; all when empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub languages: Vec<String>,
}

impl Default for FollowOptions {
    fn default() -> Self {
        Self { show_reblogs: true, notify: false, languages: Vec::new() }
    }
}

/// One account wants to have nothing to do with another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {
    /// Its own id, by which lists of blocks are ordered and paged.
    pub id: Flake,
    /// When it began.
    pub created_at: Timestamp,
}

/// One account does not want to be shown another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mute {
    /// Its own id, by which lists of mutes are ordered and paged.
    pub id: Flake,
    /// When it began.
    pub created_at: Timestamp,
    /// Notifications are held back too.
    pub notifications: bool,
    /// When it ends by itself; never when none. // R127
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
}

impl Mute {
    /// Whether it holds at `now`; no job has to run for it to end. // R125
    pub fn holds(&self, now: Timestamp) -> bool {
        self.expires_at.is_none_or(|end| now < end)
    }
}
