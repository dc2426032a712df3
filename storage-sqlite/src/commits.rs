//! How many commits made the state of a file, and who made the last one: the [`Version`] of a snapshot.

use koinon_engine::store::{StoreError, Version};
use rusqlite::{Connection, OptionalExtension, Row};

use crate::error::store_error;

/// Name of the table, which has one row.
pub(crate) const NAME: &str = "commits";
/// The statement that makes it, letter for letter as SQLite keeps it.
pub(crate) const CREATE: &str =
    r#"CREATE TABLE "commits"(number INTEGER NOT NULL, writer INTEGER NOT NULL) STRICT"#;

const BEGIN: &str = r#"INSERT INTO "commits"(number, writer) VALUES (0, 0)"#;
pub(crate) const READ: &str = r#"SELECT number, writer FROM "commits""#;
const COUNT: &str = r#"UPDATE "commits" SET number = ?1, writer = ?2"#;

/// Makes the table of a file that has none.
pub(crate) fn create(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute(CREATE, ())?;
    connection.execute(BEGIN, ()).map(drop)
}

/// The version of what a connection sees. None where somebody removed the row.
pub(crate) fn read(connection: &Connection) -> Result<Option<Version>, StoreError> {
    let mut statement = connection.prepare_cached(READ).map_err(store_error)?;
    statement.query_row((), version).optional().map_err(store_error)
}

/// The version that a row of the table tells.
pub(crate) fn version(row: &Row<'_>) -> rusqlite::Result<Version> {
    // SQLite's integers are signed; the bits are what counts.
    Ok(Version { number: row.get::<_, i64>(0)? as u64, writer: row.get::<_, i64>(1)? as u64 })
}

/// Counts a commit.
pub(crate) fn count(connection: &Connection, version: Version) -> rusqlite::Result<()> {
    let mut statement = connection.prepare_cached(COUNT)?;
    statement.execute((version.number as i64, version.writer as i64)).map(drop)
}
