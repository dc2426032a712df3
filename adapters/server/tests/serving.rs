//! Starting and ending: what an operator sees.

#![allow(clippy::unwrap_used)]

mod process;

use std::fs;
use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;

use process::{Server, account_with_token, fail, folder_of, koinon, on_both_stores, run, text};

/// The version 2 and its checksum, as they stand behind the magic of the file that tells a store of sled.
const NEWER_SLED: [u8; 8] = [0, 0, 0, 2, 193, 42, 232, 104];

/// A request whose body is still to come.
fn begin_request(server: &Server) -> TcpStream {
    let mut stream = TcpStream::connect(server.address()).unwrap();
    let head = "POST /api/v1/statuses HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
                content-length: 15\r\nexpect: 100-continue\r\n\r\n";
    stream.write_all(head.as_bytes()).unwrap();
    // The server asks for the body, so it is being waited for.
    let mut continued = [0; 25];
    stream.read_exact(&mut continued).unwrap();
    assert_eq!(&continued, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream
}

/// Waits for the server to close an idle connection, which it does when it has got a signal. One that was not even
/// accepted by then is reset.
fn wait_for_close(idle: &mut TcpStream) {
    match idle.read(&mut [0]) {
        Ok(0) => {}
        Err(error) if error.kind() == ErrorKind::ConnectionReset => {}
        other => panic!("{other:?}"),
    }
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort_unstable();
    names
}

on_both_stores! {
    the_setup_link_is_told_until_there_is_an_account,
    the_end_leaves_a_database_without_a_log_and_no_lock,
    a_second_signal_ends_it_at_once,
    a_crash_does_not_hinder_the_next_start,
    a_folder_is_served_by_one_server,
    secrets_never_get_into_the_log,
    connections_never_take_the_file_descriptors_of_the_data,
}

#[test]
fn with_nothing_configured_it_makes_its_folder_and_tells_where_to_begin() {
    let here = tempfile::tempdir().unwrap();
    let mut command = koinon(&[]);
    // The usual port may be taken on this machine.
    command.current_dir(here.path()).env("KOINON_LISTEN", "127.0.0.1:0");
    let server = Server::spawn(command);
    let link = server.setup_link.clone().unwrap();
    assert!(link.starts_with(&format!("{}/setup/", server.url)), "{link}");
    assert!(link.len() > server.url.len() + 40, "{link}");
    assert!(here.path().join("koinon-data/koinon.sqlite").is_file());
    assert_eq!(server.get("/health", None).0, 200);
    assert_eq!(server.get(link.strip_prefix(&server.url).unwrap(), None).0, 200);
    server.stop();
}

fn the_setup_link_is_told_until_there_is_an_account(store: &str) {
    let data = folder_of(store);
    let first = Server::start(data.path());
    let link = first.setup_link.clone();
    first.stop();
    let second = Server::start(data.path());
    assert!(link.is_some() && second.setup_link.is_some() && link != second.setup_link);
    account_with_token(data.path(), "alice");
    second.stop();
    assert_eq!(Server::start(data.path()).setup_link, None);
}

fn the_end_leaves_a_database_without_a_log_and_no_lock(store: &str) {
    for signal in ["TERM", "INT"] {
        let data = folder_of(store);
        let server = Server::start(data.path());
        assert!(names(data.path()).contains(&"koinon.lock".to_owned()));
        server.signal(signal);
        let (status, errors) = server.wait();
        assert_eq!(status.code(), Some(0), "{errors}");
        let records = format!("koinon.{store}");
        assert_eq!(names(data.path()), [records.as_str(), "koinon.toml", "media"], "{signal}");
    }
}

#[test]
fn a_request_that_has_begun_is_answered_before_the_end() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(data.path());
    let mut stream = begin_request(&server);
    let mut idle = TcpStream::connect(server.address()).unwrap();
    server.signal("TERM");
    wait_for_close(&mut idle);
    assert!(TcpStream::connect(server.address()).is_err());
    stream.write_all(b"{\"status\":\"hi\"}").unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).unwrap();
    assert!(response.starts_with("HTTP/1.1 401 "), "{response}");
    let (status, errors) = server.wait();
    assert_eq!(status.code(), Some(0), "{errors}");
}

fn a_second_signal_ends_it_at_once(store: &str) {
    let data = folder_of(store);
    let server = Server::start(data.path());
    let _unfinished = begin_request(&server);
    let mut idle = TcpStream::connect(server.address()).unwrap();
    server.signal("TERM");
    wait_for_close(&mut idle);
    server.signal("INT");
    let (status, errors) = server.wait();
    assert_eq!(status.code(), Some(130), "{errors}");
    // Nothing of that hinders the next start.
    Server::start(data.path()).stop();
}

fn a_crash_does_not_hinder_the_next_start(store: &str) {
    let data = folder_of(store);
    let server = Server::start(data.path());
    let token = account_with_token(data.path(), "alice");
    let posted = server.post("/api/v1/statuses", &token, &serde_json::json!({ "status": "still here" }));
    assert_eq!(posted.0, 200, "{}", posted.1);
    server.kill();
    let server = Server::start(data.path());
    let (status, found) = server.get(&format!("/api/v1/statuses/{}", posted.1["id"].as_str().unwrap()), None);
    assert_eq!((status, found["content"].as_str()), (200, Some("<p>still here</p>")));
    server.stop();
}

#[test]
fn a_port_that_is_in_use_is_told() {
    let data = tempfile::tempdir().unwrap();
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = other.local_addr().unwrap().to_string();
    assert_eq!(
        fail(&["serve", "--data", text(data.path()), "--listen", &address]),
        format!(
            "koinon: cannot listen on {address}: the port is in use (is another server running? choose another port with --listen)"
        )
    );
}

#[test]
fn a_folder_that_is_a_file_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "text").unwrap();
    for data in [file.clone(), file.join("below")] {
        assert_eq!(
            fail(&["serve", "--data", text(&data), "--listen", "127.0.0.1:0"]),
            format!(
                "koinon: cannot use {} as data folder: there is a file of that name (choose another folder with --data, or make this one writable)",
                data.display()
            )
        );
    }
    assert_eq!(fs::read_to_string(&file).unwrap(), "text");
}

#[test]
fn a_database_that_is_something_else_or_newer_is_told_and_left_alone() {
    let data = tempfile::tempdir().unwrap();
    Server::start(data.path()).stop();
    let path = data.path().join("koinon.sqlite");
    let sound = fs::read(&path).unwrap();
    // Offsets in the header of a SQLite file: the version of the schema at 60, the application at 68.
    let mut newer = sound.clone();
    newer[60..64].copy_from_slice(&9_999_u32.to_be_bytes());
    let mut foreign = sound;
    foreign[68..72].copy_from_slice(&[0; 4]);
    for (content, part) in [
        (newer, "the store has schema version 9999"),
        (foreign, "not a store of this program"),
        (
            b"something that is no database at all, but long enough to be taken for one".repeat(20),
            "not a usable store",
        ),
    ] {
        fs::write(&path, &content).unwrap();
        let line = fail(&["serve", "--data", text(data.path()), "--listen", "127.0.0.1:0"]);
        assert!(line.starts_with("koinon: cannot use the database: ") && line.contains(part), "{line}");
        assert!(line.ends_with(')'), "no hint: {line}");
        assert!(fs::read(&path).unwrap() == content, "the file was changed");
        assert_eq!(names(data.path()), ["koinon.sqlite", "media"]);
    }
}

fn a_folder_is_served_by_one_server(store: &str) {
    let data = folder_of(store);
    let server = Server::start(data.path());
    let line = fail(&["serve", "--data", text(data.path()), "--listen", "127.0.0.1:0"]);
    assert!(
        line.starts_with(&format!(
            "koinon: another server is running on {} (process ",
            data.path().display()
        )),
        "{line}"
    );
    assert_eq!(server.get("/health", None).0, 200);
    server.stop();
}

#[test]
fn a_folder_of_sled_that_is_something_else_or_newer_is_told_and_left_alone() {
    let data = folder_of("sled");
    Server::start(data.path()).stop();
    let path = data.path().join("koinon.sled/koinon.store");
    let sound = fs::read(&path).unwrap();
    // Twelve bytes of magic, then the version, whose checksum is of a file of version 2 here.
    let mut newer = sound.clone();
    newer[12..20].copy_from_slice(&NEWER_SLED);
    for (content, part) in [
        (newer, "the store has schema version 2"),
        (sound[1..].to_vec(), "not a store of this program"),
        (Vec::new(), "not a store of this program"),
    ] {
        fs::write(&path, &content).unwrap();
        let line = fail(&["serve", "--data", text(data.path()), "--listen", "127.0.0.1:0"]);
        assert!(line.starts_with("koinon: cannot use the database: ") && line.contains(part), "{line}");
        assert!(line.ends_with(')'), "no hint: {line}");
        assert!(fs::read(&path).unwrap() == content, "the file was changed");
    }
}

#[test]
fn bad_configuration_is_told_with_its_place() {
    let data = tempfile::tempdir().unwrap();
    let file = data.path().join("koinon.toml");
    fs::write(&file, "title = \"A\"\nlisten = \"here\"\n").unwrap();
    assert_eq!(
        fail(&["serve", "--data", text(data.path())]),
        format!(
            "koinon: {}, line 2: an IP address with a port is needed, such as 127.0.0.1:3000",
            file.display()
        )
    );
    let output = run(&["serve", "--registrations", "maybe"]);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn settings_of_file_environment_and_flags_reach_the_instance() {
    let data = tempfile::tempdir().unwrap();
    fs::write(data.path().join("koinon.toml"), "title = \"From the file\"\nid_format = \"snowflake\"\n")
        .unwrap();
    let variables = [("KOINON_DOMAIN", "social.example"), ("KOINON_ID_FORMAT", "flake")];
    let server = Server::start_with(data.path(), &["--id-format", "snowflake"], &variables);
    assert!(server.setup_link.as_ref().unwrap().starts_with("https://social.example/setup/"));
    let token = account_with_token(data.path(), "alice");
    let (status, account) = server.get("/api/v1/accounts/verify_credentials", Some(&token));
    assert_eq!(status, 200, "{account}");
    assert_eq!(account["url"], "https://social.example/@alice");
    assert!(account["id"].as_str().unwrap().bytes().all(|byte| byte.is_ascii_digit()), "{account}");
    server.stop();
}

fn secrets_never_get_into_the_log(store: &str) {
    let data = folder_of(store);
    let server = Server::start_with(data.path(), &[], &[("KOINON_LOG", "trace")]);
    let secret = server.setup_link.clone().unwrap().rsplit_once('/').unwrap().1.to_owned();
    server.get(&format!("/setup/{secret}"), None);
    let token = account_with_token(data.path(), "alice");
    server.get("/api/v1/accounts/verify_credentials", Some(&token));
    server.get(&format!("/api/v1/accounts/verify_credentials?access_token={token}"), None);
    let form = [("grant_type", "password"), ("username", "alice"), ("password", "a password in a form")];
    process::agent().post(format!("{}/oauth/token", server.url)).send_form(form).unwrap();
    let log = server.stop();
    assert!(log.contains("/api/v1/accounts/verify_credentials"), "requests are not in the log: {log}");
    for secret in [secret.as_str(), &token, "a password in a form", "access_token"] {
        assert!(!log.contains(secret), "{secret} in {log}");
    }
}

fn connections_never_take_the_file_descriptors_of_the_data(store: &str) {
    let data = folder_of(store);
    let mut limited = std::process::Command::new("sh");
    limited.args(["-c", "ulimit -n 80 && exec \"$@\"", "sh", env!("CARGO_BIN_EXE_koinon"), "serve"]);
    limited.args(["--listen", "127.0.0.1:0", "--data", text(data.path())]);
    let server = Server::spawn(limited);
    let many: Vec<TcpStream> = (0..100).map(|_| TcpStream::connect(server.address()).unwrap()).collect();
    // Also while all connections are taken, the database opens its files.
    let token = account_with_token(data.path(), "alice");
    drop(many);
    assert_eq!(server.get("/api/v1/accounts/verify_credentials", Some(&token)).0, 200);
    let log = server.stop();
    assert!(log.contains("there are file descriptors for 16 connections only, not for 4096"), "{log}");
    assert!(!log.contains("no connection can be accepted"), "{log}");
}
