//! Carrying out orders, in a server that runs or in the process of the command.

use std::path::Path;

use koinon_engine::accounts::NewAccount;
use koinon_engine::audience::Viewer;
use koinon_engine::media::{BlobError, BlobStore};
use koinon_engine::model::Role;
use koinon_engine::oauth::{NewApp, OUT_OF_BAND};
use koinon_engine::store::{Defect, Store};
use koinon_engine::{Engine, Error};

use super::order::{Done, Findings, Order};
use crate::archive::write_archive;
use crate::error::ServerError;
use crate::folder::DataFolder;
use crate::store_kind::StoreKind;

/// What the owner of an account sees a token of the command line listed as.
const PROGRAM: &str = "Koinon command line";

/// Does what is asked. Blocks; dropping the future gives up long work.
pub(crate) async fn perform(
    order: Order,
    engine: &Engine,
    folder: &DataFolder,
    kind: StoreKind,
) -> Result<Done, ServerError> {
    match order {
        Order::CreateAccount { name, email, password, admin } => {
            let role = if admin { Role::Admin } else { Role::User };
            let new = NewAccount { username: name.clone(), email, password, role };
            engine.create_account(new).await?;
            Ok(Done::Account { name: format!("@{name}@{}", engine.settings().domain) })
        }
        Order::CreateToken { name, scopes } => issue_token(engine, name, scopes).await,
        Order::Check => check(engine).await,
        Order::Backup { file } => back_up(&file, folder, kind, &**engine.store(), &**engine.blobs()).await,
    }
}

/// Writes one file with everything.
pub(crate) async fn back_up(
    file: &Path,
    folder: &DataFolder,
    kind: StoreKind,
    store: &dyn Store,
    blobs: &dyn BlobStore,
) -> Result<Done, ServerError> {
    let written = write_archive(file, folder, kind, store, blobs).await?;
    Ok(Done::Backup { file: file.to_owned(), written })
}

/// Reads every uploaded file and compares it with its name.
pub(crate) fn check_media(blobs: &dyn BlobStore, findings: &mut Findings) -> Result<(), ServerError> {
    for id in blobs.ids()? {
        match blobs.get(&id?) {
            Ok(Some(_)) => findings.sound_files += 1,
            // Deleted since it was listed.
            Ok(None) => {}
            Err(error @ BlobError::Corrupt { .. }) => findings.add(&defect("media", &error.to_string())),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Something wrong with no record in particular.
pub(crate) fn defect(table: &str, description: &str) -> Defect {
    Defect { table: table.to_owned(), key: String::new(), description: description.to_owned() }
}

async fn check(engine: &Engine) -> Result<Done, ServerError> {
    let mut findings = Findings::default();
    engine.check().await?.iter().for_each(|defect| findings.add(defect));
    check_media(&**engine.blobs(), &mut findings)?;
    Ok(Done::Checked(findings))
}

/// Each token comes from a program of its own, so that it can be revoked without the others.
async fn issue_token(engine: &Engine, name: String, scopes: String) -> Result<Done, ServerError> {
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
    Ok(Done::Token { secret: issued.access.reveal().to_owned() })
}
