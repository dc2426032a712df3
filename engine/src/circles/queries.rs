//! Looking at one's circles.

use crate::audience::{AccountView, Visible};
use crate::error::Error;
use crate::id::IdInput;
use crate::model::{AccountId, Circle};
use crate::page::{Page, PageRequest, read_page};
use crate::query::Query;
use crate::store::Scan;
use crate::store::schema::{CIRCLE_MEMBERS, CIRCLES, CIRCLES_OF};

use super::rules::owned;

/// Accounts of one page at most. // R16
const ACCOUNTS: usize = 80;

impl Query<'_> {
    /// The viewer's circles, oldest first; there are at most [`Limits::circles`](crate::settings::Limits::circles).
    pub fn circles(&self) -> Result<Vec<Circle>, Error> {
        let viewer = self.asking()?;
        let rows = CIRCLES.page(self.tx(), &Scan::prefix(&(viewer,)), usize::MAX)?;
        Ok(rows.into_iter().map(|(_, circle)| circle).collect())
    }

    /// One circle of the viewer.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a circle that is not the viewer's.
    pub fn circle(&self, circle: IdInput) -> Result<Circle, Error> {
        owned(self.tx(), self.asking()?, circle)
    }

    /// Who is in a circle of the viewer, last added first; at most 80. Paged by the id of the membership. // R312
    ///
    /// # Errors
    /// [`Error::NotFound`] for a circle that is not the viewer's.
    pub fn circle_members(
        &self,
        circle: IdInput,
        request: &PageRequest,
    ) -> Result<Page<Visible<AccountView>>, Error> {
        let circle = self.circle(circle)?.id;
        read_page(self.tx(), CIRCLE_MEMBERS, &(circle,), &request.at_most(ACCOUNTS), |_, member| {
            self.listed_account(member)
        })
    }

    /// The circles of the viewer that `member` is in, oldest first.
    ///
    /// # Errors
    /// [`Error::NotFound`] for an account that is not visible.
    pub fn circles_with(&self, member: AccountId) -> Result<Vec<Circle>, Error> {
        let viewer = self.asking()?;
        self.account(member)?;
        let rows = CIRCLES_OF.page(self.tx(), &Scan::prefix(&(member, viewer)), usize::MAX)?;
        let keys: Vec<_> = rows.into_iter().map(|((_, owner, circle), _)| (owner, circle)).collect();
        Ok(CIRCLES.get_many(self.tx(), &keys)?.into_iter().flatten().collect())
    }
}
