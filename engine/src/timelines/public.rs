//! The timelines of everyone: public and by hashtag. // R108

use super::TimelineFilter;
use crate::audience::{StatusView, Surface, Viewer, Visible};
use crate::error::Error;
use crate::page::{Page, PageRequest, read_merged_page, read_page};
use crate::query::Query;
use crate::store::schema::{PUBLIC, PublicFeed, TAGGED};
use crate::text::tag_key;

/// Where statuses come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Origin {
    /// From anywhere.
    #[default]
    Everywhere,
    /// From this instance.
    Here,
    /// From other instances.
    Elsewhere,
}

/// Hashtags of each kind that count; more are ignored.
const TAGS: usize = 16;

/// Which hashtags are wanted beside the one a timeline is called by.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TagFilter {
    /// Or one of these instead of it.
    pub any: Vec<String>,
    /// All of these have to be there as well.
    pub all: Vec<String>,
    /// None of these may be there.
    pub none: Vec<String>,
}

impl Query<'_> {
    /// What everyone posts, newest first, as far as it is known here.
    ///
    /// # Errors
    /// [`Error::NotSignedIn`] for visitors where the instance does not admit them.
    pub fn public_timeline(
        &self,
        filter: &TimelineFilter,
        request: &PageRequest,
    ) -> Result<Page<Visible<StatusView>>, Error> {
        self.admit()?;
        read_page(self.tx(), PUBLIC, &(feed(filter),), request, |id, ()| {
            let Some(view) = self.reveal_id(id)? else { return Ok(None) };
            Ok(self.belongs_in_public(&view, filter)?.then_some(view))
        })
    }

    /// What everyone posts with a hashtag, newest first; tags are compared without regard to case. Of each kind of
    /// other tags the first 16 count.
    ///
    /// # Errors
    /// [`Error::NotSignedIn`] for visitors where the instance does not admit them.
    pub fn tag_timeline(
        &self,
        tag: &str,
        tags: &TagFilter,
        filter: &TimelineFilter,
        request: &PageRequest,
    ) -> Result<Page<Visible<StatusView>>, Error> {
        self.admit()?;
        let (all, none) = (keys(&tags.all), keys(&tags.none));
        let mut any = keys(&tags.any);
        any.push(tag_key(tag));
        any.sort_unstable();
        any.dedup();
        let lists: Vec<(String, PublicFeed)> = any.into_iter().map(|tag| (tag, feed(filter))).collect();
        read_merged_page(self.tx(), TAGGED, &lists, request, |id, ()| {
            let Some(view) = self.reveal_id(id)? else { return Ok(None) };
            let tags = &view.status.tags;
            let fits = all.iter().all(|tag| tags.contains(tag)) && !none.iter().any(|tag| tags.contains(tag));
            Ok((fits && self.belongs_in_public(&view, filter)?).then_some(view))
        })
    }

    fn admit(&self) -> Result<(), Error> {
        if self.viewer() == Viewer::Anonymous && !self.settings().open_to_visitors {
            return Err(Error::NotSignedIn);
        }
        Ok(())
    }

    fn belongs_in_public(&self, view: &StatusView, filter: &TimelineFilter) -> Result<bool, Error> {
        Ok(filter.admits(view)
            && self.wants(Surface::Public, &view.author.account, filter.with_muted)?
            && self.answer_is_wanted(view, filter.replies)?)
    }
}

/// Tags in the form they are compared in; what is no tag is left out.
fn keys(tags: &[String]) -> Vec<String> {
    tags.iter().take(TAGS).map(|tag| tag_key(tag)).filter(|tag| !tag.is_empty()).collect()
}

/// The stored feed that holds just what the filter lets through.
fn feed(filter: &TimelineFilter) -> PublicFeed {
    match (filter.origin, filter.only_media) {
        (Origin::Everywhere, false) => PublicFeed::All,
        (Origin::Everywhere, true) => PublicFeed::AllMedia,
        (Origin::Here, false) => PublicFeed::Local,
        (Origin::Here, true) => PublicFeed::LocalMedia,
        (Origin::Elsewhere, false) => PublicFeed::Remote,
        (Origin::Elsewhere, true) => PublicFeed::RemoteMedia,
    }
}
