//! Deferred work: rows that say what is to be done and when.

use serde::{Deserialize, Serialize};

use crate::model::AccountId;

/// Something to be done later.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Job {
    /// Placeholder.
    Nothing(AccountId),
}
