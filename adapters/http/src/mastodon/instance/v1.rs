//! The instance as clients of the first version read it, with Pleroma's additions at its top level.

use koinon_engine::settings::Registrations;
use serde::Serialize;

use super::configuration::{self, AccountLimits, MediaLimits, PollLimits, StatusLimits};
use super::pleroma::{self, Pleroma, Sizes};
use super::{Facts, Rule, description_html, rule_entities, streaming_url, thumbnail_url, version};
use crate::call::Call;
use crate::mastodon::entities::RenderedAccount;

#[derive(Debug, Serialize)]
pub(super) struct Instance<'a> {
    uri: &'a str,
    title: &'a str,
    short_description: &'a str,
    description: String,
    email: &'a str,
    version: &'static str,
    urls: Urls,
    stats: Stats,
    thumbnail: String,
    languages: &'a [String],
    registrations: bool,
    approval_required: bool,
    invites_enabled: bool,
    configuration: Configuration,
    contact_account: Option<RenderedAccount>,
    rules: Vec<Rule<'a>>,
    max_toot_chars: usize,
    poll_limits: pleroma::PollLimits,
    upload_limit: u64,
    #[serde(flatten)]
    sizes: Sizes,
    pleroma: Pleroma,
}

#[derive(Debug, Serialize)]
struct Urls {
    streaming_api: String,
}

#[derive(Debug, Serialize)]
struct Stats {
    user_count: u64,
    status_count: u64,
    domain_count: u64,
}

#[derive(Debug, Serialize)]
struct Configuration {
    accounts: AccountLimits,
    statuses: StatusLimits,
    media_attachments: MediaLimits,
    polls: PollLimits,
}

pub(super) fn instance<'a>(call: &'a Call, facts: &'a Facts) -> Instance<'a> {
    let (settings, options) = (call.engine().settings(), call.api().options());
    let limits = &settings.limits;
    Instance {
        uri: &settings.domain,
        title: &settings.title,
        short_description: &settings.description,
        description: description_html(&settings.description),
        email: &settings.contact_email,
        version: version(options.profile),
        urls: Urls { streaming_api: streaming_url(settings) },
        stats: Stats { user_count: facts.stats.users, status_count: facts.stats.statuses, domain_count: 0 },
        thumbnail: thumbnail_url(settings),
        languages: &settings.languages,
        registrations: settings.registrations != Registrations::Closed,
        approval_required: settings.registrations == Registrations::Approval,
        invites_enabled: false,
        configuration: Configuration {
            accounts: configuration::accounts(limits),
            statuses: configuration::statuses(limits),
            media_attachments: configuration::media(limits, options),
            polls: configuration::POLLS,
        },
        contact_account: facts.contact.as_ref().map(|view| call.renderer().account(view)),
        rules: rule_entities(settings),
        max_toot_chars: limits.status_characters,
        poll_limits: pleroma::poll_limits(),
        upload_limit: configuration::file_sizes(limits, options).1,
        sizes: pleroma::sizes(settings, options),
        pleroma: pleroma::pleroma(settings, facts.active.month),
    }
}
