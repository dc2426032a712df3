//! Proving who one is.

use super::names::{find_account, fold};
use super::passwords::check_password;
use crate::command::Command;
use crate::engine::Engine;
use crate::error::Error;
use crate::id::Flake;
use crate::model::{AccountId, Credentials};
use crate::oauth::end_access;
use crate::settings::Settings;
use crate::store::schema::{ACCOUNTS, CREDENTIALS, EMAILS};
use crate::store::{ReadTx, StoreExt};

impl Engine {
    /// The account that `name_or_email` and `password` belong to.
    ///
    /// # Errors
    /// [`Error::WrongCredentials`] for an unknown name and for a wrong password alike, after the same time;
    /// [`Error::Disabled`] for an account that may not act, told only to someone who knows its password.
    pub async fn sign_in(&self, name_or_email: &str, password: &str) -> Result<AccountId, Error> {
        let proof = self.prove(name_or_email, password).await?;
        self.store().read(move |tx| proof.check(tx)).await
    }

    /// Whether `password` is the account's.
    ///
    /// # Errors
    /// [`Error::WrongCredentials`] if not, or if there is no such account.
    pub async fn check_password(&self, account: AccountId, password: &str) -> Result<(), Error> {
        self.prove_account(account, password).await.map(|_| ())
    }

    /// Gives the account a new password. All its refresh tokens, codes and browser sessions end, and all its access
    /// tokens but the one called `keep`.
    ///
    /// # Errors
    /// [`Error::WrongCredentials`] if `old` is not its password, also when someone else just changed it;
    /// [`Error::Invalid`] if `new` is no acceptable one.
    pub async fn change_password(
        &self,
        account: AccountId,
        old: &str,
        new: &str,
        keep: Option<Flake>,
    ) -> Result<(), Error> {
        check_password(new, self.settings())?;
        let proof = self.prove_account(account, old).await?;
        let hash = self.hash_password(new.into()).await?;
        self.command(move |command| {
            proof.check(command.read())?;
            replace_password(command, account, &hash, keep)
        })
        .await
    }

    /// Gives the account a new password, whatever the old one was. All its tokens, codes and browser sessions end.
    ///
    /// # Errors
    /// [`Error::NotFound`] if no account of this instance has the id; [`Error::Invalid`] if `new` is no acceptable
    /// password.
    pub async fn set_password(&self, account: AccountId, new: &str) -> Result<(), Error> {
        check_password(new, self.settings())?;
        let hash = self.hash_password(new.into()).await?;
        self.command(move |command| replace_password(command, account, &hash, None)).await
    }

    /// Tries a password for whoever is called `name_or_email`.
    pub(crate) async fn prove(&self, name_or_email: &str, password: &str) -> Result<Proof, Error> {
        let name = name_or_email.trim().to_owned();
        let settings = self.settings().clone();
        let known = self.store().read(move |tx| find_credentials(tx, &name, &settings)).await?;
        self.try_password(known, password).await
    }

    async fn prove_account(&self, account: AccountId, password: &str) -> Result<Proof, Error> {
        let known = self.store().read(move |tx| CREDENTIALS.get(tx, &account)).await?;
        self.try_password(known.map(|credentials| (account, credentials)), password).await
    }

    async fn try_password(
        &self,
        known: Option<(AccountId, Credentials)>,
        password: &str,
    ) -> Result<Proof, Error> {
        let hash = known.as_ref().map(|(_, credentials)| credentials.password_hash.clone());
        let right = self.verify_password(password.into(), hash).await?;
        match known {
            Some((account, credentials)) if right => {
                Ok(Proof { account, password_hash: credentials.password_hash })
            }
            _ => Err(Error::WrongCredentials),
        }
    }
}

/// Someone knew an account's password a moment ago. Hashing takes long enough for the password to be changed
/// meanwhile, so whatever is given for the proof is given in a transaction that checks it again.
#[derive(Clone)]
pub(crate) struct Proof {
    account: AccountId,
    password_hash: String,
}

impl Proof {
    /// The account, if the proof still holds and the account may act.
    pub(crate) fn check(&self, tx: &dyn ReadTx) -> Result<AccountId, Error> {
        let credentials = CREDENTIALS.get(tx, &self.account)?.ok_or(Error::WrongCredentials)?;
        if credentials.password_hash != self.password_hash {
            return Err(Error::WrongCredentials);
        }
        let account = ACCOUNTS.get(tx, &self.account)?.ok_or(Error::WrongCredentials)?;
        account.state.may_act()?;
        Ok(self.account)
    }
}

fn replace_password(
    command: &mut Command<'_>,
    account: AccountId,
    hash: &str,
    keep: Option<Flake>,
) -> Result<(), Error> {
    let mut credentials = CREDENTIALS.get(command.read(), &account)?.ok_or(Error::NotFound)?;
    hash.clone_into(&mut credentials.password_hash);
    CREDENTIALS.put(command.tx(), &account, &credentials)?;
    end_access(command, account, keep)
}

/// Whose name or e-mail address this is. What could be both (`alice@this.domain`) is an address first.
fn find_credentials(
    tx: &dyn ReadTx,
    name_or_email: &str,
    settings: &Settings,
) -> Result<Option<(AccountId, Credentials)>, Error> {
    let account = match EMAILS.get(tx, &fold(name_or_email))? {
        Some(account) => Some(account),
        None => find_account(tx, name_or_email, settings)?,
    };
    let Some(account) = account else { return Ok(None) };
    Ok(CREDENTIALS.get(tx, &account)?.map(|credentials| (account, credentials)))
}
