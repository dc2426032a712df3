//! `koinon convert`

use std::process::ExitCode;

use super::tell;
use crate::conversion::{self, Converted, StoreAt};
use crate::error::ServerError;

/// Makes one store of another and tells what there is now.
pub(super) fn convert(from: &StoreAt, to: &StoreAt) -> Result<ExitCode, ServerError> {
    let Converted { rows, media, kept } = conversion::convert(from, to)?;
    for id in &media.damaged {
        eprintln!("koinon: warning: the uploaded file {id} is damaged and was left out");
    }
    match rows {
        Some(amount) => tell(format_args!(
            "{to}: {} rows ({} bytes), equal to those of {from}, and {} uploaded files copied",
            amount.rows, amount.bytes, media.files
        ))?,
        None => tell(format_args!("{to}: finished what was left of an earlier attempt"))?,
    }
    if let Some(kept) = kept {
        tell(format_args!("the old store is {} now; delete it when it is no longer needed", kept.display()))?;
    }
    Ok(ExitCode::SUCCESS)
}
