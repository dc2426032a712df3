//! The home timeline: the viewer's own posts, and what followed accounts post and pass on. // R107

use super::{Replies, TimelineFilter, answered};
use crate::audience::{Relation, StatusView, Surface, Visible};
use crate::error::Error;
use crate::page::{Page, PageRequest, read_page};
use crate::query::Query;
use crate::store::schema::HOME;

impl Query<'_> {
    /// The viewer's home timeline, newest first.
    pub fn home_timeline(
        &self,
        filter: &TimelineFilter,
        request: &PageRequest,
    ) -> Result<Page<Visible<StatusView>>, Error> {
        let viewer = self.asking()?;
        read_page(self.tx(), HOME, &(viewer,), request, |id, ()| {
            let Some(view) = self.reveal_id(id)? else { return Ok(None) };
            let author = view.status.author;
            let shown = filter.admits(&view)
                && (author == viewer
                    || (self.belongs_home(&view, filter)? && !self.is_kept_from_home(author)?));
            Ok(shown.then_some(view))
        })
    }

    /// Whether a status of someone else stands in the viewer's home timeline.
    pub(super) fn belongs_home(&self, view: &StatusView, filter: &TimelineFilter) -> Result<bool, Error> {
        let author = &view.author.account;
        let relation = self.relation(author)?;
        // A row may outlast the follow that put it there.
        let Some(follow) = &relation.following else { return Ok(false) };
        if !self.wants(Surface::Home, author, filter.with_muted)? {
            return Ok(false);
        }
        if let Some(original) = &view.reblog {
            return Ok(follow.options.show_reblogs
                && self.wants(Surface::Home, &original.author.account, filter.with_muted)?
                && self.mentions_are_wanted(original, filter.with_muted)?);
        }
        let languages = &follow.options.languages;
        if !languages.is_empty()
            && view.status.language.as_ref().is_some_and(|code| !languages.contains(code))
        {
            return Ok(false);
        }
        Ok(self.answer_is_wanted(view, filter.replies)?
            && self.mentions_are_wanted(view, filter.with_muted)?)
    }

    /// Answers to others are for those who know both sides. // R100 R101
    pub(super) fn answer_is_wanted(&self, view: &StatusView, replies: Replies) -> Result<bool, Error> {
        let Some(answered) = answered(view) else { return Ok(true) };
        let viewer = self.viewer();
        Ok(match replies {
            Replies::All => true,
            Replies::Nobody => false,
            Replies::Own => viewer.is(answered),
            Replies::Following => {
                viewer.is(answered)
                    || self.relation_to(answered)?.is_some_and(|relation| relation.following.is_some())
            }
        })
    }

    /// What names an account the viewer mutes or blocks would bring it back in by another door.
    fn mentions_are_wanted(&self, view: &StatusView, with_muted: bool) -> Result<bool, Error> {
        for mention in &view.stored.mentions {
            if self.viewer().is(mention.account) {
                continue;
            }
            let unwanted =
                |relation: &Relation| relation.blocking || (relation.mute.is_some() && !with_muted);
            if self.relation_to(mention.account)?.is_some_and(|relation| unwanted(&relation)) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
