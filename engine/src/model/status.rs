//! What people post.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{AccountId, Attachment, CircleId, ConversationId, StatusId};
use crate::text::{Format, SafeHtml};
use crate::time::Timestamp;

/// A post, or a reblog of one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// Its id; later posts have greater ids.
    pub id: StatusId,
    /// Who posted it.
    pub author: AccountId,
    /// When.
    pub created_at: Timestamp,
    /// Whom it is meant for.
    pub visibility: Visibility,
    /// Never leaves this instance, whatever its visibility.
    #[serde(default, skip_serializing_if = "is_false")]
    pub local_only: bool,
    /// Written on this instance.
    #[serde(default = "yes", skip_serializing_if = "is_true")]
    pub local: bool,
    /// Set when this is a reblog; then there is no text of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reblog_of: Option<StatusRef>,
    /// The post it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_reply_to: Option<StatusRef>,
    /// The thread it belongs to.
    pub conversation: ConversationId,
    /// The text as typed.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
    /// How the text was typed.
    #[serde(default)]
    pub format: Format,
    /// The text as shown.
    #[serde(default)]
    pub html: SafeHtml,
    /// A warning shown before the text, plain.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub spoiler_text: String,
    /// Media are hidden until asked for.
    #[serde(default, skip_serializing_if = "is_false")]
    pub sensitive: bool,
    /// ISO 639 code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Accounts named in the text.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mentions: Vec<Mention>,
    /// Accounts addressed without being named, as they were when it was posted; sorted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub addressed: Vec<AccountId>,
    /// The circle it was addressed to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub circle: Option<CircleId>,
    /// Hashtags, folded as they are compared.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// Pictures and other media.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
    /// The program it was posted with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub application: Option<ApplicationName>,
}

impl Status {
    /// Whether `account` is named in it or addressed by it.
    pub fn addresses(&self, account: AccountId) -> bool {
        self.mentions.iter().any(|mention| mention.account == account)
            || self.addressed.binary_search(&account).is_ok()
    }
}

/// Whom a status is meant for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    /// Everyone, and shown in public timelines.
    Public,
    /// Everyone, but not in public timelines.
    Unlisted,
    /// Everyone who has an account on this instance.
    Local,
    /// The author's followers.
    Private,
    /// Followers whom the author follows too.
    Mutuals,
    /// The members of a circle when it was posted.
    Circle,
    /// Only the accounts it names.
    Direct,
}

impl Visibility {
    /// All of them, widest first.
    pub const ALL: [Self; 7] =
        [Self::Public, Self::Unlisted, Self::Local, Self::Private, Self::Mutuals, Self::Circle, Self::Direct];

    /// The name clients use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Unlisted => "unlisted",
            Self::Local => "local",
            Self::Private => "private",
            Self::Mutuals => "mutuals",
            Self::Circle => "list",
            Self::Direct => "direct",
        }
    }

    /// Whether everyone may see it.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Public | Self::Unlisted)
    }
}

impl fmt::Display for Visibility {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Visibility {
    type Err = UnknownVisibility;

    fn from_str(text: &str) -> Result<Self, UnknownVisibility> {
        Self::ALL.into_iter().find(|visibility| visibility.as_str() == text).ok_or(UnknownVisibility)
    }
}

/// The text names no visibility.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a visibility")]
pub struct UnknownVisibility;

/// Another status and who wrote it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusRef {
    /// The status.
    pub status: StatusId,
    /// Its author.
    pub author: AccountId,
}

/// An account named in a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mention {
    /// The account.
    pub account: AccountId,
    /// Its name without domain.
    pub username: String,
    /// Its domain, none for local accounts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
}

/// The program a status was posted with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApplicationName {
    /// Name of the program.
    pub name: String,
    /// Its home page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub website: Option<String>,
}

/// Numbers shown beside a status; the same for every viewer that may see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct StatusStats {
    /// Public and unlisted answers.
    #[serde(default)]
    pub replies: u64,
    /// Accounts that reblogged it.
    #[serde(default)]
    pub reblogs: u64,
    /// Accounts that favourited it.
    #[serde(default)]
    pub favourites: u64,
}

/// What is left of a deleted status, so that its id is never mistaken for a damaged reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tombstone {
    /// Who had posted it.
    pub author: AccountId,
    /// When it was deleted.
    pub deleted_at: Timestamp,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn is_false(value: &bool) -> bool {
    !value
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn is_true(value: &bool) -> bool {
    *value
}

fn yes() -> bool {
    true
}
