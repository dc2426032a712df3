//! Which version the data have, and how far they are on the way to the next.

use serde::{Deserialize, Serialize};

use super::Migration;
use crate::store::schema::{META, meta};
use crate::store::{Key, ReadTx, Store, StoreError, StoreExt, WriteTx};

/// The version of data that do not say which one they have.
const FIRST: u32 = 1;

/// What a store says of its data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Version {
    pub(super) number: u32,
    /// The migration that was begun and not finished.
    under_way: Option<UnderWay>,
}

/// A migration that has visited some rows and not yet all of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct UnderWay {
    /// The version it leads to.
    pub(super) to: u32,
    /// Key of the last row it has visited.
    pub(super) after: Vec<u8>,
    /// Rows it has visited.
    pub(super) rows: u64,
}

/// Whether the data of a store lack any of these migrations. Changes nothing. Cost: two point reads.
///
/// # Errors
/// [`StoreError::NewerData`] when a program with more migrations has written them, or has begun to migrate them.
pub async fn needs_upgrade(store: &dyn Store, migrations: &[Migration]) -> Result<bool, StoreError> {
    let migrations = migrations.to_vec();
    store
        .read(move |tx| {
            Version::read(tx, known(&migrations)).map(|version| version.pending(&migrations).next().is_some())
        })
        .await
}

/// The version that the last migration leads to.
pub(super) fn known(migrations: &[Migration]) -> u32 {
    migrations.last().map_or(FIRST, |migration| migration.to)
}

impl Version {
    /// What the store says, if a program that knows versions up to `known` can use it.
    ///
    /// # Errors
    /// [`StoreError::NewerData`], or [`StoreError::Damaged`] for what is no version.
    pub(super) fn read(tx: &dyn ReadTx, known: u32) -> Result<Self, StoreError> {
        let number = match META.get(tx, &meta::DATA_VERSION.to_owned())? {
            None => FIRST,
            Some(value) => value
                .as_u64()
                .and_then(|number| u32::try_from(number).ok())
                .filter(|number| *number >= FIRST)
                .ok_or_else(|| damaged(meta::DATA_VERSION, "not a version"))?,
        };
        let under_way: Option<UnderWay> = META
            .get(tx, &meta::MIGRATION.to_owned())?
            .map(serde_json::from_value)
            .transpose()
            .map_err(|error| damaged(meta::MIGRATION, error))?;
        let found = under_way.as_ref().map_or(number, |under_way| number.max(under_way.to));
        if found > known {
            return Err(StoreError::NewerData { found, known });
        }
        Ok(Self { number, under_way })
    }

    /// The migrations of a list that the data lack.
    pub(super) fn pending<'a>(&self, migrations: &'a [Migration]) -> impl Iterator<Item = &'a Migration> {
        let number = self.number;
        migrations.iter().filter(move |migration| migration.to > number)
    }

    /// How far `migration` has come, if it was begun.
    pub(super) fn progress_of(&self, migration: &Migration) -> Option<&UnderWay> {
        self.under_way.as_ref().filter(|under_way| under_way.to == migration.to)
    }
}

/// Notes that the data are on the way to a version.
pub(super) fn note_progress(tx: &mut dyn WriteTx, under_way: &UnderWay) -> Result<(), StoreError> {
    let value = serde_json::to_value(under_way).map_err(|error| damaged(meta::MIGRATION, error))?;
    META.put(tx, &meta::MIGRATION.to_owned(), &value)
}

/// Notes that the data have a version.
pub(super) fn note_version(tx: &mut dyn WriteTx, number: u32) -> Result<(), StoreError> {
    META.delete(tx, &meta::MIGRATION.to_owned())?;
    META.put(tx, &meta::DATA_VERSION.to_owned(), &number.into())
}

fn damaged(fact: &str, reason: impl std::fmt::Display) -> StoreError {
    StoreError::damaged(META.definition().name, &fact.to_owned().to_bytes(), reason)
}
