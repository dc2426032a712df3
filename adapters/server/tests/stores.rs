//! Which store an instance has, and what can be done beside a server whose store lets in nobody else.

#![allow(clippy::unwrap_used)]

mod process;

use std::fs;
use std::path::Path;
use std::process::Output;

use process::{Server, account_with_token, error_of, fail, folder_of, koinon, run, succeed, text};

/// Whether a data folder has SQLite and sled.
fn stores(data: &Path) -> (bool, bool) {
    (data.join("koinon.sqlite").is_file(), data.join("koinon.sled").is_dir())
}

fn create(data: &Path, name: &str, flags: &[&str], variables: &[(&str, &str)]) -> Output {
    let password = "correct horse battery staple";
    let mut command = koinon(&["account", "create", name, "--password", password, "--data", text(data)]);
    command.args(flags).envs(variables.iter().copied()).output().unwrap()
}

#[test]
fn flag_variable_and_file_choose_the_store_of_a_new_folder_and_sqlite_is_the_default() {
    for (flags, variables, file, sled) in [
        (&[][..], &[][..], "", false),
        (&["--store", "sled"], &[], "", true),
        (&[], &[("KOINON_STORE", "sled")], "", true),
        (&[], &[], "store = \"sled\"", true),
        (&["--store", "sqlite"], &[("KOINON_STORE", "sled")], "store = \"sled\"", false),
        (&[], &[("KOINON_STORE", "sqlite")], "store = \"sled\"", false),
    ] {
        let data = tempfile::tempdir().unwrap();
        fs::write(data.path().join("koinon.toml"), file).unwrap();
        let output = create(data.path(), "alice", flags, variables);
        assert!(output.status.success(), "{}", error_of(&output));
        assert_eq!(stores(data.path()), (!sled, sled), "{flags:?} {variables:?} {file}");
    }
}

#[test]
fn a_folder_is_opened_with_what_it_holds() {
    for store in ["sqlite", "sled"] {
        let data = tempfile::tempdir().unwrap();
        assert!(create(data.path(), "alice", &["--store", store], &[]).status.success());
        succeed(&["token", "create", "alice", "--data", text(data.path())]);
        succeed(&["check", "--data", text(data.path())]);
        Server::start(data.path()).stop();
        assert_eq!(stores(data.path()), (store == "sqlite", store == "sled"));
    }
}

#[test]
fn another_store_than_the_folder_holds_is_refused_with_the_way_to_change_it() {
    let folder = tempfile::tempdir().unwrap();
    for (held, wanted) in [("sqlite", "sled"), ("sled", "sqlite")] {
        let (data, backup) = (folder.path().join(held), folder.path().join(format!("{held}.tar")));
        assert!(create(&data, "alice", &["--store", held], &[]).status.success());
        succeed(&["backup", text(&backup), "--data", text(&data)]);
        let at = ["--data", text(&data), "--store", wanted];
        let again = folder.path().join(format!("{held}-again"));
        for (command, place) in [
            (vec!["serve"], &data),
            (vec!["account", "create", "bob", "--password", "correct horse battery staple"], &data),
            (vec!["token", "create", "alice"], &data),
            (vec!["check"], &data),
            (vec!["backup", text(&folder.path().join("other.tar"))], &data),
        ] {
            let line = fail(&[&command[..], &at].concat());
            let start = format!("koinon: {} holds its records in {held}, not in {wanted} ", place.display());
            assert!(line.starts_with(&start) && line.contains("koinon convert"), "{line}");
        }
        let line = fail(&["restore", text(&backup), "--data", text(&again), "--store", wanted]);
        assert!(line.contains(&format!("holds its records in {held}")) && line.contains("koinon convert"));
        assert_eq!(fs::read_dir(&again).unwrap().count(), 0);
        succeed(&["restore", text(&backup), "--data", text(&again), "--store", held]);
        assert_eq!(stores(&data), (held == "sqlite", held == "sled"));
        assert_eq!(stores(&again), stores(&data));
    }
}

#[test]
fn a_folder_with_two_stores_is_not_guessed_at() {
    let (one, other) = (folder_of("sqlite"), folder_of("sled"));
    account_with_token(one.path(), "alice");
    account_with_token(other.path(), "alice");
    fs::rename(other.path().join("koinon.sled"), one.path().join("koinon.sled")).unwrap();
    for flags in [&[][..], &["--store", "sled"]] {
        let line = fail(&[&["check", "--data", text(one.path())], flags].concat());
        assert!(line.contains("holds more than one store (move the one away"), "{line}");
    }
}

#[test]
fn what_a_server_is_asked_to_do_is_told_to_who_asked() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder_of("sled");
    let server = Server::start(data.path());
    account_with_token(data.path(), "alice");
    let at = ["--data", text(data.path())];
    let refused = create(data.path(), "Alice", &[], &[]);
    assert!(error_of(&refused).contains("Username has already been taken (nothing was changed)"));
    assert_eq!(fail(&["token", "create", "bob", at[0], at[1]]), "koinon: there is no account called bob");
    let line = fail(&["token", "create", "alice", "--scopes", "everything", at[0], at[1]]);
    assert!(line.ends_with("(scopes are words such as read, write:statuses or push)"), "{line}");
    let nowhere = folder.path().join("none/backup.tar");
    assert!(fail(&["backup", text(&nowhere), at[0], at[1]]).contains("cannot write a file in"));
    // A path is seen from where the command runs, not from where the server does.
    let mut command = koinon(&["backup", "here.tar", at[0], at[1]]);
    let output = command.current_dir(folder.path()).output().unwrap();
    assert!(output.status.success(), "{}", error_of(&output));
    let line = fail(&["backup", text(&folder.path().join("here.tar")), at[0], at[1]]);
    assert!(line.ends_with("exists already (choose another name; nothing was overwritten)"), "{line}");
    let log = server.stop();
    assert!(log.contains("account create") && !log.contains("horse"), "{log}");
}

#[test]
fn a_server_that_cannot_be_asked_is_told_with_what_to_do() {
    let data = folder_of("sled");
    let server = Server::start(data.path());
    account_with_token(data.path(), "alice");
    fs::remove_file(data.path().join("koinon.sock")).unwrap();
    let line = fail(&["check", "--data", text(data.path())]);
    assert_eq!(
        line,
        format!(
            "koinon: the store in {} is in use, and one process only can open sled (stop the server or wait for the command that uses it)",
            data.path().display()
        )
    );
    server.stop();
    succeed(&["check", "--data", text(data.path())]);
}

#[test]
fn commands_work_after_a_server_of_sled_was_killed() {
    let data = folder_of("sled");
    let server = Server::start(data.path());
    let token = account_with_token(data.path(), "alice");
    server.kill();
    assert!(data.path().join("koinon.sock").exists());
    succeed(&["check", "--data", text(data.path())]);
    assert!(run(&["token", "create", "alice", "--data", text(data.path())]).status.success());
    let server = Server::start(data.path());
    assert_eq!(server.get("/api/v1/accounts/verify_credentials", Some(&token)).0, 200);
    server.stop();
}
