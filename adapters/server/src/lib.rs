//! The standalone Koinon instance: one command, one folder, nothing else to install.
//!
//! The binary `koinon` is [`main`]. A program that wants a whole instance of its own, as tests do, calls [`serve`]
//! with a [`Config`] and a listener:
//!
//! ```no_run
//! use koinon_server::config::{Config, Layer};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
//! let config = Config::new("data".into(), Layer::default());
//! koinon_server::serve(config, listener, std::future::pending()).await?;
//! # Ok(())
//! # }
//! ```
//!
//! | module | what it decides |
//! |---|---|
//! | [`cli`] | what can be said on the command line |
//! | [`config`] | which of flags, environment, file and defaults holds |
//! | [`commands`] | what each command does |
//! | [`folder`], [`store_kind`], [`lock`] | what is where in the data folder, and who may serve it |
//! | [`instance`] | opening, serving and closing |
//! | [`archive`] | backups |
//! | [`conversion`] | from one store to another |
//! | [`error`] | what an operator is told |

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod administration;
pub mod archive;
pub mod cli;
pub mod commands;
pub mod config;
mod connections;
pub mod conversion;
mod descriptors;
pub mod error;
pub mod folder;
pub mod instance;
pub mod lock;
mod logging;
mod progress;
mod signals;
pub mod store_kind;
mod ticker;

use std::ffi::OsString;
use std::process::ExitCode;

use tracing::level_filters::LevelFilter;

pub use config::Config;
pub use error::ServerError;
pub use instance::{Instance, serve};
pub use store_kind::StoreKind;

use cli::{Cli, Command};

/// The whole program: reads the command line, does what it says, and tells on standard error what went wrong.
///
/// The exit status is 0 for success, 1 for a failure or for defects that a check found, 2 for a command line that
/// makes no sense.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::read(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // Help goes to standard output; if that is closed, nobody wanted it.
            let _ = error.print();
            return if error.use_stderr() { ExitCode::from(2) } else { ExitCode::SUCCESS };
        }
    };
    let serves = matches!(cli.command, None | Some(Command::Serve(_)));
    logging::start_logging(if serves { LevelFilter::INFO } else { LevelFilter::WARN });
    commands::run(cli).unwrap_or_else(|error| {
        match error.hint() {
            Some(hint) => eprintln!("koinon: {error} ({hint})"),
            None => eprintln!("koinon: {error}"),
        }
        ExitCode::FAILURE
    })
}
