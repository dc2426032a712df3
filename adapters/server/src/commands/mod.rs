//! What the command line can do, one file each.

mod account;
mod backup;
mod check;
mod restore;
mod serve;
mod token;

use std::ffi::OsString;
use std::io::{self, Write};
use std::process::ExitCode;

use futures::executor::block_on;
use koinon_engine::Engine;

use crate::cli::{AccountCommand, Cli, Command, TokenCommand};
use crate::config::{Config, Layer, Place};
use crate::error::ServerError;
use crate::folder::DataFolder;
use crate::instance::{close, open_engine};

/// Does what the command line asks for.
///
/// # Errors
/// Everything that keeps it from being done. What a check finds is no error but an exit status.
pub fn run(cli: Cli) -> Result<ExitCode, ServerError> {
    match cli.command.unwrap_or(Command::Serve(Box::new(cli.serve))) {
        Command::Serve(serve) => serve::serve(load(serve.place, serve.settings)?),
        Command::Account { command: AccountCommand::Create(account) } => {
            account::create(&load(account.place.clone(), Layer::default())?, account)
        }
        Command::Token { command: TokenCommand::Create(token) } => {
            token::create(&load(token.place.clone(), Layer::default())?, token)
        }
        Command::Check { place } => check::check(&load(place, Layer::default())?),
        Command::Backup { file, place } => backup::backup(&load(place, Layer::default())?, &file),
        Command::Restore { file, place } => restore::restore(&load(place, Layer::default())?, &file),
    }
}

fn load(place: Place, flags: Layer) -> Result<Config, ServerError> {
    let variables: Vec<(OsString, OsString)> = std::env::vars_os().collect();
    let (config, unknown) = Config::load(place, flags, variables)?;
    for name in unknown {
        tracing::warn!("{name} is no setting and changes nothing");
    }
    Ok(config)
}

/// Asks the engine beside a server that may be running. Blocks; the data are closed when it returns.
fn with_engine<T>(
    config: &Config,
    folder: &DataFolder,
    ask: impl AsyncFnOnce(&Engine) -> Result<T, ServerError>,
) -> Result<T, ServerError> {
    let engine = block_on(open_engine(folder, config, config.listen))?;
    let answer = block_on(ask(&engine));
    close(engine);
    answer
}

/// Writes a line to standard output.
///
/// # Errors
/// When it cannot be written, as when the output is piped into a program that has ended.
fn tell(line: impl std::fmt::Display) -> Result<(), ServerError> {
    writeln!(io::stdout(), "{line}")
        .map_err(|source| ServerError::System { action: "write to standard output", source })
}
