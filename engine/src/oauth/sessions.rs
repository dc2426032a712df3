//! Who the bearer of an access token is.

use super::error::AuthenticationError;
use crate::audience::Viewer;
use crate::cache::Records;
use crate::engine::Engine;
use crate::entropy::{HashSecret, SecretHash};
use crate::error::Error;
use crate::id::Flake;
use crate::model::{AccountId, Role, Token};
use crate::page::{Page, PageRequest, read_page};
use crate::query::Query;
use crate::scope::Scopes;
use crate::store::schema::{ACCOUNTS, TOKENS, TOKENS_OF};
use crate::time::Timestamp;

/// What the bearer of an access token may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Id of the token.
    pub token_id: Flake,
    /// All tokens that came from the same authorization.
    pub family: Flake,
    /// The program that holds the token.
    pub app: Flake,
    /// Its name, as posts show it.
    pub app_name: String,
    /// Its home page.
    pub app_website: Option<String>,
    /// In whose name it acts; none for a program's own token.
    pub account: Option<AccountId>,
    /// What that account may do on this instance, at this moment.
    pub role: Role,
    /// What it was allowed.
    pub scopes: Scopes,
    /// When the token ends; never when none.
    pub expires_at: Option<Timestamp>,
}

impl Session {
    /// As whom it sees the instance.
    pub fn viewer(&self) -> Viewer {
        self.account.map_or(Viewer::Anonymous, Viewer::Local)
    }
}

impl Engine {
    /// Who the bearer of the access token `bearer` is. Cost: two point reads.
    ///
    /// # Errors
    /// [`AuthenticationError::InvalidToken`] for a token that was never given or is revoked, [`AuthenticationError::Expired`],
    /// and [`AuthenticationError::Disabled`] where the token is good but its account may not act.
    pub async fn authenticate(&self, bearer: &str) -> Result<Session, AuthenticationError> {
        let (hash, now) = (SecretHash::of(bearer), self.now());
        self.read(move |records| authenticate(records, &hash, now)).await
    }
}

impl Query<'_> {
    /// The access tokens that act for the viewer, newest first. // R45
    pub fn tokens(&self, request: &PageRequest) -> Result<Page<Token>, Error> {
        let viewer = self.asking()?;
        read_page(self.tx(), TOKENS_OF, &(viewer,), request, |_, hash| Ok(TOKENS.get(self.tx(), &hash)?))
    }
}

fn authenticate(records: Records<'_>, hash: &SecretHash, now: Timestamp) -> Result<Session, AuthenticationError> {
    let token = records.get(TOKENS, hash)?.ok_or(AuthenticationError::InvalidToken)?;
    if token.expires_at.is_some_and(|end| end <= now) {
        return Err(AuthenticationError::Expired);
    }
    let role = match token.account {
        None => Role::User,
        Some(account) => {
            let account = records.get(ACCOUNTS, &account)?.ok_or(AuthenticationError::InvalidToken)?;
            account.state.may_act()?;
            account.role
        }
    };
    Ok(Session {
        token_id: token.id,
        family: token.family,
        app: token.app,
        app_name: token.app_name.clone(),
        app_website: token.app_website.clone(),
        account: token.account,
        role,
        scopes: token.scopes.clone(),
        expires_at: token.expires_at,
    })
}
