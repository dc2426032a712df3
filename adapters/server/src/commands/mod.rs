//! What the command line can do, one file each.

mod account;
mod administer;
mod convert;
mod dataset;
mod migrate;
mod restore;
mod serve;

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::{Path, PathBuf, absolute};
use std::process::ExitCode;

use crate::administration::Order;
use crate::cli::{AccountCommand, Cli, Command, CreateToken, TokenCommand};
use crate::config::{Config, Data, Layer, Place};
use crate::error::ServerError;
use crate::folder::DataFolder;

use administer::administer;

/// Does what the command line asks for.
///
/// # Errors
/// Everything that keeps it from being done. What a check finds is no error but an exit status.
pub fn run(cli: Cli) -> Result<ExitCode, ServerError> {
    match cli.command.unwrap_or(Command::Serve(Box::new(cli.serve))) {
        Command::Serve(serve) => serve::serve(load(serve.place, serve.settings)?),
        Command::Account { command: AccountCommand::Create(account) } => {
            account::create(&load_data(account.data.clone())?, account)
        }
        Command::Token { command: TokenCommand::Create(token) } => {
            let CreateToken { name, scopes, data } = token;
            administer_existing(data, Order::CreateToken { name, scopes })
        }
        Command::Check { data } => administer_existing(data, Order::Check),
        Command::Backup { file, data } => {
            administer_existing(data, Order::Backup { file: absolute_path(&file)? })
        }
        Command::Migrate { dry_run, data } => migrate::migrate(&load_data(data)?, dry_run),
        Command::Convert { from, to } => convert::convert(&from, &to),
        Command::Dataset(options) => dataset::make(&load_data(options.data.clone())?, &options),
        Command::Restore { file, data } => restore::restore(&load_data(data)?, &file),
    }
}

/// Has something done with an instance that is there already.
fn administer_existing(data: Data, order: Order) -> Result<ExitCode, ServerError> {
    let config = load_data(data)?;
    let folder = DataFolder::existing(&config.data)?;
    administer(&config, &folder, order)
}

fn load_data(data: Data) -> Result<Config, ServerError> {
    load(data.place, Layer { store: data.store, ..Layer::default() })
}

fn load(place: Place, flags: Layer) -> Result<Config, ServerError> {
    let variables: Vec<(OsString, OsString)> = std::env::vars_os().collect();
    let (config, unknown) = Config::load(place, flags, variables)?;
    for name in unknown {
        tracing::warn!("{name} is no setting and changes nothing");
    }
    Ok(config)
}

/// A server that is asked works in another folder.
fn absolute_path(file: &Path) -> Result<PathBuf, ServerError> {
    absolute(file).map_err(|source| ServerError::System { action: "tell the current folder", source })
}

/// Writes a line to standard output.
///
/// # Errors
/// When it cannot be written, as when the output is piped into a program that has ended.
fn tell(line: impl std::fmt::Display) -> Result<(), ServerError> {
    writeln!(io::stdout(), "{line}")
        .map_err(|source| ServerError::System { action: "write to standard output", source })
}
