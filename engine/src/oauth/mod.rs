//! stub
use crate::engine::Engine;
use crate::error::Error;
use crate::id::Flake;
use crate::model::AccountId;
use crate::scope::Scopes;
/// s
#[derive(Debug, Clone)]
pub struct Session {
    /// s
    pub token_id: Flake,
    /// s
    pub app_name: String,
    /// s
    pub app_website: Option<String>,
    /// s
    pub account: Option<AccountId>,
    /// s
    pub scopes: Scopes,
}
/// s
#[derive(Debug, thiserror::Error)]
pub enum AuthenticationError {
    /// s
    #[error("x")]
    InvalidToken,
    /// s
    #[error(transparent)]
    Engine(#[from] Error),
}
/// s
#[derive(Debug, Clone, thiserror::Error)]
pub enum OauthError {
    /// s
    #[error("x")]
    InvalidGrant,
}
impl Engine {
    /// s
    pub async fn authenticate(&self, _token: &str) -> Result<Session, AuthenticationError> {
        Err(AuthenticationError::InvalidToken)
    }
}
