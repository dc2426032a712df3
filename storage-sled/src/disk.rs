//! Making commits survive a loss of power.
//!
//! What sled calls a flush hands data to the device and asks for no more: neither the size of the file nor the
//! device's own cache is made durable. A store that relies on it loses commits with the power, or cannot be
//! opened any more. So the files are synchronised here, through handles of our own.

use std::collections::HashSet;
use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use koinon_engine::store::StoreError;

use crate::error::file_error;
use crate::files::{synchronise, synchronise_names};
use crate::options::Durability;

/// The files of sled that change while it runs; the others are written when it starts.
#[derive(Debug)]
pub(crate) struct Disk {
    directory: PathBuf,
    /// The log, which holds all rows.
    pub(crate) log: File,
    /// Directory of the rows that are too large for the log.
    blobs: PathBuf,
    /// Names in it that are durable. Such a file is written once.
    durable: HashSet<OsString>,
    durability: Durability,
}

impl Disk {
    /// For a directory whose files are durable.
    pub(crate) fn open(directory: &Path, durability: Durability) -> Result<Self, StoreError> {
        let failed = |error| file_error(directory, &error);
        let log = OpenOptions::new().read(true).write(true).open(directory.join("db")).map_err(failed)?;
        let blobs = directory.join("blobs");
        let durable = names(&blobs).map_err(failed)?;
        Ok(Self { directory: directory.to_owned(), log, blobs, durable, durability })
    }

    /// Makes everything that sled has flushed durable.
    ///
    /// After an error nothing is certain any more: the system may have dropped what it could not write, and
    /// answers the next call as if nothing had happened.
    pub(crate) fn synchronise(&mut self) -> Result<(), StoreError> {
        if self.durability == Durability::Normal {
            return Ok(());
        }
        // New blobs before the log that points at them.
        let blobs = names(&self.blobs).map_err(|error| file_error(&self.blobs, &error))?;
        if blobs.iter().any(|name| !self.durable.contains(name)) {
            for name in blobs.difference(&self.durable) {
                let path = self.blobs.join(name);
                synchronise(&path).map_err(|error| file_error(&path, &error))?;
            }
            synchronise_names(&self.blobs)?;
        }
        self.durable = blobs;
        // Content and size; the time of the last change can be lost.
        self.log.sync_data().map_err(|error| file_error(&self.directory, &error))
    }

    /// Bytes that can still be written, as far as the system knows.
    pub(crate) fn free_bytes(&self) -> u64 {
        fs2::available_space(&self.directory).unwrap_or(u64::MAX)
    }
}

fn names(directory: &Path) -> io::Result<HashSet<OsString>> {
    fs::read_dir(directory)?.map(|entry| entry.map(|entry| entry.file_name())).collect()
}
