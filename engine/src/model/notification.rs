//! What an account is told of.

use serde::{Deserialize, Serialize};

use super::{AccountId, ReportId, StatusId};
use crate::id::Flake;
use crate::store::{Key, KeyError, KeyReader};
use crate::time::Timestamp;

/// Something an account is told of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notification {
    /// Its id.
    pub id: Flake,
    /// What happened.
    pub kind: NotificationKind,
    /// Who did it.
    pub from: AccountId,
    /// The status it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<StatusId>,
    /// The report it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report: Option<ReportId>,
    /// When.
    pub created_at: Timestamp,
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotificationKind {
    /// Someone named the account in a post.
    Mention,
    /// Someone the account asked to be told of has posted.
    Status,
    /// Someone reblogged a post of the account.
    Reblog,
    /// Someone favourited a post of the account.
    Favourite,
    /// Someone follows the account.
    Follow,
    /// Someone asks to follow the account.
    FollowRequest,
    /// Someone was reported; for those who run the instance.
    Report,
    /// Someone registered; for those who run the instance.
    SignUp,
}

impl NotificationKind {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Mention,
        Self::Status,
        Self::Reblog,
        Self::Favourite,
        Self::Follow,
        Self::FollowRequest,
        Self::Report,
        Self::SignUp,
    ];

    /// The name Mastodon clients use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Mention => "mention",
            Self::Status => "status",
            Self::Reblog => "reblog",
            Self::Favourite => "favourite",
            Self::Follow => "follow",
            Self::FollowRequest => "follow_request",
            Self::Report => "admin.report",
            Self::SignUp => "admin.sign_up",
        }
    }
}

impl Key for NotificationKind {
    fn encode(&self, out: &mut Vec<u8>) {
        self.as_str().to_owned().encode(out);
    }

    fn decode(reader: &mut KeyReader<'_>) -> Result<Self, KeyError> {
        let name = String::decode(reader)?;
        Self::ALL.into_iter().find(|kind| kind.as_str() == name).ok_or(KeyError)
    }
}

/// How far an account has read a timeline, kept for its clients.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Marker {
    /// The last id that was read.
    pub last_read_id: Flake,
    /// Grows by one with each change.
    pub version: u64,
    /// When it changed.
    pub updated_at: Timestamp,
}
