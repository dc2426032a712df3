//! What the OAuth endpoints can do: RFC 8414.

use http::Method;
use koinon_engine::scope;
use serde::Serialize;

use crate::answer::json;
use crate::call::Call;
use crate::endpoint::{Access, Answer, Endpoint, route};
use crate::mastodon::refuse;
use crate::router::Route;

pub(super) fn routes() -> Vec<Route<Endpoint>> {
    vec![route(Method::GET, "/.well-known/oauth-authorization-server", Access::Open, refuse, metadata)]
}

#[derive(Serialize)]
struct Metadata<'a> {
    issuer: &'a str,
    authorization_endpoint: String,
    token_endpoint: String,
    revocation_endpoint: String,
    userinfo_endpoint: String,
    /// Mastodon's way to register programs, which is not that of RFC 7591.
    app_registration_endpoint: String,
    scopes_supported: &'static [&'static str],
    response_types_supported: [&'static str; 1],
    response_modes_supported: [&'static str; 1],
    grant_types_supported: Vec<&'static str>,
    token_endpoint_auth_methods_supported: [&'static str; 2],
    revocation_endpoint_auth_methods_supported: [&'static str; 2],
    code_challenge_methods_supported: [&'static str; 1],
    authorization_response_iss_parameter_supported: bool,
}

async fn metadata(call: Call) -> Answer {
    let settings = call.engine().settings();
    let at = |path: &str| format!("{}{path}", settings.base_url);
    let mut grants = vec!["authorization_code", "client_credentials", "refresh_token"];
    if settings.password_grant {
        grants.push("password");
    }
    json(&Metadata {
        issuer: &settings.base_url,
        authorization_endpoint: at("/oauth/authorize"),
        token_endpoint: at("/oauth/token"),
        revocation_endpoint: at("/oauth/revoke"),
        userinfo_endpoint: at("/oauth/userinfo"),
        app_registration_endpoint: at("/api/v1/apps"),
        scopes_supported: scope::KNOWN,
        response_types_supported: ["code"],
        response_modes_supported: ["query"],
        grant_types_supported: grants,
        token_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post"],
        revocation_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post"],
        code_challenge_methods_supported: ["S256"],
        authorization_response_iss_parameter_supported: true,
    })
}
