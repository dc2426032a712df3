//! What stands in a file: tables, views, the schema version, and how an older file is brought up to date.

use koinon_engine::store::StoreError;
use rusqlite::{Connection, OptionalExtension, TransactionBehavior};

use crate::commits;
use crate::error::store_error;
use crate::options::View;
use crate::tables::{Catalog, Table, check_name};

/// `PRAGMA user_version` of the files this program writes.
pub(crate) const VERSION: u32 = 1;

/// One step from the schema version before `to`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Migration {
    pub(crate) to: u32,
    /// Runs in the transaction that also raises the version.
    pub(crate) run: fn(&Connection) -> rusqlite::Result<()>,
}

/// Every step, oldest first.
pub(crate) const MIGRATIONS: &[Migration] = &[];

/// What a file ought to hold.
#[derive(Debug)]
pub(crate) struct Schema<'a> {
    pub(crate) catalog: &'a Catalog,
    /// Names and statements, see [`views`].
    pub(crate) views: &'a [(String, String)],
    pub(crate) migrations: &'a [Migration],
}

/// The views of a store, name and statement: one per table, replaced or joined by those that were asked for.
pub(crate) fn views(catalog: &Catalog, asked: &[View]) -> Result<Vec<(String, String)>, StoreError> {
    let mut views: Vec<(String, String)> = Vec::new();
    for View { name, select } in asked {
        check_name(name)?;
        if views.iter().any(|(other, _)| *other == view_name(name)) {
            return Err(StoreError::Backend(format!("view {name} is defined twice").into()));
        }
        let select = select.trim().trim_end_matches(';');
        views.push((view_name(name), format!(r#"CREATE VIEW "v_{name}" AS {select}"#)));
    }
    for Table { name, .. } in catalog.tables() {
        if views.iter().all(|(other, _)| *other != view_name(name)) {
            let create =
                format!(r#"CREATE VIEW "v_{name}" AS SELECT hex(key) AS key, value FROM "t_{name}""#);
            views.push((view_name(name), create));
        }
    }
    Ok(views)
}

fn view_name(name: &str) -> String {
    ["v_", name].concat()
}

impl Schema<'_> {
    /// Makes the tables and views of an empty file.
    pub(crate) fn create(&self, connection: &mut Connection) -> Result<(), StoreError> {
        self.change(connection, VERSION)
    }

    /// Migrates, adds the tables and views that are missing and replaces views that differ; all of it or
    /// nothing. A file that needs none of it is only read.
    ///
    /// Cost: reads the whole file before its tables are changed, and nothing else.
    pub(crate) fn bring_up_to_date(&self, connection: &mut Connection, known: u32) -> Result<(), StoreError> {
        let version = version(connection)?;
        let changes_tables =
            version < known || !self.missing_tables(connection)?.is_empty() || !counts_commits(connection)?;
        if changes_tables {
            require_sound(connection)?;
            tracing::info!(version, known, "bringing the tables of the store up to date");
        }
        if changes_tables || !self.differing_views(connection)?.is_empty() {
            self.change(connection, known)?;
        }
        Ok(())
    }

    /// Lets a connection read the tables that the file does not have as empty ones; the file stays as it is, and
    /// one that does not count its commits has no version.
    pub(crate) fn stand_in_for_missing_tables(&self, connection: &Connection) -> Result<(), StoreError> {
        let mut missing: Vec<&str> =
            self.missing_tables(connection)?.into_iter().map(|table| table.create.as_str()).collect();
        if !counts_commits(connection)? {
            missing.push(commits::CREATE);
        }
        for create in missing {
            // Kept in memory, and found before what the file may come to have under that name.
            let create = create.replacen("CREATE TABLE", "CREATE TEMP TABLE", 1);
            connection.execute(&create, ()).map_err(store_error)?;
        }
        Ok(())
    }

    fn change(&self, connection: &mut Connection, known: u32) -> Result<(), StoreError> {
        let transaction =
            connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(store_error)?;
        // Everything is looked at again: another process may have been faster.
        let found = version(&transaction)?;
        if found > known {
            return Err(StoreError::Newer { found, known });
        }
        for migration in self.migrations.iter().filter(|step| found > 0 && step.to > found) {
            (migration.run)(&transaction).map_err(store_error)?;
        }
        if found < known {
            transaction.pragma_update(None, "user_version", known).map_err(store_error)?;
        }
        for table in self.missing_tables(&transaction)? {
            transaction.execute(&table.create, ()).map_err(store_error)?;
        }
        if !counts_commits(&transaction)? {
            commits::create(&transaction).map_err(store_error)?;
        }
        for (name, create) in self.differing_views(&transaction)? {
            replace_view(&transaction, name, create)
                .map_err(|error| StoreError::Backend(format!("view {name}: {error}").into()))?;
        }
        transaction.commit().map_err(store_error)
    }

    /// Tables without a counterpart in the file. One that has another shape is an error.
    fn missing_tables(&self, connection: &Connection) -> Result<Vec<&Table>, StoreError> {
        let mut missing = self.catalog.tables();
        let mut wrong = None;
        missing.retain(|table| match statement_of(connection, "table", &["t_", &table.name].concat()) {
            Ok(None) => true,
            Ok(Some(sql)) if sql == table.create => false,
            Ok(Some(_)) => {
                let text = format!("table {} of the file has another shape", table.name);
                wrong = Some(StoreError::Unusable(text.into()));
                false
            }
            Err(error) => {
                wrong = Some(error);
                false
            }
        });
        wrong.map_or(Ok(missing), Err)
    }

    fn differing_views(&self, connection: &Connection) -> Result<Vec<(&str, &str)>, StoreError> {
        let mut differing = Vec::new();
        for (name, create) in self.views {
            if statement_of(connection, "view", name)?.as_deref() != Some(create) {
                differing.push((name.as_str(), create.as_str()));
            }
        }
        Ok(differing)
    }
}

fn counts_commits(connection: &Connection) -> Result<bool, StoreError> {
    Ok(statement_of(connection, "table", commits::NAME)?.is_some())
}

/// The statement that made a table or view, if there is one.
fn statement_of(connection: &Connection, kind: &str, name: &str) -> Result<Option<String>, StoreError> {
    connection
        .query_row("SELECT sql FROM sqlite_schema WHERE type = ?1 AND name = ?2", (kind, name), |row| {
            row.get(0)
        })
        .optional()
        .map_err(store_error)
}

/// SQLite accepts a view of nonsense and complains when it is read, so it is read once.
fn replace_view(connection: &Connection, name: &str, create: &str) -> rusqlite::Result<()> {
    connection.execute(&format!(r#"DROP VIEW IF EXISTS "{name}""#), ())?;
    connection.execute(create, ())?;
    connection.prepare(&format!(r#"SELECT * FROM "{name}" LIMIT 0"#)).map(drop)
}

fn version(connection: &Connection) -> Result<u32, StoreError> {
    let number: i32 =
        connection.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(store_error)?;
    Ok(number as u32)
}

/// A damaged file looks like one without tables; adding them would bury what is left.
fn require_sound(connection: &Connection) -> Result<(), StoreError> {
    let found: String =
        connection.pragma_query_value(None, "quick_check", |row| row.get(0)).map_err(store_error)?;
    if found == "ok" { Ok(()) } else { Err(StoreError::Unusable(found.into())) }
}

#[cfg(test)]
mod tests;
