//! `koinon serve`

use std::io::Write;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::thread::available_parallelism;

use tokio::net::TcpListener;
use tokio::runtime;

use crate::config::Config;
use crate::descriptors::raise_descriptor_limit;
use crate::error::ServerError;
use crate::folder::DataFolder;
use crate::instance::Instance;
use crate::lock::FolderLock;
use crate::signals::Signals;

/// File descriptors for the database, uploaded files and everything else that is no connection.
const DESCRIPTORS_OF_DATA: u64 = 64;

pub(super) fn serve(mut config: Config) -> Result<ExitCode, ServerError> {
    config.connections = affordable(config.connections);
    let cores = available_parallelism().map_or(2, Into::into);
    let runtime = runtime::Builder::new_multi_thread()
        .worker_threads(cores)
        .enable_all()
        .build()
        .map_err(|source| ServerError::System { action: "start threads", source })?;
    runtime.block_on(Box::pin(run(config)))?;
    Ok(ExitCode::SUCCESS)
}

/// As many connections as wanted, or as the file descriptors of the process allow.
fn affordable(wanted: u32) -> u32 {
    let affordable = raise_descriptor_limit().map_or(wanted, |limit| {
        u32::try_from(limit.saturating_sub(DESCRIPTORS_OF_DATA)).unwrap_or(u32::MAX).max(1)
    });
    if affordable < wanted {
        tracing::warn!("there are file descriptors for {affordable} connections only, not for {wanted}");
    }
    wanted.min(affordable)
}

async fn run(config: Config) -> Result<(), ServerError> {
    let signals =
        Signals::listen().map_err(|source| ServerError::System { action: "listen for signals", source })?;
    let folder = DataFolder::create(&config.data)?;
    let lock = FolderLock::take(folder.path())?;
    let failed = |source| ServerError::Listen { address: config.listen, source };
    let listener = TcpListener::bind(config.listen).await.map_err(failed)?;
    let local = listener.local_addr().map_err(failed)?;
    if config.domain.is_loopback() && !local.ip().is_loopback() {
        tracing::warn!(
            "{local} can be reached from elsewhere, but the domain is {}; set --domain",
            config.domain
        );
    }
    let instance = Instance::open(config, folder, lock, local).await?;
    announce(&instance, local).await?;
    instance.serve(listener, asked_to_end(signals)).await;
    tracing::info!("closed");
    Ok(())
}

/// Tells on standard output where the instance is and, as long as nobody can sign in, where its owner begins. The
/// link is a secret, which is why it does not go to the log.
async fn announce(instance: &Instance, local: SocketAddr) -> Result<(), ServerError> {
    let mut text = format!("Koinon listens on http://{local}\n");
    let public_url = &instance.api().engine().settings().base_url;
    if *public_url != format!("http://{local}") {
        text.push_str(&format!("It is reached at {public_url}\n"));
    }
    if let Some(link) = instance.setup_link().await? {
        text.push_str(&format!("Nobody has an account yet; make the first one at {link}\n"));
    }
    let mut output = std::io::stdout().lock();
    // Nobody may be reading; the instance serves nevertheless.
    let _ = output.write_all(text.as_bytes()).and_then(|()| output.flush());
    Ok(())
}

/// Resolves at the first signal; from then on a second one ends the process at once, which loses nothing that was
/// acknowledged.
async fn asked_to_end(mut signals: Signals) {
    let signal = signals.next().await;
    tracing::info!(?signal, "finishing the requests that have begun; a second signal ends at once");
    tokio::spawn(async move { std::process::exit(signals.next().await.exit_status()) });
}
