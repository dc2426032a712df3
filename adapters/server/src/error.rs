//! What can go wrong, in words for whoever runs the instance: one line, and what to do about it.

use std::error::Error;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::path::PathBuf;

use koinon_engine::error::Invalid;
use koinon_engine::media::BlobError;
use koinon_engine::oauth::OauthError;
use koinon_engine::store::StoreError;

use crate::archive::ArchiveError;
use crate::config::ConfigError;
use crate::conversion::ConversionError;
use crate::lock::LockError;
use crate::store_kind::StoreKind;

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServerError {
    /// The configuration makes no sense.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {}", reason(source))]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why not.
        source: io::Error,
    },
    /// The data folder cannot be used.
    #[error("cannot use {} as data folder: {}", folder.display(), reason(source))]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The data folder is in use, or its lock cannot be had.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// There is no instance in the folder.
    #[error("there is no instance in {}", .0.display())]
    NoInstance(PathBuf),
    /// The database cannot be used.
    #[error("cannot use the database: {0}")]
    Store(#[from] StoreError),
    /// The engine refused or failed.
    #[error(transparent)]
    Engine(#[from] koinon_engine::Error),
    /// A token cannot be made.
    #[error(transparent)]
    Token(#[from] OauthError),
    /// The folder of uploaded files cannot be used.
    #[error("{}", chain(.0))]
    Media(#[from] BlobError),
    /// Routes that contradict each other, which a test of koinon-http rules out.
    #[error("the routes contradict each other: {0}")]
    Routes(#[from] koinon_http::router::RouteError),
    /// A backup cannot be written or read.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// The data folder has data already.
    #[error("{} holds data already", .0.display())]
    HoldsData(PathBuf),
    /// The data folder has another store than is wanted.
    #[error("{} holds its records in {held}, not in {wanted}", place.display())]
    OtherStore {
        /// The data folder, or a backup of one.
        place: PathBuf,
        /// What is there.
        held: StoreKind,
        /// What is wanted.
        wanted: StoreKind,
    },
    /// The store in the data folder is being converted, or a conversion was interrupted.
    #[error("{} holds an unfinished conversion", .0.display())]
    Unfinished(PathBuf),
    /// A store cannot be converted.
    #[error(transparent)]
    Conversion(#[from] ConversionError),
    /// The data folder has more than one store.
    #[error("{} holds more than one store", .0.display())]
    SeveralStores(PathBuf),
    /// The store is open in another process, and lets in one only.
    #[error("the store in {} is in use, and one process only can open {kind}", folder.display())]
    InUse {
        /// The data folder.
        folder: PathBuf,
        /// What is in use.
        kind: StoreKind,
    },
    /// The server that runs on the data folder was asked, and did not do it.
    #[error("{message}")]
    Refused {
        /// What it says.
        message: String,
        /// What it advises.
        hint: Option<String>,
    },
    /// The server that runs on the data folder cannot be asked.
    #[error("cannot {action} the server that runs on {}: {}", folder.display(), reason(source))]
    Unreachable {
        /// What was tried, as a verb.
        action: &'static str,
        /// The data folder.
        folder: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// The server is about to end and gave up long work.
    #[error("the server is shutting down")]
    ShuttingDown,
    /// A data set cannot be made.
    #[error("cannot make the data set: {0}")]
    Dataset(#[from] koinon_dataset::LoadError),
    /// A data set does not hold what was made.
    #[error("the store holds {found} {what}, but {made} were made")]
    Miscounted {
        /// What was counted.
        what: &'static str,
        /// How many there are.
        found: u64,
        /// How many there should be.
        made: u64,
    },
    /// There is no such account.
    #[error("there is no account called {0}")]
    NoAccount(String),
    /// The operating system refused something.
    #[error("cannot {action}: {}", reason(source))]
    System {
        /// What was tried, as a verb.
        action: &'static str,
        /// Why it failed.
        source: io::Error,
    },
}

impl ServerError {
    /// What to do about it, where that is not plain from the error.
    pub fn hint(&self) -> Option<&str> {
        match self {
            Self::Listen { source, .. } => match source.kind() {
                ErrorKind::AddrInUse => Some("is another server running? choose another port with --listen"),
                ErrorKind::PermissionDenied => {
                    Some("ports below 1024 need a privilege; choose another one with --listen")
                }
                ErrorKind::AddrNotAvailable => {
                    Some("this machine has no such address; choose another one with --listen")
                }
                _ => None,
            },
            Self::Folder { .. } => Some("choose another folder with --data, or make this one writable"),
            Self::Lock(LockError::Taken { .. }) => {
                Some("stop that server, or choose another folder with --data")
            }
            Self::Lock(LockError::Converting(_) | LockError::Commands(_)) => {
                Some("wait until it is done and try again")
            }
            Self::Lock(LockError::Io { .. }) => {
                Some("make the folder writable, or choose another one with --data")
            }
            Self::NoInstance(_) => Some("name its data folder with --data"),
            Self::Dataset(_) | Self::Miscounted { .. } => Some("nothing was left behind"),
            Self::HoldsData(_) => Some("choose an empty folder; nothing was changed"),
            Self::OtherStore { .. } => {
                Some("leave the setting store out, or make one of the other with koinon convert")
            }
            Self::Unfinished(_) => Some(
                "run the same koinon convert again, which goes on with it, or delete koinon.converting there to give it up",
            ),
            Self::Conversion(error) => error.hint(),
            Self::SeveralStores(_) => Some("move the one away that is not to be used"),
            Self::InUse { .. } => Some("stop the server or wait for the command that uses it"),
            Self::Unreachable { .. } => Some("is it stuck? stop it and try again"),
            Self::ShuttingDown => Some("nothing was written; try again"),
            Self::Refused { hint, .. } => hint.as_deref(),
            Self::Config(ConfigError::DataInDataFolder(_)) => {
                Some("name the folder with --data or KOINON_DATA")
            }
            Self::Store(error) | Self::Engine(koinon_engine::Error::Store(error)) => store_hint(error),
            Self::Engine(koinon_engine::Error::Invalid(Invalid::Taken(_))) => Some("nothing was changed"),
            Self::Token(OauthError::InvalidScope) => {
                Some("scopes are words such as read, write:statuses or push")
            }
            Self::Archive(ArchiveError::Exists(_)) => Some("choose another name; nothing was overwritten"),
            Self::Archive(ArchiveError::Damaged { .. } | ArchiveError::NotABackup(_)) => {
                Some("nothing was restored")
            }
            _ => None,
        }
    }
}

fn store_hint(error: &StoreError) -> Option<&'static str> {
    match error {
        StoreError::Newer { .. } => Some("use the newer program that wrote it; the file was left untouched"),
        StoreError::NewerData { .. } => Some("use the newer program that wrote them; nothing was changed"),
        StoreError::Unusable(_) => Some("choose another folder with --data, or restore a backup"),
        StoreError::Full(_) => Some("make room on the disk"),
        StoreError::Busy(_) | StoreError::Locked(_) => Some("another program holds the database; try again"),
        StoreError::Damaged { .. } => Some("run koinon check, and restore a backup"),
        _ => None,
    }
}

/// What the operating system says, without its error number.
pub(crate) fn reason(error: &io::Error) -> String {
    let text = match error.kind() {
        ErrorKind::AddrInUse => "the port is in use".to_owned(),
        ErrorKind::NotADirectory | ErrorKind::AlreadyExists => "there is a file of that name".to_owned(),
        _ => error.to_string(),
    };
    match text.rfind(" (os error ") {
        Some(end) => text[..end].to_owned(),
        None => text,
    }
}

/// An error and what led to it, in one line.
pub(crate) fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        next = cause.source();
    }
    text
}
