//! Finding one account.

use std::str::FromStr;

use super::names::find_account;
use super::staff::staff;
use crate::audience::{AccountView, Visible};
use crate::error::Error;
use crate::id::IdInput;
use crate::model::Role;
use crate::query::Query;
use crate::store::Scan;
use crate::store::schema::ACCOUNTS;

impl Query<'_> {
    /// The account called `acct`: `alice`, `@alice`, `alice@domain`, without regard to case.
    ///
    /// # Errors
    /// [`Error::NotFound`] alike for a name nobody has and for an account the viewer may not see.
    pub fn account_by_name(&self, acct: &str) -> Result<Visible<AccountView>, Error> {
        let id = find_account(self.tx(), acct, self.settings())?.ok_or(Error::NotFound)?;
        self.account(id)
    }

    /// The account with an id, in whatever spelling.
    ///
    /// # Errors
    /// [`Error::NotFound`], as [`account`](Self::account).
    pub fn account_by_id(&self, id: IdInput) -> Result<Visible<AccountView>, Error> {
        if let IdInput::Exact(id) = id {
            return self.account(id);
        }
        let (low, high) = id.range();
        let found = ACCOUNTS.first(self.tx(), &Scan::all().from(&low).through(&high))?;
        self.account(found.ok_or(Error::NotFound)?.0)
    }

    /// The account that `input` means, where an id or a name may stand. A name of digits only is somebody's name
    /// before it is a number. // R6
    ///
    /// # Errors
    /// [`Error::NotFound`], as [`account`](Self::account).
    pub fn account_by_input(&self, input: &str) -> Result<Visible<AccountView>, Error> {
        let id = IdInput::from_str(input);
        if let Ok(exact @ IdInput::Exact(_)) = id {
            return self.account_by_id(exact);
        }
        match (find_account(self.tx(), input, self.settings())?, id) {
            (Some(account), _) => self.account(account),
            (None, Ok(number)) => self.account_by_id(number),
            (None, Err(_)) => Error::not_found(),
        }
    }

    /// Moderators and admins, as far as the viewer may see them; the oldest account first. Cost: as many rows as
    /// there are.
    pub fn staff(&self) -> Result<Vec<Visible<AccountView>>, Error> {
        let mut found = Vec::new();
        for id in staff(self.tx())? {
            // The index tells where to look, the account itself decides.
            found.extend(self.reveal_account(id)?.filter(|view| view.account.role >= Role::Moderator));
        }
        Ok(found)
    }
}
