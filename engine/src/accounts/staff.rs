//! Who helps to run the instance.

use crate::command::Command;
use crate::error::Error;
use crate::model::{Account, AccountId, Role};
use crate::store::schema::STAFF;
use crate::store::{ReadTx, Scan};

/// Moderators and admins, oldest account first. Cost: as many rows as there are.
pub(crate) fn staff(tx: &dyn ReadTx) -> Result<Vec<AccountId>, Error> {
    Ok(STAFF.page(tx, &Scan::all(), usize::MAX)?.into_iter().map(|(id, _)| id).collect())
}

/// Brings the list of staff in line with `account.role`.
pub(super) fn index_role(command: &mut Command<'_>, account: &Account) -> Result<(), Error> {
    if account.role >= Role::Moderator {
        STAFF.put(command.tx(), &account.id, &account.role)?;
    } else {
        STAFF.delete(command.tx(), &account.id)?;
    }
    Ok(())
}
