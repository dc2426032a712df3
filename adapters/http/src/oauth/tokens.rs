//! Getting tokens, and looking after those one has given out.

use http::Method;
use koinon_engine::audience::Viewer;
use koinon_engine::error::Disabled;
use koinon_engine::model::Token;
use koinon_engine::oauth::{Issued, OauthError, TokenRequest};
use serde::Serialize;

use super::client::{ClientCredentials, client_credentials};
use super::refusal::{forbid_caching, refuse, refuse_disabled};
use crate::answer::{empty_object, json, page};
use crate::call::Call;
use crate::endpoint::{Access, Answer, Endpoint, route};
use crate::failure::Failure;
use crate::json::Plain;
use crate::mastodon;
use crate::mastodon::rates;
use crate::options::Profile;
use crate::router::Route;

pub(super) fn routes() -> Vec<Route<Endpoint>> {
    let (read, write) = (Access::Account("read:security"), Access::Account("write:security"));
    vec![
        route(Method::POST, "/oauth/token", Access::Open, refuse, exchange).limited(rates::SIGN_IN), // E7
        route(Method::GET, "/api/oauth_tokens", read, mastodon::refuse, index),
        route(Method::DELETE, "/api/oauth_tokens/{id}", write, mastodon::refuse, delete),
    ]
}

/// What a program gets. // E3
#[derive(Serialize)]
struct TokenEntity<'a> {
    access_token: &'a str,
    token_type: &'static str,
    scope: String,
    created_at: i64,
    /// Seconds; left out for tokens that do not end.
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_in: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<&'a str>,
    id: u64,
    /// Whom it acts for; left out for a program's own token. // R44
    #[serde(skip_serializing_if = "Option::is_none")]
    me: Option<String>,
}

async fn exchange(call: Call) -> Answer {
    let mut request: TokenRequest = call.read()?;
    let in_body = ClientCredentials { id: request.client_id.take(), secret: request.client_secret.take() };
    let client = client_credentials(&call, in_body)?;
    (request.client_id, request.client_secret) = (client.id, client.secret);
    let with_password = request.grant_type.as_deref() == Some("password");
    let issued = match call.engine().exchange(request).await {
        Err(OauthError::Disabled(disabled))
            if with_password && call.api().options().profile == Profile::Pleroma =>
        {
            let identifier = match disabled {
                Disabled::Pending => "awaiting_approval",
                Disabled::Suspended => "account_is_disabled",
            };
            return Ok(refuse_disabled(&disabled.to_string(), identifier));
        }
        decided => decided?,
    };
    let me = owner_uri(&call, &issued).await?;
    let token = &issued.token;
    let mut response = json(&TokenEntity {
        access_token: issued.access.reveal(),
        token_type: "Bearer",
        scope: token.scopes.to_string(),
        created_at: token.created_at.seconds(),
        expires_in: token.expires_at.map(|end| end.since(token.created_at).as_secs()),
        refresh_token: issued.refresh.as_ref().map(koinon_engine::entropy::Secret::reveal),
        id: token.id.number(),
        me,
    })?;
    forbid_caching(response.headers_mut());
    Ok(response)
}

/// The id on the network of the account a token acts for.
async fn owner_uri(call: &Call, issued: &Issued) -> Result<Option<String>, Failure> {
    let Some(account) = issued.token.account else { return Ok(None) };
    let view = call.engine().query(Viewer::Local(account), move |query| query.account(account)).await?;
    Ok(Some(call.engine().settings().account_uri(&view.account.username)))
}

/// A token as its owner sees it.
#[derive(Serialize)]
struct TokenSummary<'a> {
    id: u64,
    app_name: &'a str,
    scopes: Vec<&'a str>,
    /// Without a zone, as clients of Pleroma read it.
    valid_until: String,
}

fn summary(token: &Token) -> TokenSummary<'_> {
    /// What a token that never ends says.
    const NEVER: &str = "9999-12-31T23:59:59.000000";
    TokenSummary {
        id: token.id.number(),
        app_name: &token.app_name,
        scopes: token.scopes.iter().collect(),
        valid_until: token
            .expires_at
            .map_or_else(|| NEVER.to_owned(), |end| end.utc().format("%Y-%m-%dT%H:%M:%S%.6f").to_string()),
    }
}

/// Where the account is signed in. // R45
async fn index(call: Call) -> Answer {
    let request = call.page(40, 80)?;
    let tokens = call.query(move |query| query.tokens(&request)).await?;
    page(&call, &tokens, |token| Plain(summary(token)))
}

async fn delete(call: Call) -> Answer {
    call.engine().revoke_token_by_id(call.account()?, call.id("id")?).await?; // H5
    empty_object()
}
