//! The truth table: whether a viewer may see a status.

use std::fmt;

use crate::model::Visibility;

/// Everything that permission depends on, and nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Situation {
    /// What kind of viewer looks.
    pub viewer: ViewerKind,
    /// The viewer is not suspended, deleted or waiting for approval. True for anonymous viewers.
    pub viewer_available: bool,
    /// The viewer wrote the status.
    pub is_author: bool,
    /// The author is not suspended, deleted or waiting for approval.
    pub author_available: bool,
    /// Whether the status is out in the world.
    pub stage: Stage,
    /// Whom the status is meant for.
    pub visibility: Visibility,
    /// The status never leaves this instance.
    pub local_only: bool,
    /// The status names or silently addresses the viewer, or the viewer was in its circle when it was posted.
    pub addressed: bool,
    /// The viewer follows the author, accepted.
    pub following: bool,
    /// The author follows the viewer.
    pub followed_by: bool,
    /// The author blocks the viewer.
    pub blocked_by: bool,
    /// The author blocks the viewer's domain.
    pub domain_blocked_by: bool,
    /// The instance shows public posts to people without an account.
    pub open_to_visitors: bool,
}

/// What kind of viewer looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ViewerKind {
    /// Nobody in particular.
    Anonymous,
    /// An account of this instance.
    Local,
    /// An account from elsewhere.
    Remote,
}

/// Whether a status is out in the world.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stage {
    /// It is.
    Published,
    /// Not yet: scheduled or a draft.
    Unpublished,
    /// Not yet: an answer or a reblog that someone has to approve first. It is shown to nobody but its author and
    /// the account that decides, and to that account only if it might see it once it is published.
    AwaitingApproval {
        /// The viewer is the account that decides.
        by_viewer: bool,
    },
    /// No more.
    Deleted,
}

/// The answer to "may they see it", and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// They may.
    Shown(Reason),
    /// They may not.
    Hidden(Reason),
}

impl Verdict {
    /// Whether they may.
    pub fn is_shown(self) -> bool {
        matches!(self, Self::Shown(_))
    }
}

/// The rule that decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "each variant's text says what it means")]
pub enum Reason {
    Own,
    Open,
    LocalAccount,
    Follower,
    Mutual,
    Addressed,
    Deleted,
    Unpublished,
    AuthorUnavailable,
    ViewerUnavailable,
    BlockedByAuthor,
    DomainBlockedByAuthor,
    LocalOnly,
    VisitorsNotAdmitted,
    NotOnThisInstance,
    NotFollowing,
    NotMutual,
    NotAddressed,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Own => "the viewer wrote it",
            Self::Open => "it is meant for everyone",
            Self::LocalAccount => "it is meant for accounts of this instance",
            Self::Follower => "the viewer follows the author",
            Self::Mutual => "the viewer and the author follow each other",
            Self::Addressed => "it is addressed to the viewer",
            Self::Deleted => "it was deleted",
            Self::Unpublished => "it is not published yet",
            Self::AuthorUnavailable => "its author is suspended, deleted or not approved",
            Self::ViewerUnavailable => "the viewer is suspended, deleted or not approved",
            Self::BlockedByAuthor => "its author blocks the viewer",
            Self::DomainBlockedByAuthor => "its author blocks the viewer's domain",
            Self::LocalOnly => "it does not leave this instance",
            Self::VisitorsNotAdmitted => "this instance shows nothing to visitors",
            Self::NotOnThisInstance => "it is meant for accounts of this instance",
            Self::NotFollowing => "it is meant for followers",
            Self::NotMutual => "it is meant for mutual followers",
            Self::NotAddressed => "it is not addressed to the viewer",
        })
    }
}

impl Situation {
    /// The truth table, top to bottom: the first rule that applies decides.
    ///
    /// It speaks of one status. A reblog is shown only if the status it passes on is shown too; that is what
    /// [`Explanation`](super::Explanation) puts together.
    pub fn verdict(&self) -> Verdict {
        use Verdict::{Hidden, Shown};
        match self.stage {
            Stage::Deleted => return Hidden(Reason::Deleted),
            Stage::Unpublished | Stage::AwaitingApproval { by_viewer: false } if !self.is_author => {
                return Hidden(Reason::Unpublished);
            }
            Stage::Unpublished | Stage::AwaitingApproval { .. } | Stage::Published => {}
        }
        if !self.author_available {
            return Hidden(Reason::AuthorUnavailable);
        }
        if !self.viewer_available {
            return Hidden(Reason::ViewerUnavailable);
        }
        if self.is_author {
            return Shown(Reason::Own);
        }
        // The author's block wins over mention and follow.
        if self.blocked_by {
            return Hidden(Reason::BlockedByAuthor);
        }
        if self.viewer == ViewerKind::Remote && self.domain_blocked_by {
            return Hidden(Reason::DomainBlockedByAuthor);
        }
        if self.local_only && self.viewer != ViewerKind::Local {
            return Hidden(Reason::LocalOnly); // R51
        }
        let known = self.viewer != ViewerKind::Anonymous;
        let (rule, shown, hidden) = match self.visibility {
            Visibility::Public | Visibility::Unlisted => {
                (known || self.open_to_visitors, Reason::Open, Reason::VisitorsNotAdmitted)
            }
            Visibility::Local => {
                (self.viewer == ViewerKind::Local, Reason::LocalAccount, Reason::NotOnThisInstance)
            }
            _ if known && self.addressed => return Shown(Reason::Addressed),
            Visibility::Private => (known && self.following, Reason::Follower, Reason::NotFollowing), // R54
            Visibility::Mutuals => {
                (known && self.following && self.followed_by, Reason::Mutual, Reason::NotMutual)
            }
            Visibility::Circle | Visibility::Direct => (false, Reason::Addressed, Reason::NotAddressed), // R52 R55
        };
        if rule { Shown(shown) } else { Hidden(hidden) }
    }
}
