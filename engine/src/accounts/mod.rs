//! stub
use crate::command::Command;
use crate::error::Error;
use crate::model::Account;
pub(crate) fn index_words(_c: &mut Command<'_>, _b: Option<&Account>, _a: &Account) -> Result<(), Error> {
    Ok(())
}
pub(crate) fn count_statuses(_c: &mut Command<'_>, _by: i64) -> Result<(), Error> {
    Ok(())
}
