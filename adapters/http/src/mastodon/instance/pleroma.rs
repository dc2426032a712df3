//! What Pleroma adds to the instance entity and to NodeInfo.

use koinon_engine::settings::Settings;
use koinon_engine::text::Format;
use serde::Serialize;

use super::configuration::{POLLS, file_sizes, max_attachments};
use super::thumbnail_url;
use crate::options::Options;

/// What front ends switch on; by Pleroma's names, and only what there is.
pub(crate) const FEATURES: &[&str] = &["mastodon_api", "multifetch"];

/// Sizes beside those that Mastodon has a place for. What does not exist has no room.
#[derive(Debug, Serialize)]
pub(super) struct Sizes {
    max_media_attachments: usize,
    chat_limit: usize,
    description_limit: usize,
    shout_limit: usize,
    avatar_upload_limit: u64,
    background_upload_limit: u64,
    banner_upload_limit: u64,
    background_image: String,
}

pub(super) fn sizes(settings: &Settings, options: &Options) -> Sizes {
    let (image, _) = file_sizes(&settings.limits, options);
    Sizes {
        max_media_attachments: max_attachments(&settings.limits),
        chat_limit: 0,
        description_limit: settings.limits.description_characters,
        shout_limit: 0,
        avatar_upload_limit: image,
        background_upload_limit: 0,
        banner_upload_limit: image,
        background_image: thumbnail_url(settings),
    }
}

/// What a poll may have, by Pleroma's names.
#[derive(Debug, Serialize)]
pub(crate) struct PollLimits {
    max_options: u32,
    max_option_chars: u32,
    min_expiration: u32,
    max_expiration: u32,
}

pub(crate) fn poll_limits() -> PollLimits {
    PollLimits {
        max_options: POLLS.max_options,
        max_option_chars: POLLS.max_characters_per_option,
        min_expiration: POLLS.min_expiration,
        max_expiration: POLLS.max_expiration,
    }
}

/// The object `pleroma`.
#[derive(Debug, Serialize)]
pub(super) struct Pleroma {
    metadata: Metadata,
    stats: Stats,
    /// There is no web push; an empty key is what clients decode without complaint.
    vapid_public_key: &'static str,
}

pub(super) fn pleroma(settings: &Settings, active_in_month: u64) -> Pleroma {
    Pleroma { metadata: metadata(settings), stats: Stats { mau: active_in_month }, vapid_public_key: "" }
}

#[derive(Debug, Serialize)]
struct Metadata {
    account_activation_required: bool,
    birthday_required: bool,
    birthday_min_age: u32,
    features: &'static [&'static str],
    federation: Federation,
    fields_limits: FieldsLimits,
    post_formats: Vec<&'static str>,
}

#[derive(Debug, Serialize)]
struct Stats {
    mau: u64,
}

fn metadata(settings: &Settings) -> Metadata {
    Metadata {
        account_activation_required: false,
        birthday_required: false,
        birthday_min_age: 0,
        features: FEATURES,
        federation: federation(),
        fields_limits: fields_limits(settings),
        post_formats: post_formats(),
    }
}

/// How this server deals with others: not at all.
#[derive(Debug, Serialize)]
pub(crate) struct Federation {
    enabled: bool,
    exclusions: bool,
    mrf_policies: [(); 0],
    quarantined_instances: [(); 0],
}

pub(crate) fn federation() -> Federation {
    Federation { enabled: false, exclusions: false, mrf_policies: [], quarantined_instances: [] }
}

/// Name-value pairs of a profile.
#[derive(Debug, Serialize)]
pub(crate) struct FieldsLimits {
    pub(crate) max_fields: usize,
    pub(crate) max_remote_fields: usize,
    pub(crate) name_length: usize,
    pub(crate) value_length: usize,
}

pub(crate) fn fields_limits(settings: &Settings) -> FieldsLimits {
    let limits = &settings.limits;
    FieldsLimits {
        max_fields: limits.profile_fields,
        max_remote_fields: limits.profile_fields,
        name_length: limits.profile_field_characters,
        value_length: limits.profile_field_characters,
    }
}

/// The formats a post can be written in.
pub(crate) fn post_formats() -> Vec<&'static str> {
    Format::ALL.into_iter().map(Format::as_str).collect()
}

/// Bytes of uploads, by their purpose.
#[derive(Debug, Serialize)]
pub(crate) struct UploadLimits {
    general: u64,
    avatar: u64,
    banner: u64,
    background: u64,
}

pub(crate) fn upload_limits(settings: &Settings, options: &Options) -> UploadLimits {
    let (image, general) = file_sizes(&settings.limits, options);
    UploadLimits { general: general.max(image), avatar: image, banner: image, background: 0 }
}
