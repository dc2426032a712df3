//! What following and unfollowing do to a home timeline.

use crate::command::Command;
use crate::error::Error;
use crate::model::AccountId;
use crate::statuses::newest_of;
use crate::store::schema::HOME;

/// Posts of an account that enter or leave a home timeline at once.
const POSTS: usize = 400;

/// Puts the newest posts of `author` into the home timeline of `reader`, who follows them now.
///
/// All of them, whoever they are meant for: reading the timeline asks the audience anyway, and what the reader wants
/// to see of the author may change later.
pub(super) fn add(command: &mut Command<'_>, reader: AccountId, author: AccountId) -> Result<(), Error> {
    for status in newest_of(command.read(), author, POSTS)? {
        HOME.put(command.tx(), &(reader, status), &())?;
    }
    Ok(())
}

/// Takes the newest posts of `author` out of the home timeline of `reader`, who follows them no more.
///
/// Older ones may stay behind. That is harmless: reading the timeline leaves out authors the reader does not follow.
/// It only matters that the pages people read do not have to skip many rows.
pub(super) fn remove(command: &mut Command<'_>, reader: AccountId, author: AccountId) -> Result<(), Error> {
    for status in newest_of(command.read(), author, POSTS)? {
        HOME.delete(command.tx(), &(reader, status))?;
    }
    Ok(())
}
