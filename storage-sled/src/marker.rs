//! The file that tells whose a directory is and how many commits must be found in it.
//!
//! sled cuts its log off where it is damaged, so a store may open with its newest commits gone and look
//! sound. The number kept here, outside of sled, tells.
//!
//! Bytes 0 to 19 are the magic, the format version and their CRC-32. At 512 and 1024, in sectors of their own,
//! stand a number of commits and its CRC-32, written in turns: a write that is torn leaves the one before.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use koinon_engine::store::StoreError;

use crate::error::{damaged, file_error, locked, unusable};

/// Version of everything in the directory.
pub(crate) const VERSION: u32 = 1;

/// Name of the file in the directory of the store.
pub(crate) const NAME: &str = "koinon.store";
const MAGIC: &[u8; 12] = b"KOINON-SLED\n";
const HEADER: usize = 20;
const SLOTS: [usize; 2] = [512, 1024];
const SLOT: usize = 12;
const LENGTH: usize = 1536;

/// Holds the lock on a store as long as it lives.
#[derive(Debug)]
pub(crate) struct Marker {
    file: File,
    path: PathBuf,
    /// Commits that are known to be durable.
    pub(crate) commit: u64,
}

impl Marker {
    /// Makes the file in a directory that has none, for a store with one commit.
    pub(crate) fn create(directory: &Path) -> Result<Self, StoreError> {
        let path = directory.join(NAME);
        let mut bytes = header(VERSION);
        bytes.resize(LENGTH, 0);
        let file = OpenOptions::new().read(true).write(true).create_new(true).open(&path);
        let mut marker = Self { file: file.map_err(|error| file_error(&path, &error))?, path, commit: 0 };
        marker.file.write_all(&bytes).map_err(|error| file_error(&marker.path, &error))?;
        marker.lock()?;
        marker.record(1)?;
        Ok(marker)
    }

    /// Recognises the store in `directory` and locks it; nothing there is changed.
    ///
    /// # Errors
    /// [`StoreError::Unusable`], [`StoreError::Newer`] or [`StoreError::Locked`].
    pub(crate) fn open(directory: &Path) -> Result<Self, StoreError> {
        let path = directory.join(NAME);
        let file = match OpenOptions::new().read(true).write(true).open(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return Err(unusable(
                    directory,
                    format_args!("not a store of this program: no {NAME} in it"),
                ));
            }
            other => other.map_err(|error| file_error(&path, &error))?,
        };
        let mut marker = Self { file, path, commit: 0 };
        check_header(&marker.read()?, directory)?;
        marker.lock()?;
        marker.commit = newest_slot(&marker.read()?)
            .ok_or_else(|| damaged(directory, format_args!("{NAME} does not match its checksums")))?;
        Ok(marker)
    }

    /// Notes that `commit` commits are durable. The number itself becomes durable later.
    pub(crate) fn record(&mut self, commit: u64) -> Result<(), StoreError> {
        let mut slot = commit.to_be_bytes().to_vec();
        slot.extend_from_slice(&crc32fast::hash(&slot).to_be_bytes());
        let place = SLOTS[(commit % 2) as usize] as u64;
        let mut write = || {
            self.file.seek(SeekFrom::Start(place))?;
            self.file.write_all(&slot)
        };
        write().map_err(|error| file_error(&self.path, &error))?;
        self.commit = commit;
        Ok(())
    }

    /// Makes the number durable.
    pub(crate) fn synchronise(&self) -> Result<(), StoreError> {
        self.file.sync_all().map_err(|error| file_error(&self.path, &error))
    }

    fn read(&mut self) -> Result<Vec<u8>, StoreError> {
        let mut bytes = Vec::with_capacity(LENGTH);
        let mut read = || -> io::Result<_> {
            self.file.seek(SeekFrom::Start(0))?;
            (&self.file).take(LENGTH as u64).read_to_end(&mut bytes)
        };
        read().map_err(|error| file_error(&self.path, &error))?;
        Ok(bytes)
    }

    fn lock(&self) -> Result<(), StoreError> {
        match self.file.try_lock() {
            Err(TryLockError::WouldBlock) => Err(locked(&self.path)),
            Err(TryLockError::Error(error)) if error.kind() != ErrorKind::Unsupported => {
                Err(file_error(&self.path, &error))
            }
            _ => Ok(()),
        }
    }
}

fn header(version: u32) -> Vec<u8> {
    let mut bytes = [&MAGIC[..], &version.to_be_bytes()].concat();
    bytes.extend_from_slice(&crc32fast::hash(&bytes).to_be_bytes());
    bytes
}

fn check_header(bytes: &[u8], directory: &Path) -> Result<(), StoreError> {
    let found = bytes
        .first_chunk::<HEADER>()
        .filter(|start| start.starts_with(MAGIC))
        .and_then(|start| start[MAGIC.len()..].first_chunk().map(|version| u32::from_be_bytes(*version)))
        .ok_or_else(|| unusable(directory, format_args!("not a store of this program, by its {NAME}")))?;
    if !bytes.starts_with(&header(found)) || found == 0 {
        return Err(damaged(directory, format_args!("{NAME} does not match its checksum")));
    }
    if found > VERSION { Err(StoreError::Newer { found, known: VERSION }) } else { Ok(()) }
}

/// The larger of the numbers that match their checksums.
fn newest_slot(bytes: &[u8]) -> Option<u64> {
    let number = |place: usize| {
        let slot = bytes.get(place..)?.first_chunk::<SLOT>()?;
        let (number, sum) = slot.split_first_chunk::<8>()?;
        (*sum == crc32fast::hash(number).to_be_bytes()).then(|| u64::from_be_bytes(*number))
    };
    SLOTS.into_iter().filter_map(number).max()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn the_newest_sound_number_counts() {
        let directory = tempfile::tempdir().unwrap();
        let mut marker = Marker::create(directory.path()).unwrap();
        marker.record(2).unwrap();
        marker.record(3).unwrap();
        drop(marker);
        let path = directory.path().join(NAME);
        assert_eq!(Marker::open(directory.path()).unwrap().commit, 3);
        let mut bytes = fs::read(&path).unwrap();
        bytes[SLOTS[1] + 3] ^= 1;
        fs::write(&path, &bytes).unwrap();
        assert_eq!(Marker::open(directory.path()).unwrap().commit, 2, "a torn write leaves the one before");
        bytes[SLOTS[0]] ^= 1;
        fs::write(&path, &bytes).unwrap();
        assert!(matches!(Marker::open(directory.path()), Err(StoreError::Unusable(_))));
    }

    #[test]
    fn no_byte_of_the_header_changes_unnoticed() {
        let directory = tempfile::tempdir().unwrap();
        drop(Marker::create(directory.path()).unwrap());
        let path = directory.path().join(NAME);
        let sound = fs::read(&path).unwrap();
        for place in 0..HEADER {
            let mut bytes = sound.clone();
            bytes[place] ^= 4;
            fs::write(&path, &bytes).unwrap();
            assert!(matches!(Marker::open(directory.path()), Err(StoreError::Unusable(_))), "{place}");
        }
        for length in [0, 10, HEADER, SLOTS[0] + 5] {
            fs::write(&path, &sound[..length]).unwrap();
            assert!(matches!(Marker::open(directory.path()), Err(StoreError::Unusable(_))), "{length}");
        }
        fs::write(&path, [header(VERSION + 1), sound[HEADER..].to_vec()].concat()).unwrap();
        assert!(matches!(Marker::open(directory.path()), Err(StoreError::Newer { found: 2, known: 1 })));
    }

    #[test]
    fn only_one_holds_the_lock() {
        let directory = tempfile::tempdir().unwrap();
        let first = Marker::create(directory.path()).unwrap();
        assert!(matches!(Marker::open(directory.path()), Err(StoreError::Locked(_))));
        drop(first);
        Marker::open(directory.path()).unwrap();
    }
}
