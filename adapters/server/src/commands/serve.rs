//! `koinon serve`

use std::io::Write;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::thread::available_parallelism;

use tokio::net::TcpListener;
use tokio::runtime;

use crate::config::Config;
use crate::error::ServerError;
use crate::folder::DataFolder;
use crate::instance::Instance;
use crate::lock::FolderLock;
use crate::signals::Signals;

pub(super) fn serve(config: Config) -> Result<ExitCode, ServerError> {
    let cores = available_parallelism().map_or(2, Into::into);
    let runtime = runtime::Builder::new_multi_thread()
        .worker_threads(cores)
        .enable_all()
        .build()
        .map_err(|source| ServerError::System { action: "start threads", source })?;
    runtime.block_on(Box::pin(run(config)))?;
    Ok(ExitCode::SUCCESS)
}

async fn run(config: Config) -> Result<(), ServerError> {
    let mut signals =
        Signals::listen().map_err(|source| ServerError::System { action: "listen for signals", source })?;
    let folder = DataFolder::create(&config.data)?;
    let lock = FolderLock::take(folder.path())?;
    let failed = |source| ServerError::Listen { address: config.listen, source };
    let listener = TcpListener::bind(config.listen).await.map_err(failed)?;
    let local = listener.local_addr().map_err(failed)?;
    if config.domain.is_loopback() && !local.ip().is_loopback() {
        tracing::warn!("{local} can be reached from elsewhere, but the domain is {}; set --domain", config.domain);
    }
    let instance = Instance::open(config, folder, lock, local).await?;
    announce(&instance, local).await?;
    instance.serve(listener, asked_to_end(&mut signals)).await;
    tracing::info!("ended");
    Ok(())
}

/// Tells on standard output where the instance is, and where its owner begins.
async fn announce(instance: &Instance, local: SocketAddr) -> Result<(), ServerError> {
    let engine = instance.api().engine();
    let base_url = &engine.settings().base_url;
    let mut text = format!("Koinon listens on http://{local}\n");
    if *base_url != format!("http://{local}") {
        text.push_str(&format!("It is reached at {base_url}\n"));
    }
    let mut output = std::io::stdout().lock();
    // Nobody may be reading; the instance serves nevertheless.
    let _ = output.write_all(text.as_bytes()).and_then(|()| output.flush());
    Ok(())
}

/// Resolves at the first signal; the second one ends the process at once. Everything that was acknowledged is on the
/// medium by then.
async fn asked_to_end(signals: &mut Signals) {
    let signal = signals.next().await;
    tracing::info!(?signal, "finishing what has begun; a second signal ends at once");
}
