//! Giving tokens back: RFC 7009.

use http::Method;
use koinon_engine::oauth::{OauthError, Revoker};
use serde::Deserialize;

use super::client::{ClientCredentials, client_credentials};
use super::refusal::{forbid_caching, refuse};
use crate::answer::empty_object;
use crate::call::Call;
use crate::credentials::{Credentials, read_authorization};
use crate::endpoint::{Access, Answer, Endpoint, route};
use crate::mastodon::rates;
use crate::router::Route;

pub(super) fn routes() -> Vec<Route<Endpoint>> {
    vec![route(Method::POST, "/oauth/revoke", Access::Open, refuse, revoke).limited(rates::SIGN_IN)]
}

/// Parameters of a revocation.
#[derive(Deserialize)]
struct Wanted {
    token: Option<String>,
    client_id: Option<String>,
    client_secret: Option<String>,
}

/// The program a token was given to may revoke it, and so may whoever holds it. // H2
async fn revoke(call: Call) -> Answer {
    let wanted: Wanted = call.read()?;
    let in_body = ClientCredentials { id: wanted.client_id, secret: wanted.client_secret };
    let client = client_credentials(&call, in_body)?;
    let token = wanted.token.ok_or(OauthError::Missing("token"))?;
    let by = match (client.id, client.secret, read_authorization(call.headers())?) {
        (Some(client_id), Some(client_secret), _) => Revoker::Client { client_id, client_secret },
        (_, Some(_), _) => return Err(OauthError::InvalidClient.into()),
        (_, None, Credentials::Bearer(bearer)) => Revoker::Bearer(bearer.token),
        (_, None, _) => Revoker::Bearer(token.clone()),
    };
    call.engine().revoke(by, &token).await?;
    let mut response = empty_object()?;
    forbid_caching(response.headers_mut());
    Ok(response)
}
