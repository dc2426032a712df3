//! Every page, every row, every checksum.

use koinon_engine::store::{Defect, Direction, KeyRange, StoreError};
use rusqlite::Connection;
use rusqlite::types::ValueRef;

use crate::error::store_error;
use crate::tables::{Table, check_name};

/// Defects after which the search ends.
const MOST_DEFECTS: usize = 1000;

/// What is wrong with the database of a connection, all of it looked at in one read transaction.
///
/// # Errors
/// Only what keeps it from finding out; a file that SQLite cannot make sense of is a defect.
pub(crate) fn defects(connection: &Connection, expected: &[&Table]) -> Result<Vec<Defect>, StoreError> {
    let mut defects = Vec::new();
    let looked = look(connection, expected, &mut defects);
    note_damage("", looked, &mut defects)?;
    defects.truncate(MOST_DEFECTS);
    Ok(defects)
}

fn look(connection: &Connection, expected: &[&Table], defects: &mut Vec<Defect>) -> Result<(), StoreError> {
    let transaction = connection.unchecked_transaction().map_err(store_error)?;
    check_structure(&transaction, defects)?;
    let found = tables(&transaction)?;
    for (name, create) in &found {
        let table = Table::new(name);
        if table.create == *create {
            let checked = check_rows(&transaction, &table, defects);
            note_damage(name, checked, defects)?;
        } else {
            defects.push(defect(name, "the table has another shape"));
        }
    }
    for table in expected {
        if found.iter().all(|(name, _)| *name != table.name) {
            defects.push(defect(&table.name, "the table is missing"));
        }
    }
    Ok(())
}

/// Pages, their order and their links, as SQLite sees them.
fn check_structure(connection: &Connection, defects: &mut Vec<Defect>) -> Result<(), StoreError> {
    let note = |row: &rusqlite::Row<'_>| {
        let line: String = row.get(0)?;
        if line != "ok" {
            defects.push(defect("", &line));
        }
        Ok(())
    };
    connection.pragma_query(None, "integrity_check", note).map_err(store_error)
}

/// Names and statements of the tables that rows are kept in, also of those a newer program added.
fn tables(connection: &Connection) -> Result<Vec<(String, String)>, StoreError> {
    let mut statement = connection
        .prepare("SELECT substr(name, 3), sql FROM sqlite_schema WHERE type = 'table' AND name GLOB 't_*'")
        .map_err(store_error)?;
    let rows = statement.query_map((), |row| Ok((row.get(0)?, row.get(1)?))).map_err(store_error)?;
    let mut tables: Vec<(String, String)> = rows.collect::<Result<_, _>>().map_err(store_error)?;
    tables.retain(|(name, _)| check_name(name).is_ok());
    Ok(tables)
}

fn check_rows(connection: &Connection, table: &Table, defects: &mut Vec<Defect>) -> Result<(), StoreError> {
    let (sql, mut expected) = table.scan(&KeyRange::all(), Direction::Ascending);
    let mut statement = connection.prepare(sql).map_err(store_error)?;
    let mut rows = statement.query((&expected.start,)).map_err(store_error)?;
    while let Some(row) = rows.next().map_err(store_error)? {
        let column = |place| row.get_ref(place).map_err(store_error);
        let checked = match column(0)? {
            ValueRef::Blob(key) if !expected.advance(key, Direction::Ascending) => {
                Err(StoreError::damaged(&table.name, key, "the row is not at its place"))
            }
            ValueRef::Blob(key) => table.verified(key, column(1)?, column(2)?).map(drop),
            _ => Err(StoreError::damaged(&table.name, &[], "a key is not of bytes")),
        };
        note_damage(&table.name, checked, defects)?;
        if defects.len() >= MOST_DEFECTS {
            break;
        }
    }
    Ok(())
}

/// Turns errors that are the very thing looked for into entries of the list.
fn note_damage(
    table: &str,
    checked: Result<(), StoreError>,
    defects: &mut Vec<Defect>,
) -> Result<(), StoreError> {
    match checked {
        Err(StoreError::Damaged { table, key, reason }) => defects.push(Defect {
            table: table.to_string(),
            key: key.to_string(),
            description: reason.to_string(),
        }),
        Err(StoreError::Unusable(reason)) => defects.push(defect(table, &reason)),
        other => return other,
    }
    Ok(())
}

fn defect(table: &str, description: &str) -> Defect {
    Defect { table: table.to_owned(), key: String::new(), description: description.to_owned() }
}
