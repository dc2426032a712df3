//! `koinon account`

use std::io;
use std::process::ExitCode;

use koinon_engine::accounts::NewAccount;
use koinon_engine::model::Role;

use super::{tell, with_engine};
use crate::cli::CreateAccount;
use crate::config::Config;
use crate::error::ServerError;
use crate::folder::DataFolder;

/// Makes an account; also the first one, in a folder that was empty.
pub(super) fn create(config: &Config, account: CreateAccount) -> Result<ExitCode, ServerError> {
    let CreateAccount { name, email, password, admin, .. } = account;
    let password = password.map_or_else(read_password, Ok)?;
    let role = if admin { Role::Admin } else { Role::User };
    let new = NewAccount { username: name.clone(), email, password, role };
    let folder = DataFolder::create(&config.data)?;
    with_engine(config, &folder, async |engine| Ok(engine.create_account(new).await?))?;
    tell(format_args!("created @{name}@{}", config.domain))?;
    Ok(ExitCode::SUCCESS)
}

fn read_password() -> Result<String, ServerError> {
    let mut line = String::new();
    io::stdin()
        .read_line(&mut line)
        .map_err(|source| ServerError::System { action: "read the password from standard input", source })?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}
