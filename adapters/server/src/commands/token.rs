//! `koinon token`

use std::process::ExitCode;

use koinon_engine::audience::Viewer;
use koinon_engine::oauth::{NewApp, OUT_OF_BAND};
use koinon_engine::{Engine, Error};

use super::{tell, with_engine};
use crate::cli::CreateToken;
use crate::config::Config;
use crate::error::ServerError;
use crate::folder::DataFolder;

/// What the owner of an account sees the token listed as.
const PROGRAM: &str = "Koinon command line";

/// Makes an access token for an account and prints it.
pub(super) fn create(config: &Config, token: CreateToken) -> Result<ExitCode, ServerError> {
    let folder = DataFolder::existing(&config.data)?;
    let CreateToken { name, scopes, .. } = token;
    let token = with_engine(config, &folder, async |engine| issue(engine, name, scopes).await)?;
    tell(token)?;
    Ok(ExitCode::SUCCESS)
}

/// Each token comes from a program of its own, so that it can be revoked without the others.
async fn issue(engine: &Engine, name: String, scopes: String) -> Result<String, ServerError> {
    let wanted = name.clone();
    let found = engine.query(Viewer::Anonymous, move |query| query.account_by_name(&wanted)).await;
    let account = match found {
        Err(Error::NotFound) => return Err(ServerError::NoAccount(name)),
        found => found?.account.id,
    };
    let app = NewApp {
        name: PROGRAM.into(),
        redirect_uris: vec![OUT_OF_BAND.into()],
        scopes: Some(scopes),
        website: None,
    };
    let (app, _) = engine.register_app(app).await?;
    let issued = engine.issue_token(app.id, account, app.scopes).await?;
    Ok(issued.access.reveal().to_owned())
}
