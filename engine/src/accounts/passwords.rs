//! Hashing passwords: slow by intent, and therefore never inside a transaction.

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{Error as HashError, PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};

use crate::engine::Engine;
use crate::error::{Error, Invalid};
use crate::settings::{PasswordHashing, Settings};
use crate::store::StoreError;

/// A hash that nobody knows a password to. Trying one takes as long as for any account.
pub(super) const HASH_OF_NO_PASSWORD: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$bm8gcGFzc3dvcmQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Whether `password` may become someone's password. Too long ones cost nothing more than this.
pub(super) fn check_password(password: &str, settings: &Settings) -> Result<(), Invalid> {
    let limits = &settings.limits;
    if password.is_empty() {
        return Err(Invalid::Blank("Password"));
    }
    if password.len() > limits.password_bytes {
        return Err(Invalid::TooLong { field: "Password", maximum: limits.password_bytes });
    }
    let minimum = limits.password_min_characters;
    if password.chars().count() < minimum {
        return Err(Invalid::TooShort { field: "Password", minimum });
    }
    Ok(())
}

impl Engine {
    /// The PHC string of `password`, made on a worker thread.
    pub(super) async fn hash_password(&self, password: String) -> Result<String, Error> {
        let mut salt = [0; 16];
        self.entropy().fill(&mut salt);
        let cost = self.settings().password_hashing;
        self.work(move || hash(&password, &salt, cost)).await?
    }

    /// Whether `password` belongs to `hash`, tried on a worker thread. Without a hash it takes the same time and
    /// fails, so that nobody learns by waiting which names exist. Passwords over the limit fail at once.
    pub(super) async fn verify_password(
        &self,
        password: String,
        hash_of: Option<String>,
    ) -> Result<bool, Error> {
        if password.len() > self.settings().limits.password_bytes {
            return Ok(false);
        }
        let cost = self.settings().password_hashing;
        self.work(move || match hash_of {
            Some(hash) => verify(&password, &hash),
            None => hash(&password, b"nobody has this one", cost).map(|_| false),
        })
        .await?
    }
}

fn hash(password: &str, salt: &[u8], cost: PasswordHashing) -> Result<String, Error> {
    let params = Params::new(cost.memory_kib, cost.passes, cost.lanes, None).unwrap_or_default();
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_with_salt(password.as_bytes(), salt)
        .map(|hash| hash.to_string())
        .map_err(failed)
}

fn verify(password: &str, hash: &str) -> Result<bool, Error> {
    let hash = PasswordHash::new(hash)
        .map_err(|error| StoreError::damaged("credentials", b"", format!("password hash: {error}")))?;
    match Argon2::default().verify_password(password.as_bytes(), &hash) {
        Ok(()) => Ok(true),
        Err(HashError::PasswordInvalid) => Ok(false),
        Err(error) => Err(failed(error)),
    }
}

/// The memory a hash takes could not be had; it may be there in a moment.
fn failed(error: HashError) -> Error {
    Error::Store(StoreError::Busy(format!("a password could not be hashed: {error}").into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHEAP: PasswordHashing = PasswordHashing { memory_kib: 8, passes: 1, lanes: 1 };

    #[test]
    fn a_hash_knows_its_password_and_its_cost() {
        let hash = hash("correct horse", b"0123456789abcdef", CHEAP).unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=8,t=1,p=1$"), "{hash}");
        assert!(verify("correct horse", &hash).unwrap());
        assert!(!verify("correct house", &hash).unwrap());
    }

    #[test]
    fn an_account_without_password_refuses_every_one_as_a_wrong_one() {
        assert!(!verify("", HASH_OF_NO_PASSWORD).unwrap());
        assert!(!verify("no password", HASH_OF_NO_PASSWORD).unwrap());
    }

    #[test]
    fn an_impossible_cost_counts_as_the_default() {
        let zero = PasswordHashing { memory_kib: 0, passes: 0, lanes: 0 };
        let hash = hash("correct horse", b"0123456789abcdef", zero).unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
    }
}
