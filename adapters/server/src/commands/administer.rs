//! The commands that ask something of an instance, whether it is being served or not.

use std::process::ExitCode;

use futures::executor::block_on;
use koinon_engine::Error;
use koinon_engine::store::StoreError;

use super::tell;
use crate::administration::{Done, Findings, Order, ask_server, back_up, check_media, defect, perform};
use crate::archive::Written;
use crate::config::Config;
use crate::error::ServerError;
use crate::folder::DataFolder;
use crate::instance::{close, needs_upgrade, open_engine};
use crate::lock::{FolderLock, FolderUse};
use crate::store_kind::StoreKind;

/// Has `order` carried out, by the server that runs on `folder` where its store lets in one process only, otherwise
/// here, and tells on standard output what came of it.
pub(super) fn administer(
    config: &Config,
    folder: &DataFolder,
    order: Order,
) -> Result<ExitCode, ServerError> {
    let _use = FolderUse::share(folder.path())?;
    let kind = folder.kind(config.store)?;
    if !kind.is_shared()
        && let Some(done) = ask_server(folder, &order)?
    {
        return report(folder, done);
    }
    let done = match order {
        Order::Check => check(config, folder, kind),
        // Also of records that an engine cannot be opened with.
        Order::Backup { file } => {
            block_on(needs_upgrade(folder, kind))?;
            let (store, blobs) = (folder.open_store(kind)?, folder.open_blobs()?);
            block_on(back_up(&file, folder, kind, &*store, &*blobs))
        }
        order => with_engine(config, folder, kind, order),
    };
    report(folder, done?)
}

/// Opens the engine and closes it again. Older data are brought up to date, unless a server runs on them. Blocks.
fn with_engine(
    config: &Config,
    folder: &DataFolder,
    kind: StoreKind,
    order: Order,
) -> Result<Done, ServerError> {
    let _lock = match block_on(needs_upgrade(folder, kind))? {
        true => Some(FolderLock::take(folder.path())?),
        false => None,
    };
    let engine = block_on(open_engine(folder, kind, config, config.listen))?;
    let done = block_on(perform(order, &engine, folder, kind));
    close(engine);
    done
}

/// A database that cannot even be opened is a defect too.
fn check(config: &Config, folder: &DataFolder, kind: StoreKind) -> Result<Done, ServerError> {
    match with_engine(config, folder, kind, Order::Check) {
        Err(
            ServerError::Store(error @ (StoreError::Unusable(_) | StoreError::Damaged { .. }))
            | ServerError::Engine(Error::Store(error @ (StoreError::Unusable(_) | StoreError::Damaged { .. }))),
        ) => {
            let mut findings = Findings::default();
            findings.add(&defect("", &error.to_string()));
            check_media(&*folder.open_blobs()?, &mut findings)?;
            Ok(Done::Checked(findings))
        }
        checked => checked,
    }
}

/// Tells what was done; the exit status tells whether a check found anything.
fn report(folder: &DataFolder, done: Done) -> Result<ExitCode, ServerError> {
    match done {
        Done::Account { name } => tell(format_args!("created {name}"))?,
        Done::Token { secret } => tell(secret)?,
        Done::Checked(findings) => return report_findings(folder, &findings),
        Done::Backup { file, written } => {
            for id in &written.manifest.damaged_media {
                eprintln!("koinon: warning: the uploaded file {id} is damaged and was left out");
            }
            let Written { bytes, manifest } = written;
            tell(format_args!(
                "{}: {bytes} bytes; the records ({} bytes) and {} uploaded files ({} bytes)",
                file.display(),
                manifest.records.bytes,
                manifest.media.files,
                manifest.media.bytes
            ))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn report_findings(folder: &DataFolder, findings: &Findings) -> Result<ExitCode, ServerError> {
    let place = folder.path().display();
    if findings.defects.is_empty() {
        let files = findings.sound_files;
        tell(format_args!("{place}: the records are sound, and so are {files} uploaded files"))?;
        return Ok(ExitCode::SUCCESS);
    }
    findings.defects.iter().try_for_each(tell)?;
    tell(format_args!("{place}: {} defects", findings.defects.len()))?;
    Ok(ExitCode::FAILURE)
}
