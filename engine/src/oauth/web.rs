//! People signed in with a browser, so that they can be asked whether to let a program in.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::command::Command;
use crate::engine::Engine;
use crate::entropy::{HashSecret, Secret, SecretHash};
use crate::error::Error;
use crate::model::{AccountId, WebSession};
use crate::store::schema::{ACCOUNTS, WEB_SESSIONS, WEB_SESSIONS_OF};
use crate::store::{Scan, StoreExt};

/// How long a browser stays signed in.
pub const WEB_SESSION_LIFETIME: Duration = Duration::from_secs(14 * 24 * 3600);

impl Engine {
    /// Signs a browser in for 14 days; answers the secret for its cookie.
    ///
    /// # Errors
    /// [`Error::Disabled`] for an account that may not act.
    pub async fn start_web_session(&self, account: AccountId) -> Result<Secret, Error> {
        self.command(move |command| {
            command.acting(account)?;
            forget_ended(command, account)?;
            let secret = Secret::generate(command.entropy());
            let session = WebSession { account, expires_at: command.now() + WEB_SESSION_LIFETIME };
            WEB_SESSIONS.put(command.tx(), &secret.hash(), &session)?;
            WEB_SESSIONS_OF.put(command.tx(), &(account, secret.hash()), &())?;
            Ok(secret)
        })
        .await
    }

    /// A secret for the cookie of a browser nobody is signed in with, so that forms shown to it can be told from
    /// forged ones. Nothing is stored.
    pub fn visitor_secret(&self) -> Secret {
        Secret::generate(self.entropy())
    }

    /// Who is signed in with the cookie `secret`; nobody for an unknown, ended or disabled one.
    pub async fn web_session(&self, secret: &str) -> Result<Option<AccountId>, Error> {
        let (hash, now) = (SecretHash::of(secret), self.now());
        self.store()
            .read(move |tx| {
                let session = WEB_SESSIONS.get(tx, &hash)?.filter(|session| now < session.expires_at);
                let Some(session) = session else { return Ok(None) };
                let account = ACCOUNTS.get(tx, &session.account)?;
                Ok(account.filter(|account| account.state.may_act().is_ok()).map(|account| account.id))
            })
            .await
    }

    /// Signs the browser with the cookie `secret` out.
    pub async fn end_web_session(&self, secret: &str) -> Result<(), Error> {
        let hash = SecretHash::of(secret);
        self.command(move |command| match WEB_SESSIONS.get(command.read(), &hash)? {
            Some(session) => forget(command, session.account, &hash),
            None => Ok(()),
        })
        .await
    }
}

/// What a form has to send along to prove that it came from a page shown to the browser with this cookie. // B8
pub fn csrf_token(session_secret: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::new().chain_update(session_secret).chain_update("csrf").finalize())
}

/// Whether a form sent along the right token.
pub fn csrf_token_matches(session_secret: &str, token: &str) -> bool {
    csrf_token(session_secret).as_bytes().ct_eq(token.as_bytes()).into()
}

/// Signs every browser of `account` out.
pub(super) fn end_web_sessions(command: &mut Command<'_>, account: AccountId) -> Result<(), Error> {
    for ((_, hash), ()) in WEB_SESSIONS_OF.page(command.read(), &Scan::prefix(&(account,)), usize::MAX)? {
        forget(command, account, &hash)?;
    }
    Ok(())
}

/// Removes the account's sessions whose time is over.
fn forget_ended(command: &mut Command<'_>, account: AccountId) -> Result<(), Error> {
    for ((_, hash), ()) in WEB_SESSIONS_OF.page(command.read(), &Scan::prefix(&(account,)), usize::MAX)? {
        let session = WEB_SESSIONS.get(command.read(), &hash)?;
        if session.is_none_or(|session| session.expires_at <= command.now()) {
            forget(command, account, &hash)?;
        }
    }
    Ok(())
}

fn forget(command: &mut Command<'_>, account: AccountId, hash: &SecretHash) -> Result<(), Error> {
    WEB_SESSIONS.delete(command.tx(), hash)?;
    WEB_SESSIONS_OF.delete(command.tx(), &(account, *hash))?;
    Ok(())
}
