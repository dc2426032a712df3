//! The store: its threads, its queues, and the contract on top of them.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use async_trait::async_trait;
use futures::channel::oneshot;
use koinon_engine::store::{
    Backup, Capabilities, Defect, ReadJob, Store, StoreError, TableDefinition, WriteJob,
};

use crate::backup;
use crate::catalog::Catalog;
use crate::check::defects;
use crate::create::create_if_absent;
use crate::database::Database;
use crate::disk::Disk;
use crate::error::file_error;
use crate::log;
use crate::marker::Marker;
use crate::opening::{Access, open_database};
use crate::options::{Durability, SledOptions};
use crate::queue::Queue;
use crate::reader::{Read, Reader};
use crate::shared::Shared;
use crate::statistics::{Counters, Statistics};
use crate::tables::{Tables, check_names};
use crate::undo;
use crate::versions::Versions;
use crate::view::View;
use crate::writer::{Write, Writer};

/// A store in a directory that sled keeps.
///
/// Dropping it finishes the jobs that are queued, closes sled and waits for its threads.
#[derive(Debug)]
pub struct SledStore {
    path: PathBuf,
    shared: Arc<Shared>,
    versions: Arc<Versions>,
    durability: Durability,
    names: Vec<&'static str>,
    counters: Arc<Counters>,
    reader: Reader,
    reads: Arc<Queue<Read>>,
    writes: Arc<Queue<Write>>,
    readers: Vec<JoinHandle<()>>,
    writer: Option<JoinHandle<()>>,
    /// Backups and checks. They end soon after nobody waits for them any more.
    tasks: Mutex<Vec<JoinHandle<()>>>,
}

impl SledStore {
    /// Opens the store in the directory `path`, or makes one when there is nothing or an empty directory.
    ///
    /// `tables` that the store does not have yet are added; those that only the store has stay as they are.
    /// Cost: reads the whole store, see [`verify_at_open`](SledOptions::verify_at_open). Blocks the thread.
    ///
    /// # Errors
    /// - [`StoreError::Locked`]: the store is open already, here or in another process;
    /// - [`StoreError::Newer`]: a newer program wrote it;
    /// - [`StoreError::Unusable`]: the directory holds something else, or a damaged store;
    /// - [`StoreError::Io`], [`StoreError::Full`]: the system refused;
    /// - [`StoreError::Backend`]: a name that cannot be used.
    ///
    /// What is not a store of this version is left untouched. Opening a damaged store may lose more of it:
    /// sled cuts its log off where it cannot read it. Copy the directory first.
    pub fn open(path: &Path, tables: &[TableDefinition], options: SledOptions) -> Result<Self, StoreError> {
        check_names(tables)?;
        let path = create_if_absent(path, tables, options.settings())?;
        Self::open_existing(&path, tables, options, Access::Writing)
    }

    /// Opens the store that is in the directory `path` and changes none of its rows: tables that it does not
    /// have are read as empty ones, and every write is refused with [`StoreError::Backend`]. The files are not
    /// quite left alone: sled tidies them up, and a commit that had failed is undone. Blocks the thread.
    ///
    /// # Errors
    /// Those of [`open`](Self::open), and [`StoreError::Io`] when there is nothing.
    pub fn open_for_reading(
        path: &Path,
        tables: &[TableDefinition],
        options: SledOptions,
    ) -> Result<Self, StoreError> {
        check_names(tables)?;
        let path = fs::canonicalize(path).map_err(|error| file_error(path, &error))?;
        Self::open_existing(&path, tables, options, Access::Reading)
    }

    fn open_existing(
        path: &Path,
        tables: &[TableDefinition],
        options: SledOptions,
        access: Access,
    ) -> Result<Self, StoreError> {
        let marker = Arc::new(Mutex::new(Marker::open(path)?));
        if undo::is_noted(path) {
            log::rewrite(path)?;
        }
        let (database, catalog) = open_database(path, marker, tables, &options, access)?;
        Self::start(database, catalog, tables, options, access)
    }

    fn start(
        database: Database,
        catalog: Catalog,
        definitions: &[TableDefinition],
        options: SledOptions,
        access: Access,
    ) -> Result<Self, StoreError> {
        let number = |name: &str| catalog.tables.get(name).map_or(0, |entry| entry.number);
        let tables = Arc::new(Tables::new(definitions, number));
        let path = database.path().to_owned();
        let versions = Arc::new(Versions::new(catalog.commit, options.snapshot_bytes));
        let shared = Arc::new(Shared::new(database));
        let mut store = Self {
            reader: Reader {
                shared: Arc::clone(&shared),
                versions: Arc::clone(&versions),
                tables: Arc::clone(&tables),
            },
            path,
            versions,
            shared,
            durability: options.durability,
            names: definitions.iter().map(|definition| definition.name).collect(),
            counters: Arc::default(),
            reads: Arc::new(Queue::new(options.queue)),
            writes: Arc::new(Queue::new(options.queue)),
            readers: Vec::new(),
            writer: None,
            tasks: Mutex::default(),
        };
        // From here on dropping the store ends the threads that were started.
        for _ in 0..options.readers.max(1) {
            let (reader, queue) = (store.reader.clone(), Arc::clone(&store.reads));
            store.readers.push(start("koinon-reader", move || reader.serve(&queue))?);
        }
        if access == Access::Reading {
            return Ok(store);
        }
        let mut disk = Disk::open(&store.path, options.durability)?;
        disk.synchronise()?;
        let writer = Writer {
            shared: Arc::clone(&store.shared),
            versions: Arc::clone(&store.versions),
            definitions: definitions.to_vec(),
            tables,
            queue: Arc::clone(&store.writes),
            counters: Arc::clone(&store.counters),
            disk,
            catalog,
            options,
            failed: None,
            abandoned: 0,
        };
        store.writer = Some(start("koinon-writer", move || writer.run())?);
        Ok(store)
    }

    /// Absolute path of the directory.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How writes were grouped so far.
    pub fn statistics(&self) -> Statistics {
        self.counters.read()
    }

    /// Long work on one state of the store, which would keep a reader from its jobs. It can ask whether
    /// somebody still waits for it.
    async fn on_own_thread<T: Send + 'static>(
        &self,
        name: &str,
        work: impl FnOnce(View<'_>, &dyn Fn() -> bool) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (reply, answer) = oneshot::channel();
        let (shared, versions) = (Arc::clone(&self.shared), Arc::clone(&self.versions));
        let task = start(name, move || {
            let snapshot = versions.snapshot();
            let database = shared.current();
            let view = View { database: &database, overlay: &snapshot };
            let result = work(view, &|| reply.is_canceled());
            let _ = reply.send(result);
        })?;
        {
            let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
            tasks.retain(|task| !task.is_finished());
            tasks.push(task);
        }
        answer.await.unwrap_or(Err(StoreError::Panicked))
    }
}

#[async_trait]
impl Store for SledStore {
    /// The job sees what was durable when it began, and nothing that is being made durable.
    async fn run_read(&self, job: ReadJob) -> Result<(), StoreError> {
        self.reader.run_job(job)
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
        Capabilities { backend: "sled", durable: self.durability == Durability::Full, shared: false }
    }

    /// Beside `file` a file whose name ends in `.part` grows until the copy is complete. Every row is verified
    /// on the way; [`restore`](crate::restore) verifies the copy. Dropping the future ends the work.
    async fn backup(&self, file: &Path) -> Result<Backup, StoreError> {
        let (path, target) = (self.path().to_owned(), file.to_owned());
        let copy =
            move |view: View<'_>, given_up: &dyn Fn() -> bool| backup::write(view, &path, &target, given_up);
        self.on_own_thread("koinon-backup", copy).await
    }

    /// Reads the whole store. At most 1000 defects are listed.
    async fn check(&self) -> Result<Vec<Defect>, StoreError> {
        let (path, names) = (self.path().to_owned(), self.names.clone());
        let check = move |view: View<'_>, given_up: &dyn Fn() -> bool| defects(view, &path, &names, given_up);
        self.on_own_thread("koinon-check", check).await
    }
}

impl Drop for SledStore {
    fn drop(&mut self) {
        self.reads.close();
        self.readers.drain(..).for_each(join);
        self.writes.close();
        self.writer.take().into_iter().for_each(join);
        self.tasks.get_mut().unwrap_or_else(PoisonError::into_inner).drain(..).for_each(join);
    }
}

pub(crate) fn start(name: &str, work: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, StoreError> {
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
