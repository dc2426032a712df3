//! Taking tokens back.

use super::apps::authenticate;
use super::error::OauthError;
use super::families::end_family;
use crate::engine::Engine;
use crate::entropy::{HashSecret, SecretHash};
use crate::error::Error;
use crate::id::{Flake, IdInput};
use crate::model::AccountId;
use crate::store::schema::{REFRESH_TOKENS, TOKENS, TOKENS_OF};
use crate::store::{ReadTx, Scan};

/// Who asks for a token to be revoked.
#[derive(Clone, PartialEq, Eq)]
pub enum Revoker {
    /// A program; it may revoke the tokens it was given.
    Client {
        /// Its client id.
        client_id: String,
        /// Its secret.
        client_secret: String,
    },
    /// Whoever holds this access or refresh token; they may revoke it and what came from the same authorization.
    Bearer(String),
}

impl std::fmt::Debug for Revoker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Client { .. } => "Client",
            Self::Bearer(_) => "Bearer",
        })
    }
}

impl Engine {
    /// Ends the access or refresh token `token` and every other token of the same authorization. A token that is not
    /// there is no error: it is as good as revoked. // H1 H3 H6
    ///
    /// # Errors
    /// [`OauthError::InvalidClient`] for a program that cannot prove who it is; [`OauthError::UnauthorizedClient`]
    /// for one that was not given this token. // H2
    pub async fn revoke(&self, by: Revoker, token: &str) -> Result<(), OauthError> {
        let hash = SecretHash::of(token);
        self.oauth_command(move |command| {
            let tx = command.read();
            let owner = match &by {
                Revoker::Client { client_id, client_secret } => {
                    Owner::App(authenticate(tx, Some(client_id), Some(client_secret))?.id)
                }
                Revoker::Bearer(bearer) => match origin(tx, &SecretHash::of(bearer))? {
                    Some((_, family)) => Owner::Family(family),
                    None => Owner::Nobody,
                },
            };
            let Some((app, family)) = origin(tx, &hash)? else { return Ok(()) };
            if owner != Owner::App(app) && owner != Owner::Family(family) {
                return Err(OauthError::UnauthorizedClient);
            }
            Ok(end_family(command, family)?)
        })
        .await
    }

    /// Ends one of the account's own tokens, with what would renew it. // R45 H5
    ///
    /// # Errors
    /// [`Error::NotFound`] if the account has no such token.
    pub async fn revoke_token_by_id(&self, account: AccountId, token: IdInput) -> Result<(), Error> {
        self.command(move |command| {
            let (low, high) = token.range();
            let scan = Scan::prefix(&(account,)).from(&(account, low)).through(&(account, high));
            let (_, hash) = TOKENS_OF.first(command.read(), &scan)?.ok_or(Error::NotFound)?;
            let token = TOKENS.get(command.read(), &hash)?.ok_or(Error::NotFound)?;
            end_family(command, token.family)
        })
        .await
    }
}

/// Whose tokens may be revoked.
#[derive(PartialEq, Eq)]
enum Owner {
    App(Flake),
    Family(Flake),
    Nobody,
}

/// The program and the family of an access or refresh token.
fn origin(tx: &dyn ReadTx, hash: &SecretHash) -> Result<Option<(Flake, Flake)>, Error> {
    if let Some(token) = TOKENS.get(tx, hash)? {
        return Ok(Some((token.app, token.family)));
    }
    Ok(REFRESH_TOKENS.get(tx, hash)?.map(|refresh| (refresh.app, refresh.family)))
}
