//! Asking a person to let a program in, and the code that says they did.

use std::time::Duration;

use super::apps::requested_scopes;
use super::error::{AuthorizationError, OauthError};
use super::{OUT_OF_BAND, pkce, redirect};
use crate::command::Command;
use crate::engine::Engine;
use crate::entropy::Secret;
use crate::model::{AccountId, App, AuthorizationCode};
use crate::scope::Scopes;
use crate::store::schema::{APPS, CODES, CODES_OF};
use crate::store::{ReadTx, Scan, StoreExt};
use crate::time::Timestamp;

/// How long a code can be exchanged. // C2
const CODE_LIFETIME: Duration = Duration::from_secs(600);

/// The parameters of an authorization request, as they came.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(default)]
pub struct AuthorizationRequest {
    /// The program that asks.
    pub client_id: Option<String>,
    /// Where it wants the code sent.
    pub redirect_uri: Option<String>,
    /// What it wants; only `code` is given.
    pub response_type: Option<String>,
    /// What it wants to do, separated by spaces or commas; `read` when left out.
    pub scope: Option<String>,
    /// What it wants to have back with the answer.
    pub state: Option<String>,
    /// The challenge of PKCE.
    pub code_challenge: Option<String>,
    /// Its method; only `S256` is accepted.
    pub code_challenge_method: Option<String>,
}

/// An authorization request that a person can be asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// The program that asks.
    pub app: App,
    /// Where the code goes: one of the program's own addresses, as the program spelt it this time.
    pub redirect_uri: String,
    /// What it wants to do.
    pub scopes: Scopes,
    /// The challenge of PKCE.
    pub challenge: Option<String>,
}

impl Engine {
    /// Whether a person can be asked about `request`.
    ///
    /// # Errors
    /// [`AuthorizationError`], which says whether the program may be told by a redirect.
    pub async fn check_authorization(
        &self,
        request: &AuthorizationRequest,
    ) -> Result<Checked, AuthorizationError> {
        let request = request.clone();
        self.store().read(move |tx| check(tx, &request)).await
    }

    /// Lets the program of `request` in, in the name of `account`, and answers the code for it. The request is
    /// checked again.
    ///
    /// # Errors
    /// As [`check_authorization`](Self::check_authorization), and [`OauthError::Disabled`] for an account that may
    /// not act.
    pub async fn authorize(
        &self,
        account: AccountId,
        request: AuthorizationRequest,
    ) -> Result<Secret, AuthorizationError> {
        self.command(move |command| match authorize(command, account, &request) {
            Err(AuthorizationError::Page(OauthError::Engine(error))) => Err(error),
            decided => Ok(decided),
        })
        .await?
    }
}

fn check(tx: &dyn ReadTx, request: &AuthorizationRequest) -> Result<Checked, AuthorizationError> {
    let client_id = request.client_id.as_ref().ok_or(OauthError::Missing("client_id"))?;
    let app = APPS.get(tx, client_id)?.ok_or(OauthError::InvalidClient)?;
    let redirect_uri = request.redirect_uri.as_ref().ok_or(OauthError::Missing("redirect_uri"))?;
    if !app.redirect_uris.iter().any(|registered| redirect::matches(registered, redirect_uri)) {
        return Err(OauthError::UnknownRedirectUri.into());
    }
    match check_wish(&app, request) {
        Ok((scopes, challenge)) => Ok(Checked { app, redirect_uri: redirect_uri.clone(), scopes, challenge }),
        // There is no program at the out-of-band address that could be told.
        Err(error) if redirect_uri == OUT_OF_BAND => Err(AuthorizationError::Page(error)),
        Err(error) => Err(AuthorizationError::Redirect {
            redirect_uri: redirect_uri.clone(),
            state: request.state.clone(),
            error,
        }),
    }
}

/// What is wanted, apart from who wants it and where.
fn check_wish(app: &App, request: &AuthorizationRequest) -> Result<(Scopes, Option<String>), OauthError> {
    match request.response_type.as_deref() {
        Some("code") => {} // B1
        Some(_) => return Err(OauthError::UnsupportedResponseType),
        None => return Err(OauthError::Missing("response_type")),
    }
    let scopes = requested_scopes(request.scope.as_deref(), &app.scopes)?; // B6
    let challenge =
        pkce::challenge(request.code_challenge.as_deref(), request.code_challenge_method.as_deref())?;
    Ok((scopes, challenge))
}

fn authorize(
    command: &mut Command<'_>,
    account: AccountId,
    request: &AuthorizationRequest,
) -> Result<Secret, AuthorizationError> {
    let Checked { app, redirect_uri, scopes, challenge } = check(command.read(), request)?;
    command.acting(account)?; // B10
    forget_codes(command, account, |code, now| code.expires_at <= now)?;
    let secret = Secret::generate(command.entropy());
    let code = AuthorizationCode {
        app: app.id,
        account,
        scopes,
        redirect_uri,
        challenge,
        expires_at: command.now() + CODE_LIFETIME,
        used_for: None,
    };
    CODES.put(command.tx(), &secret.hash(), &code)?;
    CODES_OF.put(command.tx(), &(account, secret.hash()), &())?;
    Ok(secret)
}

/// Removes those codes of `account` that `which` is true of. Cost: the codes of the last minutes.
pub(super) fn forget_codes(
    command: &mut Command<'_>,
    account: AccountId,
    which: impl Fn(&AuthorizationCode, Timestamp) -> bool,
) -> Result<(), crate::Error> {
    let now = command.now();
    for ((_, hash), ()) in CODES_OF.page(command.read(), &Scan::prefix(&(account,)), usize::MAX)? {
        if CODES.get(command.read(), &hash)?.is_none_or(|code| which(&code, now)) {
            CODES.delete(command.tx(), &hash)?;
            CODES_OF.delete(command.tx(), &(account, hash))?;
        }
    }
    Ok(())
}
