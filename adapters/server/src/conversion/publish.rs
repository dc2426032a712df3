//! From draft to store. Each step is one rename, and what is there tells which step is next.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use tempfile::NamedTempFile;

use super::draft::Draft;
use super::error::{ConversionError, failed};
use super::place::Sides;
use crate::config::FILE_NAME as CONFIGURATION;
use crate::error::ServerError;
use crate::store_kind::StoreKind;

/// How far a conversion has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// Both stores have to be compared yet.
    Copying,
    /// The old store has another name already, which it got after they had been compared.
    Renaming,
    /// The new store has its name.
    Published,
}

/// How far it has come.
pub(super) fn stage(sides: &Sides, draft: &Draft) -> Result<Stage, ServerError> {
    match (sides.has_source()?, draft.has_store()?) {
        _ if sides.has_target()? => Ok(Stage::Published),
        (true, _) => Ok(Stage::Copying),
        (false, true) if sides.is_one_folder() => Ok(Stage::Renaming),
        (false, _) => Err(ConversionError::NoSource(sides.from.clone()).into()),
    }
}

/// Gives the draft its name, from whatever stage on. Answers where the old store is now, if it was in the same folder.
pub(super) fn publish(sides: &Sides, draft: Draft) -> Result<Option<PathBuf>, ServerError> {
    let target = sides.target.path();
    let store = sides.target.database(sides.to.kind);
    if stage(sides, &draft)? != Stage::Published {
        flush(&draft.store())?;
        configure(sides)?;
        flush_names(target)?;
        if sides.is_one_folder() && sides.has_source()? {
            rename(&sides.source.database(sides.from.kind), &kept(sides))?;
            flush_names(target)?;
        }
        rename(&draft.store(), &store)?;
        flush_names(target)?;
    }
    draft.discard()?;
    flush_names(target)?;
    Ok(sides.is_one_folder().then(|| kept(sides)))
}

/// Where the old store is afterwards, if it was in the same folder.
pub(super) fn kept(sides: &Sides) -> PathBuf {
    with_suffix(&sides.source.database(sides.from.kind), ".converted")
}

/// Makes the names in a folder durable, where the system knows such a thing.
pub(super) fn flush_names(folder: &Path) -> Result<(), ConversionError> {
    if cfg!(unix) {
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed("flush", folder))?;
    }
    Ok(())
}

/// Makes a file, or a folder and everything in it, durable.
fn flush(path: &Path) -> Result<(), ConversionError> {
    if !path.is_dir() {
        return File::options()
            .write(true)
            .open(path)
            .and_then(|file| file.sync_all())
            .map_err(failed("flush", path));
    }
    for entry in fs::read_dir(path).map_err(failed("list", path))? {
        flush(&entry.map_err(failed("list", path))?.path())?;
    }
    flush_names(path)
}

/// Moves a store that is closed to where none is.
fn rename(store: &Path, name: &Path) -> Result<(), ConversionError> {
    // A log that SQLite could not empty belongs to the old name.
    let log = with_suffix(store, "-wal");
    if fs::metadata(&log).is_ok_and(|log| log.len() > 0) {
        return Err(ConversionError::NotClosed);
    }
    match name.try_exists() {
        Ok(false) => fs::rename(store, name).map_err(failed("rename", store)),
        Ok(true) => Err(failed("rename", store)(ErrorKind::AlreadyExists.into())),
        Err(error) => Err(failed("look for", name)(error)),
    }
}

/// The configuration of the new instance: a copy, unless it has one, and in the same folder the one that is there. It
/// asks for the new store where it asked for the old one.
fn configure(sides: &Sides) -> Result<(), ConversionError> {
    let (from, to) = (sides.source.path().join(CONFIGURATION), sides.target.path().join(CONFIGURATION));
    let text = match fs::read_to_string(&from) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(failed("read", &from)(error)),
    };
    let adapted = asking_for(&text, sides.from.kind, sides.to.kind);
    if from == to && adapted == text {
        return Ok(());
    }
    let mut file = NamedTempFile::new_in(sides.target.path()).map_err(failed("write", &to))?;
    if from == to {
        let permissions = fs::metadata(&from).map_err(failed("look at", &from))?.permissions();
        fs::set_permissions(file.path(), permissions).map_err(failed("write", &to))?;
    }
    file.write_all(adapted.as_bytes())
        .and_then(|()| file.as_file().sync_all())
        .map_err(failed("write", &to))?;
    let placed = if from == to { file.persist(&to) } else { file.persist_noclobber(&to) };
    match placed {
        Err(error) if from == to || error.error.kind() != ErrorKind::AlreadyExists => {
            Err(failed("write", &to)(error.error))
        }
        // One that is there already was put there for this instance.
        _ => Ok(()),
    }
}

/// The configuration with another store where it names `from`; every other byte stays.
fn asking_for(text: &str, from: StoreKind, to: StoreKind) -> String {
    #[derive(Deserialize)]
    struct StoreOnly {
        store: Option<toml::Spanned<StoreKind>>,
    }
    // One that makes no sense is told by whoever uses it.
    let found = toml::from_str(text).ok().and_then(|StoreOnly { store }| store);
    let mut adapted = text.to_owned();
    if let Some(store) = found.filter(|store| *store.get_ref() == from) {
        adapted.replace_range(store.span(), &format!("\"{to}\""));
    }
    adapted
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_word_for_the_store_changes_in_a_configuration() {
        let text = "# store = \"sqlite\"\ntitle = \"store\"\nstore = 'sqlite' # mine\nrules = [\"sqlite\"]\n";
        assert_eq!(
            asking_for(text, StoreKind::Sqlite, StoreKind::Sled),
            "# store = \"sqlite\"\ntitle = \"store\"\nstore = \"sled\" # mine\nrules = [\"sqlite\"]\n"
        );
        for text in ["", "title = \"A\"\n", "store = \"sled\"\n", "store = 3", "nonsense"] {
            assert_eq!(asking_for(text, StoreKind::Sqlite, StoreKind::Sled), text);
        }
    }
}
