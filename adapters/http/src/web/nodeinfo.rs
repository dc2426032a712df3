//! NodeInfo: which software this is, and how much of it is used.

use http::Method;
use http::header::CONTENT_TYPE;
use koinon_engine::audience::Viewer;
use koinon_engine::settings::{Registrations, Settings};
use serde::Serialize;

use crate::answer::json;
use crate::call::Call;
use crate::endpoint::{Access, Answer, Endpoint, route};
use crate::mastodon::instance::{pleroma, software};
use crate::mastodon::refuse;
use crate::options::Options;
use crate::router::Route;

pub(super) fn routes() -> Vec<Route<Endpoint>> {
    let mut routes = vec![route(Method::GET, "/.well-known/nodeinfo", Access::Open, refuse, index)];
    for (path, version) in [
        ("/nodeinfo/2.0", Version::V2_0),
        ("/nodeinfo/2.0.json", Version::V2_0),
        ("/nodeinfo/2.1", Version::V2_1),
        ("/nodeinfo/2.1.json", Version::V2_1),
    ] {
        routes.push(route(Method::GET, path, Access::Open, refuse, move |call| show(call, version)));
    }
    routes
}

/// A version of the schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Version {
    V2_0,
    V2_1,
}

impl Version {
    const fn as_str(self) -> &'static str {
        match self {
            Self::V2_0 => "2.0",
            Self::V2_1 => "2.1",
        }
    }

    /// The name of its schema.
    fn schema(self) -> String {
        format!("http://nodeinfo.diaspora.software/ns/schema/{}", self.as_str())
    }
}

#[derive(Serialize)]
struct Index {
    links: Vec<Link>,
}

#[derive(Serialize)]
struct Link {
    rel: String,
    href: String,
}

async fn index(call: Call) -> Answer {
    let base = &call.engine().settings().base_url;
    let link = |version: Version| Link {
        rel: version.schema(),
        // With a file ending, because Pleroma's own front end guesses that address.
        href: format!("{base}/nodeinfo/{}.json", version.as_str()),
    };
    json(&Index { links: [Version::V2_0, Version::V2_1].map(link).into() })
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NodeInfo<'a> {
    version: &'static str,
    software: Software,
    protocols: [&'static str; 1],
    services: Services,
    open_registrations: bool,
    usage: Usage,
    metadata: Metadata<'a>,
}

#[derive(Serialize)]
struct Software {
    name: &'static str,
    version: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    repository: Option<&'static str>,
}

#[derive(Serialize)]
struct Services {
    inbound: [(); 0],
    outbound: [(); 0],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Usage {
    users: Users,
    local_posts: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Users {
    total: u64,
    active_month: u64,
    active_halfyear: u64,
}

/// What Pleroma's own front end reads. It stops at the first thing that is missing.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Metadata<'a> {
    node_name: &'a str,
    node_description: &'a str,
    /// What this really is, whatever clients have to take it for.
    implementation: Implementation,
    private: bool,
    features: &'static [&'static str],
    federation: pleroma::Federation,
    post_formats: Vec<&'static str>,
    fields_limits: FieldsLimits,
    upload_limits: pleroma::UploadLimits,
    poll_limits: pleroma::PollLimits,
    suggestions: Switch,
    staff_accounts: Vec<String>,
    restricted_nicknames: [(); 0],
    account_activation_required: bool,
    invites_enabled: bool,
    mailer_enabled: bool,
    skip_thread_containment: bool,
}

#[derive(Serialize)]
struct Implementation {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct Switch {
    enabled: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FieldsLimits {
    max_fields: usize,
    max_remote_fields: usize,
    name_length: usize,
    value_length: usize,
}

async fn show(call: Call, version: Version) -> Answer {
    let (stats, staff) =
        call.engine().query(Viewer::Anonymous, |query| Ok((query.instance_stats()?, query.staff()?))).await?;
    let active = call.api().active_accounts().await?;
    let (settings, options) = (call.engine().settings(), call.api().options());
    let (name, software_version) = software(options.profile);
    let staff = staff.iter().map(|view| settings.account_uri(&view.account.username)).collect();
    let mut response = json(&NodeInfo {
        version: version.as_str(),
        software: Software {
            name,
            version: software_version,
            repository: (version == Version::V2_1).then_some(env!("CARGO_PKG_REPOSITORY")),
        },
        // The schema wants one; it is what the objects here are modelled on.
        protocols: ["activitypub"],
        services: Services { inbound: [], outbound: [] },
        open_registrations: settings.registrations == Registrations::Open,
        usage: Usage {
            users: Users {
                total: stats.users,
                active_month: active.month,
                active_halfyear: active.half_year,
            },
            local_posts: stats.statuses,
        },
        metadata: metadata(settings, options, staff),
    })?;
    let media_type = format!("application/json; profile=\"{}#\"; charset=utf-8", version.schema());
    if let Ok(value) = media_type.try_into() {
        response.headers_mut().insert(CONTENT_TYPE, value);
    }
    Ok(response)
}

fn metadata<'a>(settings: &'a Settings, options: &Options, staff_accounts: Vec<String>) -> Metadata<'a> {
    let fields = pleroma::fields_limits(settings);
    Metadata {
        node_name: &settings.title,
        node_description: &settings.description,
        implementation: Implementation { name: "koinon", version: env!("CARGO_PKG_VERSION") },
        private: !settings.open_to_visitors,
        features: pleroma::FEATURES,
        federation: pleroma::federation(),
        post_formats: pleroma::post_formats(),
        fields_limits: FieldsLimits {
            max_fields: fields.max_fields,
            max_remote_fields: fields.max_remote_fields,
            name_length: fields.name_length,
            value_length: fields.value_length,
        },
        upload_limits: pleroma::upload_limits(settings, options),
        poll_limits: pleroma::poll_limits(),
        suggestions: Switch { enabled: false },
        staff_accounts,
        restricted_nicknames: [],
        account_activation_required: false,
        invites_enabled: false,
        mailer_enabled: false,
        skip_thread_containment: true,
    }
}
