//! Who is let in, what is understood, and what is left behind.

use std::fs;
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::sync::Arc;

use futures::executor::block_on;
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio::sync::watch;

use super::server::{Subject, carry_out};
use super::{Desk, Done, Order, SOCKET, ask_server};
use crate::config::{Config, Layer};
use crate::error::ServerError;
use crate::folder::DataFolder;
use crate::instance::{close, open_engine};
use crate::store_kind::StoreKind;

/// A desk over an empty instance, without a server around it.
struct Open {
    runtime: Runtime,
    data: TempDir,
    folder: DataFolder,
    engine: koinon_engine::Engine,
    desk: Desk,
}

impl Open {
    fn new() -> Self {
        let runtime = Runtime::new().unwrap();
        let data = tempfile::tempdir().unwrap();
        let folder = DataFolder::create(&data.path().join("data")).unwrap();
        let kind = StoreKind::Sled;
        let config = Config::new(folder.path().to_owned(), Layer::default());
        let engine = block_on(open_engine(&folder, kind, &config, config.listen)).unwrap();
        let desk = {
            let _inside = runtime.enter();
            Desk::open(folder.clone(), engine.clone(), kind).unwrap()
        };
        Self { runtime, data, folder, engine, desk }
    }

    /// What the server says to these bytes.
    fn say(&self, bytes: &[u8]) -> String {
        let mut stream = UnixStream::connect(self.folder.path().join(SOCKET)).unwrap();
        // It may have enough before everything is written.
        let _ = stream.write_all(bytes).and_then(|()| stream.shutdown(std::net::Shutdown::Write));
        let mut answer = String::new();
        let _ = stream.read_to_string(&mut answer);
        answer
    }

    fn close(self) -> TempDir {
        self.runtime.block_on(self.desk.close());
        close(self.engine);
        self.data
    }
}

fn account(name: &str) -> Order {
    Order::CreateAccount {
        name: name.into(),
        email: String::new(),
        password: "correct horse battery staple".into(),
        admin: false,
    }
}

#[test]
fn an_order_is_carried_out_and_errors_reach_who_gave_it() {
    let open = Open::new();
    let made = ask_server(&open.folder, &account("alice")).unwrap();
    assert_eq!(made, Some(Done::Account { name: "@alice@localhost".into() }));
    let refused = ask_server(&open.folder, &account("alice")).unwrap_err();
    assert_eq!(refused.to_string(), "Validation failed: Username has already been taken");
    assert_eq!(refused.hint(), Some("nothing was changed"));
    let checked = ask_server(&open.folder, &Order::Check).unwrap();
    assert_eq!(checked, Some(Done::Checked(Default::default())));
    open.close();
}

#[test]
fn the_socket_can_be_reached_by_its_owner_only_and_goes_when_the_desk_closes() {
    let open = Open::new();
    let (folder, socket) = (open.folder.clone(), open.folder.path().join(SOCKET));
    assert_eq!(fs::metadata(&socket).unwrap().permissions().mode() & 0o777, 0o600);
    let _data = open.close();
    assert!(!socket.exists());
    assert_eq!(ask_server(&folder, &Order::Check).unwrap(), None);
}

#[test]
fn what_a_crash_left_behind_is_no_server_and_no_hindrance() {
    let folder = tempfile::tempdir().unwrap();
    let data = DataFolder::create(folder.path()).unwrap();
    drop(std::os::unix::net::UnixListener::bind(folder.path().join(SOCKET)).unwrap());
    assert_eq!(ask_server(&data, &Order::Check).unwrap(), None);
    let runtime = Runtime::new().unwrap();
    let _inside = runtime.enter();
    assert!(super::server::bind(&folder.path().join(SOCKET)).is_ok());
}

#[test]
fn nonsense_is_refused_and_never_repeated() {
    let open = Open::new();
    for bytes in [
        &b""[..],
        b"\n",
        b"secret\n",
        b"{\"create_account\":{\"name\":\"secret\"}}\n",
        b"{\"unknown\":\"secret\"}\n",
        &[b'1'; 100 << 10],
    ] {
        let answer = open.say(bytes);
        assert!(answer.is_empty() || answer.contains("does not understand"), "{answer}");
        assert!(!answer.contains("secret"), "{answer}");
    }
    assert!(ask_server(&open.folder, &account("alice")).unwrap().is_some());
    open.close();
}

#[test]
fn a_server_that_ends_gives_up_a_backup_and_leaves_nothing_of_it() {
    let open = Open::new();
    open.engine.blobs().put(b"a file, behind which the end is noticed").unwrap();
    let subject = Subject { folder: open.folder.clone(), engine: open.engine.clone(), kind: StoreKind::Sled };
    let file = open.data.path().join("backup.tar");
    let (_end, ending) = watch::channel(true);
    let order = Order::Backup { file };
    let refused = open.runtime.block_on(carry_out(order, Arc::new(subject), ending)).unwrap_err();
    assert_eq!(refused.message, "the server is shutting down");
    let data = open.close();
    assert_eq!(fs::read_dir(data.path()).unwrap().count(), 1, "something is left beside the data");
}

#[test]
fn who_connects_and_says_nothing_does_not_hold_up_the_end() {
    let open = Open::new();
    let mut silent = UnixStream::connect(open.folder.path().join(SOCKET)).unwrap();
    // Taken, not only waiting to be.
    assert!(ask_server(&open.folder, &account("alice")).unwrap().is_some());
    open.close();
    let mut answer = String::new();
    silent.read_to_string(&mut answer).unwrap();
    assert!(answer.contains("shutting down"), "{answer}");
}

#[test]
fn secrets_are_not_shown() {
    let shown = format!("{:?} {:?}", account("alice"), Done::Token { secret: "hidden".into() });
    assert!(!shown.contains("horse") && !shown.contains("hidden"), "{shown}");
}

#[test]
fn a_store_that_another_process_has_is_told_as_such() {
    let open = Open::new();
    let refused = open.folder.open_store(StoreKind::Sled).unwrap_err();
    assert!(matches!(refused, ServerError::InUse { kind: StoreKind::Sled, .. }), "{refused}");
    assert!(refused.hint().is_some());
    open.close();
}

#[test]
fn a_path_too_long_for_a_socket_only_costs_the_socket() {
    let folder = tempfile::tempdir().unwrap();
    let data = DataFolder::create(&folder.path().join("a".repeat(120))).unwrap();
    assert_eq!(ask_server(&data, &Order::Check).unwrap(), None);
    let runtime = Runtime::new().unwrap();
    let _inside = runtime.enter();
    assert!(super::server::bind(&data.path().join(SOCKET)).is_err());
}
