//! Connections and their settings, and how a file is recognised before anything touches it.

use std::path::{Path, PathBuf};

use koinon_engine::store::StoreError;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use crate::error::{at_path, store_error, unusable};
use crate::files::filled_companion;
use crate::options::{Durability, SqliteOptions};
use crate::schema::VERSION;
use crate::tables::Catalog;

/// `PRAGMA application_id` of every store: the letters KOIN.
pub(crate) const APPLICATION_ID: i32 = i32::from_be_bytes(*b"KOIN");
/// Bytes of a page. Rows of one to two kilobytes fit without overflow pages, which 4 KiB would need.
pub(crate) const PAGE_BYTES: u32 = 8192;
/// The first version without a race that corrupts write-ahead logs of several connections.
const OLDEST_LIBRARY: i32 = 3_051_003;

/// Refuses a SQLite library that is known to damage files.
pub(crate) fn require_library() -> Result<(), StoreError> {
    require_library_of(rusqlite::version_number(), rusqlite::version())
}

fn require_library_of(number: i32, version: &str) -> Result<(), StoreError> {
    if number >= OLDEST_LIBRARY {
        return Ok(());
    }
    let text = format!("SQLite {version} can corrupt write-ahead logs; 3.51.3 or later is needed");
    Err(StoreError::Backend(text.into()))
}

/// Reads the header of a file without a lock, a log or a trace, and refuses it if that says it is no store of ours.
///
/// It looks through SQLite's own file layer: opening and closing the file here would release the locks that
/// another connection of this process holds on it.
///
/// A file whose log was being moved into it when its process died is sound only together with the log, which is
/// not read here; then nothing is said, and [`recognise`] decides on a connection that reads the log too.
pub(crate) fn inspect(path: &Path) -> Result<(), StoreError> {
    let flags =
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    let marks = Connection::open_with_flags(immutable(path), flags)
        .map_err(store_error)
        .and_then(|connection| Marks::read(&connection));
    match marks {
        Ok(marks) => marks.judge(path),
        Err(StoreError::Unusable(_)) if filled_companion(path).is_some() => Ok(()),
        Err(error) => Err(at_path(path, error)),
    }
}

/// Whether the database of a connection is a store that this program can read.
pub(crate) fn recognise(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    Marks::read(connection).map_err(|error| at_path(path, error))?.judge(path)
}

/// What a header says of the program that wrote the file.
struct Marks {
    application: i32,
    version: u32,
}

impl Marks {
    fn read(connection: &Connection) -> Result<Self, StoreError> {
        let number = |pragma| {
            connection.pragma_query_value(None, pragma, |row| row.get::<_, i32>(0)).map_err(store_error)
        };
        Ok(Self { application: number("application_id")?, version: number("user_version")? as u32 })
    }

    fn judge(&self, path: &Path) -> Result<(), StoreError> {
        if self.application != APPLICATION_ID {
            return Err(unusable(path, "a SQLite database, but not a store of this program"));
        }
        match self.version {
            0 => Err(unusable(path, "the store has no schema version")),
            found if found > VERSION => Err(StoreError::Newer { found, known: VERSION }),
            _ => Ok(()),
        }
    }
}

/// The connection that writes, to a file that was recognised. It does not touch the file when its log says
/// that the store is newer than its header did.
pub(crate) fn open_writer(path: &Path, options: &SqliteOptions) -> Result<Connection, StoreError> {
    let connection = open(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    let configure = || {
        connection.busy_timeout(options.busy_timeout)?;
        // A checkpoint at closing would write to the file of a newer program.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)
    };
    configure().map_err(store_error)?;
    recognise(&connection, path)?;
    let mode = settle(&connection, options).map_err(|error| at_path(path, store_error(error)))?;
    if mode != "wal" {
        return Err(unusable(path, "the file system does not support a write-ahead log"));
    }
    Ok(connection)
}

/// Settings of the connection that writes; answers the journal mode.
fn settle(connection: &Connection, options: &SqliteOptions) -> rusqlite::Result<String> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)?;
    harden(connection, options.writer_cache_kib)?;
    let mode = connection.pragma_update_and_check(None, "journal_mode", "wal", |row| row.get(0))?;
    let synchronous = match options.durability {
        Durability::Full => "full",
        Durability::Normal => "normal",
    };
    connection.pragma_update(None, "synchronous", synchronous)?;
    let log_bytes = i64::try_from(options.log_bytes).unwrap_or(i64::MAX);
    connection.pragma_update(None, "journal_size_limit", log_bytes)?;
    // SQLite's own number, fewer when the log is to be smaller than that.
    let log_pages = (log_bytes / i64::from(PAGE_BYTES)).clamp(1, 1000);
    connection.pragma_update(None, "wal_autocheckpoint", log_pages)?;
    if let Some(bytes) = options.max_bytes {
        let page: i64 = connection.pragma_query_value(None, "page_size", |row| row.get(0))?;
        let pages = (i64::try_from(bytes).unwrap_or(i64::MAX) / page).max(1);
        connection.pragma_update(None, "max_page_count", pages)?;
    }
    Ok(mode)
}

/// A connection for read jobs; `prepare` is the last that may do more with it.
pub(crate) fn open_reader(
    path: &Path,
    options: &SqliteOptions,
    prepare: impl FnOnce(&Connection) -> Result<(), StoreError>,
) -> Result<Connection, StoreError> {
    let connection = open(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    let failed = |error| at_path(path, store_error(error));
    connection.busy_timeout(options.busy_timeout).map_err(failed)?;
    harden(&connection, options.reader_cache_kib).map_err(failed)?;
    prepare(&connection)?;
    connection.pragma_update(None, "query_only", true).map_err(failed)?;
    Ok(connection)
}

/// Lets the log stand when the connection is closed.
pub(crate) fn keep_log(connection: &Connection) -> Result<(), StoreError> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).map(drop).map_err(store_error)
}

/// A connection that only reads, to a file that may be on a medium that cannot be written.
pub(crate) fn open_read_only(path: &Path) -> Result<Connection, StoreError> {
    open(path, OpenFlags::SQLITE_OPEN_READ_ONLY)
}

/// Keeps every statement of a catalog prepared.
pub(crate) fn keep_statements(connection: &Connection, catalog: &Catalog) {
    connection.set_prepared_statement_cache_capacity(catalog.statements());
}

fn open(path: &Path, access: OpenFlags) -> Result<Connection, StoreError> {
    Connection::open_with_flags(path, access | OpenFlags::SQLITE_OPEN_NO_MUTEX)
        .map_err(|error| at_path(path, store_error(error)))
}

/// What holds for every connection to a store: no surprises from the schema of a foreign file, damage
/// noticed early, no memory map (a stray write would go to the file, and an I/O error would be a signal).
fn harden(connection: &Connection, cache_kib: u32) -> rusqlite::Result<()> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    connection.pragma_update(None, "mmap_size", 0)?;
    connection.pragma_update(None, "temp_store", "memory")?;
    connection.pragma_update(None, "cache_size", -i64::from(cache_kib))
}

/// The URI of a file that SQLite is told nobody changes.
fn immutable(path: &Path) -> PathBuf {
    let mut uri = String::from("file:");
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'\\' if cfg!(windows) => uri.push('/'),
            b'/' | b':' | b'.' | b'-' | b'_' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => {
                uri.push(char::from(*byte));
            }
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri.push_str("?immutable=1");
    uri.into()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{immutable, require_library, require_library_of};

    #[test]
    fn a_library_that_corrupts_logs_is_refused() {
        require_library().unwrap();
        require_library_of(3_051_003, "3.51.3").unwrap();
        let refusal = require_library_of(3_051_002, "3.51.2").unwrap_err();
        assert!(refusal.to_string().contains("3.51.2"));
    }

    #[test]
    fn no_character_of_a_path_is_taken_for_a_parameter() {
        assert_eq!(immutable(Path::new("/a b?c#d%.db")), Path::new("file:/a%20b%3Fc%23d%25.db?immutable=1"));
    }
}
