//! Making accounts and tokens on the command line.

#![allow(clippy::unwrap_used)]

mod process;

use std::io::Write;
use std::process::Stdio;

use process::{Server, account_with_token, fail, folder_of, koinon, on_both_stores, run, succeed, text};

on_both_stores! {
    an_account_and_a_token_made_while_the_server_runs_work_at_once,
    an_account_can_be_made_before_the_first_start,
    a_password_can_come_from_standard_input,
    a_token_allows_what_it_was_made_for,
    what_cannot_be_made_is_told_in_one_line,
}

fn an_account_and_a_token_made_while_the_server_runs_work_at_once(store: &str) {
    let data = folder_of(store);
    let server = Server::start(data.path());
    let token = account_with_token(data.path(), "alice");
    let (status, account) = server.get("/api/v1/accounts/verify_credentials", Some(&token));
    assert_eq!((status, account["username"].as_str()), (200, Some("alice")), "{account}");
    let (status, posted) = server.post("/api/v1/statuses", &token, &serde_json::json!({ "status": "hello" }));
    assert_eq!(status, 200, "{posted}");
    server.stop();
}

fn an_account_can_be_made_before_the_first_start(store: &str) {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("new");
    let output = succeed(&[
        "account",
        "create",
        "owner",
        "--email",
        "owner@example.org",
        "--password",
        "correct horse battery staple",
        "--admin",
        "--store",
        store,
        "--data",
        text(&data),
    ]);
    assert_eq!(output, "created @owner@localhost\n");
    let token = succeed(&["token", "create", "owner", "--data", text(&data)]);
    let server = Server::start(&data);
    assert_eq!(server.setup_link, None);
    let (status, _) = server.get("/api/v1/accounts/verify_credentials", Some(token.trim_end()));
    assert_eq!(status, 200);
    server.stop();
}

fn a_password_can_come_from_standard_input(store: &str) {
    let data = folder_of(store);
    let mut command = koinon(&["account", "create", "alice", "--data", text(data.path())]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"correct horse battery staple\n").unwrap();
    assert!(child.wait_with_output().unwrap().status.success());
    assert!(succeed(&["token", "create", "alice", "--data", text(data.path())]).len() > 40);
}

fn a_token_allows_what_it_was_made_for(store: &str) {
    let data = folder_of(store);
    account_with_token(data.path(), "alice");
    let token = succeed(&["token", "create", "alice", "--scopes", "read", "--data", text(data.path())]);
    let server = Server::start(data.path());
    let token = token.trim_end();
    assert_eq!(server.get("/api/v1/accounts/verify_credentials", Some(token)).0, 200);
    assert_eq!(server.post("/api/v1/statuses", token, &serde_json::json!({ "status": "no" })).0, 403);
    server.stop();
}

fn what_cannot_be_made_is_told_in_one_line(store: &str) {
    let data = folder_of(store);
    let at = ["--data", text(data.path())];
    let create = |name: &str, password: &str| {
        fail(&["account", "create", name, "--email", "a@example.org", "--password", password, at[0], at[1]])
    };
    assert_eq!(
        fail(&["token", "create", "alice", at[0], at[1]]),
        format!(
            "koinon: there is no instance in {} (name its data folder with --data)",
            data.path().display()
        )
    );
    assert!(create("alice", "short").contains("Password is too short"));
    assert!(create("no name", "correct horse battery staple").contains("Username is invalid"));
    account_with_token(data.path(), "alice");
    assert!(create("Alice", "correct horse battery staple").contains("Username has already been taken"));
    assert_eq!(fail(&["token", "create", "bob", at[0], at[1]]), "koinon: there is no account called bob");
    let line = fail(&["token", "create", "alice", "--scopes", "everything", at[0], at[1]]);
    assert!(line.ends_with("(scopes are words such as read, write:statuses or push)"), "{line}");
    assert_eq!(run(&["account", "create", "--data", text(data.path())]).status.code(), Some(2));
}
