//! Who handles reports.

use crate::accounts::staff;
use crate::error::Error;
use crate::model::{Account, AccountId, AccountState, Role};
use crate::store::ReadTx;
use crate::store::schema::ACCOUNTS;

/// Whether `account` handles reports.
pub(super) fn handles_reports(account: &Account) -> bool {
    account.is_local() && account.state == AccountState::Active && account.role >= Role::Moderator
}

/// Those who handle reports. Cost: `O(staff)`.
///
/// The index tells where to look, the account itself decides: a role that was taken away gives no insight.
pub(super) fn report_handlers(tx: &dyn ReadTx) -> Result<Vec<AccountId>, Error> {
    let accounts = ACCOUNTS.get_many(tx, &staff(tx)?)?;
    Ok(accounts.into_iter().flatten().filter(handles_reports).map(|account| account.id).collect())
}
