//! The `koinon` binary as its users run it: as a process.

#![allow(dead_code, unused_imports, unused_macros, clippy::unwrap_used)]

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

/// Long enough for the slowest machine; reached only when something hangs.
const PATIENCE: Duration = Duration::from_secs(60);

/// Makes tests of functions that take the name of a store: one for each store.
macro_rules! on_both_stores {
    ($($name:ident),* $(,)?) => {$(
        mod $name {
            #[test]
            fn sqlite() {
                super::$name("sqlite");
            }

            #[test]
            fn sled() {
                super::$name("sled");
            }
        }
    )*};
}
pub(crate) use on_both_stores;

/// A data folder whose configuration asks for this store.
pub(crate) fn folder_of(store: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    configure(folder.path(), store);
    folder
}

/// Makes a data folder whose configuration asks for this store.
pub(crate) fn configure(data: &Path, store: &str) {
    fs::create_dir_all(data).unwrap();
    fs::write(data.join("koinon.toml"), format!("store = \"{store}\"\n")).unwrap();
}

/// The binary with these arguments, seeing no settings of the environment.
pub(crate) fn koinon(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_koinon"));
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy().into_owned();
        if name.starts_with("KOINON_") || name == "RUST_LOG" {
            command.env_remove(name);
        }
    }
    command.args(arguments).stdin(Stdio::null());
    command
}

/// What became of a command that ends by itself.
pub(crate) fn run(arguments: &[&str]) -> Output {
    koinon(arguments).output().unwrap()
}

/// Standard output of a command that succeeds.
pub(crate) fn succeed(arguments: &[&str]) -> String {
    let output = run(arguments);
    assert!(output.status.success(), "{arguments:?}: {}", error_of(&output));
    String::from_utf8(output.stdout).unwrap()
}

/// The one line on standard error of a command that fails with status 1.
pub(crate) fn fail(arguments: &[&str]) -> String {
    let output = run(arguments);
    let error = error_of(&output);
    assert_eq!(output.status.code(), Some(1), "{arguments:?}: {error}");
    let line = error.trim_end().to_owned();
    assert!(line.starts_with("koinon: ") && !line.contains('\n'), "{error}");
    line
}

/// Standard error as text.
pub(crate) fn error_of(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A path as an argument.
pub(crate) fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// A running server. Killed when dropped.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    /// Where it listens, without a slash at the end.
    pub(crate) url: String,
    /// The link to make the first account at, if it told one.
    pub(crate) setup_link: Option<String>,
    errors: Option<thread::JoinHandle<String>>,
}

impl Server {
    /// Serves the folder on a free port.
    pub(crate) fn start(data: &Path) -> Self {
        Self::start_with(data, &[], &[])
    }

    /// Serves the folder on a free port with more flags and variables. Waits until it listens.
    pub(crate) fn start_with(data: &Path, flags: &[&str], variables: &[(&str, &str)]) -> Self {
        let mut command = koinon(&["serve", "--data", text(data), "--listen", "127.0.0.1:0"]);
        command.args(flags).envs(variables.iter().copied());
        Self::spawn(command)
    }

    /// Starts whatever serves on a free port.
    pub(crate) fn spawn(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut errors = child.stderr.take().unwrap();
        let errors = thread::spawn(move || {
            let mut text = String::new();
            errors.read_to_string(&mut text).unwrap();
            text
        });
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut url = None;
        let mut setup_link = None;
        // All lines are written in one piece, so what comes after the first one is there already.
        loop {
            let mut line = String::new();
            output.read_line(&mut line).unwrap();
            let words = || line.split_whitespace().last().unwrap_or_default().to_owned();
            if line.starts_with("Koinon listens on ") {
                url = Some(words());
            } else if line.contains("/setup/") {
                setup_link = Some(words());
            } else if line.is_empty() && url.is_none() {
                let _ = child.wait();
                panic!("it did not start: {}", errors.join().unwrap());
            }
            if output.buffer().is_empty() {
                break;
            }
        }
        Self { child, url: url.unwrap(), setup_link, errors: Some(errors) }
    }

    /// The host and port it listens on.
    pub(crate) fn address(&self) -> &str {
        self.url.strip_prefix("http://").unwrap()
    }

    /// Sends it a signal, `TERM` or `INT`.
    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("kill").args(["-s", name, &self.child.id().to_string()]).status().unwrap();
        assert!(sent.success());
    }

    /// Waits for it to end; answers how, and what it wrote to standard error.
    pub(crate) fn wait(mut self) -> (ExitStatus, String) {
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            if let Some(status) = self.child.try_wait().unwrap() {
                return (status, self.errors.take().unwrap().join().unwrap());
            }
            thread::sleep(Duration::from_millis(10));
        }
        panic!("it does not end");
    }

    /// Asks it to end, and sees it succeed; answers what it wrote to standard error.
    pub(crate) fn stop(self) -> String {
        self.signal("TERM");
        let (status, errors) = self.wait();
        assert_eq!(status.code(), Some(0), "{errors}");
        errors
    }

    /// Ends it as a crash would.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Status and JSON of `GET path`.
    pub(crate) fn get(&self, path: &str, token: Option<&str>) -> (u16, Value) {
        let mut request = agent().get(format!("{}{path}", self.url));
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        answer(request.call().unwrap())
    }

    /// Status and JSON of `POST path` with JSON.
    pub(crate) fn post(&self, path: &str, token: &str, body: &Value) -> (u16, Value) {
        let request =
            agent().post(format!("{}{path}", self.url)).header("authorization", format!("Bearer {token}"));
        answer(request.send_json(body).unwrap())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A client to which no status is an error.
pub(crate) fn agent() -> ureq::Agent {
    ureq::Agent::config_builder().http_status_as_error(false).build().into()
}

fn answer(mut response: ureq::http::Response<ureq::Body>) -> (u16, Value) {
    let status = response.status().as_u16();
    let text = response.body_mut().read_to_string().unwrap();
    (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
}

/// Makes an account and a token for it by the command line.
pub(crate) fn account_with_token(data: &Path, name: &str) -> String {
    let email = format!("{name}@example.org");
    let password = "correct horse battery staple";
    succeed(&["account", "create", name, "--email", &email, "--password", password, "--data", text(data)]);
    let output =
        succeed(&["token", "create", name, "--scopes", "read write follow push", "--data", text(data)]);
    output.lines().last().unwrap().to_owned()
}
