//! Lists of accounts that stand in a relation. They are ordered and paged by the id of the relation. // R312

use crate::audience::{AccountView, Visible};
use crate::error::Error;
use crate::id::{Flake, IdInput};
use crate::model::AccountId;
use crate::page::{Page, PageRequest, read_page};
use crate::query::Query;
use crate::store::schema::{
    BLOCKED, BLOCKED_DOMAINS, FOLLOW_REQUESTS_TO, FOLLOWERS, FOLLOWING, FOLLOWS, MUTED, MUTES,
};
use crate::store::{Scan, Table};
use crate::time::Timestamp;

/// Accounts of one page at most. // R12 R16
const ACCOUNTS: usize = 80;
/// Domains of one page at most.
const DOMAINS: usize = 200;
/// Accounts whose familiar followers can be asked for at once.
const FAMILIAR_AT_ONCE: usize = 20;
/// Follows looked at for the familiar followers of one account.
const FAMILIAR_BUDGET: usize = 1_000;

/// The accounts that stand in a relation to one, by the id of the relation.
type OrderedList = Table<(AccountId, Flake), AccountId>;

/// An account the viewer mutes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MutedAccount {
    /// The account.
    pub account: Visible<AccountView>,
    /// Notifications are held back too.
    pub notifications: bool,
    /// When the mute ends by itself.
    pub expires_at: Option<Timestamp>,
}

/// Who of those the viewer follows follows an account too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FamiliarFollowers {
    /// The account.
    pub of: AccountId,
    /// Those who follow it.
    pub accounts: Vec<Visible<AccountView>>,
}

impl Query<'_> {
    /// Who follows `of`, newest first; at most 80. Nobody, where `of` hides that from others.
    ///
    /// # Errors
    /// [`Error::NotFound`] for an account that is not visible.
    pub fn followers(
        &self,
        of: AccountId,
        request: &PageRequest,
    ) -> Result<Page<Visible<AccountView>>, Error> {
        self.collection(FOLLOWERS, of, request)
    }

    /// Whom `of` follows, newest first; at most 80. Nobody, where `of` hides that from others.
    ///
    /// # Errors
    /// [`Error::NotFound`] for an account that is not visible.
    pub fn following(
        &self,
        of: AccountId,
        request: &PageRequest,
    ) -> Result<Page<Visible<AccountView>>, Error> {
        self.collection(FOLLOWING, of, request)
    }

    /// Who waits for the viewer's leave to follow them, newest first; at most 80. // R121
    pub fn follow_requests(&self, request: &PageRequest) -> Result<Page<Visible<AccountView>>, Error> {
        let viewer = self.asking()?;
        read_page(self.tx(), FOLLOW_REQUESTS_TO, &(viewer,), &request.at_most(ACCOUNTS), |_, requester| {
            self.reveal_account(requester)
        })
    }

    /// Whom the viewer blocks, newest first; at most 80. // R310
    ///
    /// The list is the viewer's own, the accounts in it are not: one that is suspended or blocks the viewer in turn
    /// is not visible here either, or the list would tell the two cases apart from what other surfaces say. It is
    /// back when that ends, and can be unblocked all the while.
    pub fn blocks(&self, request: &PageRequest) -> Result<Page<Visible<AccountView>>, Error> {
        let viewer = self.asking()?;
        read_page(self.tx(), BLOCKED, &(viewer,), &request.at_most(ACCOUNTS), |_, blocked| {
            self.reveal_account(blocked)
        })
    }

    /// Whom the viewer mutes at this moment, newest first; at most 80. // R310
    ///
    /// Accounts that are not visible are left out, as in [`blocks`](Self::blocks).
    pub fn mutes(&self, request: &PageRequest) -> Result<Page<Visible<MutedAccount>>, Error> {
        let viewer = self.asking()?;
        read_page(self.tx(), MUTED, &(viewer,), &request.at_most(ACCOUNTS), |_, muted| {
            let mute = MUTES.get(self.tx(), &(viewer, muted))?.filter(|mute| mute.holds(self.now()));
            let Some(mute) = mute else { return Ok(None) };
            Ok(self.reveal_account(muted)?.map(|account| {
                account.with(|account| MutedAccount {
                    account,
                    notifications: mute.notifications,
                    expires_at: mute.expires_at,
                })
            }))
        })
    }

    /// Which domains the viewer blocks, newest first; at most 200.
    pub fn domain_blocks(&self, request: &PageRequest) -> Result<Page<String>, Error> {
        let viewer = self.asking()?;
        read_page(self.tx(), BLOCKED_DOMAINS, &(viewer,), &request.at_most(DOMAINS), |_, domain| {
            Ok(Some(domain))
        })
    }

    /// Who of those the viewer follows follows each of these accounts; the first 20 ids count, accounts that are
    /// not visible are left out.
    ///
    /// Whoever hides their follows or followers is left out as well. Cost: for each id as many point reads as the
    /// viewer follows or as the account has followers, whichever is less; the newest 1,000 are looked at.
    pub fn familiar_followers(&self, ids: &[IdInput]) -> Result<Vec<Visible<FamiliarFollowers>>, Error> {
        let viewer = self.asking()?;
        let following = self.account(viewer)?.stats.following;
        let mut answers = Vec::new();
        for of in self.asked_accounts(ids, FAMILIAR_AT_ONCE)? {
            let Some(view) = self.reveal_account(of)? else { continue };
            let hidden = view.account.profile.hide_collections && of != viewer;
            let fewer = if view.stats.followers < following { (FOLLOWERS, of) } else { (FOLLOWING, viewer) };
            let accounts = if hidden { Vec::new() } else { self.familiar(viewer, of, fewer)? };
            answers.push(view.with(|_| FamiliarFollowers { of, accounts }));
        }
        Ok(answers)
    }

    fn collection(
        &self,
        list: OrderedList,
        of: AccountId,
        request: &PageRequest,
    ) -> Result<Page<Visible<AccountView>>, Error> {
        let owner = self.account(of)?;
        if owner.account.profile.hide_collections && !self.viewer().is(of) {
            return Ok(Page::empty());
        }
        read_page(self.tx(), list, &(of,), &request.at_most(ACCOUNTS), |_, id| self.listed_account(id))
    }

    /// Those in `list` whom `viewer` follows and who follow `of`.
    fn familiar(
        &self,
        viewer: AccountId,
        of: AccountId,
        (list, owner): (OrderedList, AccountId),
    ) -> Result<Vec<Visible<AccountView>>, Error> {
        let candidates = list.page(self.tx(), &Scan::prefix(&(owner,)).descending(), FAMILIAR_BUDGET)?;
        let mut familiar = Vec::new();
        for (_, candidate) in candidates {
            let both = FOLLOWS.contains(self.tx(), &(viewer, candidate))?
                && FOLLOWS.contains(self.tx(), &(candidate, of))?;
            if !both {
                continue;
            }
            familiar.extend(
                self.listed_account(candidate)?.filter(|view| !view.account.profile.hide_collections),
            );
        }
        Ok(familiar)
    }
}
