//! `koinon dataset`

use std::process::ExitCode;
use std::sync::Arc;

use futures::executor::block_on;
use koinon_dataset::{Made, Plan, load, progress_total, username};
use koinon_engine::store::schema::{ACCOUNTS, FOLLOWS, STATUSES};
use koinon_engine::store::{Direction, KeyRange, Step, Store, StoreError, StoreExt, TableDefinition};
use tempfile::TempDir;

use super::restore::put_in_place;
use super::tell;
use crate::cli::DatasetOptions;
use crate::config::Config;
use crate::conversion::ConversionError;
use crate::error::ServerError;
use crate::folder::DataFolder;
use crate::instance::close_store;
use crate::lock::FolderLock;
use crate::progress::Progress;

/// Invents an instance in a folder that has no data. Until it is complete and counted, nothing is at its place.
pub(super) fn make(config: &Config, options: &DatasetOptions) -> Result<ExitCode, ServerError> {
    let folder = DataFolder::create(&config.data)?;
    let _lock = FolderLock::take(folder.path())?;
    folder.refuse_data()?;
    let kind = folder.kind(config.store)?;
    let draft = TempDir::with_prefix_in("dataset-", folder.path()).map_err(|error| folder.failed(error))?;
    let drafted = DataFolder::create(draft.path())?;
    drafted.open_blobs()?;
    let store = drafted.open_store_to_fill(kind)?;
    let plan = Plan { accounts: options.accounts, statuses: options.statuses, seed: options.seed };
    let mut progress = Progress::start("making a data set", progress_total(&plan), 0);
    let settings = config.settings(config.listen);
    let made = load(Arc::clone(&store), settings, &plan, &mut |of, count| progress.advance(of, count))?;
    progress.finish();
    check_counts(&store, &made)?;
    if !close_store(store) {
        return Err(ConversionError::NotClosed.into());
    }
    put_in_place(&drafted, &folder, kind).map_err(|error| folder.failed(error))?;
    report(&folder, &made)?;
    Ok(ExitCode::SUCCESS)
}

/// Counts what is there, since what a data set measures depends on it.
fn check_counts(store: &Arc<dyn Store>, made: &Made) -> Result<(), ServerError> {
    for (what, table, made) in [
        ("accounts", ACCOUNTS.definition(), made.accounts),
        ("follows", FOLLOWS.definition(), made.follows),
        ("statuses", STATUSES.definition(), made.statuses),
    ] {
        let found = count(&**store, table)?;
        if found != made {
            return Err(ServerError::Miscounted { what, found, made });
        }
    }
    Ok(())
}

fn count(store: &dyn Store, table: TableDefinition) -> Result<u64, StoreError> {
    block_on(store.long_read(move |tx| {
        let mut rows = 0;
        tx.scan(table, &KeyRange::all(), Direction::Ascending, &mut |_, _| {
            rows += 1;
            Ok(Step::Continue)
        })?;
        Ok(rows)
    }))
}

fn report(folder: &DataFolder, made: &Made) -> Result<(), ServerError> {
    let Made { locked, requests, replies, reblogs, favourites, bookmarks, .. } = made;
    tell(format_args!("of the accounts {locked} are locked; {requests} requests to follow them wait"))?;
    tell(format_args!("of the statuses {replies} are replies and {reblogs} reblogs"))?;
    tell(format_args!("{favourites} favourites and {bookmarks} bookmarks"))?;
    if made.accounts > 0 {
        let (first, last) = (username(0), username(made.accounts as u32 - 1));
        tell(format_args!(
            "the accounts are called {first} to {last}; koinon token create makes tokens for them"
        ))?;
    }
    tell(format_args!(
        "{}: counted {} accounts, {} follows and {} statuses",
        folder.path().display(),
        made.accounts,
        made.follows,
        made.statuses
    ))
}
