use futures::executor::block_on;

use super::*;

fn run(backend: Backend, folder: &Path, seed: u64, commands: usize) {
    let store = backend.open(folder).unwrap();
    let blobs = Arc::new(DirectoryBlobs::open(folder.join("media")).unwrap());
    block_on(async {
        let mut scenario = Scenario::begin(Arc::clone(&store), blobs, seed).await.unwrap();
        while scenario.step() < commands {
            scenario.advance().await.unwrap();
        }
    });
    close(store);
}

#[test]
fn two_backends_hold_the_same_bytes_after_the_same_commands() {
    for backend in Backend::ALL.iter().copied() {
        for seed in 1..=3 {
            let folder = tempfile::tempdir().unwrap();
            run(backend, folder.path(), seed, 60);
            assert_eq!(block_on(verify(backend, folder.path(), seed, 58, 61)), Ok(60), "{backend:?}");
        }
    }
}

/// The check is worth nothing if it finds nothing.
#[test]
fn a_command_that_is_missing_or_one_too_many_is_noticed() {
    for backend in Backend::ALL.iter().copied() {
        for (acknowledged, at_most) in [(31, 32), (28, 29)] {
            let folder = tempfile::tempdir().unwrap();
            run(backend, folder.path(), 1, 30);
            let verdict = block_on(verify(backend, folder.path(), 1, acknowledged, at_most));
            let is_noticed = verdict.as_ref().is_err_and(|text| text.contains("rows instead of"));
            assert!(is_noticed, "{backend:?}: {verdict:?}");
        }
    }
}
