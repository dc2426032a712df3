//! What the instance says about itself.

mod configuration;
pub(crate) mod pleroma;
mod v1;
mod v2;
mod version;

pub(crate) use version::{software, version};

use http::Method;
use koinon_engine::audience::{AccountView, Viewer, Visible};
use koinon_engine::model::{InstanceStats, Role};
use koinon_engine::settings::Settings;
use maud::html;
use serde::Serialize;

use super::refuse;
use crate::activity::ActiveAccounts;
use crate::answer::{empty_object, json};
use crate::call::Call;
use crate::endpoint::{Access, Answer, Endpoint, route};
use crate::failure::Failure;
use crate::router::Route;

pub(super) fn routes() -> Vec<Route<Endpoint>> {
    let mut routes = vec![
        route(Method::GET, "/api/v1/instance", Access::Open, refuse, v1),
        route(Method::GET, "/api/v2/instance", Access::Open, refuse, v2),
        route(Method::GET, "/api/v1/instance/rules", Access::Open, refuse, rules),
        route(Method::GET, "/api/v1/instance/extended_description", Access::Open, refuse, description),
        // Nothing is translated.
        route(Method::GET, "/api/v1/instance/translation_languages", Access::Open, refuse, |_| async {
            empty_object()
        }),
    ];
    // There is no traffic with other servers, and no record of past weeks.
    for path in ["/api/v1/instance/peers", "/api/v1/instance/domain_blocks", "/api/v1/instance/activity"] {
        routes.push(route(Method::GET, path, Access::Open, refuse, |_| async { json(&[(); 0]) }));
    }
    // Whoever runs the instance has written none.
    for path in ["/api/v1/instance/privacy_policy", "/api/v1/instance/terms_of_service"] {
        routes.push(route(Method::GET, path, Access::Open, refuse, |_| async {
            Err(Failure::Engine(koinon_engine::Error::NotFound))
        }));
    }
    routes
}

/// What both versions of the entity need beside the settings.
struct Facts {
    stats: InstanceStats,
    active: ActiveAccounts,
    /// Whom to turn to: the first admin.
    contact: Option<Visible<AccountView>>,
}

async fn facts(call: &Call) -> Result<Facts, Failure> {
    let (stats, staff) =
        call.engine().query(Viewer::Anonymous, |query| Ok((query.instance_stats()?, query.staff()?))).await?;
    let contact = staff.into_iter().find(|view| view.account.role == Role::Admin);
    Ok(Facts { stats, active: call.api().active_accounts().await?, contact })
}

async fn v1(call: Call) -> Answer {
    let facts = facts(&call).await?;
    json(&v1::instance(&call, &facts))
}

async fn v2(call: Call) -> Answer {
    let facts = facts(&call).await?;
    json(&v2::instance(&call, &facts))
}

/// One of the rules people agree to.
#[derive(Debug, Serialize)]
struct Rule<'a> {
    id: String,
    text: &'a str,
    hint: &'static str,
    translations: std::collections::BTreeMap<&'a str, ()>,
}

/// The rules, numbered from 1.
fn rule_entities(settings: &Settings) -> Vec<Rule<'_>> {
    let numbered = settings.rules.iter().zip(1usize..);
    let rules = numbered.map(|(text, number)| Rule {
        id: number.to_string(),
        text,
        hint: "",
        translations: Default::default(),
    });
    rules.collect()
}

async fn rules(call: Call) -> Answer {
    json(&rule_entities(call.engine().settings()))
}

#[derive(Serialize)]
struct ExtendedDescription {
    /// It stands in the configuration, which has no history.
    updated_at: Option<String>,
    content: String,
}

async fn description(call: Call) -> Answer {
    let text = &call.engine().settings().description;
    json(&ExtendedDescription { updated_at: None, content: description_html(text) })
}

/// The description, which is plain text, as HTML.
fn description_html(text: &str) -> String {
    let paragraphs = text.split("\n\n").map(str::trim).filter(|paragraph| !paragraph.is_empty());
    html! { @for paragraph in paragraphs { p { (paragraph) } } }.into_string()
}

/// Where streaming clients connect: plain `ws` where the instance is reached without encryption.
fn streaming_url(settings: &Settings) -> String {
    // `http` becomes `ws` and `https` becomes `wss`.
    match settings.base_url.strip_prefix("http") {
        Some(rest) => format!("ws{rest}"),
        None => settings.base_url.clone(),
    }
}

/// A picture that stands for the instance.
fn thumbnail_url(settings: &Settings) -> String {
    format!("{}/headers/original/missing.png", settings.base_url)
}
