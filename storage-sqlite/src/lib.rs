//! The default store of Koinon: one SQLite file.
//!
//! ```
//! use koinon_engine::store::{Scan, Store, StoreError, StoreExt, Table};
//! use koinon_storage_sqlite::{SqliteOptions, SqliteStore, View};
//!
//! const YEARS: Table<String, u32> = Table::new("years");
//! const RECENT: View =
//!     View { name: "recent", select: "SELECT value ->> '$' AS year FROM t_years WHERE year > 1900" };
//!
//! # futures::executor::block_on(async {
//! # let directory = tempfile::tempdir().unwrap();
//! # let path = directory.path().join("koinon.db");
//! let options = SqliteOptions { views: vec![RECENT], ..SqliteOptions::default() };
//! let store = SqliteStore::open(&path, &[YEARS.definition()], options)?;
//! store
//!     .write(|tx| {
//!         YEARS.put(tx, &"ada".into(), &1815)?;
//!         YEARS.put(tx, &"grace".into(), &1906)
//!     })
//!     .await?;
//! let first = store.read(|tx| YEARS.first(tx, &Scan::all())).await?;
//! assert_eq!(first, Some(("ada".into(), 1815)));
//!
//! store.backup(&path.with_extension("backup")).await?;
//! assert!(store.check().await?.is_empty());
//! # Ok::<(), StoreError>(())
//! # }).unwrap();
//! ```
//!
//! # What it promises
//!
//! - A write that resolved is there after a crash of the process and after a loss of power
//!   ([`Durability::Full`], the default); one that failed or was aborted is not there, nor is half of it.
//!   One case is open: when the disk reports an error while a commit is synchronised, the caller gets the
//!   error, and the write is gone unless the process dies before its next commit, when it may come back whole.
//! - Writes that wait share one commit ([`Statistics`] tells how many), each with a savepoint: an error, an
//!   abort or a panic undoes that job alone. When the shared commit fails, each job runs again alone.
//! - A read job sees one state of the store. It waits for no writer, and no writer waits for it.
//! - Every row carries a checksum over table, key and value. A byte that changes on the disk is harmless or an
//!   error, from opening, reading or [`check`](koinon_engine::store::Store::check), never another value.
//! - A file that is something else, or that a newer program wrote, is refused and not touched.
//! - New files, backups and restored files get their name when they are complete. What an interrupted process
//!   leaves of one ends in `.part` and can be deleted.
//!
//! Jobs run on threads of the store, not of a runtime: one that writes, and [`SqliteOptions::readers`] that
//! read. Opening, and dropping the store, block the calling thread while they work.
//!
//! # Settings
//!
//! [`SqliteOptions`] has defaults that fit a server with a few gigabytes. On a machine with little memory lower
//! [`reader_cache_kib`](SqliteOptions::reader_cache_kib) first: the operating system caches the file anyway.
//! [`Durability::Normal`] fits imports and tests: it saves a synchronisation per commit, and a loss of power
//! may cost the newest writes. A bound for the file, as for a hosted instance, is
//! [`max_bytes`](SqliteOptions::max_bytes). Files use pages of 8 KiB, a write-ahead log and no memory map.
//! The log needs a local file system; network file systems lack the shared memory between processes.
//!
//! # Looking into the file
//!
//! Values are JSON text, and each table has a view that shows them beside their keys in hexadecimal. The views
//! that a program adds ([`View`]) give them columns, so that `sqlite3` and notebooks need to know nothing:
//!
//! ```text
//! $ sqlite3 koinon.db "SELECT * FROM v_years"
//! 6164610000|1815
//! 67726163650000|1906
//! $ sqlite3 koinon.db "SELECT * FROM v_recent"
//! 1906
//! ```
//!
//! With a view over the statuses of a server, `sqlite3 koinon.db "SELECT * FROM v_statuses"` lists them column
//! by column. Reading so is safe while the store is open. Rows changed by hand no longer match their checksums
//! and are not served. New files can be read by their owner only. Copying the file of an open store misses
//! what stands in its log; a [backup](koinon_engine::store::Store::backup) does not, and [`restore`] verifies
//! it on the way back.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod backup;
mod check;
mod commits;
mod connection;
mod create;
mod error;
mod files;
mod options;
mod queue;
mod reader;
mod schema;
mod session;
mod statistics;
mod store;
mod tables;
mod views;
mod writer;

pub use backup::restore;
pub use options::{Durability, SqliteOptions, View};
pub use statistics::Statistics;
pub use store::SqliteStore;
pub use views::READABLE_VIEWS;
