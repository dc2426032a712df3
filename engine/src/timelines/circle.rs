//! The timeline of a circle: of what stands in the viewer's home timeline, the posts of its members.

use std::sync::Arc;

use super::{Replies, TimelineFilter, answered};
use crate::audience::{StatusView, Visible};
use crate::cache::EXCLUSIVE_CIRCLES;
use crate::error::Error;
use crate::id::IdInput;
use crate::model::{AccountId, Circle, RepliesPolicy};
use crate::page::{Page, PageRequest, read_page};
use crate::query::Query;
use crate::store::Scan;
use crate::store::schema::{CIRCLES, CIRCLES_OF, HOME};

impl Query<'_> {
    /// What the members of a circle of the viewer post and pass on, newest first. Cost: bounded rows of the home
    /// timeline; a page of a circle that seldom posts may end early and say where it goes on.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a circle that is not the viewer's.
    pub fn circle_timeline(
        &self,
        circle: IdInput,
        filter: &TimelineFilter,
        request: &PageRequest,
    ) -> Result<Page<Visible<StatusView>>, Error> {
        let viewer = self.asking()?;
        let circle = self.circle(circle)?;
        // The circle's own policy takes the place of the wish about answers.
        let filter = TimelineFilter { replies: Replies::All, ..filter.clone() };
        read_page(self.tx(), HOME, &(viewer,), request, |id, ()| {
            let Some(view) = self.reveal_id(id)? else { return Ok(None) };
            let shown = self.is_member(&circle, view.status.author)?
                && filter.admits(&view)
                && (view.status.author == viewer || self.belongs_home(&view, &filter)?)
                && self.answer_fits(&circle, &view)?;
            Ok(shown.then_some(view))
        })
    }

    /// Whether the viewer keeps what `author` posts out of the home timeline, by an exclusive circle.
    pub(super) fn is_kept_from_home(&self, author: AccountId) -> Result<bool, Error> {
        for circle in &*self.exclusive_circles()? {
            if self.is_member(circle, author)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The circles of the viewer whose members stay out of the home timeline. Read once per query.
    fn exclusive_circles(&self) -> Result<Arc<Vec<Circle>>, Error> {
        if let Some(known) = self.known_exclusive_circles().get() {
            return Ok(Arc::clone(known));
        }
        let viewer = self.asking()?;
        let bytes = |circles: &Vec<Circle>| {
            circles.iter().map(|circle| size_of::<Circle>() + circle.title.len()).sum()
        };
        let exclusive = self.records().derived(EXCLUSIVE_CIRCLES, &viewer.to_bytes(), bytes, || {
            let own = CIRCLES.page(self.tx(), &Scan::prefix(&(viewer,)), usize::MAX)?;
            let circles = own.into_iter().map(|(_, circle)| circle);
            Ok::<_, Error>(circles.filter(|circle| circle.exclusive).collect::<Vec<_>>())
        })?;
        Ok(Arc::clone(self.known_exclusive_circles().get_or_init(|| exclusive)))
    }

    fn answer_fits(&self, circle: &Circle, view: &StatusView) -> Result<bool, Error> {
        let Some(answered) = answered(view) else { return Ok(true) };
        match circle.replies {
            RepliesPolicy::None => Ok(false),
            RepliesPolicy::Followed => self.answer_is_wanted(view, Replies::Following),
            RepliesPolicy::List => Ok(self.viewer().is(answered) || self.is_member(circle, answered)?),
        }
    }

    fn is_member(&self, circle: &Circle, account: AccountId) -> Result<bool, Error> {
        Ok(CIRCLES_OF.contains(self.tx(), &(account, circle.owner, circle.id))?)
    }
}
