//! Every table of the engine, with the question it answers.
//!
//! An index is a table. Ids ascend with time, so "newest first" is a descending scan; nothing is ever sorted
//! after reading, and no question costs more than the rows it answers with.

use serde::{Deserialize, Serialize};

use super::{Table, TableDefinition};
use crate::entropy::SecretHash;
use crate::id::Flake;
use crate::model::{
    Account, AccountId, AccountStats, App, AuthorizationCode, Block, Circle, CircleId, ConversationId,
    Credentials, Follow, MarkKind, Marker, Media, MediaId, Mute, Notification, NotificationKind,
    RefreshToken, Report, ReportId, Role, Status, StatusId, StatusStats, Token, Tombstone, WebSession,
};
use crate::store::{Key, KeyError, KeyReader};
use crate::time::Timestamp;

/// Version of what is described here: tables, keys and records. It rises with each of the
/// [`MIGRATIONS`](crate::migration::MIGRATIONS).
pub const DATA_VERSION: u32 = 1;

macro_rules! schema {
    ($($(#[$doc:meta])* $name:ident: $key:ty => $value:ty = $text:literal;)*) => {
        $($(#[$doc])* pub const $name: Table<$key, $value> = Table::new($text);)*

        /// All tables, in the order of this file. Backends are opened with it.
        pub const TABLES: &[TableDefinition] = &[$($name.definition()),*];
    };
}

schema! {
    /// Facts about the store itself, by name: see [`meta`].
    META: String => serde_json::Value = "meta";

    // Accounts.
    /// The account of an id.
    ACCOUNTS: AccountId => Account = "accounts";
    /// The numbers beside an account.
    ACCOUNT_STATS: AccountId => AccountStats = "account_stats";
    /// Who is called (folded username, folded domain or empty)? Names of deleted accounts stay taken.
    ACCOUNT_NAMES: (String, String) => AccountId = "account_names";
    /// How a local account signs in.
    CREDENTIALS: AccountId => Credentials = "credentials";
    /// Whose is a folded e-mail address?
    EMAILS: String => AccountId = "emails";
    /// Which accounts have a word in name or display name that starts with a text?
    ACCOUNT_WORDS: (String, AccountId) => () = "account_words";
    /// Who has a role beyond that of a user? Changes with the role in the account.
    STAFF: AccountId => Role = "staff";

    // Statuses.
    /// The status of an id.
    STATUSES: StatusId => Status = "statuses";
    /// The numbers beside a status.
    STATUS_STATS: StatusId => StatusStats = "status_stats";
    /// What was deleted.
    TOMBSTONES: StatusId => Tombstone = "tombstones";
    /// Which statuses does a thread consist of, and which one does each answer?
    CONVERSATIONS: (ConversationId, StatusId) => Option<StatusId> = "conversations";
    /// Which statuses did an account post, and of what form are they?
    BY_AUTHOR: (AccountId, AuthorFeed, StatusId) => Form = "by_author";
    /// Which reblog did an account make of a status?
    REBLOGS: (AccountId, StatusId) => StatusId = "reblogs";
    /// Who reblogged a status? By the id of the reblog.
    REBLOGS_OF: (StatusId, StatusId) => AccountId = "reblogs_of";
    /// Did an account mark a status? With the id of the mark.
    MARKS: (AccountId, MarkKind, StatusId) => Flake = "marks";
    /// What did an account mark, in the order of marking?
    MARKS_BY: (AccountId, MarkKind, Flake) => StatusId = "marks_by";
    /// Who marked a status, in the order of marking?
    MARKS_OF: (StatusId, MarkKind, Flake) => AccountId = "marks_of";
    /// Which status did an idempotency key of an account make, and when?
    IDEMPOTENCY_KEYS: (AccountId, SecretHash) => (StatusId, Timestamp) = "idempotency_keys";

    // Timelines.
    /// What stands in an account's home timeline?
    HOME: (AccountId, StatusId) => () = "home";
    /// What stands in the timelines of everyone?
    PUBLIC: (PublicFeed, StatusId) => () = "public_timelines";
    /// What was posted with a folded hashtag?
    TAGGED: (String, PublicFeed, StatusId) => () = "tagged";
    /// Which hashtags are there, how often were they used, and when last?
    TAGS: String => (u64, Timestamp) = "tags";
    /// Which statuses have a word in their text?
    STATUS_WORDS: (String, StatusId) => () = "status_words";

    // Relationships.
    /// Does an account follow another?
    FOLLOWS: (AccountId, AccountId) => Follow = "follows";
    /// Whom does an account follow, in the order of following?
    FOLLOWING: (AccountId, Flake) => AccountId = "following";
    /// Who follows an account, in the order of following?
    FOLLOWERS: (AccountId, Flake) => AccountId = "followers";
    /// Which followers want to be told of each post of an account?
    SUBSCRIBERS: (AccountId, AccountId) => () = "subscribers";
    /// Does an account (first) ask to follow another?
    FOLLOW_REQUESTS: (AccountId, AccountId) => Follow = "follow_requests";
    /// Who asks to follow an account, in the order of asking?
    FOLLOW_REQUESTS_TO: (AccountId, Flake) => AccountId = "follow_requests_to";
    /// Does an account block another?
    BLOCKS: (AccountId, AccountId) => Block = "blocks";
    /// Whom does an account block, in the order of blocking?
    BLOCKED: (AccountId, Flake) => AccountId = "blocked";
    /// Does an account mute another?
    MUTES: (AccountId, AccountId) => Mute = "mutes";
    /// Whom does an account mute, in the order of muting?
    MUTED: (AccountId, Flake) => AccountId = "muted";
    /// Does an account block a domain?
    DOMAIN_BLOCKS: (AccountId, String) => Flake = "domain_blocks";
    /// Which domains does an account block, in the order of blocking?
    BLOCKED_DOMAINS: (AccountId, Flake) => String = "blocked_domains";
    /// Which threads does an account want no notifications of, and until when?
    CONVERSATION_MUTES: (AccountId, ConversationId) => Option<Timestamp> = "conversation_mutes";
    /// Which circles does an account have?
    CIRCLES: (AccountId, CircleId) => Circle = "circles";
    /// Who is in a circle, in the order of adding?
    CIRCLE_MEMBERS: (CircleId, Flake) => AccountId = "circle_members";
    /// In which circles (of which owner) is an account, and under which id?
    CIRCLES_OF: (AccountId, AccountId, CircleId) => Flake = "circles_of";

    // Notifications, markers, reports.
    /// What was an account told of?
    NOTIFICATIONS: (AccountId, Flake) => Notification = "notifications";
    /// Was an account told already that (kind, from, status or report if it is about one)?
    NOTIFICATION_CAUSES: (AccountId, NotificationKind, AccountId, Flake) => Flake = "notification_causes";
    /// Who was told of a status?
    NOTIFICATIONS_OF: (StatusId, AccountId, Flake) => () = "notifications_of";
    /// How far has an account read a timeline?
    MARKERS: (AccountId, String) => Marker = "markers";
    /// The report of an id.
    REPORTS: ReportId => Report = "reports";
    /// Which reports did an account make?
    REPORTS_BY: (AccountId, ReportId) => () = "reports_by";

    // Media.
    /// The upload of an id.
    MEDIA: MediaId => Media = "media";
    /// Which uploads need a blob (by its hash)?
    BLOB_USES: ([u8; 32], MediaId) => () = "blob_uses";

    // OAuth.
    /// The app of a client id.
    APPS: String => App = "apps";
    /// Which apps have an id?
    APP_IDS: Flake => String = "app_ids";
    /// What may the bearer of a token (by its hash) do?
    TOKENS: SecretHash => Token = "tokens";
    /// Which tokens act for an account?
    TOKENS_OF: (AccountId, Flake) => SecretHash = "tokens_of";
    /// Which access and refresh tokens came from one sign-in?
    TOKEN_FAMILIES: (Flake, SecretHash) => () = "token_families";
    /// What does a refresh token (by its hash) renew?
    REFRESH_TOKENS: SecretHash => RefreshToken = "refresh_tokens";
    /// What was an authorization code (by its hash) given for?
    CODES: SecretHash => AuthorizationCode = "codes";
    /// Which authorization codes did an account give?
    CODES_OF: (AccountId, SecretHash) => () = "codes_of";
    /// Who is signed in with a cookie (by its hash)?
    WEB_SESSIONS: SecretHash => WebSession = "web_sessions";
    /// Which cookies is an account signed in with?
    WEB_SESSIONS_OF: (AccountId, SecretHash) => () = "web_sessions_of";

    // Deferred work.
    /// What is to be done, and when (milliseconds since 1970)?
    JOBS: (u64, Flake) => crate::jobs::Job = "jobs";
}

/// Names in [`META`].
pub mod meta {
    /// The version of the data; 1 where there is none. See [`migration`](crate::migration).
    pub const DATA_VERSION: &str = "data_version";
    /// How far a migration has come that is not finished.
    pub const MIGRATION: &str = "migration";
    /// Ids up to this moment may have been given out; a restart goes on after it.
    pub const IDS_ISSUED_UNTIL: &str = "ids_issued_until";
    /// Hash of the one-time secret that lets a browser make the owner's account.
    pub const OWNER_SETUP: &str = "owner_setup";
    /// Numbers shown for the instance: local accounts and local statuses.
    pub const INSTANCE_STATS: &str = "instance_stats";
}

/// The timelines that an account's own posts stand in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AuthorFeed {
    /// Everything.
    All,
    /// Posts with media.
    Media,
}

/// Of what form a post is, so that a feed can leave it out without reading it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// It answers nobody, or its own author.
    Original,
    /// It answers someone else.
    Reply,
    /// It passes on another post.
    Reblog,
}

/// The timelines that everyone's posts stand in. Each filter has its own, so that a page costs a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PublicFeed {
    /// Everything known here.
    All,
    /// Posted here.
    Local,
    /// Posted elsewhere.
    Remote,
    /// Everything with media.
    AllMedia,
    /// Posted here, with media.
    LocalMedia,
    /// Posted elsewhere, with media.
    RemoteMedia,
}

macro_rules! one_byte_key {
    ($name:ident { $($variant:ident = $byte:literal),* $(,)? }) => {
        impl Key for $name {
            fn encode(&self, out: &mut Vec<u8>) {
                out.push(match self { $(Self::$variant => $byte),* });
            }
            fn decode(reader: &mut KeyReader<'_>) -> Result<Self, KeyError> {
                match reader.take(1)?[0] { $($byte => Ok(Self::$variant),)* _ => Err(KeyError) }
            }
        }
    };
}
one_byte_key!(AuthorFeed { All = 0, Media = 1 });
one_byte_key!(PublicFeed { All = 0, Local = 1, Remote = 2, AllMedia = 3, LocalMedia = 4, RemoteMedia = 5 });
