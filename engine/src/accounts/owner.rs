//! The first account: made once, by whoever can read the instance's console.

use subtle::ConstantTimeEq;

use super::register::{NewAccount, insert};
use crate::engine::Engine;
use crate::entropy::{HashSecret, Secret, SecretHash};
use crate::error::Error;
use crate::model::{AccountId, Role};
use crate::store::schema::{CREDENTIALS, META, meta};
use crate::store::{ReadTx, Scan, StoreError, StoreExt};

impl Engine {
    /// A new one-time secret for [`create_owner`](Self::create_owner); none once somebody can sign in.
    ///
    /// A later call replaces the secret of an earlier one.
    pub async fn owner_setup_secret(&self) -> Result<Option<Secret>, Error> {
        self.command(|command| {
            if somebody_can_sign_in(command.read())? {
                return Ok(None);
            }
            let secret = Secret::generate(command.entropy());
            let hash = serde_json::to_value(secret.hash())
                .map_err(|error| StoreError::Backend(format!("owner setup: {error}").into()))?;
            META.put(command.tx(), &meta::OWNER_SETUP.to_owned(), &hash)?;
            Ok(Some(secret))
        })
        .await
    }

    /// Whether [`create_owner`](Self::create_owner) would take this secret.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a wrong secret, and for every secret once somebody can sign in.
    pub async fn check_owner_secret(&self, secret: &str) -> Result<(), Error> {
        let given = SecretHash::of(secret);
        self.store().read(move |tx| check_secret(tx, &given)).await
    }

    /// Makes the first account, an admin. Works once.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a wrong secret, and for every secret once somebody can sign in.
    pub async fn create_owner(
        &self,
        secret: &str,
        username: &str,
        email: &str,
        password: &str,
    ) -> Result<AccountId, Error> {
        let given = SecretHash::of(secret);
        self.check_owner_secret(secret).await?;
        let (applicant, password) = self.check_new_account(NewAccount {
            username: username.into(),
            email: email.into(),
            password: password.into(),
            role: Role::Admin,
        })?;
        let applicant = self.prepare_applicant(applicant, password).await?;
        self.command(move |command| {
            check_secret(command.read(), &given)?;
            insert(command, &applicant)
        })
        .await
    }
}

fn check_secret(tx: &dyn ReadTx, given: &SecretHash) -> Result<(), Error> {
    let stored = META.get(tx, &meta::OWNER_SETUP.to_owned())?;
    let stored: Option<SecretHash> = stored.and_then(|value| serde_json::from_value(value).ok());
    let right = stored.is_some_and(|stored| bool::from(stored.ct_eq(given)));
    if right && !somebody_can_sign_in(tx)? { Ok(()) } else { Error::not_found() }
}

fn somebody_can_sign_in(tx: &dyn ReadTx) -> Result<bool, Error> {
    Ok(CREDENTIALS.first(tx, &Scan::all())?.is_some())
}
