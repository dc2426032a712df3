//! From an id to what the viewer may see of it.

use std::sync::Arc;

use super::{AccountView, Relation, Situation, Stage, StatusView, Verdict, Viewer, ViewerKind, Visible};
use crate::error::Error;
use crate::model::{Account, AccountId, AccountState, AccountStats, Status, StatusId, StatusStats};
use crate::query::Query;
use crate::store::schema::{ACCOUNT_STATS, STATUS_STATS, STATUSES, TOMBSTONES};

/// Why a viewer is shown a status or not; for support, tests and curious owners.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// The rule that decided about the status itself; none where there never was such a status.
    pub verdict: Option<Verdict>,
    /// For a reblog: the same for the status it passes on. Both have to be shown.
    pub reblog: Option<Box<Self>>,
}

impl Explanation {
    /// Whether the viewer is shown the status.
    pub fn is_shown(&self) -> bool {
        self.verdict.is_some_and(Verdict::is_shown)
            && self.reblog.as_ref().is_none_or(|reblog| reblog.is_shown())
    }
}

impl Query<'_> {
    /// The status, if the viewer may see it.
    ///
    /// # Errors
    /// [`Error::NotFound`] alike for a status that does not exist and for one that is hidden. // R59
    pub fn status(&self, id: StatusId) -> Result<Visible<StatusView>, Error> {
        self.reveal_id(id)?.ok_or(Error::NotFound)
    }

    /// The account, if the viewer may see it.
    ///
    /// # Errors
    /// [`Error::NotFound`] alike for an account that does not exist and for one that is hidden.
    pub fn account(&self, id: AccountId) -> Result<Visible<AccountView>, Error> {
        self.reveal_account(id)?.ok_or(Error::NotFound)
    }

    /// Which rule shows `id` to the viewer, or hides it.
    pub fn explain(&self, id: StatusId) -> Result<Explanation, Error> {
        let Some(status) = self.records().get(STATUSES, &id)? else {
            let deleted = TOMBSTONES.contains(self.tx(), &id)?;
            let verdict = deleted.then_some(Verdict::Hidden(super::Reason::Deleted));
            return Ok(Explanation { verdict, reblog: None });
        };
        let verdict = Some(self.verdict(&status)?);
        let reblog = match status.reblog_of {
            Some(original) => Some(Box::new(self.explain(original.status)?)),
            None => None,
        };
        Ok(Explanation { verdict, reblog })
    }

    /// What the viewer sees of the status called `id`; none if there is none or they may not see it.
    pub(crate) fn reveal_id(&self, id: StatusId) -> Result<Option<Visible<StatusView>>, Error> {
        match self.records().get(STATUSES, &id)? {
            Some(status) => self.reveal(status),
            None => Ok(None),
        }
    }

    /// What the viewer sees of `status`; none if they may not see it, or what it passes on.
    pub(crate) fn reveal(&self, status: Arc<Status>) -> Result<Option<Visible<StatusView>>, Error> {
        if !self.verdict(&status)?.is_shown() {
            self.remember_shown(status.id, false);
            return Ok(None);
        }
        let reblog = match status.reblog_of {
            None => None,
            Some(original) => {
                let Some(original) = self.records().get(STATUSES, &original.status)? else { return Ok(None) };
                match self.reveal(original)? {
                    Some(original) => Some(Box::new(original)),
                    None => return Ok(None),
                }
            }
        };
        let Some(author) = self.reveal_account(status.author)? else { return Ok(None) };
        self.remember_shown(status.id, true);
        let stored = status;
        let status = self.without_hidden_references(&stored)?;
        let stats =
            self.records().get(STATUS_STATS, &status.id)?.map_or_else(StatusStats::default, |stats| *stats);
        let marks = match &reblog {
            // A reblog shows what the viewer did to the original.
            Some(original) => original.marks,
            None => self.marks(&status)?,
        };
        Ok(Some(Visible::new(StatusView { status, stored, author, stats, marks, reblog })))
    }

    /// The status without the ids of statuses and accounts that the viewer may not know of: an answer to a hidden
    /// status would tell that this exists, and who wrote it.
    fn without_hidden_references(&self, status: &Arc<Status>) -> Result<Arc<Status>, Error> {
        let mut hidden = Vec::new();
        for mention in &status.mentions {
            if !self.may_know(mention.account)? {
                hidden.push(mention.account);
            }
        }
        let answers_hidden = match status.in_reply_to {
            Some(parent) => !self.is_shown(parent.status)?,
            None => false,
        };
        if hidden.is_empty() && !answers_hidden {
            return Ok(Arc::clone(status));
        }
        let mut shown = Status::clone(status);
        shown.mentions.retain(|mention| !hidden.contains(&mention.account));
        if answers_hidden {
            shown.in_reply_to = None;
        }
        Ok(Arc::new(shown))
    }

    fn may_know(&self, id: AccountId) -> Result<bool, Error> {
        match self.account_record(id)? {
            Some(account) => self.may_account(&account),
            None => Ok(false),
        }
    }

    /// What the viewer sees of the account; none if they may not see it.
    pub(crate) fn reveal_account(&self, id: AccountId) -> Result<Option<Visible<AccountView>>, Error> {
        let Some(account) = self.account_record(id)? else { return Ok(None) };
        if !self.may_account(&account)? {
            return Ok(None);
        }
        let stats =
            self.records().get(ACCOUNT_STATS, &id)?.map_or_else(AccountStats::default, |stats| *stats);
        Ok(Some(Visible::new(AccountView { account, stats })))
    }

    /// Whether the viewer may know of `account`.
    fn may_account(&self, account: &Account) -> Result<bool, Error> {
        if self.viewer().is(account.id) {
            return Ok(account.state != AccountState::Deleted);
        }
        let present = match account.state {
            AccountState::Active => true,
            // Whoever decides about applicants has to see them.
            AccountState::Pending => self.viewer_is_staff()?,
            AccountState::Suspended | AccountState::Deleted => false,
        };
        Ok(present
            && self.viewer_is_available()?
            && !self.relation(account)?.blocked_by
            && (self.viewer() != Viewer::Anonymous || self.settings().open_to_visitors))
    }

    fn verdict(&self, status: &Status) -> Result<Verdict, Error> {
        let author = self.account_record(status.author)?;
        let relation = match &author {
            Some(author) => self.relation(author)?,
            None => Arc::<Relation>::default(),
        };
        let account = self.viewer().account();
        Ok(Situation {
            viewer: match self.viewer() {
                Viewer::Anonymous => ViewerKind::Anonymous,
                Viewer::Local(_) => ViewerKind::Local,
                Viewer::Remote(_) => ViewerKind::Remote,
            },
            viewer_available: self.viewer_is_available()?,
            is_author: account == Some(status.author),
            author_available: author.is_some_and(|author| author.state == AccountState::Active),
            stage: Stage::Published,
            visibility: status.visibility,
            local_only: status.local_only,
            addressed: account.is_some_and(|account| status.addresses(account)),
            following: relation.following.is_some(),
            followed_by: relation.followed_by,
            blocked_by: relation.blocked_by,
            domain_blocked_by: relation.domain_blocked_by,
            open_to_visitors: self.settings().open_to_visitors,
        }
        .verdict())
    }
}
