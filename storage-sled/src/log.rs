//! sled's log, written once more after a synchronisation of it failed.
//!
//! What the system could not write it forgets, and still shows it to whoever reads: the next synchronisation succeeds,
//! and says nothing about it. Only what is written again is sure to be on the disk then.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

use koinon_engine::store::StoreError;

use crate::error::file_error;
use crate::files::{Draft, synchronise_names};

/// Name of the log in the directory of sled.
pub(crate) const NAME: &str = "db";
/// Bytes that are read at once.
const CHUNK: usize = 1 << 20;

/// Writes every byte again where it is. For a log that nobody has open.
pub(crate) fn rewrite(directory: &Path) -> Result<(), StoreError> {
    let path = directory.join(NAME);
    let rewritten = || {
        let mut log = OpenOptions::new().read(true).write(true).open(&path)?;
        let mut chunk = vec![0; CHUNK];
        let mut place = 0;
        loop {
            log.seek(SeekFrom::Start(place))?;
            let read = read_chunk(&mut log, &mut chunk)?;
            if read == 0 {
                return log.sync_all();
            }
            log.seek(SeekFrom::Start(place))?;
            log.write_all(&chunk[..read])?;
            place += read as u64;
        }
    };
    rewritten().map_err(|error| file_error(&path, &error))
}

/// Puts a copy in the place of the log, which another sled can be started on while one that failed still reads the
/// former. Needs as much room as the log.
///
/// # Errors
/// [`StoreError::Busy`] when the log is still written to. Then, and after any other error, it is as it was.
pub(crate) fn replace_with_copy(directory: &Path) -> Result<(), StoreError> {
    let path = directory.join(NAME);
    let draft = Draft::file_beside(&path)?;
    let copied = || {
        let mut log = File::open(&path)?;
        let mut copy = OpenOptions::new().read(true).write(true).open(&draft.path)?;
        let mut chunk = vec![0; CHUNK];
        loop {
            let read = read_chunk(&mut log, &mut chunk)?;
            if read == 0 {
                break;
            }
            copy.write_all(&chunk[..read])?;
        }
        copy.sync_all()?;
        are_equal(&mut log, &mut copy)
    };
    if !copied().map_err(|error| file_error(&draft.path, &error))? {
        return Err(StoreError::Busy(format!("{} is still written to", path.display()).into()));
    }
    fs::rename(&draft.path, &path).map_err(|error| file_error(&path, &error))?;
    synchronise_names(directory)
}

fn are_equal(one: &mut File, other: &mut File) -> io::Result<bool> {
    one.seek(SeekFrom::Start(0))?;
    other.seek(SeekFrom::Start(0))?;
    let (mut left, mut right) = (vec![0; CHUNK], vec![0; CHUNK]);
    loop {
        let read = read_chunk(one, &mut left)?;
        if read != read_chunk(other, &mut right)? || left[..read] != right[..read] {
            return Ok(false);
        }
        if read == 0 {
            return Ok(true);
        }
    }
}

/// Fills `chunk` unless the file ends before.
fn read_chunk(file: &mut File, chunk: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < chunk.len() {
        match file.read(&mut chunk[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_that_was_written_again_is_the_same() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join(NAME);
        for length in [0, 1, CHUNK - 1, CHUNK, 2 * CHUNK + 7] {
            let bytes: Vec<u8> = (0..length).map(|place| (place % 251) as u8).collect();
            fs::write(&path, &bytes).unwrap();
            let mut former = File::open(&path).unwrap();
            rewrite(directory.path()).unwrap();
            assert!(fs::read(&path).unwrap() == bytes, "{length}");
            replace_with_copy(directory.path()).unwrap();
            assert!(fs::read(&path).unwrap() == bytes, "{length}");
            assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1, "no draft is left");
            fs::write(&path, "others").unwrap();
            let mut kept = Vec::new();
            former.read_to_end(&mut kept).unwrap();
            assert!(kept == bytes, "whoever has the former open still reads it");
        }
    }
}
