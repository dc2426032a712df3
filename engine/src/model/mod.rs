//! Plain public data: what the engine stores, one file per subject.
//!
//! Every type is a record of some table in [`schema`](crate::store::schema); behaviour lives with the rules.

mod account;
mod attachment;
mod circle;
mod instance;
mod mark;
mod notification;
mod oauth;
mod relationship;
mod report;
mod status;

pub use account::*;
pub use attachment::*;
pub use circle::*;
pub use instance::*;
pub use mark::*;
pub use notification::*;
pub use oauth::*;
pub use relationship::*;
pub use report::*;
pub use status::*;

use crate::id::Flake;

/// Id of an [`Account`].
pub type AccountId = Flake;
/// Id of a [`Status`].
pub type StatusId = Flake;
/// Id of a thread: the id of the status that began it.
pub type ConversationId = Flake;
/// Id of a [`Media`].
pub type MediaId = Flake;
/// Id of a [`Circle`].
pub type CircleId = Flake;
/// Id of a [`Report`].
pub type ReportId = Flake;
