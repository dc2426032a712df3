//! What can be wrong with the configuration.

use std::io;
use std::path::PathBuf;

/// Why the configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A value of an environment variable.
    #[error("{origin} is {value:?}: {reason}")]
    Value {
        /// The variable.
        origin: String,
        /// Its value.
        value: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The content of a file.
    #[error("{}{}: {reason}", file.display(), line.map(|line| format!(", line {line}")).unwrap_or_default())]
    File {
        /// The file.
        file: PathBuf,
        /// Counted from 1, where it is known.
        line: Option<usize>,
        /// What is wrong.
        reason: String,
    },
    /// A file that was named cannot be read.
    #[error("the configuration {} cannot be read: {}", file.display(), crate::error::reason(source))]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file in the data folder says that the data are elsewhere.
    #[error("{} lies in the data folder and cannot name another one", .0.display())]
    DataInDataFolder(PathBuf),
}
