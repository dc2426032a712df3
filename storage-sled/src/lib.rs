//! A store of Koinon on [sled](https://docs.rs/sled/0.34.7), for research and for programs that must be Rust alone.
//!
//! ```
//! use koinon_engine::store::{Scan, Store, StoreError, StoreExt, Table};
//! use koinon_storage_sled::{SledOptions, SledStore};
//!
//! const YEARS: Table<String, u32> = Table::new("years");
//!
//! # futures::executor::block_on(async {
//! # let directory = tempfile::tempdir().unwrap();
//! # let path = directory.path().join("koinon");
//! let store = SledStore::open(&path, &[YEARS.definition()], SledOptions::default())?;
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
//! # Which store to choose
//!
//! **SQLite (`koinon-storage-sqlite`) is the default**, and right wherever people's data are at stake: sled calls
//! itself beta and says that one should use SQLite "if reliability is your primary constraint". Choose sled
//! to study how a social network behaves on a log-structured store, where no C compiler is at hand, or to keep
//! the engine honest with a second, very different backend. The standalone server takes either
//! (`koinon serve --store sled`), and `koinon convert` makes one of the other, so the choice can be changed later.
//!
//! An instance of 40 people with 20 followers each and 20 000 posts, as the server opens its stores, measured by
//! `examples/beside_sqlite.rs` in one run on two cores that were busy with other work too, ext4:
//!
//! | | sled | SQLite |
//! |---|---|---|
//! | posts per second, one after the other | 881 | 218 |
//! | posts per second, 16 at once | 1656 | 1846 |
//! | home timelines of 20 per second, one reader, newest or old | 3864, 4086 | 3872, 2860 |
//! | home timelines of 20 per second, four readers, newest or old | 3448, 3181 | 4546, 4921 |
//! | on the disk | 186 MiB | 49 MiB |
//! | a backup | 47 MiB in 0.7 s | 49 MiB in 0.2 s |
//! | opening | 1.3 s: it reads everything | 20 ms |
//! | reading and verifying everything | 0.5 s | 0.3 s |
//! | memory of the whole process in the end, and at most | 596, 771 MiB | 455, 467 MiB |
//!
//! sled writes sooner than SQLite when nobody shares a commit, and not when many do; it takes four times the disk,
//! and opening takes time that grows with the data. The stores alone, sled 0.34.7 beside SQLite with pages of 8 KiB:
//!
//! | | sled | SQLite |
//! |---|---|---|
//! | read a row of 1 KB | 2.3 µs | 4.2 µs |
//! | read a page of 20 rows by index | 43 µs | 38 µs |
//! | write a row and 8 index rows, not synchronised | 161 µs | 176 µs |
//! | commits per second of one writer, synchronised | 473 | 342 |
//! | files of 100 000 rows of 1 KB | 200 to 227 MiB | 116 MiB |
//! | 20 MB overwritten twelve times | 46 to 65 MiB | |
//! | the same after deleting everything | 50 MiB: it never shrinks | |
//! | memory beside the cache | grows with the data, up to half of it | constant |
//! | one process, several at once | one | several |
//! | readable with other tools | no | `sqlite3`, notebooks |
//!
//! # What sled does not do, and this crate does
//!
//! - **Power.** sled's `flush` synchronises neither the size of its file nor the cache of the device: of 70 losses of
//!   power 65 took acknowledged writes, thousands at a time, and one left a store that could not be opened. Here
//!   each commit synchronises the files too (none of 70), which jobs that wait share ([`Statistics`]).
//!   [`Durability::Normal`] is sled's own promise.
//! - **Snapshots.** sled's iterators mix the states of several commits. Here a read job sees one durable state to
//!   its end: rows that later commits replace are kept in memory for as long as somebody reads what was before
//!   ([`snapshot_bytes`](SledOptions::snapshot_bytes)). No reader waits for a writer or the other way round, and
//!   nobody sees a write before it is durable.
//! - **Damage.** Of 60 stores with one flipped byte, sled alone opened 21 with rows missing, without a word, and
//!   panicked on 21. Here every row carries a checksum over table, key and value; every commit changes the count
//!   of each table together with its rows, so that lost and old rows are found out; and the number of commits is
//!   kept outside of sled as well. Of several thousand flipped bytes each was harmless or an error, from opening
//!   ([`verify_at_open`](SledOptions::verify_at_open)), reading or
//!   [`check`](koinon_engine::store::Store::check). Panics of sled become errors, although their text
//!   still goes to standard error.
//! - **Failing disks.** A sled that met an error takes no writes any more, and may wait for ever. Here a commit that
//!   fails is absent: jobs of its group get the error and readers go on with the state before. As soon as the
//!   disk allows it, a second sled takes the place of the first while the store is in use, on a copy of the log,
//!   which needs as much room as the log for a moment; the commit is undone in it, everything is verified, and the
//!   next write succeeds. Where that comes to nothing, the next opening does the same. A sled that does not
//!   answer is given up after some time ([`patience`](SledOptions::patience)) and replaced, too, four times at most.
//!   Until it is replaced, a sled that failed may be unable to read rows beside those that the commit changed, because
//!   it divides and joins pages when it passes by; they are refused, never served wrongly.
//! - **Full disks.** A sled that meets a full disk stops working, and does not start before there is room. Here
//!   writes are refused with [`Full`](koinon_engine::store::StoreError::Full) while
//!   [`some room`](SledOptions::min_free_bytes) is left; reads go on, and so do writes once there is more.
//! - **Strangers.** A directory that holds something else, or that a newer program wrote, is refused and not
//!   touched. A second process gets [`Locked`](koinon_engine::store::StoreError::Locked).
//!
//! What it cannot do: sled frees and reuses parts of its log before they are synchronised, so a loss of power in the
//! very moment may still damage it; it is found out, but not repaired. Keep backups. Rows above some hundred
//! kilobytes lie in files of their own, each change to them or to a neighbour writes another one, and the old ones
//! stay for a while. sled has one lock per process: two stores in one program slow each other down. sled depends on
//! two crates that nobody maintains any more (`fxhash`, `instant`).
//!
//! # When a store is damaged
//!
//! Copy its directory before anything else opens it, because sled cuts off what it cannot read. Then
//! [`restore`] the newest backup; or let [`salvage`] write what is still readable to a backup, restore that, and
//! check what it means with the engine.
//!
//! # In the directory
//!
//! `koinon.store` tells whose it is and counts commits; `koinon.undo` is there after a commit that failed; all else
//! is sled's. In sled's default tree, the key of a row is the number of its table in two bytes and its own
//! key, and the value a CRC-32 and its own value; table 0 holds the numbers, names and counts of the others. New
//! stores, backups and restored stores get their name when they are complete; what an interrupted process leaves of
//! one ends in `.part` and can be deleted. All of it can be read by its owner only.
//!
//! Jobs run on threads of the store, not of a runtime: one that writes, one that waits for sled, and
//! [`SledOptions::readers`] that read. Opening, and dropping the store, block the calling thread while they work.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod backup;
mod catalog;
mod check;
mod committer;
mod create;
mod database;
mod disk;
mod error;
mod files;
mod log;
mod marker;
mod opening;
mod options;
mod queue;
mod reader;
mod recovery;
mod salvage;
mod session;
mod shared;
mod statistics;
mod store;
mod tables;
mod undo;
mod versions;
mod view;
mod writer;

pub use backup::restore;
pub use options::{Durability, SledOptions};
pub use salvage::{Salvage, salvage};
pub use statistics::Statistics;
pub use store::SledStore;
