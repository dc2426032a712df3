//! What an instance is set up to be: chosen by whoever runs it, not stored.

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
            context: 4_096,
            mentions: 100,
            tags: 100,
            media: MediaLimits::default(),
        }
    }
}
