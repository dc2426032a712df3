//! A file system without room, and with room again.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use koinon_tests::backend::Backend;
use koinon_tests::{Instance, koinon, on_each_backend};

use crate::client::{Client, make_account};

on_each_backend! {
    a_full_disk_is_told_reads_go_on_and_writes_do_when_there_is_room,
}

/// A small file system in memory, unmounted when dropped.
struct SmallDisk(PathBuf);

impl SmallDisk {
    /// None where mounting is not allowed.
    fn mount(at: &Path, size: &str) -> Option<Self> {
        let options = format!("size={size}");
        mount(&["-t", "tmpfs", "-o", &options, "koinon-test"], at).then(|| Self(at.to_owned()))
    }

    fn resize(&self, size: &str) {
        assert!(mount(&["-o", &format!("remount,size={size}")], &self.0));
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily, since a server that is being killed may still hold files.
        let _ = Command::new("umount").arg("-l").arg(&self.0).stderr(Stdio::null()).status();
    }
}

fn mount(arguments: &[&str], at: &Path) -> bool {
    let status = Command::new("mount").args(arguments).arg(at).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}

fn a_full_disk_is_told_reads_go_on_and_writes_do_when_there_is_room(backend: Backend) {
    let folder = tempfile::tempdir().unwrap();
    // sled leaves 64 MiB free, because it could not go on without any.
    let (small, larger) = if backend == Backend::Sled { ("76m", "120m") } else { ("6m", "32m") };
    let Some(disk) = SmallDisk::mount(folder.path(), small) else {
        println!("skipped: file systems may not be mounted here");
        return;
    };
    let data = folder.path().join("data");
    let token = make_account(backend, "alice", &data);
    let mut instance = Instance::start(&data);
    let client = Client::new(&instance.base, &token);
    let mut kept = std::collections::BTreeMap::new();
    let filler = "x".repeat(400);
    let full = (0..20_000).find_map(|number| {
        let text = format!("{number} {filler}");
        let answer = client.post_status(&text, None);
        if answer.succeeded() {
            kept.insert(text, answer.id());
            None
        } else {
            Some(answer)
        }
    });
    let full = full.expect("so many posts were not enough to be full");
    assert_eq!(full.status, 507, "{full:?}");
    for number in 0..20 {
        // Small things may still find room, and deleting one may find none; whatever is refused is refused for the same
        // reason, and changes nothing.
        let text = format!("one more {number}");
        let answer = client.post_status(&text, None);
        if !answer.succeeded() {
            assert_eq!(answer.status, 507, "{answer:?}");
            continue;
        }
        let deleted = client.delete(&format!("/api/v1/statuses/{}", answer.id()));
        if !deleted.succeeded() {
            assert_eq!(deleted.status, 507, "{deleted:?}");
            kept.insert(text, answer.id());
        }
    }
    assert_eq!(client.statuses(), kept, "reading while it is full");
    disk.resize(larger);
    for number in 0..20 {
        let text = format!("room again {number}");
        let answer = client.post_status(&text, None);
        assert!(answer.succeeded(), "{answer:?}");
        kept.insert(text, answer.id());
    }
    assert_eq!(client.statuses(), kept);
    assert!(instance.is_running());
    instance.kill();
    let check = koinon(&["check"], &data);
    assert!(check.succeeded, "{check:?}");
    let mut instance = Instance::start(&data);
    assert_eq!(Client::new(&instance.base, &token).statuses(), kept);
    println!("{}: full after {} posts; 0 lost", backend.name(), kept.len() - 20);
    instance.kill();
    drop(disk);
}
