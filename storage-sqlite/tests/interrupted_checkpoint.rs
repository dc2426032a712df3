//! A process that is killed while it moves its log into the main file leaves a main file that is sound only together
//! with the log.
#![allow(clippy::unwrap_used)]

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use common::{ROWS, all, open, put, value};
use futures::executor::block_on;
use koinon_engine::store::Store;

const PAGE: usize = 8192;
const LOG_HEADER: usize = 32;
const FRAME_HEADER: usize = 24;

fn log_of(path: &Path) -> PathBuf {
    path.with_file_name(format!("{}-wal", path.file_name().unwrap().to_str().unwrap()))
}

/// Moves the pages of the log that `moved` names into the main file, as a checkpoint does one after the other.
fn checkpoint_only(path: &Path, moved: impl Fn(usize) -> bool) {
    let log = fs::read(log_of(path)).unwrap();
    let mut main = fs::read(path).unwrap();
    for frame in log[LOG_HEADER..].chunks_exact(FRAME_HEADER + PAGE) {
        let number = u32::from_be_bytes(frame[..4].try_into().unwrap()) as usize;
        if !moved(number) {
            continue;
        }
        let place = (number - 1) * PAGE;
        if main.len() < place + PAGE {
            main.resize(place + PAGE, 0);
        }
        main[place..place + PAGE].copy_from_slice(&frame[FRAME_HEADER..]);
    }
    fs::write(path, main).unwrap();
}

#[test]
fn a_store_killed_at_any_moment_of_a_checkpoint_opens_with_everything_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let original = folder.path().join("store");
    let store = open(&original);
    for number in 0..200u32 {
        put(&store, &number.to_be_bytes(), &value(number)).unwrap();
    }
    let log = fs::read(log_of(&original)).unwrap();
    let pages: Vec<usize> = log[LOG_HEADER..]
        .chunks_exact(FRAME_HEADER + PAGE)
        .map(|frame| u32::from_be_bytes(frame[..4].try_into().unwrap()) as usize)
        .collect();
    let last = pages.iter().copied().max().unwrap();
    assert!(last > 5, "the log has to hold more pages than the main file does");
    for reached in 0..=last {
        let copy = folder.path().join(format!("copy{reached}"));
        fs::copy(&original, &copy).unwrap();
        fs::write(log_of(&copy), &log).unwrap();
        checkpoint_only(&copy, |page| page <= reached);
        let reopened = open(&copy);
        assert_eq!(all(&reopened, ROWS).unwrap().len(), 200, "killed after page {reached}");
        assert_eq!(block_on(reopened.check()).unwrap(), []);
    }
}
