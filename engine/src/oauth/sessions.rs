//! Who the bearer of an access token is.

use std::sync::Arc;

use super::error::AuthenticationError;
use crate::audience::Viewer;
use crate::cache::Records;
use crate::engine::Engine;
use crate::entropy::{HashSecret, SecretHash};
use crate::error::Error;
use crate::id::Flake;
use crate::model::{Account, AccountId, Role, Token};
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
    /// What the token is found by.
    hash: SecretHash,
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

    /// Who the bearer of `bearer` was when it was last looked at, if that is remembered. Cost: no read.
    ///
    /// Only what this engine wrote since is taken into account, so nothing may be shown on the strength of it that was
    /// not asked for through [`query_in`](Self::query_in), which looks again.
    pub fn recall(&self, bearer: &str) -> Option<Session> {
        let (hash, now) = (SecretHash::of(bearer), self.now());
        let newest = self.cache().newest()?;
        let token = newest.record(TOKENS, &hash)??;
        let account = match token.account {
            None => None,
            Some(account) => Some(newest.record(ACCOUNTS, &account)??),
        };
        let role = judge(&token, account.as_deref(), now).ok()?;
        Some(session(&token, role, hash))
    }

    /// Answers `question` for whoever a session belongs to, if it is still good in the snapshot the answer comes from.
    ///
    /// # Errors
    /// Those of [`authenticate`](Self::authenticate), or that of the question.
    pub async fn query_in<T: Send + 'static>(
        &self,
        session: &Session,
        question: impl FnOnce(&Query<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, AuthenticationError> {
        let (hash, viewer, now) = (session.hash, session.viewer(), self.now());
        let engine = self.clone();
        self.read(move |records| {
            find(records, &hash, now)?;
            Ok(question(&Query::new(records, viewer, now, engine.settings()))?)
        })
        .await
    }
}

impl Query<'_> {
    /// The access tokens that act for the viewer, newest first. // R45
    pub fn tokens(&self, request: &PageRequest) -> Result<Page<Token>, Error> {
        let viewer = self.asking()?;
        read_page(self.tx(), TOKENS_OF, &(viewer,), request, |_, hash| Ok(TOKENS.get(self.tx(), &hash)?))
    }
}

fn authenticate(
    records: Records<'_>,
    hash: &SecretHash,
    now: Timestamp,
) -> Result<Session, AuthenticationError> {
    let (token, role) = find(records, hash, now)?;
    Ok(session(&token, role, *hash))
}

/// The token, which is good at `now`, and the role of its account.
fn find(
    records: Records<'_>,
    hash: &SecretHash,
    now: Timestamp,
) -> Result<(Arc<Token>, Role), AuthenticationError> {
    let token = records.get(TOKENS, hash)?.ok_or(AuthenticationError::InvalidToken)?;
    let account = match token.account {
        None => None,
        Some(account) => Some(records.get(ACCOUNTS, &account)?.ok_or(AuthenticationError::InvalidToken)?),
    };
    let role = judge(&token, account.as_deref(), now)?;
    Ok((token, role))
}

fn judge(token: &Token, account: Option<&Account>, now: Timestamp) -> Result<Role, AuthenticationError> {
    if token.expires_at.is_some_and(|end| end <= now) {
        return Err(AuthenticationError::Expired);
    }
    match account {
        None => Ok(Role::User),
        Some(account) => {
            account.state.may_act()?;
            Ok(account.role)
        }
    }
}

fn session(token: &Token, role: Role, hash: SecretHash) -> Session {
    Session {
        token_id: token.id,
        family: token.family,
        app: token.app,
        app_name: token.app_name.clone(),
        app_website: token.app_website.clone(),
        account: token.account,
        role,
        scopes: token.scopes.clone(),
        expires_at: token.expires_at,
        hash,
    }
}
