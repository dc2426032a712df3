//! Whether the store says one thing: counters recounted, references followed, pairs of tables compared.
//!
//! Everything is read once, in one snapshot, a thousand rows at a time; only numbers and ids are kept in memory.

mod counters;
mod pairs;
mod references;

use std::sync::Arc;

use crate::engine::Engine;
use crate::error::Error;
use crate::media::BlobStore;
use crate::store::{Defect, Key, ReadTx, Record, Scan, StoreExt, Table};

/// Rows read at a time.
const CHUNK: usize = 1_000;

impl Engine {
    /// Everything that is wrong with the stored data: damaged records, wrong counters, references that lead nowhere,
    /// files that are missing. Empty when all is well. Cost: the whole store.
    pub async fn check(&self) -> Result<Vec<Defect>, Error> {
        let mut defects = self.store().check().await?;
        // Damaged records cannot be read, so nothing can be said about what they refer to.
        if !defects.is_empty() {
            return Ok(defects);
        }
        let blobs = Arc::clone(self.blobs());
        let found = self.store().long_read(move |tx| check(tx, &*blobs)).await?;
        defects.extend(found);
        Ok(defects)
    }
}

fn check(tx: &dyn ReadTx, blobs: &dyn BlobStore) -> Result<Vec<Defect>, Error> {
    let mut defects = Vec::new();
    counters::check(tx, &mut defects)?;
    references::check(tx, blobs, &mut defects)?;
    pairs::check(tx, &mut defects)?;
    Ok(defects)
}

/// Calls `visit` with every row of `table`. Unlike in a scan, the transaction can be used meanwhile.
fn each<K: Key, V: Record>(
    tx: &dyn ReadTx,
    table: Table<K, V>,
    mut visit: impl FnMut(&K, V) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut scan = Scan::all();
    loop {
        let rows = table.page(tx, &scan, CHUNK)?;
        let Some((last, _)) = rows.last() else { return Ok(()) };
        scan = scan.after(last);
        for (key, value) in rows {
            visit(&key, value)?;
        }
    }
}

fn defect<K: Key, V>(table: Table<K, V>, key: &K, description: impl std::fmt::Display) -> Defect {
    Defect {
        table: table.definition().name.to_owned(),
        key: key.to_bytes().iter().map(|byte| format!("{byte:02x}")).collect(),
        description: description.to_string(),
    }
}
