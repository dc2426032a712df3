//! Programs that register themselves.

use http::Method;
use koinon_engine::model::App;
use koinon_engine::oauth::NewApp;
use serde::{Deserialize, Serialize};

use super::{rates, refuse};
use crate::answer::json;
use crate::call::Call;
use crate::endpoint::{Access, Answer, Endpoint, route};
use crate::failure::Failure;
use crate::router::Route;

pub(super) fn routes() -> Vec<Route<Endpoint>> {
    vec![
        route(Method::POST, "/api/v1/apps", Access::Open, refuse, register).limited(rates::APPS), // A4
        route(Method::GET, "/api/v1/apps/verify_credentials", Access::Token(""), refuse, verify_credentials),
    ]
}

/// A program as anyone with a token of its own sees it.
#[derive(Debug, Serialize)]
struct Application<'a> {
    id: String,
    name: &'a str,
    website: Option<&'a str>,
    scopes: Vec<&'a str>,
    redirect_uri: String,
    redirect_uris: &'a [String],
    /// There is no web push; an empty key is what clients decode without complaint.
    vapid_key: &'static str,
}

/// A program as it sees itself once, when it registers. // R46 A7
#[derive(Debug, Serialize)]
struct CredentialApplication<'a> {
    #[serde(flatten)]
    application: Application<'a>,
    client_id: &'a str,
    client_secret: &'a str,
    client_secret_expires_at: u64,
}

fn entity<'a>(call: &Call, app: &'a App) -> Application<'a> {
    Application {
        id: call.renderer().id(app.id),
        name: &app.name,
        website: app.website.as_deref(),
        scopes: app.scopes.iter().collect(),
        redirect_uri: app.redirect_uris.join("\n"),
        redirect_uris: &app.redirect_uris,
        vapid_key: "",
    }
}

/// Parameters of a program. Redirect URIs come as a list, or as a text with white space between them. // A1
#[derive(Debug, Deserialize)]
struct Wanted {
    #[serde(default)]
    client_name: String,
    #[serde(default)]
    redirect_uris: Vec<String>,
    scopes: Option<String>,
    website: Option<String>,
}

async fn register(call: Call) -> Answer {
    let wanted: Wanted = call.read()?;
    let uris = wanted.redirect_uris.iter().flat_map(|text| text.split_ascii_whitespace());
    let app = NewApp {
        name: wanted.client_name,
        redirect_uris: uris.map(str::to_owned).collect(),
        scopes: wanted.scopes,
        website: wanted.website,
    };
    let (app, secret) = call.engine().register_app(app).await?;
    json(&CredentialApplication {
        application: entity(&call, &app),
        client_id: &app.client_id,
        client_secret: secret.reveal(),
        client_secret_expires_at: 0,
    })
}

/// Whose token it is; the secret stays out of it. // A9
async fn verify_credentials(call: Call) -> Answer {
    let session = call.session().ok_or(Failure::InvalidToken)?;
    let app = call.engine().app_by_id(session.app).await?;
    json(&entity(&call, &app))
}
