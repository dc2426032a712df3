//! stub
use crate::error::Error;
use crate::id::IdInput;
use crate::model::{AccountId, CircleId};
use crate::store::ReadTx;
pub(crate) fn members_of(
    _t: &dyn ReadTx,
    _o: AccountId,
    _i: IdInput,
) -> Result<Option<(CircleId, Vec<AccountId>)>, Error> {
    Ok(None)
}
