//! An instance: its data, opened and ready to be asked.

use std::net::SocketAddr;
use std::sync::Arc;

use koinon_engine::{Engine, Surroundings};
use koinon_http::Api;
use tokio::net::TcpListener;

use crate::config::Config;
use crate::error::ServerError;
use crate::folder::DataFolder;
use crate::http::{Limits, serve_connections};
use crate::lock::FolderLock;
use crate::ticker::Ticker;

/// The engine over the data of `folder`, as `config` wants it, for a server that listens on `local`.
///
/// Several processes may have it at a time. Blocks while the files are opened.
pub async fn open_engine(
    folder: &DataFolder,
    config: &Config,
    local: SocketAddr,
) -> Result<Engine, ServerError> {
    let (store, blobs) = (folder.open_store()?, folder.open_blobs()?);
    Ok(Engine::open(store, blobs, config.settings(local), Surroundings::default()).await?)
}

/// An instance that is ready to be served, the only one on its folder.
#[derive(Debug)]
pub struct Instance {
    config: Config,
    api: Api,
    lock: FolderLock,
}

impl Instance {
    /// Opens the data of an instance whose folder is locked for this server, which listens on `local`.
    ///
    /// # Errors
    /// [`ServerError::Store`] for a database that is foreign, newer or damaged, [`ServerError::Media`] for a media
    /// folder that cannot be used.
    pub async fn open(
        config: Config,
        folder: DataFolder,
        lock: FolderLock,
        local: SocketAddr,
    ) -> Result<Self, ServerError> {
        let engine = open_engine(&folder, &config, local).await?;
        let api = Api::new(engine, config.options())?;
        Ok(Self { config, api, lock })
    }

    /// What answers its requests.
    pub fn api(&self) -> &Api {
        &self.api
    }

    /// Answers requests until `shutdown` resolves, and then as long as it takes, within bounds, to finish those
    /// that have begun. When this returns, the data are closed.
    pub async fn serve(self, listener: TcpListener, shutdown: impl Future<Output = ()>) {
        let Self { config, api, lock } = self;
        let ticker = Ticker::start(api.engine().clone());
        let limits = Limits { connections: config.connections as usize, patience: config.patience };
        serve_connections(listener, &api, limits, shutdown).await;
        ticker.stop().await;
        close(api).await;
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

/// Closes the store, which waits for what is queued and empties its log.
async fn close(api: Api) {
    let store = Arc::downgrade(api.engine().store());
    let closed = tokio::task::spawn_blocking(move || drop(api)).await;
    if closed.is_err() || store.strong_count() > 0 {
        tracing::warn!("the database was still in use at the end; the next start reads its log");
    }
}
