//! From a grant to a token.

use std::fmt;

use super::apps::{authenticate, requested_scopes, scopes};
use super::error::OauthError;
use super::families::{Grant, Issued, end_family, issue, renew_family};
use super::pkce;
use crate::command::Command;
use crate::engine::Engine;
use crate::entropy::{HashSecret, SecretHash};
use crate::error::Error;
use crate::id::Flake;
use crate::model::{AccountId, AccountState, App};
use crate::scope::Scopes;
use crate::store::StoreExt;
use crate::store::schema::{ACCOUNTS, APP_IDS, APPS, CODES, REFRESH_TOKENS};

/// The parameters of a token request, as they came. Which are needed depends on the grant type.
#[derive(Clone, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(default)]
pub struct TokenRequest {
    /// `authorization_code`, `client_credentials`, `password` or `refresh_token`.
    pub grant_type: Option<String>,
    /// The program that asks.
    pub client_id: Option<String>,
    /// Its secret.
    pub client_secret: Option<String>,
    /// For `authorization_code`: the code.
    pub code: Option<String>,
    /// For `authorization_code`: where the code was sent.
    pub redirect_uri: Option<String>,
    /// For `authorization_code`: the verifier of PKCE.
    pub code_verifier: Option<String>,
    /// For `password`: a name or an e-mail address.
    pub username: Option<String>,
    /// For `password`: the password.
    pub password: Option<String>,
    /// For `refresh_token`: the refresh token.
    pub refresh_token: Option<String>,
    /// What the token shall be good for, separated by spaces or commas. Never more than the grant.
    pub scope: Option<String>,
}

/// Without the secrets.
impl fmt::Debug for TokenRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenRequest")
            .field("grant_type", &self.grant_type)
            .field("client_id", &self.client_id)
            .field("scope", &self.scope)
            .finish_non_exhaustive()
    }
}

impl Engine {
    /// Gives a program a token for what it has to offer. One transaction: of several exchanges of the same code or
    /// refresh token one wins, and the others end what it won.
    ///
    /// # Errors
    /// [`OauthError`], whose [`code`](OauthError::code) tells the program.
    pub async fn exchange(&self, request: TokenRequest) -> Result<Issued, OauthError> {
        match request.grant_type.as_deref() {
            Some("authorization_code") => {
                self.oauth_command(move |command| exchange_code(command, &request)).await
            }
            Some("client_credentials") => {
                self.oauth_command(move |command| issue_to_app(command, &request)).await
            }
            Some("refresh_token") => self.oauth_command(move |command| refresh(command, &request)).await,
            Some("password") if self.settings().password_grant => self.exchange_password(request).await,
            Some(_) => Err(OauthError::UnsupportedGrantType),
            None => Err(OauthError::Missing("grant_type")),
        }
    }

    /// Gives the program with the id `app` a token for an account that it just registered, pending or not; the
    /// account's password was in its hands anyway.
    ///
    /// # Errors
    /// [`OauthError::InvalidScope`] for more than the program may have; [`OauthError::Disabled`];
    /// [`Error::NotFound`] if there is no such program or account.
    pub async fn issue_token(
        &self,
        app: Flake,
        account: AccountId,
        scopes: Scopes,
    ) -> Result<Issued, OauthError> {
        self.oauth_command(move |command| {
            let client_id = APP_IDS.get(command.read(), &app)?.ok_or(Error::NotFound)?;
            let app = APPS.get(command.read(), &client_id)?.ok_or(Error::NotFound)?;
            let state = ACCOUNTS.get(command.read(), &account)?.ok_or(Error::NotFound)?.state;
            if state != AccountState::Pending {
                state.may_act()?;
            }
            if !app.scopes.contains(&scopes) {
                return Err(OauthError::InvalidScope);
            }
            issue_to_account(command, &app, account, scopes.clone())
        })
        .await
    }

    async fn exchange_password(&self, request: TokenRequest) -> Result<Issued, OauthError> {
        let (Some(username), Some(password)) = (request.username.clone(), request.password.clone()) else {
            let missing = if request.username.is_none() { "username" } else { "password" };
            return Err(OauthError::Missing(missing));
        };
        // Only registered programs can make the instance work on passwords.
        let (id, secret) = (request.client_id.clone(), request.client_secret.clone());
        self.store().read(move |tx| authenticate(tx, id.as_ref(), secret.as_ref())).await?;
        let proof = self.prove(&username, &password).await?;
        self.oauth_command(move |command| {
            let app = client(command, &request)?;
            let account = proof.check(command.read())?;
            let scopes = requested_scopes(request.scope.as_deref(), &app.scopes)?;
            issue_to_account(command, &app, account, scopes)
        })
        .await
    }
}

fn client(command: &Command<'_>, request: &TokenRequest) -> Result<App, OauthError> {
    authenticate(command.read(), request.client_id.as_ref(), request.client_secret.as_ref())
}

fn exchange_code(command: &mut Command<'_>, request: &TokenRequest) -> Result<Issued, OauthError> {
    let app = client(command, request)?;
    let given = request.code.as_ref().ok_or(OauthError::Missing("code"))?;
    let redirect_uri = request.redirect_uri.as_ref().ok_or(OauthError::Missing("redirect_uri"))?;
    let hash = SecretHash::of(given);
    let mut code = CODES.get(command.read(), &hash)?.ok_or(OauthError::InvalidGrant)?;
    if code.app != app.id {
        return Err(OauthError::InvalidGrant);
    }
    if let Some(family) = code.used_for {
        end_family(command, family)?; // C4
        return Err(OauthError::InvalidGrant);
    }
    let good = command.now() < code.expires_at // C2
        && code.redirect_uri == *redirect_uri // C5
        && pkce::verifies(code.challenge.as_deref(), request.code_verifier.as_deref());
    if !good {
        return Err(OauthError::InvalidGrant);
    }
    let scopes = narrowed(request.scope.as_deref(), &code.scopes)?;
    command.acting(code.account)?;
    let issued = issue_to_account(command, &app, code.account, scopes)?;
    code.used_for = Some(issued.token.family);
    CODES.put(command.tx(), &hash, &code)?; // C3
    Ok(issued)
}

fn issue_to_app(command: &mut Command<'_>, request: &TokenRequest) -> Result<Issued, OauthError> {
    let app = client(command, request)?;
    let scopes = requested_scopes(request.scope.as_deref(), &app.scopes)?;
    let grant = Grant { app: &app, account: None, renewable: scopes.clone(), scopes, family: None };
    Ok(issue(command, grant)?)
}

fn refresh(command: &mut Command<'_>, request: &TokenRequest) -> Result<Issued, OauthError> {
    let app = client(command, request)?;
    let given = request.refresh_token.as_ref().ok_or(OauthError::Missing("refresh_token"))?;
    let hash = SecretHash::of(given);
    let mut old = REFRESH_TOKENS.get(command.read(), &hash)?.ok_or(OauthError::InvalidGrant)?;
    if old.app != app.id {
        return Err(OauthError::InvalidGrant);
    }
    if old.used {
        end_family(command, old.family)?; // E5
        return Err(OauthError::InvalidGrant);
    }
    let scopes = narrowed(request.scope.as_deref(), &old.scopes)?;
    command.acting(old.account)?;
    old.used = true;
    REFRESH_TOKENS.put(command.tx(), &hash, &old)?;
    renew_family(command, old.family)?;
    let grant = Grant {
        app: &app,
        account: Some(old.account),
        scopes,
        renewable: old.scopes,
        family: Some(old.family),
    };
    Ok(issue(command, grant)?)
}

fn issue_to_account(
    command: &mut Command<'_>,
    app: &App,
    account: AccountId,
    scopes: Scopes,
) -> Result<Issued, OauthError> {
    let grant = Grant { app, account: Some(account), renewable: scopes.clone(), scopes, family: None };
    Ok(issue(command, grant)?)
}

/// The part of `granted` that is asked for; all of it when nothing is asked for in particular.
fn narrowed(text: Option<&str>, granted: &Scopes) -> Result<Scopes, OauthError> {
    match scopes(text)? {
        None => Ok(granted.clone()),
        Some(wanted) if granted.contains(&wanted) => Ok(wanted),
        Some(_) => Err(OauthError::InvalidScope),
    }
}
