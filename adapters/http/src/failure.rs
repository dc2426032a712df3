//! Why a request was refused, before any dialect has put it into words.

use http::{Method, StatusCode};
use koinon_engine::error::{Error, Invalid};
use koinon_engine::oauth::OauthError;
use koinon_engine::store::StoreError;

use crate::credentials::CredentialError;
use crate::limits::HeadError;
use crate::params::{ParamError, ParseError};
use crate::rate_limit::RateDecision;

/// Why a request was refused. Its text is for people; dialects render it in their own format.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Failure {
    /// The engine refused.
    #[error(transparent)]
    Engine(#[from] Error),
    /// A parameter makes no sense.
    #[error(transparent)]
    Param(#[from] ParamError),
    /// The request cannot be read.
    #[error(transparent)]
    Parse(#[from] ParseError),
    /// The request is too large.
    #[error(transparent)]
    Head(#[from] HeadError),
    /// The credentials cannot be read.
    #[error(transparent)]
    Credentials(#[from] CredentialError),
    /// OAuth refused.
    #[error(transparent)]
    Oauth(OauthError),
    /// There is no token where there has to be one, or it is not, or no longer, good.
    #[error("The access token is invalid")]
    InvalidToken,
    /// The token lacks a scope.
    #[error("This action is outside the authorized scopes")]
    MissingScope(&'static str),
    /// No route has this path.
    #[error("Not Found")]
    NoSuchPath,
    /// The path has routes, but none for this method.
    #[error("Method Not Allowed")]
    MethodNotAllowed(Vec<Method>),
    /// The client asks too often.
    #[error("Too many requests")]
    TooMany(RateDecision),
    /// A form was sent from somewhere else, or too late.
    #[error("This form has expired; go back and send it again")]
    StaleForm,
}

impl Failure {
    /// The status code of the Mastodon family; the other dialects have their own ideas of some.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Engine(error) => engine_status(error),
            Self::Param(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Parse(error) => error.status(),
            Self::Head(error) => error.status(),
            Self::Credentials(error) => error.status(),
            Self::Oauth(error) => oauth_status(error),
            Self::InvalidToken => StatusCode::UNAUTHORIZED,
            Self::MissingScope(_) | Self::StaleForm => StatusCode::FORBIDDEN,
            Self::NoSuchPath => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed(_) => StatusCode::METHOD_NOT_ALLOWED,
            Self::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
        }
    }
}

fn engine_status(error: &Error) -> StatusCode {
    match error {
        Error::NotFound | Error::Invalid(Invalid::UnknownParent) => StatusCode::NOT_FOUND,
        Error::NotSignedIn | Error::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
        Error::Disabled(_) | Error::Forbidden => StatusCode::FORBIDDEN,
        Error::WrongCredentials => StatusCode::UNAUTHORIZED,
        Error::Store(StoreError::Full(_)) => StatusCode::INSUFFICIENT_STORAGE,
        Error::Store(StoreError::Busy(_) | StoreError::Locked(_) | StoreError::Io(_)) => {
            StatusCode::SERVICE_UNAVAILABLE
        }
        Error::Blob(error) if error.is_out_of_space() => StatusCode::INSUFFICIENT_STORAGE,
        // As with records: the medium failed, now; damage does not pass.
        Error::Blob(error) if error.io_kind().is_some() => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// Outside of the endpoints of OAuth, which have status codes of their own.
fn oauth_status(error: &OauthError) -> StatusCode {
    match error {
        OauthError::Engine(error) => engine_status(error),
        OauthError::InvalidClient => StatusCode::UNAUTHORIZED,
        OauthError::UnauthorizedClient | OauthError::Disabled(_) => StatusCode::FORBIDDEN,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    }
}

impl From<OauthError> for Failure {
    fn from(error: OauthError) -> Self {
        match error {
            OauthError::Engine(error) => Self::Engine(error),
            other => Self::Oauth(other),
        }
    }
}

impl From<koinon_engine::error::Invalid> for Failure {
    fn from(invalid: Invalid) -> Self {
        Self::Engine(invalid.into())
    }
}
