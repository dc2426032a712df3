//! People.

use serde::{Deserialize, Serialize};

use super::{AccountId, StoredFile, Visibility};
use crate::error::Disabled;
use crate::id::Flake;
use crate::text::SafeHtml;
use crate::time::Timestamp;

/// An account, local or known from elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// The name without domain, as its owner writes it. Unique per domain without regard to case.
    pub username: String,
    /// The domain it lives on; none for accounts of this instance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    /// Its id on the network, for accounts from elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uri: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Whether it may act and be seen.
    pub state: AccountState,
    /// Hidden from feeds of accounts that do not follow it.
    #[serde(default)]
    pub limited: bool,
    /// What it may do on this instance.
    #[serde(default)]
    pub role: Role,
    /// What its owner tells about themself.
    #[serde(default)]
    pub profile: Profile,
    /// How its owner likes to post.
    #[serde(default)]
    pub posting: PostingDefaults,
}

impl Account {
    /// Whether it belongs to this instance.
    pub fn is_local(&self) -> bool {
        self.domain.is_none()
    }

    /// `username` for local accounts, `username@domain` for others. // R89
    pub fn acct(&self) -> String {
        match &self.domain {
            Some(domain) => format!("{}@{domain}", self.username),
            None => self.username.clone(),
        }
    }
}

/// Whether an account may act and be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountState {
    /// In use.
    Active,
    /// Registered, waiting for a moderator's approval.
    Pending,
    /// Shut out by a moderator.
    Suspended,
    /// Gone; kept so that its name is never given to someone else.
    Deleted,
}

impl AccountState {
    /// Whether an account in this state may act, and if not, why.
    pub const fn may_act(self) -> Result<(), Disabled> {
        match self {
            Self::Active => Ok(()),
            Self::Pending => Err(Disabled::Pending),
            Self::Suspended | Self::Deleted => Err(Disabled::Suspended),
        }
    }
}

/// What an account may do on this instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Nothing beyond its own affairs.
    #[default]
    User,
    /// Handles reports and accounts.
    Moderator,
    /// Runs the instance.
    Admin,
}

/// What an account's owner tells about themself.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Profile {
    /// The name shown; empty when none is set.
    #[serde(default)]
    pub display_name: String,
    /// The biography as typed.
    #[serde(default)]
    pub note: String,
    /// The biography as shown.
    #[serde(default)]
    pub note_html: SafeHtml,
    /// Name-value pairs shown on the profile.
    #[serde(default)]
    pub fields: Vec<ProfileField>,
    /// Picture of the account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub avatar: Option<ProfilePicture>,
    /// Picture above the profile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header: Option<ProfilePicture>,
    /// Followers need approval.
    #[serde(default)]
    pub locked: bool,
    /// Posts are made by a program.
    #[serde(default)]
    pub bot: bool,
    /// May be shown in directories and suggestions.
    #[serde(default)]
    pub discoverable: bool,
    /// Public posts may be found by outside search engines.
    #[serde(default)]
    pub indexable: bool,
    /// Followers and follows are shown to nobody else.
    #[serde(default)]
    pub hide_collections: bool,
}

/// A picture of a profile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProfilePicture {
    /// The picture, not moving.
    pub still: StoredFile,
    /// The picture as it moves, where it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub animation: Option<StoredFile>,
}

/// One name-value pair of a profile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProfileField {
    /// The name, plain text.
    pub name: String,
    /// The value as typed.
    pub value: String,
    /// The value as shown.
    pub value_html: SafeHtml,
}

/// How an account's owner likes to post.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PostingDefaults {
    /// Visibility of a post that names none.
    pub visibility: Visibility,
    /// Whether media are hidden behind a warning.
    #[serde(default)]
    pub sensitive: bool,
    /// Language of a post that names none, as an ISO 639 code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
}

impl Default for PostingDefaults {
    fn default() -> Self {
        Self { visibility: Visibility::Public, sensitive: false, language: None }
    }
}

/// Numbers shown beside an account. They change in the transaction that changes what they count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct AccountStats {
    /// Public and unlisted posts and reblogs.
    #[serde(default)]
    pub statuses: u64,
    /// Accounts that follow it.
    #[serde(default)]
    pub followers: u64,
    /// Accounts it follows.
    #[serde(default)]
    pub following: u64,
    /// When it last posted publicly.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_status_at: Option<Timestamp>,
}

/// How a local account signs in. Kept apart from [`Account`] so that no view of an account can show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credentials {
    /// E-mail address as typed.
    pub email: String,
    /// Argon2 hash in PHC format.
    pub password_hash: String,
    /// The program it was registered with; none for the instance's own pages and tools.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registered_with: Option<Flake>,
    /// Why the applicant wants to join, where registrations need approval.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}
