//! What an instance is set up to be: chosen by whoever runs it, not stored.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::media::MediaLimits;

/// The settings of an instance. Plain data; build it with `Settings { domain: …, ..Settings::default() }`.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// The domain of its accounts, with port where that is not the usual one.
    pub domain: String,
    /// Where it is reached, without a slash at the end: `https://social.example`.
    pub base_url: String,
    /// Its name.
    pub title: String,
    /// One or two sentences about it, plain text.
    pub description: String,
    /// Whom to write to about it; may be empty.
    pub contact_email: String,
    /// Rules that people agree to when they join.
    pub rules: Vec<String>,
    /// Languages it is meant for, ISO 639 codes.
    pub languages: Vec<String>,
    /// Who may register.
    pub registrations: Registrations,
    /// Whether people without an account may read public posts and profiles.
    pub open_to_visitors: bool,
    /// How long access tokens are good; without end when none. Refreshing renews them.
    pub access_token_lifetime: Option<Duration>,
    /// Whether programs may ask people for their password themselves (OAuth's grant type `password`).
    pub password_grant: bool,
    /// How much work it is to try a password.
    pub password_hashing: PasswordHashing,
    /// Bytes of records that are kept in memory at most, so that they need not be read and decoded again.
    pub cache_bytes: u64,
    /// The upper bounds.
    pub limits: Limits,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            domain: "localhost".into(),
            base_url: "http://localhost".into(),
            title: "Koinon".into(),
            description: String::new(),
            contact_email: String::new(),
            rules: Vec::new(),
            languages: vec!["en".into()],
            registrations: Registrations::Closed,
            open_to_visitors: true,
            access_token_lifetime: None,
            password_grant: true,
            password_hashing: PasswordHashing::default(),
            cache_bytes: 20 << 20,
            limits: Limits::default(),
        }
    }
}

impl Settings {
    /// The page of a local account.
    pub fn profile_url(&self, username: &str) -> String {
        format!("{}/@{username}", self.base_url)
    }

    /// The id of a local account on the network.
    pub fn account_uri(&self, username: &str) -> String {
        format!("{}/users/{username}", self.base_url)
    }

    /// The page of a local status.
    pub fn status_url(&self, username: &str, status: crate::id::Flake) -> String {
        format!("{}/@{username}/{status}", self.base_url)
    }

    /// The id of a local status on the network.
    pub fn status_uri(&self, username: &str, status: crate::id::Flake) -> String {
        format!("{}/users/{username}/statuses/{status}", self.base_url)
    }

    /// The page of a hashtag.
    pub fn tag_url(&self, tag: &str) -> String {
        format!("{}/tags/{tag}", self.base_url)
    }
}

/// Who may register.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Registrations {
    /// Anyone.
    Open,
    /// Anyone, but a moderator has to agree.
    Approval,
    /// Nobody.
    #[default]
    Closed,
}

/// The cost of one Argon2id hash. Hashes remember theirs, so a change counts for new passwords.
///
/// Values outside of the range of Argon2 count as the default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasswordHashing {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over that memory.
    pub passes: u32,
    /// Lanes that could be worked on at a time.
    pub lanes: u32,
}

/// What OWASP recommends: 19 MiB, two passes, one lane.
impl Default for PasswordHashing {
    fn default() -> Self {
        Self { memory_kib: 19_456, passes: 2, lanes: 1 }
    }
}

/// Upper bounds. Everything a client can send has one.
#[derive(Debug, Clone, PartialEq)]
pub struct Limits {
    /// Characters of a status, counted as Mastodon counts.
    pub status_characters: usize,
    /// Bytes of a status text, whatever it counts.
    pub status_bytes: usize,
    /// Attachments of a status; none = any number.
    pub attachments: Option<usize>,
    /// Characters of a media description.
    pub description_characters: usize,
    /// Statuses an account can pin.
    pub pins: usize,
    /// Characters of a username.
    pub username_characters: usize,
    /// Characters of a display name.
    pub display_name_characters: usize,
    /// Characters of a biography.
    pub note_characters: usize,
    /// Name-value pairs of a profile.
    pub profile_fields: usize,
    /// Characters of a name or value of a profile field.
    pub profile_field_characters: usize,
    /// Characters of a report's comment.
    pub report_characters: usize,
    /// Circles an account can have.
    pub circles: usize,
    /// Characters of a circle's title.
    pub circle_title_characters: usize,
    /// Bytes of an e-mail address.
    pub email_bytes: usize,
    /// Bytes of a password; more is refused before any work is done.
    pub password_bytes: usize,
    /// Characters of a password at least.
    pub password_min_characters: usize,
    /// Characters of what an applicant writes about themself.
    pub reason_characters: usize,
    /// Statuses shown above or below another one.
    pub context: usize,
    /// Accounts a post can name.
    pub mentions: usize,
    /// Hashtags a post can have.
    pub tags: usize,
    /// Uploaded files.
    pub media: MediaLimits,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            status_characters: 5_000,
            status_bytes: 100_000,
            attachments: None,
            description_characters: 10_000,
            pins: 5,
            username_characters: 30,
            display_name_characters: 100,
            note_characters: 5_000,
            profile_fields: 10,
            profile_field_characters: 255,
            report_characters: 1_000,
            circles: 50,
            circle_title_characters: 256,
            email_bytes: 254,
            password_bytes: 4_096,
            password_min_characters: 8,
            reason_characters: 2_000,
            context: 4_096,
            mentions: 100,
            tags: 100,
            media: MediaLimits::default(),
        }
    }
}
