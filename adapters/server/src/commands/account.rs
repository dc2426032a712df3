//! `koinon account`

use std::io;
use std::process::ExitCode;

use super::administer;
use crate::administration::Order;
use crate::cli::CreateAccount;
use crate::config::Config;
use crate::error::ServerError;
use crate::folder::DataFolder;

/// Makes an account; also the first one, in a folder that was empty.
pub(super) fn create(config: &Config, account: CreateAccount) -> Result<ExitCode, ServerError> {
    let CreateAccount { name, email, password, admin, .. } = account;
    let password = password.map_or_else(read_password, Ok)?;
    let folder = DataFolder::create(&config.data)?;
    administer(config, &folder, Order::CreateAccount { name, email, password, admin })
}

fn read_password() -> Result<String, ServerError> {
    let mut line = String::new();
    io::stdin()
        .read_line(&mut line)
        .map_err(|source| ServerError::System { action: "read the password from standard input", source })?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}
