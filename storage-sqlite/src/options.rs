//! What can be set when a store is opened.

use std::num::NonZero;
use std::thread::available_parallelism;
use std::time::Duration;

/// What a resolved write survives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Durability {
    /// The loss of power: the log is synchronised before a write resolves (`synchronous=FULL`).
    #[default]
    Full,
    /// The death of the process only (`synchronous=NORMAL`). A loss of power may take the last writes with
    /// it, from the newest backwards; the file never becomes inconsistent. Many times faster with one writer.
    Normal,
}

/// A readable view over the tables, for people and notebooks; the store itself never reads it.
///
/// Each table `statuses` of the store is the SQL table `t_statuses` with the columns `key` (bytes) and
/// `value` (JSON).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct View {
    /// Lower-case ASCII letters and underscores; the view is called `v_` and this name. A view with the name
    /// of a table takes the place of that table's generic view.
    pub name: &'static str,
    /// One `SELECT` statement. Only built-in functions of SQLite can be used.
    pub select: &'static str,
}

/// Settings of a store; the defaults suit a server with a few gigabytes of data.
#[derive(Debug, Clone)]
pub struct SqliteOptions {
    /// What a resolved write survives.
    pub durability: Durability,
    /// Connections that run read jobs; at least one. A job runs on the thread that asks while a connection is free, and
    /// waits for one of as many threads otherwise. Default: one per processor, at most four.
    pub readers: usize,
    /// Jobs that may wait for a thread, reads and writes apart; one more is answered
    /// [`Busy`](koinon_engine::store::StoreError::Busy) at once. Default: 1024.
    pub queue: usize,
    /// Jobs that share one commit at most. Default: 256.
    pub group_jobs: usize,
    /// Bytes of keys and values after which a commit takes no further job. Default: 8 MiB.
    pub group_bytes: usize,
    /// How long a write waits for another process that writes to the same file. Default: 5 seconds.
    pub busy_timeout: Duration,
    /// Page cache of the writing connection in KiB. Default: 16384.
    pub writer_cache_kib: u32,
    /// Page cache of each reading connection in KiB. Default: 8192.
    pub reader_cache_kib: u32,
    /// Size in bytes that the write-ahead log is brought back to when it has grown to twice as much.
    /// Default: 64 MiB.
    pub log_bytes: u64,
    /// Largest size of the file in bytes, the write-ahead log not counted; a write beyond it is
    /// [`Full`](koinon_engine::store::StoreError::Full). A file that is larger already does not grow.
    pub max_bytes: Option<u64>,
    /// Views to create beside the generic ones; changed ones are replaced when the store is opened.
    pub views: Vec<View>,
}

impl Default for SqliteOptions {
    fn default() -> Self {
        Self {
            durability: Durability::default(),
            readers: available_parallelism().map_or(1, NonZero::get).min(4),
            queue: 1024,
            group_jobs: 256,
            group_bytes: 8 << 20,
            busy_timeout: Duration::from_secs(5),
            writer_cache_kib: 16_384,
            reader_cache_kib: 8_192,
            log_bytes: 64 << 20,
            max_bytes: None,
            views: Vec::new(),
        }
    }
}
