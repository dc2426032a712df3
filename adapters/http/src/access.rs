//! Whether a request may reach its route.

use std::sync::Arc;

use http::HeaderMap;
use koinon_engine::Engine;
use koinon_engine::error::Error;
use koinon_engine::oauth::{AuthenticationError, Session};

use crate::credentials::{Credentials, TokenPlaces, read_credentials};
use crate::endpoint::{Access, Endpoint};
use crate::failure::Failure;
use crate::params::RequestParams;

/// By whose authority a request is answered.
#[derive(Debug, Default)]
pub(crate) struct Authority {
    /// None for an anonymous request.
    pub(crate) session: Option<Arc<Session>>,
    /// The session comes from memory and is to be confirmed by the store before anything is answered.
    pub(crate) recalled: bool,
}

/// The session a request runs in. One that only reads may get a session from memory, to be confirmed by what it reads.
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
    only_reads: bool,
) -> Result<Authority, Failure> {
    if endpoint.access == Access::Open {
        return Ok(Authority::default());
    }
    let mut recalled = false;
    let session = match read_credentials(headers, params, TokenPlaces::Ordinary)? {
        Credentials::Absent => None,
        Credentials::Bearer(bearer) => {
            let known = if only_reads { engine.recall(&bearer.token) } else { None };
            recalled = known.is_some();
            match known {
                Some(session) => Some(session),
                None => Some(engine.authenticate(&bearer.token).await?),
            }
        }
        Credentials::Basic(_) | Credentials::Other { .. } => return Err(Failure::InvalidToken),
    };
    let session = admit(endpoint, session)?;
    Ok(Authority { recalled: recalled && session.is_some(), session: session.map(Arc::new) })
}

/// Whether the session, or its absence, opens the route.
fn admit(endpoint: &Endpoint, session: Option<Session>) -> Result<Option<Session>, Failure> {
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

impl From<AuthenticationError> for Failure {
    fn from(error: AuthenticationError) -> Self {
        match error {
            AuthenticationError::InvalidToken | AuthenticationError::Expired => Self::InvalidToken,
            AuthenticationError::Disabled(disabled) => Self::Engine(disabled.into()),
            AuthenticationError::Engine(error) => Self::Engine(error),
        }
    }
}
