//! Whether a request may reach its route.

use http::HeaderMap;
use koinon_engine::Engine;
use koinon_engine::error::Error;
use koinon_engine::oauth::{AuthenticationError, Session};

use crate::credentials::{Credentials, TokenPlaces, read_credentials};
use crate::endpoint::{Access, Endpoint};
use crate::failure::Failure;
use crate::params::RequestParams;

/// The session a request runs in; none for an anonymous one.
///
/// - No token, or one that is not good: refused, unless the route is open or the token is optional and absent.
/// - A token without the scope: refused, but on routes with an optional token it counts as none, so that a narrow
///   token never sees less than no token.
/// - A program's own token is no account.
pub(crate) async fn authorize(
    engine: &Engine,
    headers: &HeaderMap,
    params: &RequestParams,
    endpoint: &Endpoint,
) -> Result<Option<Session>, Failure> {
    if endpoint.access == Access::Open {
        return Ok(None);
    }
    let session = match read_credentials(headers, params, TokenPlaces::Ordinary)? {
        Credentials::Absent => None,
        Credentials::Bearer(bearer) => Some(session(engine, &bearer.token).await?),
        Credentials::Basic(_) | Credentials::Other { .. } => return Err(Failure::InvalidToken),
    };
    match (endpoint.access, session) {
        (Access::Open | Access::Optional(_), None) => Ok(None),
        (Access::Account(_) | Access::Token(_), None) => Err(Failure::InvalidToken),
        (Access::Open, Some(_)) => Ok(None),
        (Access::Optional(scope), Some(session)) => {
            Ok(Some(session).filter(|session| grants(session, scope)))
        }
        (Access::Account(scope), Some(session)) => {
            if !grants(&session, scope) {
                Err(Failure::MissingScope(scope))
            } else if session.account.is_none() {
                Err(Failure::Engine(Error::NotSignedIn))
            } else {
                Ok(Some(session))
            }
        }
        (Access::Token(scope), Some(session)) => {
            if grants(&session, scope) {
                Ok(Some(session))
            } else {
                Err(Failure::MissingScope(scope))
            }
        }
    }
}

fn grants(session: &Session, scope: &str) -> bool {
    scope.is_empty() || session.scopes.grants(scope)
}

async fn session(engine: &Engine, token: &str) -> Result<Session, Failure> {
    engine.authenticate(token).await.map_err(|error| match error {
        AuthenticationError::InvalidToken | AuthenticationError::Expired => Failure::InvalidToken,
        AuthenticationError::Disabled(disabled) => Failure::Engine(disabled.into()),
        AuthenticationError::Engine(error) => Failure::Engine(error),
    })
}
