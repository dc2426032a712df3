//! The data sets that are measured on: made once, and kept below `target/benches`.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use koinon_dataset::{Plan, load};
use koinon_engine::Engine;

use crate::Failure;
use crate::people::add_people;
use crate::stores::{Backend, engine, settings};

/// To be changed with what a data set holds.
const FORMAT: u32 = 1;

/// A data set on a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DataSet {
    pub(crate) accounts: u32,
    pub(crate) statuses: u32,
    pub(crate) backend: Backend,
}

impl DataSet {
    /// Its folder, made if it is not there yet.
    pub(crate) fn folder(self) -> Result<PathBuf, Failure> {
        let Self { accounts, statuses, backend } = self;
        let name = format!("{}{}-{accounts}x{statuses}", prefix(), backend.name());
        let place = folder()?.join(name);
        if !place.try_exists()? {
            // Under another name until it is complete.
            let draft = tempfile::TempDir::with_prefix_in("making-", folder()?)?;
            self.make(draft.path())?;
            fs::rename(draft.keep(), &place)?;
        }
        Ok(place)
    }

    /// A copy that may be written to.
    pub(crate) fn copy(self) -> Result<tempfile::TempDir, Failure> {
        let source = self.folder()?;
        let copy = tempfile::TempDir::with_prefix_in("copy-", folder()?)?;
        copy_all(&source, copy.path())?;
        Ok(copy)
    }

    /// An engine over a new store in memory with this data.
    pub(crate) fn in_memory(self) -> Result<Engine, Failure> {
        self.fill(Path::new(""))
    }

    fn make(self, folder: &Path) -> Result<(), Failure> {
        let engine = self.fill(folder)?;
        let mut store = Arc::clone(engine.store());
        drop(engine);
        // Its threads may still be about to let go of it; closing writes everything to its place.
        while Arc::get_mut(&mut store).is_none() {
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
        Ok(())
    }

    fn fill(self, folder: &Path) -> Result<Engine, Failure> {
        let Self { accounts, statuses, backend } = self;
        let begun = Instant::now();
        eprintln!("making {accounts} accounts and {statuses} statuses on {}", backend.name());
        let store = backend.open_to_fill(folder)?;
        load(Arc::clone(&store), settings(), &Plan { accounts, statuses, seed: 1 }, &mut |_, _| {})?;
        let engine = engine(store)?;
        add_people(&engine)?;
        eprintln!("… in {:.1} s", begun.elapsed().as_secs_f64());
        Ok(engine)
    }
}

/// Where data sets and results are: `target/benches`.
pub(crate) fn folder() -> Result<PathBuf, Failure> {
    let program = std::env::current_exe()?;
    let target = program.ancestors().nth(2).ok_or("the program lies in no target folder")?;
    let folder = target.join("benches");
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// Removes what other versions made, and what was not finished.
pub(crate) fn remove_outdated() -> Result<(), Failure> {
    for entry in fs::read_dir(folder()?)? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let outdated = name.starts_with("data-") && !name.starts_with(&prefix());
        if outdated || name.starts_with("making-") || name.starts_with("copy-") {
            fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}

/// Bytes of a file, or of all files in a folder.
pub(crate) fn size(path: &Path) -> Result<u64, Failure> {
    if path.is_file() {
        return Ok(fs::metadata(path)?.len());
    }
    fs::read_dir(path)?.map(|entry| size(&entry?.path())).sum()
}

fn prefix() -> String {
    format!("data-{FORMAT}-{}-", env!("CARGO_PKG_VERSION"))
}

fn copy_all(source: &Path, target: &Path) -> Result<(), Failure> {
    for entry in fs::read_dir(source)? {
        let (from, to) = {
            let entry = entry?;
            (entry.path(), target.join(entry.file_name()))
        };
        if from.is_dir() {
            fs::create_dir_all(&to)?;
            copy_all(&from, &to)?;
        } else {
            fs::copy(from, to)?;
        }
    }
    Ok(())
}
