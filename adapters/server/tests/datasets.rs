//! Invented instances, made by the real program.

#![allow(clippy::unwrap_used)]

mod process;

use std::fs;
use std::path::Path;

use process::{Server, fail, folder_of, on_both_stores, succeed, text};

fn make(data: &Path) -> String {
    let flags = ["--accounts", "40", "--statuses", "300", "--seed", "5"];
    succeed(&[&["dataset", "--data", text(data)], &flags[..]].concat())
}

on_both_stores!(a_data_set_is_sound_and_can_be_served);

fn a_data_set_is_sound_and_can_be_served(store: &str) {
    let data = folder_of(store);
    let told = make(data.path());
    assert!(told.contains("counted 40 accounts") && told.contains("and 300 statuses"), "{told}");
    succeed(&["check", "--data", text(data.path())]);
    let token = succeed(&["token", "create", "ada0", "--data", text(data.path())]);
    let server = Server::start(data.path());
    assert_eq!(server.setup_link, None);
    let (status, home) = server.get("/api/v1/timelines/home?limit=20", Some(token.trim()));
    assert_eq!((status, home.as_array().unwrap().len()), (200, 20));
    server.stop();
}

#[test]
fn a_folder_with_data_is_refused_and_nothing_is_left_in_it() {
    let data = folder_of("sqlite");
    make(data.path());
    let before = fs::read(data.path().join("koinon.sqlite")).unwrap();
    let line = fail(&["dataset", "--data", text(data.path())]);
    assert!(line.contains("holds data already"), "{line}");
    assert_eq!(fs::read(data.path().join("koinon.sqlite")).unwrap(), before);
    let drafts = fs::read_dir(data.path()).unwrap();
    assert!(drafts.flatten().all(|entry| !entry.file_name().to_string_lossy().starts_with("dataset-")));
}
