//! Whose a circle is, and who is in it.

use crate::command::Command;
use crate::error::Error;
use crate::id::IdInput;
use crate::model::{AccountId, Circle, CircleId};
use crate::store::schema::{CIRCLE_MEMBERS, CIRCLES, CIRCLES_OF};
use crate::store::{ReadTx, Scan};

/// The circle of `owner` that is meant, and who is in it, in the order of adding; none where it is not `owner`'s.
/// Cost: `O(members)`. // R52 R53
pub(crate) fn members_of(
    tx: &dyn ReadTx,
    owner: AccountId,
    circle: IdInput,
) -> Result<Option<(CircleId, Vec<AccountId>)>, Error> {
    let circle = match owned(tx, owner, circle) {
        Err(Error::NotFound) => return Ok(None),
        circle => circle?.id,
    };
    let rows = CIRCLE_MEMBERS.page(tx, &Scan::prefix(&(circle,)), usize::MAX)?;
    Ok(Some((circle, rows.into_iter().map(|(_, member)| member).collect())))
}

/// Takes `member` out of every circle of `owner`. Cost: `O(circles they are in)`.
pub(crate) fn leave_circles_of(
    command: &mut Command<'_>,
    owner: AccountId,
    member: AccountId,
) -> Result<(), Error> {
    for ((_, _, circle), _) in CIRCLES_OF.page(command.read(), &Scan::prefix(&(member, owner)), usize::MAX)? {
        leave(command, owner, circle, member)?;
    }
    Ok(())
}

/// Takes `member` out of one circle of `owner`, if they are in it.
pub(super) fn leave(
    command: &mut Command<'_>,
    owner: AccountId,
    circle: CircleId,
    member: AccountId,
) -> Result<(), Error> {
    let Some(membership) = CIRCLES_OF.get(command.read(), &(member, owner, circle))? else { return Ok(()) };
    CIRCLES_OF.delete(command.tx(), &(member, owner, circle))?;
    CIRCLE_MEMBERS.delete(command.tx(), &(circle, membership))?;
    Ok(())
}

/// The circle of `owner` that is meant; one of someone else is not found.
pub(super) fn owned(tx: &dyn ReadTx, owner: AccountId, circle: IdInput) -> Result<Circle, Error> {
    let (low, high) = circle.range();
    let scan = Scan::prefix(&(owner,)).from(&(owner, low)).through(&(owner, high));
    let (_, circle) = CIRCLES.first(tx, &scan)?.ok_or(Error::NotFound)?;
    Ok(circle)
}
