//! How a program proves which one it is.

use crate::call::Call;
use crate::credentials::{CredentialError, Credentials, read_authorization};
use crate::failure::Failure;

/// What a program says to prove which one it is; both parts may be missing.
pub(super) struct ClientCredentials {
    pub(super) id: Option<String>,
    pub(super) secret: Option<String>,
}

/// The credentials of a program, from HTTP Basic or from the body (`in_body`), but never from both. // E1
pub(super) fn client_credentials(
    call: &Call,
    in_body: ClientCredentials,
) -> Result<ClientCredentials, Failure> {
    match read_authorization(call.headers())? {
        Credentials::Basic(basic) => {
            let other_client = in_body.id.is_some_and(|id| id != basic.user);
            if in_body.secret.is_some() || other_client {
                return Err(CredentialError::MoreThanOne.into());
            }
            Ok(ClientCredentials { id: Some(basic.user), secret: Some(basic.password) })
        }
        // A token is no way to say which program one is.
        Credentials::Absent | Credentials::Bearer(_) | Credentials::Other { .. } => Ok(in_body),
    }
}
