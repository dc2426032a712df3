//! A folder that cannot be written.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

use koinon_tests::backend::Backend;
use koinon_tests::{Instance, koinon, on_each_backend};

use crate::client::{Client, make_account};
use crate::folders::contents;

on_each_backend! {
    a_read_only_folder_is_told_and_left_as_it_is,
}

/// A folder that is mounted over itself, read only; unmounted when dropped.
struct ReadOnly<'a>(&'a Path);

impl<'a> ReadOnly<'a> {
    fn mount(folder: &'a Path) -> Option<Self> {
        let run = |arguments: &[&str]| {
            let status = Command::new("mount").args(arguments).arg(folder).stderr(Stdio::null()).status();
            status.is_ok_and(|status| status.success())
        };
        let source = folder.to_str()?;
        if !run(&["--bind", source]) {
            return None;
        }
        let mounted = Self(folder);
        run(&["-o", "remount,bind,ro"]).then_some(mounted)
    }
}

impl Drop for ReadOnly<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0).stderr(Stdio::null()).status();
    }
}

fn a_read_only_folder_is_told_and_left_as_it_is(backend: Backend) {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let token = make_account(backend, "alice", &data);
    let mut instance = Instance::start(&data);
    let client = Client::new(&instance.base, &token);
    let id = client.post_status("before", None).id();
    instance.kill();
    let before = contents(&data);
    let Some(mounted) = ReadOnly::mount(&data) else {
        println!("skipped: file systems may not be mounted here");
        return;
    };
    let served = koinon(&["serve", "--listen", "127.0.0.1:0"], &data);
    assert!(!served.succeeded && served.log.contains(data.to_str().unwrap()), "{served:?}");
    let account =
        ["account", "create", "bob", "--email", "b@example.org", "--password", "correct horse battery"];
    let made = koinon(&account, &data);
    let told = match backend {
        Backend::Sled => "Read-only file system",
        _ => "readonly database",
    };
    assert!(!made.succeeded && made.log.contains(told), "{made:?}");
    assert!(!made.log.contains("panicked") && !served.log.contains("panicked"));
    assert_eq!(contents(&data), before);
    drop(mounted);
    let instance = Instance::start(&data);
    assert_eq!(Client::new(&instance.base, &token).statuses(), BTreeMap::from([("before".to_owned(), id)]));
}
