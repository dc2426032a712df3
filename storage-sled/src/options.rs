//! What can be set when a store is opened.

use std::num::NonZero;
use std::thread::available_parallelism;
use std::time::Duration;

use crate::database::Settings;

/// What a resolved write survives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Durability {
    /// The loss of power: after sled's `flush` its files are synchronised before a write resolves.
    #[default]
    Full,
    /// The death of the process only: sled's `flush` alone. A loss of power may take the last writes with it,
    /// and in rare cases leaves a store that cannot be opened. For imports and tests.
    Normal,
}

/// Settings of a store; the defaults suit experiments with some hundred megabytes of data.
#[derive(Debug, Clone)]
pub struct SledOptions {
    /// What a resolved write survives.
    pub durability: Durability,
    /// Threads that run long read jobs (others run on the thread that asks); at least one. Default: one per processor, at
    /// most four.
    pub readers: usize,
    /// Jobs that may wait for a thread, reads and writes apart; one more is answered
    /// [`Busy`](koinon_engine::store::StoreError::Busy) at once. Default: 1024.
    pub queue: usize,
    /// Jobs that share one commit at most. Default: 256.
    pub group_jobs: usize,
    /// Bytes of keys and values after which a commit takes no further job. Default: 8 MiB.
    pub group_bytes: usize,
    /// Size in bytes of sled's cache of pages; sled's own default is 1 GiB. Beside it sled keeps a table of
    /// all pages in memory, which grows with the data. Default: 64 MiB.
    pub cache_capacity: u64,
    /// Bytes of replaced rows that are kept in memory for read jobs, checks and backups that still see
    /// them. Beyond it the oldest of these are answered [`Busy`](koinon_engine::store::StoreError::Busy).
    /// Default: 256 MiB.
    pub snapshot_bytes: usize,
    /// Bytes that stay free on the disk: a write that would need them is
    /// [`Full`](koinon_engine::store::StoreError::Full). A sled that meets a full disk itself stops working
    /// and cannot be opened until there is room. Default: 64 MiB.
    pub min_free_bytes: u64,
    /// Whether opening reads every row and compares it with its checksum, and each table with its count.
    /// sled answers some damage by leaving rows out without a word; this refuses such a store before anything
    /// builds on it. Cost: about as long as reading the files. Default: yes.
    pub verify_at_open: bool,
    /// How long a commit may take before sled is given up and all waiting jobs are answered with an error.
    /// Default: 2 minutes.
    pub patience: Duration,
}

impl SledOptions {
    /// What concerns sled alone.
    pub(crate) fn settings(&self) -> Settings {
        Settings { cache_capacity: self.cache_capacity, patience: self.patience }
    }
}

impl Default for SledOptions {
    fn default() -> Self {
        Self {
            durability: Durability::default(),
            readers: available_parallelism().map_or(1, NonZero::get).min(4),
            queue: 1024,
            group_jobs: 256,
            group_bytes: 8 << 20,
            cache_capacity: 64 << 20,
            snapshot_bytes: 256 << 20,
            min_free_bytes: 64 << 20,
            verify_at_open: true,
            patience: Duration::from_secs(120),
        }
    }
}
