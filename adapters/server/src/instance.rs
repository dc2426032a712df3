//! An instance: its data, opened and ready to be asked.

use std::net::SocketAddr;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use koinon_engine::migration::{self, MIGRATIONS};
use koinon_engine::store::Store;
use koinon_engine::{Engine, Surroundings};
use koinon_http::Api;
use tokio::net::TcpListener;

use crate::administration::Desk;
use crate::config::Config;
use crate::connections::{Limits, serve_connections};
use crate::error::ServerError;
use crate::folder::DataFolder;
use crate::lock::FolderLock;
use crate::store_kind::StoreKind;
use crate::ticker::Ticker;

/// Longest wait for threads that are done with a store to let go of it.
const CLOSING: Duration = Duration::from_secs(5);

/// The engine over the data of `folder`, as `config` wants it, for a server that listens on `local`.
///
/// Several processes may have it at a time if the store is a shared one; older data are brought up to date by one that
/// has the folder locked. Blocks while the files are opened.
pub async fn open_engine(
    folder: &DataFolder,
    kind: StoreKind,
    config: &Config,
    local: SocketAddr,
) -> Result<Engine, ServerError> {
    let (store, blobs) = (folder.open_store(kind)?, folder.open_blobs()?);
    Ok(Engine::open(store, blobs, config.settings(local), Surroundings::default()).await?)
}

/// Whether the data of `folder` are of an older version, which takes the folder for itself to change. Changes nothing.
///
/// # Errors
/// [`StoreError::NewerData`](koinon_engine::store::StoreError::NewerData) for data that this program must not touch.
pub(crate) async fn needs_upgrade(folder: &DataFolder, kind: StoreKind) -> Result<bool, ServerError> {
    let path = folder.database(kind);
    let has_content = std::fs::metadata(&path).is_ok_and(|metadata| metadata.len() > 0);
    // Opening a store that lets in one process only takes it for itself anyway, and no look at it is cheap.
    if !kind.is_shared() || !has_content {
        return Ok(false);
    }
    let store = folder.open_store_for_reading(kind)?;
    Ok(migration::needs_upgrade(&*store, MIGRATIONS).await?)
}

/// An instance that is ready to be served, the only one on its folder.
#[derive(Debug)]
pub struct Instance {
    config: Config,
    folder: DataFolder,
    kind: StoreKind,
    api: Api,
    lock: FolderLock,
}

impl Instance {
    /// Opens the data of an instance whose folder is locked for this server, which listens on `local`.
    ///
    /// # Errors
    /// [`ServerError::Store`] for a database that is foreign, newer or damaged, [`ServerError::Media`] for a media
    /// folder that cannot be used, [`ServerError::OtherStore`].
    pub async fn open(
        config: Config,
        folder: DataFolder,
        lock: FolderLock,
        local: SocketAddr,
    ) -> Result<Self, ServerError> {
        let kind = folder.kind(config.store)?;
        needs_upgrade(&folder, kind).await?;
        let engine = open_engine(&folder, kind, &config, local).await?;
        let api = Api::new(engine, config.options())?;
        Ok(Self { config, folder, kind, api, lock })
    }

    /// What answers its requests.
    pub fn api(&self) -> &Api {
        &self.api
    }

    /// Where the first account can be made, once; none as soon as somebody can sign in. Whoever has the link owns the
    /// instance. A later link replaces an earlier one.
    pub async fn setup_link(&self) -> Result<Option<String>, ServerError> {
        let engine = self.api.engine();
        let secret = engine.owner_setup_secret().await?;
        Ok(secret.map(|secret| format!("{}/setup/{}", engine.settings().base_url, secret.reveal())))
    }

    /// Answers requests until `shutdown` resolves, and then as long as it takes, within bounds, to finish those
    /// that have begun. When this returns, the data are closed.
    pub async fn serve(self, listener: TcpListener, shutdown: impl Future<Output = ()>) {
        let Self { config, folder, kind, api, lock } = self;
        let ticker = Ticker::start(api.engine().clone());
        // Where every process can open the store, commands need nobody to ask.
        let desk = if kind.is_shared() { None } else { Desk::open(folder, api.engine().clone(), kind) };
        let limits = Limits { connections: config.connections as usize, patience: config.patience };
        serve_connections(listener, &api, limits, shutdown).await;
        if let Some(desk) = desk {
            desk.close().await;
        }
        ticker.stop().await;
        let engine = api.engine().clone();
        drop(api);
        if let Err(error) = tokio::task::spawn_blocking(move || close(engine)).await {
            tracing::error!(%error, "closing the database failed; the next start reads its log");
        }
        drop(lock);
    }
}

/// Opens the instance that `config` describes, serves it on `listener` until `shutdown` resolves, and closes it.
///
/// # Errors
/// Everything that keeps the instance from being opened; once it is served there are none.
pub async fn serve(
    config: Config,
    listener: TcpListener,
    shutdown: impl Future<Output = ()>,
) -> Result<(), ServerError> {
    let local = listener
        .local_addr()
        .map_err(|source| ServerError::System { action: "tell the address of the socket", source })?;
    let folder = DataFolder::create(&config.data)?;
    let lock = FolderLock::take(folder.path())?;
    Instance::open(config, folder, lock, local).await?.serve(listener, shutdown).await;
    Ok(())
}

/// Closes the data of an engine that nobody else asks any more: what is queued is finished, and the log of the database
/// is emptied into it. Blocks.
///
/// Without it the same happens, but not necessarily before the process ends; the next start reads the log then.
pub fn close(engine: Engine) {
    let store = Arc::clone(engine.store());
    drop(engine);
    if !close_store(store) {
        tracing::warn!("the database is still in use at the end; the next start reads its log");
    }
}

/// Closes a store that nobody else asks any more; `false` if somebody still has it. Blocks.
pub(crate) fn close_store(mut store: Arc<dyn Store>) -> bool {
    // A thread of the store may still be about to forget the last job, and with it what the job was about.
    let begun = Instant::now();
    while Arc::get_mut(&mut store).is_none() {
        if begun.elapsed() >= CLOSING {
            return false;
        }
        thread::sleep(Duration::from_millis(1));
    }
    true
}
