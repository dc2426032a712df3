//! Home, public and tag timelines.
//!
//! A timeline is a table of ids that posting fills and reading filters: what is stored decides where a status could
//! stand, the audience and the viewer's wishes decide at reading time whether it does.

mod circle;
mod home;
mod public;

pub use public::{Origin, TagFilter};

use crate::audience::StatusView;
use crate::model::{AccountId, Visibility};

/// Whose answers to others a timeline shows. // R100 R101 R102
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Replies {
    /// Everyone's, to everyone.
    #[default]
    All,
    /// Answers to the viewer or to accounts the viewer follows.
    Following,
    /// Answers to the viewer.
    Own,
    /// None, except of people to themselves.
    Nobody,
}

/// What a viewer wants of a timeline.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TimelineFilter {
    /// Only with media. // R104
    pub only_media: bool,
    /// From here, from elsewhere, or both. // R104 R106
    pub origin: Origin,
    /// Muted accounts too. // R96
    pub with_muted: bool,
    /// Whose answers.
    pub replies: Replies,
    /// Nothing of these visibilities. // R61 R63
    pub exclude_visibilities: Vec<Visibility>,
}

impl TimelineFilter {
    /// Whether a status passes what its own record can tell.
    fn admits(&self, view: &StatusView) -> bool {
        let shown = view.reblog.as_ref().map_or(&view.status, |original| &original.status);
        (!self.only_media || !shown.attachments.is_empty())
            && match self.origin {
                Origin::Everywhere => true,
                Origin::Here => shown.local,
                Origin::Elsewhere => !shown.local,
            }
            && !self.exclude_visibilities.contains(&view.status.visibility)
    }
}

/// The account that a status answers, when that is someone else; also one that the viewer may not know of.
fn answered(view: &StatusView) -> Option<AccountId> {
    view.stored.in_reply_to.map(|parent| parent.author).filter(|author| *author != view.stored.author)
}
