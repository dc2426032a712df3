//! Who may see what: the only place that decides it.
//!
//! Two questions that are never mixed:
//! - [`may`](Situation::verdict) is permission. Where the answer is no, no surface reveals content, existence or
//!   counts. It is the truth table of the contract, as one pure function over a [`Situation`].
//! - [`wants`](wanted) is preference: mutes, the viewer's own blocks, filters. It keeps things out of a feed that a
//!   direct link still reaches.
//!
//! Everything that leaves the engine about a status or an account is a [`Visible`], which only this module makes.

mod marks;
mod preference;
mod relation;
mod reveal;
mod situation;
mod view;
mod visible;

pub(crate) use marks::KnownMarks;
pub use preference::{Surface, Unwanted, wanted};
pub use relation::Relation;
pub use reveal::Explanation;
pub use situation::{Reason, Situation, Stage, Verdict, ViewerKind};
pub use view::{AccountView, StatusView, ViewerMarks};
pub use visible::Visible;

use crate::model::AccountId;

/// Who is looking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Viewer {
    /// Nobody in particular.
    Anonymous,
    /// An account of this instance.
    Local(AccountId),
    /// An account from elsewhere, known by its signature.
    Remote(AccountId),
}

impl Viewer {
    /// The account that looks, if any.
    pub fn account(self) -> Option<AccountId> {
        match self {
            Self::Anonymous => None,
            Self::Local(id) | Self::Remote(id) => Some(id),
        }
    }

    /// Whether `account` looks at its own things.
    pub fn is(self, account: AccountId) -> bool {
        self.account() == Some(account)
    }
}
