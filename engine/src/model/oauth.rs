//! Programs, and what people let them do.

use serde::{Deserialize, Serialize};

use super::AccountId;
use crate::entropy::SecretHash;
use crate::id::Flake;
use crate::scope::Scopes;
use crate::time::Timestamp;

/// A registered program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct App {
    /// Its id.
    pub id: Flake,
    /// Its public name in OAuth.
    pub client_id: String,
    /// Hash of its secret.
    pub client_secret: SecretHash,
    /// Name shown to people.
    pub name: String,
    /// Its home page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub website: Option<String>,
    /// Where it may be sent back to; compared character by character.
    pub redirect_uris: Vec<String>,
    /// The most it may ask for.
    pub scopes: Scopes,
    /// When it was registered.
    pub created_at: Timestamp,
}

/// What the bearer of an access token may do. Stored under the hash of the token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    /// Its id, by which people list and revoke it.
    pub id: Flake,
    /// The program it was given to.
    pub app: Flake,
    /// Name of that program, as posts show it.
    pub app_name: String,
    /// Home page of that program.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app_website: Option<String>,
    /// In whose name it acts; none for a program's own token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountId>,
    /// What it may do.
    pub scopes: Scopes,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends; never when none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// All tokens that came from one sign-in by refreshing.
    pub family: Flake,
}

/// A refresh token. Stored under its hash; once used it stays, so that a second use is noticed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefreshToken {
    /// The program it was given to.
    pub app: Flake,
    /// In whose name.
    pub account: AccountId,
    /// What it may renew.
    pub scopes: Scopes,
    /// All tokens that came from one sign-in.
    pub family: Flake,
    /// When it was made.
    pub created_at: Timestamp,
    /// Whether it was used.
    pub used: bool,
}

/// An authorization code. Stored under its hash; once used it stays until it expires, so that a second use is noticed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorizationCode {
    /// The program it was given to.
    pub app: Flake,
    /// Who allowed it.
    pub account: AccountId,
    /// What was allowed.
    pub scopes: Scopes,
    /// Where it was sent; the exchange has to name the same.
    pub redirect_uri: String,
    /// The S256 challenge of PKCE.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub challenge: Option<String>,
    /// When it stops being good.
    pub expires_at: Timestamp,
    /// The family of tokens it was exchanged for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used_for: Option<Flake>,
}

/// A person signed in with a browser. Stored under the hash of the cookie.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebSession {
    /// Who is signed in.
    pub account: AccountId,
    /// When it ends.
    pub expires_at: Timestamp,
}
