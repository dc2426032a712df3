//! A process that is killed at a system call, at every one of them.
//!
//! `KOINON_FAULT_POINTS` sets how many calls of each kind are tried (`all` for each of them), `KOINON_SEED` the scenario.

use std::fs::{self, File};
use std::path::Path;
use std::process::Command;

use futures::executor::block_on;
use koinon_tests::backend::Backend;
use koinon_tests::scenario::verify;
use koinon_tests::trace::{acknowledged, can_inject_faults, killed_at, listing, most_calls_of_a_thread};

/// Calls that change what is on a disk, in groups that are tried one after the other. `write` is how uploaded files
/// get their content, and how a command is acknowledged.
const CALLS: [&str; 4] = [
    "pwrite64",
    "fsync,fdatasync,sync_file_range",
    "write",
    "openat,ftruncate,fallocate,rename,renameat,renameat2,link,linkat,unlink,unlinkat,mkdir,mkdirat",
];
const COMMANDS: usize = 40;
const POINTS: usize = 6;

#[test]
fn a_kill_at_any_call_of_a_running_store_loses_nothing_and_halves_nothing() {
    sweep(COMMANDS, |backend, seed, folder| {
        let made = run(scenario(), backend, seed, 0, folder, &folder.join("acknowledged"));
        assert!(made, "the store cannot be made");
    });
}

#[test]
fn a_kill_at_any_call_while_a_store_is_made_leaves_one_that_can_be_made() {
    sweep(2, |_, _, _| {});
}

/// Runs the scenario once for each call to be tried, after `prepare` made the folder ready, and looks at what is left.
fn sweep(commands: usize, prepare: impl Fn(Backend, u64, &Path)) {
    if !can_inject_faults() {
        return;
    }
    let seed = std::env::var("KOINON_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(1);
    for backend in Backend::ALL.iter().copied() {
        let template = tempfile::tempdir().unwrap();
        prepare(backend, seed, template.path());
        let (mut tried, mut kills, mut kept, mut ahead) = (0, 0, 0, 0);
        for calls in CALLS {
            let count = count(calls, backend, seed, commands, template.path());
            for nth in points(count) {
                let place = format!("{} seed {seed}, {calls} number {nth} of {count}", backend.name());
                let folder = tempfile::tempdir().unwrap();
                copy(template.path(), folder.path());
                let file = folder.path().join("acknowledged");
                let command = killed_at(calls, nth, scenario());
                let finished = run_command(command, backend, seed, commands, folder.path(), &file);
                let acknowledged = acknowledged(&file).unwrap();
                tried += 1;
                kills += usize::from(!finished);
                kept += acknowledged;
                assert!(!finished || acknowledged == commands, "{place}: ended early");
                let at_most = (acknowledged + 1).min(commands);
                let found = block_on(verify(backend, folder.path(), seed, acknowledged, at_most));
                let found =
                    found.unwrap_or_else(|error| panic!("{place}, {acknowledged} acknowledged: {error}"));
                ahead += found - acknowledged;
            }
        }
        println!(
            "{}: killed at {kills} calls of {commands} commands; {kept} acknowledged, 0 lost; \
             {ahead} that were not acknowledged are there as a whole, the others not at all",
            backend.name()
        );
        // How many calls there are differs a little from run to run, so the last ones may not come.
        assert!(kills * 10 >= tried * 9, "{kills} of {tried} were killed");
    }
}

/// Which of `count` calls are tried: spread evenly, the first and the last among them.
fn points(count: usize) -> Vec<usize> {
    let points = match std::env::var("KOINON_FAULT_POINTS").as_deref() {
        Ok("all") => count,
        Ok(number) => number.parse().unwrap(),
        Err(_) => POINTS,
    };
    if points >= count {
        return (1..=count).collect();
    }
    (0..points).map(|point| 1 + point * (count - 1) / (points - 1).max(1)).collect()
}

/// How many of `calls` one thread makes at most.
fn count(calls: &str, backend: Backend, seed: u64, commands: usize, template: &Path) -> usize {
    let folder = tempfile::tempdir().unwrap();
    copy(template, folder.path());
    let logs = tempfile::tempdir().unwrap();
    let log = logs.path().join("calls");
    let command = listing(calls, &log, scenario());
    let file = logs.path().join("acknowledged");
    assert!(run_command(command, backend, seed, commands, folder.path(), &file), "{calls}");
    most_calls_of_a_thread(&log).unwrap()
}

fn run(program: &Path, backend: Backend, seed: u64, commands: usize, folder: &Path, file: &Path) -> bool {
    run_command(Command::new(program), backend, seed, commands, folder, file)
}

/// Whether it ran to its end.
fn run_command(
    mut command: Command,
    backend: Backend,
    seed: u64,
    commands: usize,
    folder: &Path,
    acknowledged: &Path,
) -> bool {
    command
        .args(["run", backend.name()])
        .arg(folder)
        .args([seed.to_string(), commands.to_string()])
        .stdout(File::create(acknowledged).unwrap())
        .status()
        .unwrap()
        .success()
}

fn scenario() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_fault-scenario"))
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            fs::create_dir(&target).unwrap();
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
