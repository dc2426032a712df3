//! Posting, passing on, marking and deleting statuses, and asking for them.
//!
//! - [`draft`](Draft): what an author sends, and whether it is acceptable;
//! - `post`: the command; `addressing`: whom a status reaches; `publish`: the feeds it stands in;
//! - `reblog`, `marks` (favourites, bookmarks, pins), `delete`;
//! - `context` and `queries`: threads, single statuses, who marked or reblogged.

mod addressing;
mod context;
mod delete;
mod draft;
mod marks;
mod post;
mod publish;
mod queries;
mod reblog;

pub use context::Context;
pub use delete::Deleted;
pub(crate) use delete::finish_deletion;
pub use draft::{Audience, Draft, Prepared};
pub(crate) use draft::{Places, is_language, mentioned};
pub(crate) use marks::mark;
pub(crate) use post::post;
pub(crate) use publish::{author_feeds, fan_out, newest_of, public_feeds};
pub use queries::AccountStatuses;
pub(crate) use queries::stored;
pub(crate) use reblog::reblog;
