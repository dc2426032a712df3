//! The instance as clients of today read it, with Pleroma's additions under `pleroma`.

use koinon_engine::settings::{Registrations, Settings};
use serde::Serialize;

use super::configuration::{self, AccountLimits, MediaLimits, PollLimits, StatusLimits};
use super::pleroma::{self, Pleroma, Sizes};
use super::{Facts, Rule, rule_entities, streaming_url, thumbnail_url, version};
use crate::call::Call;
use crate::mastodon::entities::RenderedAccount;

#[derive(Debug, Serialize)]
pub(super) struct Instance<'a> {
    domain: &'a str,
    title: &'a str,
    version: &'static str,
    source_url: &'static str,
    description: &'a str,
    wrapstodon: Option<()>,
    usage: Usage,
    thumbnail: Thumbnail,
    icon: [(); 0],
    languages: &'a [String],
    configuration: Configuration,
    registrations: RegistrationRules,
    api_versions: ApiVersions,
    contact: Contact<'a>,
    rules: Vec<Rule<'a>>,
    pleroma: Additions,
}

#[derive(Debug, Serialize)]
struct Usage {
    users: UserNumbers,
}

#[derive(Debug, Serialize)]
struct UserNumbers {
    active_month: u64,
}

#[derive(Debug, Serialize)]
struct Thumbnail {
    url: String,
    description: &'static str,
}

#[derive(Debug, Serialize)]
struct Configuration {
    urls: Urls,
    vapid: Vapid,
    accounts: AccountLimits,
    statuses: StatusLimits,
    media_attachments: MediaLimits,
    polls: PollLimits,
    translation: Translation,
    timelines_access: TimelinesAccess,
    limited_federation: bool,
}

#[derive(Debug, Serialize)]
struct Urls {
    streaming: String,
    status: Option<String>,
    about: String,
    privacy_policy: Option<String>,
    terms_of_service: Option<String>,
}

#[derive(Debug, Serialize)]
struct Vapid {
    public_key: &'static str,
}

#[derive(Debug, Serialize)]
struct Translation {
    enabled: bool,
}

#[derive(Debug, Serialize)]
struct TimelinesAccess {
    live_feeds: FeedAccess,
    hashtag_feeds: FeedAccess,
    trending_link_feeds: FeedAccess,
}

#[derive(Debug, Clone, Copy, Serialize)]
struct FeedAccess {
    local: &'static str,
    remote: &'static str,
}

#[derive(Debug, Serialize)]
struct RegistrationRules {
    enabled: bool,
    approval_required: bool,
    reason_required: bool,
    message: Option<String>,
    min_age: Option<u32>,
    url: Option<String>,
}

/// Only what is served: version 2 would promise grouped notifications.
#[derive(Debug, Serialize)]
struct ApiVersions {
    mastodon: u32,
}

#[derive(Debug, Serialize)]
struct Contact<'a> {
    email: &'a str,
    account: Option<RenderedAccount>,
}

#[derive(Debug, Serialize)]
struct Additions {
    #[serde(flatten)]
    sizes: Sizes,
    #[serde(flatten)]
    pleroma: Pleroma,
}

pub(super) fn instance<'a>(call: &'a Call, facts: &'a Facts) -> Instance<'a> {
    let (settings, options) = (call.engine().settings(), call.api().options());
    let limits = &settings.limits;
    Instance {
        domain: &settings.domain,
        title: &settings.title,
        version: version(options.profile),
        source_url: env!("CARGO_PKG_REPOSITORY"),
        description: &settings.description,
        wrapstodon: None,
        usage: Usage { users: UserNumbers { active_month: facts.active.month } },
        thumbnail: Thumbnail { url: thumbnail_url(settings), description: "" },
        icon: [],
        languages: &settings.languages,
        configuration: Configuration {
            urls: urls(settings),
            vapid: Vapid { public_key: "" },
            accounts: configuration::accounts(limits),
            statuses: configuration::statuses(limits),
            media_attachments: configuration::media(limits, options),
            polls: configuration::POLLS,
            translation: Translation { enabled: false },
            timelines_access: timelines_access(settings),
            limited_federation: false,
        },
        registrations: RegistrationRules {
            enabled: settings.registrations != Registrations::Closed,
            approval_required: settings.registrations == Registrations::Approval,
            reason_required: false,
            message: None,
            min_age: None,
            url: None,
        },
        api_versions: ApiVersions { mastodon: 1 },
        contact: Contact {
            email: &settings.contact_email,
            account: facts.contact.as_ref().map(|view| call.renderer().account(view)),
        },
        rules: rule_entities(settings),
        pleroma: Additions {
            sizes: pleroma::sizes(settings, options),
            pleroma: pleroma::pleroma(settings, facts.active.month),
        },
    }
}

fn urls(settings: &Settings) -> Urls {
    Urls {
        streaming: streaming_url(settings),
        status: None,
        about: format!("{}/about", settings.base_url),
        privacy_policy: None,
        terms_of_service: None,
    }
}

/// Who may read the timelines of everyone.
fn timelines_access(settings: &Settings) -> TimelinesAccess {
    let access = if settings.open_to_visitors { "public" } else { "authenticated" };
    let access = FeedAccess { local: access, remote: access };
    TimelinesAccess { live_feeds: access, hashtag_feeds: access, trending_link_feeds: access }
}
