//! Finding statuses and hashtags by words. Accounts are found in [`accounts`](crate::accounts).
//!
//! An inverted index in the engine's own tables, the same on every backend: one row per word of a status, in the
//! order of ids, so that the newest finds come first and nothing is sorted.

use crate::audience::{StatusView, Surface, Visible};
use crate::error::Error;
use crate::id::IdInput;
use crate::page::{Page, PageRequest, read_page};
use crate::query::Query;
use crate::store::Scan;
use crate::store::schema::{STATUS_WORDS, TAGS};
use crate::text::{query_terms, tag_key};

/// Words of a query that count; the rest is ignored.
const TERMS: usize = 8;

/// A hashtag that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundTag {
    /// The tag, folded.
    pub name: String,
    /// Statuses it was used in.
    pub uses: u64,
}

impl Query<'_> {
    /// Statuses with all words of `text`, newest first: open ones, and whatever else concerns the viewer. // R50
    pub fn search_statuses(
        &self,
        text: &str,
        request: &PageRequest,
    ) -> Result<Page<Visible<StatusView>>, Error> {
        let mut terms = query_terms(text);
        terms.truncate(TERMS);
        // The longest word is likely the rarest, so the fewest rows are looked at.
        terms.sort_by_key(|term| std::cmp::Reverse(term.chars().count()));
        let Some((rarest, others)) = terms.split_first() else { return Ok(Page::empty()) };
        read_page(self.tx(), STATUS_WORDS, &(rarest.clone(),), request, |id, ()| {
            for term in others {
                if !STATUS_WORDS.contains(self.tx(), &(term.clone(), id))? {
                    return Ok(None);
                }
            }
            let Some(view) = self.reveal_id(id)? else { return Ok(None) };
            Ok(self.may_be_found(&view)?.then_some(view))
        })
    }

    /// Hashtags that start with `text`, in alphabetical order.
    pub fn search_tags(&self, text: &str, limit: usize, offset: usize) -> Result<Vec<FoundTag>, Error> {
        let key = tag_key(text.trim().trim_start_matches('#'));
        if key.is_empty() {
            return Ok(Vec::new());
        }
        let found = TAGS.page(self.tx(), &Scan::text_prefix(&(), &key), limit.saturating_add(offset))?;
        Ok(found.into_iter().skip(offset).map(|(name, (uses, _))| FoundTag { name, uses }).collect())
    }

    /// The status a pasted address of this instance leads to, if the viewer may see it.
    pub fn status_by_url(&self, url: &str) -> Result<Option<Visible<StatusView>>, Error> {
        let Some(path) = url.trim().strip_prefix(&self.settings().base_url) else { return Ok(None) };
        let last = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        let Ok(input) = last.parse::<IdInput>() else { return Ok(None) };
        match self.status_by_input(input) {
            Ok(view) => Ok(Some(view)),
            Err(Error::NotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn may_be_found(&self, view: &StatusView) -> Result<bool, Error> {
        let author = &view.author.account;
        let relation = self.relation(author)?;
        let concerns = view.status.visibility.is_open()
            || self.viewer().is(author.id)
            || self.viewer().account().is_some_and(|viewer| view.status.addresses(viewer))
            || relation.following.is_some();
        Ok(concerns && self.wants(Surface::Search, author, false)?)
    }
}
