//! Why a program is refused.

use super::{ChallengeError, RedirectUriError};
use crate::error::{Disabled, Error};
use crate::store::StoreError;

/// The error of everything programs ask for. [`code`](Self::code) is what the protocol calls it.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum OauthError {
    /// A parameter that has to be there.
    #[error("the parameter {0} is missing")]
    Missing(&'static str),
    /// The PKCE challenge is not acceptable.
    #[error(transparent)]
    Challenge(#[from] ChallengeError),
    /// The program is unknown, or its secret is wrong; it is not said which.
    #[error("the client is unknown or could not prove who it is")]
    InvalidClient,
    /// The code, refresh token or verifier is unknown, used, expired, revoked or meant for another client or address.
    #[error(
        "the grant is invalid, expired, revoked, used already or was given to another client or redirect URI"
    )]
    InvalidGrant,
    /// Name or e-mail address or password is wrong; it is not said which.
    #[error("invalid username or password")]
    WrongCredentials,
    /// The account may not act.
    #[error(transparent)]
    Disabled(#[from] Disabled),
    /// The token belongs to another client.
    #[error("the token was given to another client")]
    UnauthorizedClient,
    /// No such way to get a token, or it is switched off.
    #[error("this grant type is not supported")]
    UnsupportedGrantType,
    /// Something else than a code was asked for.
    #[error("the response type has to be code")]
    UnsupportedResponseType,
    /// A scope that does not exist, or more than the program or the earlier grant may have.
    #[error("a requested scope is unknown or goes beyond what was granted")]
    InvalidScope,
    /// The redirect URI is not one of those the program registered.
    #[error("the redirect URI is not registered for this client")]
    UnknownRedirectUri,
    /// A redirect URI that no program may register.
    #[error(transparent)]
    RedirectUri(#[from] RedirectUriError),
    /// The name a program gives itself is empty, too long or has control characters.
    #[error("the client name is empty, longer than 60 characters or has control characters")]
    ClientName,
    /// The home page of a program is no http or https address, or too long.
    #[error("the website is not an http or https address of at most 2000 bytes")]
    Website,
    /// The engine failed.
    #[error(transparent)]
    Engine(Error),
}

impl OauthError {
    /// The `error` of RFC 6749 section 5.2, RFC 7009 or RFC 7591.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Missing(_) | Self::Challenge(_) => "invalid_request",
            Self::InvalidClient => "invalid_client",
            Self::InvalidGrant | Self::WrongCredentials | Self::Disabled(_) => "invalid_grant",
            Self::UnauthorizedClient => "unauthorized_client",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::UnsupportedResponseType => "unsupported_response_type",
            Self::InvalidScope => "invalid_scope",
            Self::UnknownRedirectUri | Self::RedirectUri(_) => "invalid_redirect_uri",
            Self::ClientName | Self::Website => "invalid_client_metadata",
            Self::Engine(Error::Store(StoreError::Busy(_))) => "temporarily_unavailable",
            Self::Engine(_) => "server_error",
        }
    }
}

impl From<Error> for OauthError {
    fn from(error: Error) -> Self {
        match error {
            Error::WrongCredentials => Self::WrongCredentials,
            Error::Disabled(disabled) => Self::Disabled(disabled),
            other => Self::Engine(other),
        }
    }
}

impl From<StoreError> for OauthError {
    fn from(error: StoreError) -> Self {
        Self::Engine(error.into())
    }
}

/// Why a person cannot be asked to let a program in, by where that may be said.
#[derive(Debug, Clone, thiserror::Error)]
pub enum AuthorizationError {
    /// Only on a page of the instance: it is not certain that the redirect URI belongs to the program. // B3
    #[error(transparent)]
    Page(OauthError),
    /// To the program, by sending the browser to its redirect URI. // B4
    #[error("{error}")]
    Redirect {
        /// Where to; one of the program's own.
        redirect_uri: String,
        /// The `state` of the request, byte for byte. // B5
        state: Option<String>,
        /// What is wrong.
        error: OauthError,
    },
}

impl AuthorizationError {
    /// What is wrong, wherever it may be said.
    pub fn reason(&self) -> &OauthError {
        match self {
            Self::Page(error) | Self::Redirect { error, .. } => error,
        }
    }
}

impl<E: Into<OauthError>> From<E> for AuthorizationError {
    fn from(error: E) -> Self {
        Self::Page(error.into())
    }
}

/// Why a bearer of an access token is not let in.
#[derive(Debug, Clone, thiserror::Error)]
pub enum AuthenticationError {
    /// No such token: never given, or revoked.
    #[error("The access token is invalid")]
    InvalidToken,
    /// The token was good once.
    #[error("The access token expired")]
    Expired,
    /// The token is good, but the account may not act.
    #[error(transparent)]
    Disabled(#[from] Disabled),
    /// The engine failed.
    #[error(transparent)]
    Engine(#[from] Error),
}

impl From<StoreError> for AuthenticationError {
    fn from(error: StoreError) -> Self {
        Self::Engine(error.into())
    }
}
