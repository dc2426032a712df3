//! Asking for single statuses, for an author's, and for who did what to one.

use crate::audience::{AccountView, StatusView, Surface, Visible};
use crate::error::Error;
use crate::id::IdInput;
use crate::model::{AccountId, MarkKind, Status, StatusId, Visibility};
use crate::page::{Page, PageRequest, read_page};
use crate::query::Query;
use crate::store::schema::{AuthorFeed, BY_AUTHOR, Form, MARKS_BY, MARKS_OF, REBLOGS_OF, STATUSES};
use crate::store::{ReadTx, Scan};

/// Statuses asked for at once at most. // R74
const STATUSES_AT_ONCE: usize = 100;

/// Which of an account's statuses are wanted. // R109 R110
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AccountStatuses {
    /// Only with media.
    pub only_media: bool,
    /// No answers to others.
    pub exclude_replies: bool,
    /// No reblogs.
    pub exclude_reblogs: bool,
    /// Only what the account pinned, the newest pin first.
    pub pinned: bool,
    /// Only with this hashtag.
    pub tagged: Option<String>,
    /// Nothing of these visibilities.
    pub exclude_visibilities: Vec<Visibility>,
}

/// The stored status that `input` means, whether or not anyone may see it.
pub(crate) fn stored(tx: &dyn ReadTx, input: IdInput) -> Result<Option<Status>, Error> {
    let (low, high) = input.range();
    if low == high {
        return Ok(STATUSES.get(tx, &low)?);
    }
    Ok(STATUSES.first(tx, &Scan::all().from(&low).through(&high))?.map(|(_, status)| status))
}

impl Query<'_> {
    /// The status that `input` means. Same errors as [`status`](Self::status).
    pub fn status_by_input(&self, input: IdInput) -> Result<Visible<StatusView>, Error> {
        let found = match input {
            IdInput::Exact(id) => self.reveal_id(id)?,
            IdInput::Number(_) => match stored(self.tx(), input)? {
                Some(status) => self.reveal_id(status.id)?,
                None => None,
            },
        };
        found.ok_or(Error::NotFound)
    }

    /// The statuses with these ids; unknown and hidden ones are left out, and all beyond the first 100. // R75 R76
    pub fn statuses(&self, ids: &[IdInput]) -> Result<Vec<Visible<StatusView>>, Error> {
        let mut found = Vec::new();
        for input in ids.iter().take(STATUSES_AT_ONCE) {
            match self.status_by_input(*input) {
                Ok(status) => found.push(status),
                Err(Error::NotFound) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(found)
    }

    /// What an account posted, newest first.
    ///
    /// # Errors
    /// [`Error::NotFound`] if the viewer may not see the account.
    pub fn account_statuses(
        &self,
        account: AccountId,
        wish: &AccountStatuses,
        request: &PageRequest,
    ) -> Result<Page<Visible<StatusView>>, Error> {
        self.account(account)?;
        if wish.pinned {
            return self.marked_by(account, MarkKind::Pin, request);
        }
        let tag = wish.tagged.as_deref().map(crate::text::tag_key);
        let feed = if wish.only_media { AuthorFeed::Media } else { AuthorFeed::All };
        read_page(self.tx(), BY_AUTHOR, &(account, feed), request, |id, form| {
            let left_out = match form {
                Form::Original => false,
                Form::Reply => wish.exclude_replies,
                Form::Reblog => wish.exclude_reblogs || tag.is_some(),
            };
            if left_out {
                return Ok(None);
            }
            let view = self.reveal_id(id)?;
            Ok(view.filter(|view| {
                tag.as_ref().is_none_or(|tag| view.status.tags.contains(tag))
                    && !wish.exclude_visibilities.contains(&view.status.visibility)
            }))
        })
    }

    /// What the viewer marked, in the order of marking, newest first. Marks outlive access; what the viewer
    /// has lost sight of is left out. // R311 R312
    pub fn own_marks(
        &self,
        kind: MarkKind,
        request: &PageRequest,
    ) -> Result<Page<Visible<StatusView>>, Error> {
        self.marked_by(self.asking()?, kind, request)
    }

    /// Who favourited a status, newest first, without accounts the viewer blocks.
    ///
    /// # Errors
    /// [`Error::NotFound`] if the viewer may not see the status.
    pub fn favourited_by(
        &self,
        status: IdInput,
        request: &PageRequest,
    ) -> Result<Page<Visible<AccountView>>, Error> {
        let status = self.original_id(status)?;
        read_page(self.tx(), MARKS_OF, &(status, MarkKind::Favourite), request, |_, account| {
            self.listed_account(account)
        })
    }

    /// Who reblogged a status, newest first: only reblogs the viewer may see, without accounts they block.
    ///
    /// # Errors
    /// [`Error::NotFound`] if the viewer may not see the status.
    pub fn reblogged_by(
        &self,
        status: IdInput,
        request: &PageRequest,
    ) -> Result<Page<Visible<AccountView>>, Error> {
        let status = self.original_id(status)?;
        read_page(self.tx(), REBLOGS_OF, &(status,), request, |wrapper, account| {
            match self.reveal_id(wrapper)? {
                Some(_) => self.listed_account(account),
                None => Ok(None),
            }
        })
    }

    /// The account as it appears in lists of people.
    pub(crate) fn listed_account(&self, id: AccountId) -> Result<Option<Visible<AccountView>>, Error> {
        let Some(view) = self.reveal_account(id)? else { return Ok(None) };
        Ok(self.wants(Surface::Accounts, &view.account, false)?.then_some(view))
    }

    fn marked_by(
        &self,
        account: AccountId,
        kind: MarkKind,
        request: &PageRequest,
    ) -> Result<Page<Visible<StatusView>>, Error> {
        read_page(self.tx(), MARKS_BY, &(account, kind), request, |_, status| self.reveal_id(status))
    }

    fn original_id(&self, input: IdInput) -> Result<StatusId, Error> {
        let view = self.status_by_input(input)?;
        Ok(view.reblog.as_ref().map_or(view.status.id, |original| original.status.id))
    }
}
