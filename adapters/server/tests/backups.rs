//! Backups made while an instance is served, put back, and checked.

#![allow(clippy::unwrap_used)]

mod process;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use process::{
    Server, account_with_token, configure, error_of, fail, folder_of, on_both_stores, run, succeed, text,
};
use serde_json::json;

/// Replaces each occurrence of a text in a file; answers how many there were.
fn replace(file: &Path, from: &[u8], to: &[u8]) -> usize {
    assert_eq!(from.len(), to.len());
    let mut bytes = fs::read(file).unwrap();
    let found: Vec<usize> =
        (0..bytes.len().saturating_sub(from.len())).filter(|at| bytes[*at..].starts_with(from)).collect();
    for at in &found {
        bytes[*at..at + to.len()].copy_from_slice(to);
    }
    fs::write(file, bytes).unwrap();
    found.len()
}

/// The file with the records in a data folder.
fn records_file(data: &Path, store: &str) -> PathBuf {
    data.join(if store == "sqlite" { "koinon.sqlite" } else { "koinon.sled/db" })
}

/// The smallest GIF: one pixel.
const PICTURE: &[u8] = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;";

/// Uploads a picture and posts it; answers the address of the file below the server.
fn post_picture(server: &Server, token: &str) -> String {
    let boundary = "boundary";
    let mut body = format!(
        "--{boundary}\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.gif\"\r\ncontent-type: image/gif\r\n\r\n"
    )
    .into_bytes();
    body.extend_from_slice(PICTURE);
    body.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
    let mut response = process::agent()
        .post(format!("{}/api/v1/media", server.url))
        .header("authorization", format!("Bearer {token}"))
        .content_type(format!("multipart/form-data; boundary={boundary}"))
        .send(&body[..])
        .unwrap();
    assert_eq!(response.status(), 200);
    let media: serde_json::Value = response.body_mut().read_json().unwrap();
    let status = json!({ "status": "a picture", "media_ids": [media["id"]] });
    assert_eq!(server.post("/api/v1/statuses", token, &status).0, 200);
    let url = media["url"].as_str().unwrap();
    url.strip_prefix(&server.url).unwrap().to_owned()
}

fn picture(server: &Server, path: &str) -> Vec<u8> {
    let mut response = process::agent().get(format!("{}{path}", server.url)).call().unwrap();
    assert_eq!(response.status(), 200);
    response.body_mut().read_to_vec().unwrap()
}

on_both_stores! {
    a_backup_made_while_posts_come_in_is_a_whole_instance,
    a_backup_never_overwrites_and_a_restore_never_mixes,
    a_folder_that_is_being_served_is_not_restored_into,
    what_is_no_backup_or_a_damaged_one_restores_nothing,
    a_check_of_sound_data_succeeds_in_one_line_also_while_they_are_served,
    a_check_finds_a_flipped_byte_and_exits_with_1,
    a_check_finds_a_damaged_upload,
    a_check_of_something_that_is_no_database_exits_with_1,
}

fn a_backup_made_while_posts_come_in_is_a_whole_instance(store: &str) {
    let folder = tempfile::tempdir().unwrap();
    let (data, file, again) =
        (folder.path().join("data"), folder.path().join("backup.tar"), folder.path().join("again"));
    configure(&data, store);
    let server = Server::start(&data);
    let token = account_with_token(&data, "alice");
    let path = post_picture(&server, &token);
    let configuration = format!("store = \"{store}\"\ntitle = \"Kept\"\n");
    fs::write(data.join("koinon.toml"), &configuration).unwrap();

    let done = AtomicBool::new(false);
    let posted = thread::scope(|scope| {
        let posting = scope.spawn(|| {
            let mut count = 0;
            while !done.load(Ordering::Relaxed) {
                let status = json!({ "status": format!("post {count}") });
                assert_eq!(server.post("/api/v1/statuses", &token, &status).0, 200);
                count += 1;
            }
            count
        });
        let output = run(&["backup", text(&file), "--data", text(&data)]);
        done.store(true, Ordering::Relaxed);
        assert!(output.status.success(), "{}", error_of(&output));
        posting.join().unwrap()
    });
    server.stop();
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "something was left beside the backup");

    succeed(&["restore", text(&file), "--data", text(&again)]);
    succeed(&["check", "--data", text(&again)]);
    assert_eq!(fs::read_to_string(again.join("koinon.toml")).unwrap(), configuration);
    assert!(again.join(format!("koinon.{store}")).exists());
    let server = Server::start(&again);
    let (status, account) = server.get("/api/v1/accounts/verify_credentials", Some(&token));
    assert_eq!(status, 200, "{account}");
    let count = account["statuses_count"].as_u64().unwrap();
    assert!((1..=posted + 1).contains(&count), "{count} of {posted}");
    assert_eq!(picture(&server, &path)[..6], PICTURE[..6]);
    server.stop();
}

fn a_backup_never_overwrites_and_a_restore_never_mixes(store: &str) {
    let folder = tempfile::tempdir().unwrap();
    let (data, file) = (folder.path().join("data"), folder.path().join("backup.tar"));
    configure(&data, store);
    account_with_token(&data, "alice");
    succeed(&["backup", text(&file), "--data", text(&data)]);
    let before = fs::read(&file).unwrap();
    assert_eq!(
        fail(&["backup", text(&file), "--data", text(&data)]),
        format!("koinon: {} exists already (choose another name; nothing was overwritten)", file.display())
    );
    assert!(fs::read(&file).unwrap() == before);
    let line = fail(&["restore", text(&file), "--data", text(&data)]);
    assert!(line.contains("holds data already"), "{line}");
    succeed(&["check", "--data", text(&data)]);
}

fn a_folder_that_is_being_served_is_not_restored_into(store: &str) {
    let folder = tempfile::tempdir().unwrap();
    let (data, file) = (folder.path().join("data"), folder.path().join("backup.tar"));
    configure(&data, store);
    let server = Server::start(&data);
    succeed(&["backup", text(&file), "--data", text(&data)]);
    let line = fail(&["restore", text(&file), "--data", text(&data)]);
    assert!(line.contains("another server is running"), "{line}");
    server.stop();
}

fn what_is_no_backup_or_a_damaged_one_restores_nothing(store: &str) {
    let folder = tempfile::tempdir().unwrap();
    let (data, file, again) =
        (folder.path().join("data"), folder.path().join("backup.tar"), folder.path().join("again"));
    configure(&data, store);
    account_with_token(&data, "alice");
    succeed(&["backup", text(&file), "--data", text(&data)]);
    let sound = fs::read(&file).unwrap();
    let half = folder.path().join("half.tar");
    fs::write(&half, &sound[..sound.len() / 2]).unwrap();
    let without_end = folder.path().join("without-end.tar");
    let manifest = sound.windows(13).rposition(|name| name == b"manifest.json").unwrap();
    fs::write(&without_end, &sound[..manifest]).unwrap();
    let other_records = folder.path().join("other-records.tar");
    fs::write(&other_records, &sound).unwrap();
    assert!(replace(&other_records, b"alice", b"alicf") > 0);
    for (backup, part) in [
        (&half, "is damaged: "),
        (&without_end, "is damaged: it is not complete"),
        (&other_records, "is damaged: the records are not what they were"),
        (&records_file(&data, store), "is no backup of an instance"),
        (&data, "cannot read"),
        (&folder.path().join("nowhere"), "cannot open"),
    ] {
        let line = fail(&["restore", text(backup), "--data", text(&again)]);
        assert!(line.contains(part), "{line}");
        assert_eq!(fs::read_dir(&again).unwrap().count(), 0, "{line}");
    }
    succeed(&["restore", text(&file), "--data", text(&again)]);
}

fn a_check_of_sound_data_succeeds_in_one_line_also_while_they_are_served(store: &str) {
    let data = folder_of(store);
    let server = Server::start(data.path());
    let token = account_with_token(data.path(), "alice");
    post_picture(&server, &token);
    let output = succeed(&["check", "--data", text(data.path())]);
    assert!(output.contains("the records are sound") && output.lines().count() == 1, "{output}");
    server.stop();
}

fn a_check_finds_a_flipped_byte_and_exits_with_1(store: &str) {
    let data = folder_of(store);
    account_with_token(data.path(), "flipped");
    assert!(replace(&records_file(data.path(), store), b"\"flipped\"", b"\"flopped\"") > 0);
    let output = run(&["check", "--data", text(data.path())]);
    assert_eq!(output.status.code(), Some(1), "{}", error_of(&output));
    let list = String::from_utf8(output.stdout).unwrap();
    if store == "sqlite" {
        assert!(list.contains("accounts: ") && list.contains("the checksum does not match"), "{list}");
    } else {
        assert!(list.contains("not a usable store"), "{list}");
    }
    assert!(list.trim_end().ends_with(" defects"), "{list}");
}

fn a_check_finds_a_damaged_upload(store: &str) {
    let data = folder_of(store);
    let server = Server::start(data.path());
    let token = account_with_token(data.path(), "alice");
    post_picture(&server, &token);
    server.stop();
    let outer = fs::read_dir(data.path().join("media")).unwrap().next().unwrap().unwrap().path();
    let inner = fs::read_dir(outer).unwrap().next().unwrap().unwrap().path();
    let file = fs::read_dir(inner).unwrap().next().unwrap().unwrap().path();
    let mut bytes = fs::read(&file).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&file, bytes).unwrap();
    let output = run(&["check", "--data", text(data.path())]);
    assert_eq!(output.status.code(), Some(1), "{}", error_of(&output));
    let list = String::from_utf8(output.stdout).unwrap();
    assert!(list.starts_with("media: the content of blob "), "{list}");
}

fn a_check_of_something_that_is_no_database_exits_with_1(store: &str) {
    let data = folder_of(store);
    assert!(fail(&["check", "--data", text(data.path())]).contains("there is no instance in"));
    let records = records_file(data.path(), store);
    fs::create_dir_all(records.parent().unwrap()).unwrap();
    fs::write(records, [7; 8192]).unwrap();
    let output = run(&["check", "--data", text(data.path())]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stdout).unwrap().contains("not a usable store"));
}
