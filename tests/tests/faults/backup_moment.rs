//! Which moment a backup shows that is made while commands run.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use futures::executor::block_on;
use koinon_engine::media::DirectoryBlobs;
use koinon_tests::backend::Backend;
use koinon_tests::on_each_backend;
use koinon_tests::scenario::{Scenario, verify};

use crate::folders::copy;
use crate::stop::StopsWhenDropped;

const SEED: u64 = 7;
const BACKUPS: usize = 4;
/// Commands between two backups at least.
const APART: usize = 20;

on_each_backend! { a_backup_is_the_state_after_one_of_the_commands_that_ran_beside_it }

/// A backup, and how many commands were acknowledged when it began, and how many had been sent when it ended.
struct Moment {
    file: PathBuf,
    began: usize,
    ended: usize,
}

/// The scenario is the same in every run, so a restored backup has to equal, byte for byte, what the in-memory store holds
/// after the same number of commands.
fn a_backup_is_the_state_after_one_of_the_commands_that_ran_beside_it(backend: Backend) {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    fs::create_dir(&data).unwrap();
    let store = backend.open(&data).unwrap();
    let blobs = Arc::new(DirectoryBlobs::open(data.join("media")).unwrap());
    let (acknowledged, stop) = (AtomicUsize::new(0), AtomicBool::new(false));
    let moments: Vec<Moment> = thread::scope(|scope| {
        let _stops = StopsWhenDropped(&stop);
        scope.spawn(|| {
            block_on(async {
                let mut scenario = Scenario::begin(Arc::clone(&store), blobs, SEED).await.unwrap();
                while !stop.load(Ordering::SeqCst) {
                    scenario.advance().await.unwrap();
                    acknowledged.store(scenario.step(), Ordering::SeqCst);
                }
            });
        });
        (1..=BACKUPS)
            .map(|number| {
                while acknowledged.load(Ordering::SeqCst) < number * APART {
                    thread::sleep(Duration::from_millis(1));
                }
                let file = folder.path().join(format!("backup {number}"));
                let began = acknowledged.load(Ordering::SeqCst);
                block_on(store.backup(&file)).unwrap();
                Moment { file, began, ended: acknowledged.load(Ordering::SeqCst) + 1 }
            })
            .collect()
    });
    let beside: usize = moments.iter().map(|moment| moment.ended - 1 - moment.began).sum();
    for Moment { file, began, ended } in moments {
        let restored = tempfile::tempdir().unwrap();
        backend.restore(&file, restored.path()).unwrap();
        let media = restored.path().join("media");
        fs::create_dir(&media).unwrap();
        copy(&data.join("media"), &media);
        let found = block_on(verify(backend, restored.path(), SEED, began, ended));
        println!("{}: {began} commands before, {ended} behind a backup of {found:?}", backend.name());
        assert!(found.is_ok(), "{found:?}");
    }
    assert!(beside > 0, "no command ran while a backup was made");
}
