//! From a directory to a sled that holds exactly what was acknowledged.

use std::path::Path;
use std::sync::{Arc, Mutex};

use koinon_engine::store::{Defect, StoreError, TableDefinition};
use sled::Batch;

use crate::catalog::{Catalog, Change};
use crate::check::defects;
use crate::database::Database;
use crate::error::damaged;
use crate::files::synchronise_all;
use crate::marker::Marker;
use crate::options::{Durability, SledOptions};
use crate::undo;
use crate::view::{Plain, View};

/// Whether a store is opened to be changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    Reading,
    Writing,
}

/// Starts sled on the store that `marker` recognised, undoes a commit that failed, verifies what is there and adds
/// the `tables` that are missing, to the store itself only for writing.
pub(crate) fn open_database(
    path: &Path,
    marker: Arc<Mutex<Marker>>,
    tables: &[TableDefinition],
    options: &SledOptions,
    access: Access,
) -> Result<(Database, Catalog), StoreError> {
    let database = Database::start(path, options.settings(), marker)?;
    let durable = database.marker().commit;
    if options.durability == Durability::Full {
        // What sled wrote while it started.
        synchronise_all(path)?;
    }
    undo::apply(&database)?;
    let catalog = bring_up_to_date(&database, tables, durable, options.verify_at_open, access)?;
    Ok((database, catalog))
}

/// Reads the catalogue, verifies the store and adds the tables that are missing, to the store itself only for
/// writing. `durable` commits were made before.
fn bring_up_to_date(
    database: &Database,
    tables: &[TableDefinition],
    durable: u64,
    verify: bool,
    access: Access,
) -> Result<Catalog, StoreError> {
    let (path, view) = (database.path(), View { database, overlay: &Plain });
    let before = Catalog::read(view, path)?;
    if before.commit < durable {
        let text = format_args!("of {durable} commits only the first {} are there", before.commit);
        return Err(damaged(path, text));
    }
    let mut catalog = before.clone();
    for name in tables.iter().map(|table| table.name) {
        if !before.tables.contains_key(name) {
            catalog.add(name)?;
        }
    }
    let is_complete = catalog == before;
    if (verify || !is_complete)
        && let Some(defect) = defects(view, path, &[], &|| false)?.first()
    {
        // The rows of a table that went missing would be buried by a new one.
        let Defect { table, key, description } = defect;
        return Err(damaged(path, format_args!("first in table {table:?}, key {key:?}: {description}")));
    }
    if !is_complete && access == Access::Writing {
        catalog.commit += 1;
        let mut batch = Batch::default();
        for Change { place, after, .. } in catalog.changes_since(&before) {
            if let Some(stored) = after {
                batch.insert(place, stored);
            }
        }
        database.commit(batch, Vec::new()).map_err(|failure| failure.at(path))?;
    }
    Ok(catalog)
}
