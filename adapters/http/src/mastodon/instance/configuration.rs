//! The limits that clients keep to.

use koinon_engine::media::FileType;
use koinon_engine::settings::Limits;
use serde::Serialize;

use crate::options::Options;

/// How many attachments a status takes where there is no limit: more than any client lets people choose.
const ANY_NUMBER: usize = 1_000;

/// Bytes of an upload request that are not the file.
const ENVELOPE: u64 = 64 << 10;

/// How many attachments a status takes.
pub(super) fn max_attachments(limits: &Limits) -> usize {
    limits.attachments.unwrap_or(ANY_NUMBER)
}

/// Bytes of the largest picture, and of the largest audio or video file.
pub(super) fn file_sizes(limits: &Limits, options: &Options) -> (u64, u64) {
    let request = options.limits.upload_bytes.saturating_sub(ENVELOPE);
    let media = &limits.media;
    (media.image.max_bytes.min(request), media.max_audio_video_bytes.min(request))
}

/// What a status may have.
#[derive(Debug, Serialize)]
pub(super) struct StatusLimits {
    max_characters: usize,
    max_media_attachments: usize,
    characters_reserved_per_url: usize,
}

pub(super) fn statuses(limits: &Limits) -> StatusLimits {
    StatusLimits {
        max_characters: limits.status_characters,
        max_media_attachments: max_attachments(limits),
        characters_reserved_per_url: 23,
    }
}

/// What files may be.
#[derive(Debug, Serialize)]
pub(super) struct MediaLimits {
    supported_mime_types: Vec<&'static str>,
    description_limit: usize,
    image_size_limit: u64,
    image_matrix_limit: u64,
    video_size_limit: u64,
    video_frame_rate_limit: u32,
    video_matrix_limit: u64,
}

pub(super) fn media(limits: &Limits, options: &Options) -> MediaLimits {
    let (image, video) = file_sizes(limits, options);
    let mut types: Vec<&str> = FileType::ALL.into_iter().map(FileType::mime).collect();
    types.dedup();
    MediaLimits {
        supported_mime_types: types,
        description_limit: limits.description_characters,
        image_size_limit: image,
        image_matrix_limit: limits.media.image.max_pixels,
        video_size_limit: video,
        // Videos are kept as they are, so these are only what is sensible.
        video_frame_rate_limit: 120,
        video_matrix_limit: limits.media.image.max_pixels,
    }
}

/// What a poll may have. Strict clients want the numbers whether or not there are polls.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct PollLimits {
    pub(crate) max_options: u32,
    pub(crate) max_characters_per_option: u32,
    pub(crate) min_expiration: u32,
    pub(crate) max_expiration: u32,
}

pub(crate) const POLLS: PollLimits = PollLimits {
    max_options: 4,
    max_characters_per_option: 50,
    min_expiration: 300,
    max_expiration: 2_629_746,
};

/// What an account may have, in both versions of the entity.
#[derive(Debug, Serialize)]
pub(super) struct AccountLimits {
    max_featured_tags: usize,
    max_pinned_statuses: usize,
    max_display_name_length: usize,
    max_note_length: usize,
    max_avatar_description_length: usize,
    max_header_description_length: usize,
    max_profile_fields: usize,
    profile_field_name_limit: usize,
    profile_field_value_limit: usize,
}

pub(super) fn accounts(limits: &Limits) -> AccountLimits {
    AccountLimits {
        max_featured_tags: 0,
        max_pinned_statuses: limits.pins,
        max_display_name_length: limits.display_name_characters,
        max_note_length: limits.note_characters,
        max_avatar_description_length: 0,
        max_header_description_length: 0,
        max_profile_fields: limits.profile_fields,
        profile_field_name_limit: limits.profile_field_characters,
        profile_field_value_limit: limits.profile_field_characters,
    }
}
