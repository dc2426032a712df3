//! The store: its threads, its queues, and the contract on top of them.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use async_trait::async_trait;
use futures::channel::oneshot;
use koinon_engine::store::{
    Backup, Capabilities, Defect, ReadJob, Store, StoreError, TableDefinition, WriteJob,
};
use rusqlite::Connection;

use crate::backup::copy_to;
use crate::check::defects;
use crate::connection::{
    inspect, keep_log, keep_statements, open_reader, open_writer, recognise, require_library,
};
use crate::create::create_if_absent;
use crate::error::file_error;
use crate::files::{filled_companion, with_suffix};
use crate::options::{Durability, SqliteOptions};
use crate::queue::Queue;
use crate::reader::{Read, Reader, Readers};
use crate::schema::{MIGRATIONS, Schema, VERSION, views};
use crate::statistics::{Counters, Statistics};
use crate::tables::Catalog;
use crate::writer::{Log, Write, Writer};

/// A store in one SQLite file.
///
/// Dropping it finishes the jobs that are queued, empties the log into the file and waits for its threads.
#[derive(Debug)]
pub struct SqliteStore {
    path: PathBuf,
    options: SqliteOptions,
    catalog: Arc<Catalog>,
    counters: Arc<Counters>,
    readers: Arc<Readers>,
    reads: Arc<Queue<Read>>,
    writes: Arc<Queue<Write>>,
    reading: Vec<JoinHandle<()>>,
    writer: Option<JoinHandle<()>>,
}

impl SqliteStore {
    /// Opens the store at `path`, or makes one when there is nothing or an empty file.
    ///
    /// `tables` that the file does not have yet are added; those that only the file has stay as they are.
    /// Cost: a few reads; the whole file is read once when tables are added or migrated. Blocks the thread.
    ///
    /// # Errors
    /// - [`StoreError::Newer`]: a newer program wrote the file;
    /// - [`StoreError::Unusable`]: the file is something else, or damaged as a whole;
    /// - [`StoreError::Io`], [`StoreError::Full`], [`StoreError::Busy`]: the system or another process refused;
    /// - [`StoreError::Backend`]: a name or view that cannot be used, or a SQLite library that damages files.
    ///
    /// None of them leaves the file changed.
    pub fn open(path: &Path, tables: &[TableDefinition], options: SqliteOptions) -> Result<Self, StoreError> {
        require_library()?;
        let catalog = Arc::new(Catalog::new(tables)?);
        let views = views(&catalog, &options.views)?;
        let schema = Schema { catalog: &catalog, views: &views, migrations: MIGRATIONS };
        let path = create_if_absent(path, &schema)?;
        inspect(&path)?;
        let mut connection = open_writer(&path, &options)?;
        schema.bring_up_to_date(&mut connection, VERSION)?;
        keep_statements(&connection, &catalog);
        let readers = open_readers(&path, &catalog, &options, |_| Ok(()))?;
        let mut store = Self::start(path, options, catalog, readers)?;
        store.start_writer(connection)?;
        Ok(store)
    }

    /// Opens the store that is at `path` and changes nothing: views stay as they are, tables that the file does
    /// not have are read as empty ones, and every write is refused with [`StoreError::Backend`]. One thread reads.
    /// Blocks the thread.
    ///
    /// It can be used beside another store that is open, and finds out what the present one is without becoming
    /// its successor. A log that a killed process left is read and stays.
    ///
    /// # Errors
    /// Those of [`open`](Self::open), and [`StoreError::Io`] when there is nothing.
    pub fn open_for_reading(
        path: &Path,
        tables: &[TableDefinition],
        options: SqliteOptions,
    ) -> Result<Self, StoreError> {
        require_library()?;
        // Of two connections that close at once, neither is the last, which takes away an empty log.
        let options = SqliteOptions { readers: 1, ..options };
        let catalog = Arc::new(Catalog::new(tables)?);
        let path = fs::canonicalize(path).map_err(|error| file_error(path, &error))?;
        inspect(&path)?;
        let keeps_log = filled_companion(&path).is_some();
        let schema = Schema { catalog: &catalog, views: &[], migrations: MIGRATIONS };
        let readers = open_readers(&path, &catalog, &options, |connection| {
            if keeps_log {
                keep_log(connection)?;
            }
            recognise(connection, &path)?;
            schema.stand_in_for_missing_tables(connection)
        })?;
        Self::start(path, options, catalog, readers)
    }

    /// A store that reads.
    fn start(
        path: PathBuf,
        options: SqliteOptions,
        catalog: Arc<Catalog>,
        readers: Vec<Reader>,
    ) -> Result<Self, StoreError> {
        let reads = Arc::new(Queue::new(options.queue));
        let writes = Arc::new(Queue::new(options.queue));
        let counters = Arc::<Counters>::default();
        let (threads, readers) = (readers.len(), Arc::new(Readers::new(readers)));
        // From here on dropping the store ends the threads that were started.
        let reading = Vec::new();
        let mut store =
            Self { path, options, catalog, counters, readers, reads, writes, reading, writer: None };
        for number in 0..threads {
            let (readers, queue) = (Arc::clone(&store.readers), Arc::clone(&store.reads));
            store.reading.push(start("koinon-reader", move || readers.serve(number, &queue))?);
        }
        Ok(store)
    }

    /// Makes it one that writes, too.
    fn start_writer(&mut self, connection: Connection) -> Result<(), StoreError> {
        let limit = self.options.log_bytes.max(1);
        let writer = Writer {
            connection,
            catalog: Arc::clone(&self.catalog),
            queue: Arc::clone(&self.writes),
            counters: Arc::clone(&self.counters),
            name: getrandom::u64().map_err(|error| StoreError::Backend(error.to_string().into()))?,
            group_jobs: self.options.group_jobs.max(1),
            group_bytes: self.options.group_bytes,
            busy_timeout: self.options.busy_timeout,
            log: Log { path: with_suffix(&self.path, "-wal"), limit, threshold: limit.saturating_mul(2) },
        };
        self.writer = Some(start("koinon-writer", move || writer.run())?);
        Ok(())
    }

    /// Absolute path of the file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How writes were grouped so far.
    pub fn statistics(&self) -> Statistics {
        self.counters.read()
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn run_read(&self, job: ReadJob) -> Result<(), StoreError> {
        if let Some(reader) = self.readers.idle() {
            return reader.run_job(job);
        }
        self.run_long_read(job).await
    }

    async fn run_long_read(&self, job: ReadJob) -> Result<(), StoreError> {
        let (reply, answer) = oneshot::channel();
        self.reads.push(Read { job, reply })?;
        answer.await.unwrap_or(Err(StoreError::Panicked))
    }

    async fn run_write(&self, job: WriteJob) -> Result<(), StoreError> {
        if self.writer.is_none() {
            return Err(StoreError::Backend("the store was opened for reading only".into()));
        }
        let (reply, answer) = oneshot::channel();
        self.writes.push(Write { job, reply })?;
        answer.await.unwrap_or(Err(StoreError::Panicked))
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities { backend: "sqlite", durable: self.options.durability == Durability::Full, shared: true }
    }

    /// Beside `file` a file whose name ends in `.part` grows until the copy is complete. The copy is one file
    /// without a log, whose structure but not whose every record was verified; [`restore`](crate::restore)
    /// does that. Dropping the future ends the work.
    async fn backup(&self, file: &Path) -> Result<Backup, StoreError> {
        let (path, options, target) = (self.path.clone(), self.options.clone(), file.to_owned());
        on_own_thread("koinon-backup", move |given_up| {
            let source = open_reader(&path, &options, |_| Ok(()))?;
            copy_to(&source, &target, |copy| recognise(copy, &target), given_up)
        })
        .await
    }

    /// Reads the whole file. At most 1000 defects are listed.
    async fn check(&self) -> Result<Vec<Defect>, StoreError> {
        let (path, options, catalog) = (self.path.clone(), self.options.clone(), Arc::clone(&self.catalog));
        on_own_thread("koinon-check", move |_| {
            let connection = open_reader(&path, &options, |_| Ok(()))?;
            defects(&connection, &catalog.tables())
        })
        .await
    }
}

impl Drop for SqliteStore {
    fn drop(&mut self) {
        // Readers first: the writer can empty the log only when nobody reads old states from it.
        self.reads.close();
        self.reading.drain(..).for_each(join);
        self.writes.close();
        self.writer.take().into_iter().for_each(join);
    }
}

/// A connection for each thread that reads, the way `prepare` makes it.
fn open_readers(
    path: &Path,
    catalog: &Arc<Catalog>,
    options: &SqliteOptions,
    prepare: impl Fn(&Connection) -> Result<(), StoreError>,
) -> Result<Vec<Reader>, StoreError> {
    let open = |_| {
        let connection = open_reader(path, options, &prepare)?;
        keep_statements(&connection, catalog);
        Ok(Reader { connection, catalog: Arc::clone(catalog) })
    };
    (0..options.readers.max(1)).map(open).collect()
}

fn start(name: &str, work: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, StoreError> {
    thread::Builder::new()
        .name(name.to_owned())
        .spawn(work)
        .map_err(|error| StoreError::Backend(format!("no thread could be started: {error}").into()))
}

/// Waits for a thread to end, unless it is the one that waits: a job may hold the last handle to its store.
fn join(thread: JoinHandle<()>) {
    if thread.thread().id() != thread::current().id() {
        let _ = thread.join();
    }
}

/// Long work that would keep a reader from its jobs. It can ask whether somebody still waits for it.
async fn on_own_thread<T: Send + 'static>(
    name: &str,
    work: impl FnOnce(&dyn Fn() -> bool) -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    let (reply, answer) = oneshot::channel();
    start(name, move || {
        let result = work(&|| reply.is_canceled());
        let _ = reply.send(result);
    })?;
    answer.await.unwrap_or(Err(StoreError::Panicked))
}
