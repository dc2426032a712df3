//! Taking orders while an instance is served.

use std::fs::{self, Permissions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use futures::executor::block_on;
use futures::future::{Either, select};
use koinon_engine::Engine;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet, spawn_blocking};
use tokio::time::{sleep, timeout};

use super::SOCKET;
use super::order::{Done, Order, Refusal};
use super::perform::perform;
use crate::error::ServerError;
use crate::folder::DataFolder;
use crate::store_kind::StoreKind;

/// Orders at a time; others wait to be taken.
const MOST_ORDERS: usize = 4;
/// Longest order, in bytes.
const MOST_ORDER_BYTES: u64 = 64 << 10;
/// How long an order may take to arrive, and an answer to be taken.
const PATIENCE: Duration = Duration::from_secs(10);
/// Pause after the system refused to accept a connection.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Where orders are taken. The socket is there as long as it is open.
#[derive(Debug)]
pub(crate) struct Desk {
    path: PathBuf,
    end: watch::Sender<bool>,
    task: JoinHandle<()>,
}

/// What orders are carried out on.
#[derive(Debug)]
pub(super) struct Subject {
    pub(super) folder: DataFolder,
    pub(super) engine: Engine,
    pub(super) kind: StoreKind,
}

impl Desk {
    /// Takes orders for the instance in `folder`, which has to be locked for this server. None, with a line in the log,
    /// if the socket cannot be made: the instance can be served without.
    pub(crate) fn open(folder: DataFolder, engine: Engine, kind: StoreKind) -> Option<Self> {
        let path = folder.path().join(SOCKET);
        match bind(&path) {
            Ok(listener) => {
                let (end, ending) = watch::channel(false);
                let subject = Arc::new(Subject { folder, engine, kind });
                Some(Self { path, end, task: tokio::spawn(take_orders(listener, subject, ending)) })
            }
            Err(error) => {
                tracing::warn!(%error, "{} cannot be made; commands cannot ask this server", path.display());
                None
            }
        }
    }

    /// Takes no further order, finishes short ones, and gives up long ones.
    pub(crate) async fn close(self) {
        // Gone before the store is closed: from now on commands open it themselves, or are told that they cannot.
        let _ = fs::remove_file(&self.path);
        self.end.send_replace(true);
        if let Err(error) = self.task.await {
            tracing::error!(%error, "taking orders had stopped");
        }
    }
}

/// A socket that only the user of this process can reach. One that a crash left behind is replaced.
pub(super) fn bind(path: &Path) -> io::Result<UnixListener> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = UnixListener::bind(path)?;
    fs::set_permissions(path, Permissions::from_mode(0o600))?;
    Ok(listener)
}

async fn take_orders(listener: UnixListener, subject: Arc<Subject>, mut ending: watch::Receiver<bool>) {
    let mut orders = JoinSet::new();
    let ending_of_orders = ending.clone();
    loop {
        tokio::select! {
            () = wait_for_end(&mut ending) => break,
            Some(ended) = orders.join_next() => report(ended),
            accepted = listener.accept(), if orders.len() < MOST_ORDERS => match accepted {
                Ok((stream, _)) => {
                    orders.spawn(take_order(stream, Arc::clone(&subject), ending_of_orders.clone()));
                }
                Err(error) => {
                    tracing::debug!(%error, "no order can be taken");
                    sleep(ACCEPT_PAUSE).await;
                }
            },
        }
    }
    drop(listener);
    while let Some(ended) = orders.join_next().await {
        report(ended);
    }
}

async fn wait_for_end(ending: &mut watch::Receiver<bool>) {
    // A sender that is gone has ended too.
    let _ = ending.wait_for(|ending| *ending).await;
}

fn report(ended: Result<io::Result<()>, tokio::task::JoinError>) {
    match ended {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::debug!(%error, "an order was cut off"),
        Err(error) => tracing::error!(%error, "an order ended in a panic"),
    }
}

async fn take_order(
    mut stream: UnixStream,
    subject: Arc<Subject>,
    mut ending: watch::Receiver<bool>,
) -> io::Result<()> {
    // Before the socket had its permissions anybody could connect.
    let peer = stream.peer_cred()?.uid();
    if peer != 0 && peer != rustix::process::geteuid().as_raw() {
        return Err(ErrorKind::PermissionDenied.into());
    }
    let order = tokio::select! {
        order = timeout(PATIENCE, read_order(&mut stream)) => order??,
        () = wait_for_end(&mut ending) => Err(Refusal::from(&ServerError::ShuttingDown)),
    };
    let answer = match order {
        Ok(order) => {
            tracing::info!(order = order.name(), "ordered on the command line");
            carry_out(order, subject, ending).await
        }
        Err(refusal) => Err(refusal),
    };
    let mut line = serde_json::to_vec(&answer)?;
    line.push(b'\n');
    timeout(PATIENCE, stream.write_all(&line)).await?
}

async fn read_order(stream: &mut UnixStream) -> io::Result<Result<Order, Refusal>> {
    let mut line = Vec::new();
    BufReader::new(stream.take(MOST_ORDER_BYTES)).read_until(b'\n', &mut line).await?;
    // The text of the error may hold what was read, as a password.
    Ok(serde_json::from_slice(&line).map_err(|_| Refusal {
        message: "the server does not understand the order".into(),
        hint: Some("is it of another version?".into()),
    }))
}

/// Carries an order out on a thread of its own, since the work blocks.
pub(super) async fn carry_out(
    order: Order,
    subject: Arc<Subject>,
    mut ending: watch::Receiver<bool>,
) -> Result<Done, Refusal> {
    let carried_out = spawn_blocking(move || {
        let Subject { folder, engine, kind } = &*subject;
        let is_long = order.is_long();
        let work = Box::pin(perform(order, engine, folder, *kind));
        block_on(async {
            if !is_long {
                return work.await;
            }
            match select(work, Box::pin(wait_for_end(&mut ending))).await {
                Either::Left((done, _)) => done,
                Either::Right(_) => Err(ServerError::ShuttingDown),
            }
        })
    });
    match carried_out.await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(error)) => Err(Refusal::from(&error)),
        Err(_) => Err(Refusal { message: "the server failed at the order".into(), hint: None }),
    }
}
