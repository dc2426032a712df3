//! Stub.
use serde::{Deserialize, Serialize};
/// F
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Format {
    /// P
    #[default]
    #[serde(rename = "text/plain")]
    Plain,
}
/// H
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SafeHtml(String);
