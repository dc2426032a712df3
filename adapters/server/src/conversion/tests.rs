//! Equal copies, whatever happens on the way.

mod attempts;
mod refusals;
mod rows;

use std::path::Path;
use std::sync::Arc;

use futures::executor::block_on;
use koinon_engine::media::BlobStore;
use koinon_engine::store::schema::TABLES;
use koinon_engine::store::{Direction, KeyRange, Step, Store, StoreError, StoreExt};
use tempfile::TempDir;

use super::draft::FOLDER;
use super::{StoreAt, convert};
use crate::error::ServerError;
use crate::folder::DataFolder;
use crate::instance::close_store;
use crate::store_kind::StoreKind;

/// A row with its table.
type Row = (&'static str, Vec<u8>, Vec<u8>);

/// Rows of several batches in a first table, in one in the middle and in the last one, some of them odd.
fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    for table in [TABLES[0], TABLES[TABLES.len() / 2], TABLES[TABLES.len() - 1]] {
        for number in 0..2_300_u32 {
            let key = number.wrapping_mul(0x9E37_79B1).to_be_bytes().to_vec();
            rows.push((table.name, key, format!("{{\"number\":{number}}}").into_bytes()));
        }
        for (key, value) in [
            (&b""[..], &b""[..]),
            (b"\0", b"\xff\xfe"),
            (b"\xff\xff\xff\xff\xff\xff", b"\0"),
            (b"large", &[b'x'; 1_200_000]),
        ] {
            rows.push((table.name, key.to_vec(), value.to_vec()));
        }
    }
    rows
}

fn fill(store: &dyn Store, rows: Vec<Row>) {
    let write = move |tx: &mut dyn koinon_engine::store::WriteTx| {
        rows.iter().try_for_each(|(table, key, value)| tx.put(definition(table), key, value))
    };
    block_on(store.write(write)).unwrap();
}

fn definition(name: &str) -> koinon_engine::store::TableDefinition {
    *TABLES.iter().find(|table| table.name == name).unwrap()
}

/// Every row of every table.
fn dump(store: &dyn Store) -> Vec<Row> {
    let read = |tx: &dyn koinon_engine::store::ReadTx| -> Result<Vec<Row>, StoreError> {
        let mut rows = Vec::new();
        for table in TABLES {
            tx.scan(*table, &KeyRange::all(), Direction::Ascending, &mut |key, value| {
                rows.push((table.name, key.to_vec(), value.to_vec()));
                Ok(Step::Continue)
            })?;
        }
        Ok(rows)
    };
    block_on(store.read(read)).unwrap()
}

/// A data folder below a folder that is removed in the end.
struct Place {
    root: TempDir,
}

impl Place {
    /// The data folder `a` with a store of this kind, three uploaded files and a configuration.
    fn with(kind: StoreKind) -> Self {
        let place = Self { root: tempfile::tempdir().unwrap() };
        let folder = place.folder("a");
        let store = folder.open_store(kind).unwrap();
        fill(&*store, rows());
        assert!(close_store(store));
        let blobs = folder.open_blobs().unwrap();
        for content in [&b"one"[..], b"two", &[7; 100_000]] {
            blobs.put(content).unwrap();
        }
        let configuration = format!("title = \"Kept\"\nstore = \"{kind}\"\n");
        std::fs::write(folder.path().join("koinon.toml"), configuration).unwrap();
        place
    }

    fn folder(&self, name: &str) -> DataFolder {
        DataFolder::create(&self.root.path().join(name)).unwrap()
    }

    fn at(&self, kind: StoreKind, name: &str) -> StoreAt {
        StoreAt { kind, data: self.root.path().join(name) }
    }

    fn convert(
        &self,
        from: (StoreKind, &str),
        to: (StoreKind, &str),
    ) -> Result<super::Converted, ServerError> {
        convert(&self.at(from.0, from.1), &self.at(to.0, to.1))
    }

    fn dump(&self, kind: StoreKind, name: &str) -> Vec<Row> {
        let folder = DataFolder::existing(&self.root.path().join(name)).unwrap();
        let store = folder.open_store(folder.kind(Some(kind)).unwrap()).unwrap();
        let rows = dump(&*store);
        assert!(close_store(store));
        rows
    }

    fn names(&self, name: &str) -> Vec<String> {
        let mut names: Vec<String> = std::fs::read_dir(self.root.path().join(name))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort_unstable();
        names
    }

    /// What `koinon.toml` says.
    fn configuration(&self, name: &str) -> String {
        std::fs::read_to_string(self.root.path().join(name).join("koinon.toml")).unwrap()
    }
}

fn contents(blobs: &Arc<dyn BlobStore>) -> Vec<Vec<u8>> {
    blobs.ids().unwrap().map(|id| blobs.get(&id.unwrap()).unwrap().unwrap()).collect()
}

fn has_draft(folder: &Path) -> bool {
    folder.join(FOLDER).exists()
}
