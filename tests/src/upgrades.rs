//! Made-up data in an old form, migrations that bring it into a new one, and what the new one would have stored itself.

use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;

use futures::executor::block_on;
use koinon_engine::migration::Migration;
use koinon_engine::store::schema::{META, meta};
use koinon_engine::store::{Store, StoreError, StoreExt, Table, TableDefinition, WriteTx};
use koinon_storage_sled::{SledOptions, SledStore};
use koinon_storage_sqlite::{SqliteOptions, SqliteStore};
use serde_json::{Value, json};

/// People by number; emptied by the last migration.
const PEOPLE: Table<u64, Value> = Table::new("people");
/// People by number, in their last home.
const PERSONS: Table<u64, Value> = Table::new("persons");
/// Who was born in a year?
const BY_YEAR: Table<(u32, u64), ()> = Table::new("by_year");

/// What a store of them is opened with.
pub const TABLES: &[TableDefinition] =
    &[META.definition(), PEOPLE.definition(), PERSONS.definition(), BY_YEAR.definition()];

/// A record rewritten, an index built, a table moved. None of them can visit a row twice.
pub const MIGRATIONS: &[Migration] = &[
    Migration { to: 2, title: "parts names", table: PEOPLE.definition(), row: part_name },
    Migration { to: 3, title: "lists years", table: PEOPLE.definition(), row: list_year },
    Migration { to: 4, title: "moves people", table: PEOPLE.definition(), row: move_person },
];

/// Where the made-up data lie on a disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disk {
    /// `koinon-storage-sqlite`.
    Sqlite,
    /// `koinon-storage-sled`.
    Sled,
}

impl Disk {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Sqlite, Self::Sled];

    /// What [`FromStr`] reads.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Sled => "sled",
        }
    }

    /// Opens the store in `folder`, or makes it.
    ///
    /// # Errors
    /// Those of the backend.
    pub fn open(self, folder: &Path) -> Result<Arc<dyn Store>, StoreError> {
        let path = folder.join("store");
        Ok(match self {
            Self::Sqlite => Arc::new(SqliteStore::open(&path, TABLES, SqliteOptions::default())?),
            Self::Sled => Arc::new(SledStore::open(&path, TABLES, SledOptions::default())?),
        })
    }

    /// Opens the store in `folder` to look at it.
    ///
    /// # Errors
    /// Those of the backend.
    pub fn open_for_reading(self, folder: &Path) -> Result<Arc<dyn Store>, StoreError> {
        let path = folder.join("store");
        Ok(match self {
            Self::Sqlite => Arc::new(SqliteStore::open_for_reading(&path, TABLES, SqliteOptions::default())?),
            Self::Sled => Arc::new(SledStore::open_for_reading(&path, TABLES, SledOptions::default())?),
        })
    }
}

impl FromStr for Disk {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|disk| disk.name() == name).ok_or_else(|| format!("{name:?} is no disk"))
    }
}

/// Puts so many people into an empty store, as version 1 would have.
///
/// # Errors
/// Those of the store.
pub fn fill_old(store: &dyn Store, count: u64) -> Result<(), StoreError> {
    fill(store, count, |tx, number| {
        PEOPLE.put(tx, &number, &json!({ "name": format!("Ada{number} Lovelace"), "year": year(number) }))
    })
}

/// Puts the same people into an empty store, as version 4 would have.
///
/// # Errors
/// Those of the store.
pub fn fill_new(store: &dyn Store, count: u64) -> Result<(), StoreError> {
    block_on(store.write(|tx| META.put(tx, &meta::DATA_VERSION.to_owned(), &4.into())))?;
    fill(store, count, |tx, number| {
        let name = json!({ "given": format!("Ada{number}"), "family": "Lovelace" });
        PERSONS.put(tx, &number, &json!({ "name": name, "year": year(number) }))?;
        BY_YEAR.put(tx, &(year(number), number), &())
    })
}

fn fill(
    store: &dyn Store,
    count: u64,
    put: impl Fn(&mut dyn WriteTx, u64) -> Result<(), StoreError> + Send + Copy + 'static,
) -> Result<(), StoreError> {
    (0..count).step_by(1_000).try_for_each(|first| {
        let numbers = first..count.min(first + 1_000);
        block_on(store.write(move |tx| numbers.clone().try_for_each(|number| put(tx, number))))
    })
}

fn year(number: u64) -> u32 {
    1900 + (number * 7 % 100) as u32
}

fn part_name(tx: &mut dyn WriteTx, key: &[u8], value: &[u8]) -> Result<(), StoreError> {
    let mut person = person(key, value)?;
    let parts = person["name"].as_str().and_then(|name| name.split_once(' '));
    let (given, family) = parts.ok_or_else(|| damaged(key, "visited twice"))?;
    person["name"] = json!({ "given": given, "family": family });
    tx.put(PEOPLE.definition(), key, person.to_string().as_bytes())
}

fn list_year(tx: &mut dyn WriteTx, key: &[u8], value: &[u8]) -> Result<(), StoreError> {
    let person = person(key, value)?;
    let year = person["year"].as_u64().filter(|_| person["name"]["given"].is_string());
    let year = year.ok_or_else(|| damaged(key, "not visited before"))? as u32;
    let number = u64::from_be_bytes(key.try_into().map_err(|_| damaged(key, "not a number"))?);
    if BY_YEAR.contains(&*tx, &(year, number))? {
        return Err(damaged(key, "visited twice"));
    }
    BY_YEAR.put(tx, &(year, number), &())
}

fn move_person(tx: &mut dyn WriteTx, key: &[u8], value: &[u8]) -> Result<(), StoreError> {
    tx.put(PERSONS.definition(), key, value)?;
    tx.delete(PEOPLE.definition(), key)
}

fn person(key: &[u8], value: &[u8]) -> Result<Value, StoreError> {
    serde_json::from_slice(value).map_err(|error| damaged(key, error))
}

fn damaged(key: &[u8], reason: impl std::fmt::Display) -> StoreError {
    StoreError::damaged(PEOPLE.definition().name, key, reason)
}
