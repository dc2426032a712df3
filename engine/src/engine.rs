//! The engine: a store, a clock, a source of ids, and the rules over them.

use std::path::Path;
use std::sync::Arc;

use crate::audience::Viewer;
use crate::bulk::Bulk;
use crate::cache::{Cache, Recorder, Records};
use crate::command::Command;
use crate::entropy::{Entropy, SystemEntropy};
use crate::error::Error;
use crate::ids::{Flakes, IdSource};
use crate::media::BlobStore;
use crate::migration::{MIGRATIONS, trace_progress, upgrade};
use crate::query::Query;
use crate::settings::Settings;
use crate::store::schema::{META, meta};
use crate::store::{Backup, Capabilities, ReadTx, Store, StoreError, StoreExt};
use crate::time::{Clock, SystemClock, Timestamp};
use crate::workers::Workers;

/// A social server without a network: every command and every question goes through it.
///
/// Cheap to clone; clones share everything.
#[derive(Debug, Clone)]
pub struct Engine {
    parts: Arc<Parts>,
}

#[derive(Debug)]
struct Parts {
    store: Arc<dyn Store>,
    blobs: Arc<dyn BlobStore>,
    settings: Settings,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    ids: Arc<dyn IdSource>,
    cache: Cache,
    workers: Workers,
    file_readers: Workers,
}

/// Where the engine gets what differs from run to run. The default is the operating system.
#[derive(Debug, Clone)]
pub struct Surroundings {
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Random bytes, for ids and secrets.
    pub entropy: Arc<dyn Entropy>,
}

impl Default for Surroundings {
    fn default() -> Self {
        Self { clock: Arc::new(SystemClock), entropy: Arc::new(SystemEntropy) }
    }
}

impl Engine {
    /// An engine over `store`, which has to have the tables of [`TABLES`](crate::store::schema::TABLES).
    ///
    /// Older data are brought up to date first, see [`migration`](crate::migration). Nobody else may use them meanwhile.
    ///
    /// # Errors
    /// [`StoreError::NewerData`] for data of a newer program, which are left as they are; those of the store.
    pub async fn open(
        store: Arc<dyn Store>,
        blobs: Arc<dyn BlobStore>,
        settings: Settings,
        surroundings: Surroundings,
    ) -> Result<Self, Error> {
        upgrade(&*store, MIGRATIONS, trace_progress).await?;
        let Surroundings { clock, entropy } = surroundings;
        let ids = Arc::new(Flakes::new(Arc::clone(&entropy)));
        let issued = store.read(|tx| META.get(tx, &meta::IDS_ISSUED_UNTIL.to_owned())).await?;
        if let Some(until) = issued.and_then(|value| value.as_i64()) {
            ids.resume_after(Timestamp::from_milliseconds(until));
        }
        let parts = Parts {
            cache: Cache::new(settings.cache_bytes),
            store,
            blobs,
            settings,
            clock,
            entropy,
            ids,
            workers: Workers::new(),
            file_readers: Workers::new(),
        };
        Ok(Self { parts: Arc::new(parts) })
    }

    /// Answers `question` for `viewer` from one snapshot. One call is one hop to the store, however much is asked.
    pub async fn query<T: Send + 'static>(
        &self,
        viewer: Viewer,
        question: impl FnOnce(&Query<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let parts = Arc::clone(&self.parts);
        let now = self.now();
        self.read(move |records| question(&Query::new(records, viewer, now, &parts.settings))).await
    }

    /// Like [`query`](Self::query), for questions whose answer may take a pass over a great part of the data.
    pub async fn long_query<T: Send + 'static>(
        &self,
        viewer: Viewer,
        question: impl FnOnce(&Query<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let parts = Arc::clone(&self.parts);
        let now = self.now();
        let job = move |tx: &dyn ReadTx| {
            let records = Records::of_snapshot(tx, &parts.cache)?;
            question(&Query::new(records, viewer, now, &parts.settings))
        };
        self.parts.store.long_read(job).await
    }

    /// Reads records from one snapshot, without a viewer.
    pub(crate) async fn read<T: Send + 'static, E: From<StoreError> + Send + 'static>(
        &self,
        job: impl FnOnce(Records<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E> {
        let parts = Arc::clone(&self.parts);
        self.parts.store.read(move |tx| job(Records::of_snapshot(tx, &parts.cache)?)).await
    }

    /// Runs `change` in one transaction.
    pub(crate) async fn command<T: Send + 'static>(
        &self,
        mut change: impl FnMut(&mut Command<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let parts = Arc::clone(&self.parts);
        self.parts
            .store
            .write(move |tx| {
                let now = parts.clock.now();
                let mut tx = Recorder::new(tx);
                let mut command = Command::new(&mut tx, now, &*parts.ids, &*parts.entropy, &parts.settings);
                let result = change(&mut command)?;
                command.finish()?;
                tx.announce(&parts.cache)?;
                Ok(result)
            })
            .await
    }

    /// Runs many commands in one transaction, each as if it were alone: for imports and data sets. See [`Bulk`].
    ///
    /// `work` may run more than once; only the last run counts.
    ///
    /// # Errors
    /// That of `work`, or of the first command in it that failed; then nothing of the transaction is kept.
    pub async fn bulk<T: Send + 'static>(
        &self,
        mut work: impl FnMut(&mut Bulk<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let parts = Arc::clone(&self.parts);
        self.parts
            .store
            .write(move |tx| {
                let now = parts.clock.now();
                let mut tx = Recorder::new(tx);
                let mut bulk = Bulk::new(&mut tx, now, &*parts.ids, &*parts.entropy, &parts.settings);
                let result = work(&mut bulk)?;
                bulk.finish()?;
                tx.announce(&parts.cache)?;
                Ok(result)
            })
            .await
    }

    /// Runs slow work (hashing, images) on threads kept for that, so that the caller's runtime goes on.
    pub(crate) async fn work<T: Send + 'static>(
        &self,
        job: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Error> {
        self.parts.workers.run(job).await.ok_or_else(|| {
            Error::Store(StoreError::Busy("too many passwords and pictures are being worked on".into()))
        })
    }

    /// Reads files on threads of their own, lest pictures wait behind passwords.
    pub(crate) async fn read_file<T: Send + 'static>(
        &self,
        job: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Error> {
        self.parts
            .file_readers
            .run(job)
            .await
            .ok_or_else(|| Error::Store(StoreError::Busy("too many files are being read".into())))
    }

    /// The current moment.
    pub fn now(&self) -> Timestamp {
        self.parts.clock.now()
    }

    /// How the instance is set up.
    pub fn settings(&self) -> &Settings {
        &self.parts.settings
    }

    /// Where uploaded files are kept.
    pub fn blobs(&self) -> &Arc<dyn BlobStore> {
        &self.parts.blobs
    }

    /// What is kept in memory.
    pub(crate) fn cache(&self) -> &Cache {
        &self.parts.cache
    }

    /// Where random bytes come from.
    pub(crate) fn entropy(&self) -> &dyn Entropy {
        &*self.parts.entropy
    }

    /// What the storage backend can do.
    pub fn capabilities(&self) -> Capabilities {
        self.parts.store.capabilities()
    }

    /// The storage itself, for maintenance.
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.parts.store
    }

    /// Writes a consistent copy of the records (not of uploaded files) to `file` while everything goes on.
    pub async fn backup(&self, file: &Path) -> Result<Backup, Error> {
        Ok(self.parts.store.backup(file).await?)
    }
}
