//! Clients that others wrote, against the real server.

#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::process::Command;

use koinon_tests::{Instance, koinon, must_not_skip};

/// The version is pinned: what a new one asks for is to be learned on purpose.
const MASTODON_PY: &str = "Mastodon.py==2.3.3";

#[test]
fn mastodon_py_spends_a_whole_day_here() {
    let folder = tempfile::tempdir().unwrap();
    let Some(python) = python_with_mastodon_py(folder.path()) else {
        assert!(!must_not_skip(), "Python with {MASTODON_PY} is required here");
        println!("skipped: Python with {MASTODON_PY} could not be set up");
        return;
    };
    let data = folder.path().join("data");
    let instance = Instance::start(&data);
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/clients/mastodon_py.py");
    let run = Command::new(python).arg(script).arg(&instance.base).output().unwrap();
    let printed = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success(), "{printed}\n{}", String::from_utf8_lossy(&run.stderr));
    assert!(printed.trim_end().ends_with("passed, 0 failed"), "{printed}");
    println!("{printed}");
    drop(instance);
    let check = koinon(&["check"], &data);
    assert!(check.succeeded, "{check:?}");
}

/// A Python of its own with the client library, or none where that cannot be had.
fn python_with_mastodon_py(folder: &Path) -> Option<std::path::PathBuf> {
    let environment = folder.join("python");
    let made = Command::new("python3").args(["-m", "venv"]).arg(&environment).output().ok()?;
    if !made.status.success() {
        return None;
    }
    let python = environment.join("bin/python");
    let installed =
        Command::new(&python).args(["-m", "pip", "install", "--quiet", MASTODON_PY]).output().ok()?;
    installed.status.success().then_some(python)
}
