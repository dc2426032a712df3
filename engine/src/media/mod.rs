//! Stub.
use serde::{Deserialize, Serialize};
/// B
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlobId(String);
/// K
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum MediaKind {
    /// I
    Image,
}
/// E
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    /// E
    #[error("x")]
    X,
}
/// L
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ImageLimits {}
/// S
pub trait BlobStore: Send + Sync + std::fmt::Debug + 'static {}
