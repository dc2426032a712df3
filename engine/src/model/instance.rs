//! The instance as a whole.

use serde::{Deserialize, Serialize};

/// Numbers shown for the instance. They change in the transaction that changes what they count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct InstanceStats {
    /// Local accounts that are in use: neither waiting for approval nor suspended nor deleted.
    #[serde(default)]
    pub users: u64,
    /// Statuses posted here.
    #[serde(default)]
    pub statuses: u64,
}
