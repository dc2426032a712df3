//! Finding statuses and hashtags by words. Accounts are found in [`accounts`](crate::accounts).
//!
//! An inverted index in the engine's own tables, the same on every backend: one row per word of a status, in the
//! order of ids, so that the newest finds come first and nothing is sorted.

use crate::audience::{AccountView, StatusView, Surface, Visible};
use crate::error::Error;
use crate::id::IdInput;
use crate::model::AccountId;
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
    /// Statuses with all words of `text`, newest first: open ones, and whatever else concerns the viewer; only those
    /// of one author where `author` says so. // R50
    pub fn search_statuses(
        &self,
        text: &str,
        author: Option<AccountId>,
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
            if author.is_some_and(|author| author != view.status.author) {
                return Ok(None);
            }
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

    /// The status a pasted address of this instance leads to, if the viewer may see it: its page, or its id on the
    /// network. // R112
    pub fn status_by_url(&self, url: &str) -> Result<Option<Visible<StatusView>>, Error> {
        let id = match self.own_path(url).as_deref() {
            Some([page, id]) if page.starts_with('@') => *id,
            Some(["users", _, "statuses", id] | ["users", _, "statuses", id, "activity"]) => *id,
            _ => return Ok(None),
        };
        match id.parse::<IdInput>() {
            Ok(id) => unless_hidden(self.status_by_input(id)),
            Err(_) => Ok(None),
        }
    }

    /// The account a pasted address of this instance leads to, if the viewer may see it. // R112
    pub fn account_by_url(&self, url: &str) -> Result<Option<Visible<AccountView>>, Error> {
        match self.own_path(url).as_deref() {
            Some([page]) if page.starts_with('@') => unless_hidden(self.account_by_name(page)),
            Some(["users", name]) => unless_hidden(self.account_by_name(name)),
            _ => Ok(None),
        }
    }

    /// The segments of the path of an address of this instance.
    fn own_path<'u>(&self, url: &'u str) -> Option<Vec<&'u str>> {
        let path = url.trim().strip_prefix(&self.settings().base_url)?.strip_prefix('/')?;
        let path = path.split(['?', '#']).next().unwrap_or_default();
        Some(path.trim_end_matches('/').split('/').collect())
    }

    fn may_be_found(&self, view: &StatusView) -> Result<bool, Error> {
        let author = &view.author.account;
        let relation = self.relation(author)?;
        let concerns = view.status.visibility.is_open()
            || self.viewer().is(author.id)
            || self.viewer().account().is_some_and(|viewer| view.stored.addresses(viewer))
            || relation.following.is_some();
        Ok(concerns && self.wants(Surface::Search, author, false)?)
    }
}

fn unless_hidden<T>(found: Result<T, Error>) -> Result<Option<T>, Error> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(Error::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}
