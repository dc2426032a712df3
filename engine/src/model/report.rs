//! Complaints.

use serde::{Deserialize, Serialize};

use super::{AccountId, ReportId, StatusId};
use crate::time::Timestamp;

/// A complaint of one account about another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Its id.
    pub id: ReportId,
    /// Who complains.
    pub by: AccountId,
    /// About whom.
    pub target: AccountId,
    /// The statuses it is about.
    pub statuses: Vec<StatusId>,
    /// What the complaint says.
    pub comment: String,
    /// What it is about.
    pub category: ReportCategory,
    /// Whether it should be passed on to the target's home instance.
    pub forward: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was dealt with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action_taken_at: Option<Timestamp>,
}

/// What a report is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReportCategory {
    /// Unwanted advertising.
    Spam,
    /// Against the law.
    Legal,
    /// Against the rules of the instance.
    Violation,
    /// Anything else.
    #[default]
    Other,
}

impl ReportCategory {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Spam, Self::Legal, Self::Violation, Self::Other];

    /// The name clients use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Spam => "spam",
            Self::Legal => "legal",
            Self::Violation => "violation",
            Self::Other => "other",
        }
    }
}
