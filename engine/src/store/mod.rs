//! The storage contract: ordered tables, snapshots and transactions.
//!
//! A backend offers four verbs over byte keys ([`ReadTx`], [`WriteTx`]) and two ways to run a job in a
//! transaction ([`Store`]). Everything above is typed: a [`Table`] knows how its keys sort and how its
//! values are written, and [`schema`] lists every table of the engine with the question it answers.
//!
//! ```
//! use koinon_engine::memory::MemoryStore;
//! use koinon_engine::store::{StoreExt, Table};
//!
//! const NICKNAMES: Table<(u64, String), u32> = Table::new("nicknames");
//!
//! # futures::executor::block_on(async {
//! let store = MemoryStore::new(&[NICKNAMES.definition()]);
//! store
//!     .write(move |tx| NICKNAMES.put(tx, &(1, "ada".into()), &1815))
//!     .await?;
//! let year = store.read(|tx| NICKNAMES.get(tx, &(1, "ada".into()))).await?;
//! assert_eq!(year, Some(1815));
//! # Ok::<(), koinon_engine::store::StoreError>(())
//! # }).unwrap();
//! ```

mod contract;
mod error;
mod key;
pub mod schema;
mod table;
mod typed;

pub use contract::{
    Backup, Capabilities, Defect, Direction, KeyRange, Outcome, ReadJob, ReadTx, Step, Store,
    TableDefinition, Version, Visitor, WriteJob, WriteTx,
};
pub use error::StoreError;
pub use key::{Key, KeyError, KeyReader, successor};
pub use table::{Record, Scan, Table};
pub use typed::StoreExt;
