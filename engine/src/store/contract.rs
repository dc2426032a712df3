//! What a backend implements.

use std::ops::Bound;
use std::path::Path;

use async_trait::async_trait;

use super::StoreError;

/// Name of an ordered table. Backends create every table they are opened with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TableDefinition {
    /// Lower-case ASCII letters and underscores; unique in a store.
    pub name: &'static str,
}

/// Order in which a scan visits keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Smallest key first.
    Ascending,
    /// Largest key first.
    Descending,
}

/// Bounds of a scan over byte keys. A range whose start lies behind its end is empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRange {
    /// Lower bound.
    pub start: Bound<Vec<u8>>,
    /// Upper bound.
    pub end: Bound<Vec<u8>>,
}

impl KeyRange {
    /// Every key.
    pub fn all() -> Self {
        Self { start: Bound::Unbounded, end: Bound::Unbounded }
    }

    /// No key at all.
    pub fn none() -> Self {
        Self { start: Bound::Included(Vec::new()), end: Bound::Excluded(Vec::new()) }
    }

    /// Every key that starts with `prefix`.
    pub fn prefix(prefix: &[u8]) -> Self {
        let end = super::successor(prefix).map_or(Bound::Unbounded, Bound::Excluded);
        Self { start: Bound::Included(prefix.to_vec()), end }
    }

    /// Whether no key can lie in the range.
    pub fn is_empty(&self) -> bool {
        match (&self.start, &self.end) {
            (Bound::Unbounded, _) | (_, Bound::Unbounded) => false,
            (Bound::Included(start), Bound::Included(end)) => start > end,
            (
                Bound::Included(start) | Bound::Excluded(start),
                Bound::Included(end) | Bound::Excluded(end),
            ) => start >= end,
        }
    }
}

/// What a visitor wants next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The next row.
    Continue,
    /// No further row.
    Stop,
}

/// Called with key and value of each row of a scan. It must not use the transaction that runs the scan.
pub type Visitor<'a> = dyn FnMut(&[u8], &[u8]) -> Result<Step, StoreError> + 'a;

/// Names a state that a store has been in.
///
/// Two snapshots of one store with equal versions hold the same rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Version {
    /// How many commits made this state. A later state has a greater number.
    pub number: u64,
    /// Who made the last of these commits: a random number that an opened store gives itself, so that the commits
    /// of several processes are told apart.
    pub writer: u64,
}

/// One consistent snapshot of all tables.
///
/// Whatever commits while a job reads stays invisible to that job.
pub trait ReadTx {
    /// Which state the snapshot is of; for a transaction that writes, the committed state it started from. None from a
    /// backend that does not count its commits; then nothing read from it is kept in memory.
    fn version(&self) -> Result<Option<Version>, StoreError> {
        Ok(None)
    }

    /// The value stored at `key`, if any.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] when the record does not match its checksum.
    fn get(&self, table: TableDefinition, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError>;

    /// The values of several keys, in the order asked. Same errors as [`get`](Self::get).
    fn get_many(&self, table: TableDefinition, keys: &[Vec<u8>]) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        keys.iter().map(|key| self.get(table, key)).collect()
    }

    /// Visits the rows whose keys lie in `range`, in byte order of the keys. Cost: `O(log rows + visited)`.
    ///
    /// # Errors
    /// What `visit` returned, which ends the scan; [`StoreError::Damaged`] at the first row that does not
    /// match its checksum.
    fn scan(
        &self,
        table: TableDefinition,
        range: &KeyRange,
        direction: Direction,
        visit: &mut Visitor<'_>,
    ) -> Result<(), StoreError>;
}

/// A transaction that also writes. It sees its own writes; all of them commit, or none.
///
/// After an error of [`put`](Self::put) or [`delete`](Self::delete) the transaction cannot commit any more:
/// a job that ignores the error and asks for [`Outcome::Commit`] is rolled back and its caller gets the error.
pub trait WriteTx: ReadTx {
    /// The version of the state that this transaction makes if it commits. Transactions that commit together share it.
    /// None where [`version`](ReadTx::version) is.
    fn next_version(&self) -> Option<Version> {
        None
    }

    /// Stores `value` at `key`, replacing what was there.
    fn put(&mut self, table: TableDefinition, key: &[u8], value: &[u8]) -> Result<(), StoreError>;

    /// Removes `key`; removing what is not there is no error.
    fn delete(&mut self, table: TableDefinition, key: &[u8]) -> Result<(), StoreError>;
}

/// What a write job decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Make the writes durable.
    Commit,
    /// Forget the writes.
    Abort,
}

/// Reads in one snapshot. Results leave through what the closure captured; [`StoreExt`](super::StoreExt) does that.
pub type ReadJob = Box<dyn FnOnce(&dyn ReadTx) + Send>;

/// Reads and writes in one transaction.
///
/// A backend may run it again (after a conflict, or when a commit shared with other jobs failed), so it
/// does nothing but use its transaction.
pub type WriteJob = Box<dyn FnMut(&mut dyn WriteTx) -> Outcome + Send>;

/// What a backend can do beyond the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capabilities {
    /// Short name of the backend, for logs and `/health`.
    pub backend: &'static str,
    /// Whether a resolved write survives the loss of power.
    pub durable: bool,
    /// Whether several processes may open the same store.
    pub shared: bool,
}

/// Something [`Store::check`] found wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Defect {
    /// Table it was found in, or empty for the file as a whole.
    pub table: String,
    /// Key in hexadecimal, or empty.
    pub key: String,
    /// One line for the operator.
    pub description: String,
}

/// What a finished backup holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backup {
    /// Size of the file in bytes.
    pub bytes: u64,
}

/// A storage backend.
///
/// Jobs that return something go through [`StoreExt`](super::StoreExt).
/// Dropping a future returned from here does not cancel a job that is already queued.
#[async_trait]
pub trait Store: Send + Sync + std::fmt::Debug + 'static {
    /// Runs `job` on a snapshot; resolves when it has run. The snapshot holds every write that resolved
    /// before the call.
    ///
    /// A backend may run it on the thread that polls, so it should take well under a millisecond when what it reads is
    /// in memory; what may take longer goes through [`run_long_read`](Self::run_long_read).
    ///
    /// # Errors
    /// [`StoreError::Panicked`] when the job panicked; [`StoreError::Busy`] when too many jobs wait.
    async fn run_read(&self, job: ReadJob) -> Result<(), StoreError>;

    /// The same for a job that may read a great part of the store; it never runs on the thread that polls.
    async fn run_long_read(&self, job: ReadJob) -> Result<(), StoreError> {
        self.run_read(job).await
    }

    /// Runs `job` in a transaction of its own; resolves when its outcome is final: durable after
    /// [`Outcome::Commit`], wholly absent after [`Outcome::Abort`] or an error.
    ///
    /// Writes are serial: a job sees every job that resolved before it was queued.
    ///
    /// # Errors
    /// [`StoreError::Panicked`] when the job panicked; the error of a failed write or commit. The jobs of
    /// other callers are not touched by it.
    async fn run_write(&self, job: WriteJob) -> Result<(), StoreError>;

    /// What this backend can do.
    fn capabilities(&self) -> Capabilities;

    /// Writes one consistent copy of the store to `file` while reads and writes go on. There is never half
    /// a backup at `file`.
    ///
    /// # Errors
    /// [`StoreError::Exists`] when there is something at `file`; [`StoreError::Backend`] from a backend
    /// that has nothing to back up.
    async fn backup(&self, file: &Path) -> Result<Backup, StoreError>;

    /// Verifies every record against its checksum and the structure of the store. Cost: the whole store.
    async fn check(&self) -> Result<Vec<Defect>, StoreError>;
}
