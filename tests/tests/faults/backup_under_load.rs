//! Backups that are made while posts come in, and backups that are cut off.
//!
//! `KOINON_BACKUPS` sets how many backup commands are killed.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use koinon_tests::backend::Backend;
use koinon_tests::{Instance, koinon, koinon_binary, on_each_backend};

use crate::client::{Client, make_account};
use crate::stop::StopsWhenDropped;

const WRITERS: usize = 8;
const KILLED: usize = 8;
const SERVERS_KILLED: u64 = 3;
const KEPT_AT_LEAST: usize = 50;

on_each_backend! {
    a_backup_under_load_has_everything_from_before_it_and_a_half_one_is_refused,
}

fn a_backup_under_load_has_everything_from_before_it_and_a_half_one_is_refused(backend: Backend) {
    let killed = std::env::var("KOINON_BACKUPS").ok().and_then(|text| text.parse().ok()).unwrap_or(KILLED);
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let token = make_account(backend, "alice", &data);
    let instance = Instance::start(&data);
    let client = Client::new(&instance.base, &token);
    let (stop, posted) = (AtomicBool::new(false), Mutex::new(BTreeMap::new()));
    let file = folder.path().join("whole");
    let before = thread::scope(|scope| {
        let stops = StopsWhenDropped(&stop);
        for writer in 0..WRITERS {
            let (client, stop, posted) = (Client::new(&instance.base, &token), &stop, &posted);
            scope.spawn(move || {
                for number in 0.. {
                    if stop.load(Ordering::SeqCst) {
                        break;
                    }
                    let text = format!("writer {writer} number {number}");
                    let answer = client.post_status(&text, None);
                    assert_eq!(answer.status, 200, "{answer:?}");
                    posted.lock().unwrap().insert(text, answer.id());
                }
            });
        }
        while posted.lock().unwrap().len() < KEPT_AT_LEAST {
            thread::sleep(Duration::from_millis(10));
        }
        let before = posted.lock().unwrap().clone();
        let made = koinon(&["backup", file.to_str().unwrap()], &data);
        let halves = kill_backups(backend, killed, &data, folder.path());
        drop(stops);
        assert!(made.succeeded, "{made:?}");
        println!("{}: {killed} backups killed; {halves} of them had come to their end", backend.name());
        before
    });
    assert_eq!(client.statuses(), posted.into_inner().unwrap());
    drop(instance);
    kill_servers(backend, &data, folder.path());

    let restored = folder.path().join("restored");
    let result = koinon(&["restore", file.to_str().unwrap()], &restored);
    assert!(result.succeeded, "{result:?}");
    let check = koinon(&["check"], &restored);
    assert!(check.succeeded, "{check:?}");
    let instance = Instance::start(&restored);
    let there = Client::new(&instance.base, &token).statuses();
    for (text, id) in &before {
        assert_eq!(there.get(text), Some(id), "posted before the backup began");
    }
    println!(
        "{} posts from before the backup and {} others restored",
        before.len(),
        there.len() - before.len()
    );
    assert_cut_backups_are_refused(backend, &file, folder.path());
}

/// Kills backup commands at different moments: what has the name of the backup then is a whole one. Answers how many
/// were whole.
fn kill_backups(backend: Backend, count: usize, data: &Path, folder: &Path) -> usize {
    let mut whole = 0;
    for number in 0..count {
        let file = folder.join(format!("killed {number}"));
        let mut command = backup_command(&file, data).spawn().unwrap();
        thread::sleep(Duration::from_millis(1 + 7 * number as u64 % 120));
        command.kill().unwrap();
        command.wait().unwrap();
        whole += usize::from(is_whole_or_refused(backend, &format!("killed {number}"), folder));
    }
    whole
}

/// Kills servers while they make a backup: on sled it is the server that does, for the command.
fn kill_servers(backend: Backend, data: &Path, folder: &Path) {
    for number in 0..SERVERS_KILLED {
        let name = format!("with its server {number}");
        let mut instance = Instance::start(data);
        let mut command = backup_command(&folder.join(&name), data).spawn().unwrap();
        thread::sleep(Duration::from_millis(5 + 10 * number));
        instance.kill();
        command.kill().unwrap();
        command.wait().unwrap();
        is_whole_or_refused(backend, &name, folder);
    }
}

fn backup_command(file: &Path, data: &Path) -> Command {
    let mut command = Command::new(koinon_binary());
    command.arg("backup").arg(file).arg("--data").arg(data).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

/// Whether there is a backup of this name, which then is a whole one. What its writer left beside it is none.
fn is_whole_or_refused(backend: Backend, name: &str, folder: &Path) -> bool {
    let file = folder.join(name);
    let is_whole = file.exists();
    if is_whole {
        let target = folder.join(format!("from {name}"));
        let restored = koinon(&["restore", file.to_str().unwrap()], &target);
        assert!(restored.succeeded, "{restored:?}");
    }
    for part in parts(folder, &format!("{name}.")) {
        let target = folder.join(format!("from a part of {name}"));
        let restored = koinon(&["restore", part.to_str().unwrap()], &target);
        // A server goes on with what a killed command asked for, and may have given it its name by now.
        assert!(!restored.succeeded || is_complete(&part, folder) || file.exists(), "{restored:?}");
        assert_eq!(restored.succeeded, target.join(backend.place()).exists());
    }
    is_whole
}

/// The files of backups in the making.
fn parts(folder: &Path, prefix: &str) -> Vec<std::path::PathBuf> {
    fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file() && path.file_name().unwrap().to_string_lossy().starts_with(prefix))
        .collect()
}

/// Killed between its last byte and its name, a backup is whole.
fn is_complete(file: &Path, folder: &Path) -> bool {
    let unpacked = Command::new("tar").arg("-tf").arg(file).current_dir(folder).output().unwrap();
    String::from_utf8_lossy(&unpacked.stdout).lines().any(|name| name == "manifest.json")
}

/// Wherever a backup is cut off, nothing of it is restored.
fn assert_cut_backups_are_refused(backend: Backend, file: &Path, folder: &Path) {
    let whole = fs::read(file).unwrap();
    let cut = folder.join("cut");
    // The end of an archive is two blocks of zeros that nobody needs.
    let content = whole.len() - 1024;
    for length in [0, 1, 511, 512, 513, content / 3, content / 2, content - 512, content - 1] {
        fs::write(&cut, &whole[..length]).unwrap();
        let target = folder.join(format!("from the first {length}"));
        let restored = koinon(&["restore", cut.to_str().unwrap()], &target);
        assert!(!restored.succeeded, "the first {length} of {} bytes: {restored:?}", whole.len());
        assert!(restored.log.contains("backup"), "{restored:?}");
        assert!(!target.join(backend.place()).exists(), "the first {length} bytes");
    }
}
