//! What people let programs do in their name: OAuth 2 with PKCE, and browser sessions.
//!
//! Secrets (tokens, codes, cookies) leave once, as [`Secret`](crate::entropy::Secret); the store knows only their
//! hashes, and looking one up is looking up its hash. All tokens that came from one authorization form a family:
//! using a code or a refresh token a second time ends the family, because one of the two users stole it. Each
//! exchange is one transaction, so that of many at the same time one wins.

mod apps;
mod authorize;
mod error;
mod families;
mod pkce;
mod redirect;
mod revoke;
mod sessions;
mod tokens;
mod web;

pub use apps::NewApp;
pub use authorize::{AuthorizationRequest, Checked};
pub use error::{AuthenticationError, AuthorizationError, OauthError};
pub use families::Issued;
pub(crate) use families::end_access;
pub use pkce::ChallengeError;
pub use redirect::{OUT_OF_BAND, RedirectUriError};
pub use revoke::Revoker;
pub use sessions::Session;
pub use tokens::TokenRequest;
pub use web::{WEB_SESSION_LIFETIME, csrf_token, csrf_token_matches};

use crate::command::Command;
use crate::engine::Engine;

impl Engine {
    /// Runs `change` in one transaction. What it wrote before it refused stays written, since a refusal may have to
    /// end a family; only when the engine itself failed, nothing is.
    async fn oauth_command<T: Send + 'static>(
        &self,
        mut change: impl FnMut(&mut Command<'_>) -> Result<T, OauthError> + Send + 'static,
    ) -> Result<T, OauthError> {
        self.command(move |command| match change(command) {
            Err(OauthError::Engine(error)) => Err(error),
            decided => Ok(decided),
        })
        .await?
    }
}
