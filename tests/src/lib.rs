//! What the tests of this folder share: a real `koinon` process, a small HTTP client, faults, dumps of whole stores.

#![cfg_attr(test, allow(clippy::unwrap_used))]

/// Makes tests of functions that take a [`backend::Backend`]: one for each that promises to lose nothing.
#[macro_export]
macro_rules! on_each_backend {
    ($($name:ident),* $(,)?) => {$(
        mod $name {
            #[test]
            fn sqlite() {
                super::$name($crate::backend::Backend::Sqlite);
            }

            #[test]
            fn sled() {
                super::$name($crate::backend::Backend::Sled);
            }
        }
    )*};
}

pub mod backend;
pub mod fixture;
pub mod histories;
pub mod scenario;
pub mod trace;
pub mod upgrades;

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

/// The `koinon` binary, built if it is not yet. `KOINON_BINARY` names another one, a release build say.
///
/// # Panics
/// If it cannot be built.
pub fn koinon_binary() -> PathBuf {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY
        .get_or_init(|| {
            if let Some(path) = std::env::var_os("KOINON_BINARY") {
                return path.into();
            }
            let test = std::env::current_exe().expect("a running test has a path");
            let profile = test.parent().and_then(Path::parent).expect("tests lie in target/PROFILE/deps");
            let mut build = Command::new(env!("CARGO"));
            build.args(["build", "--quiet", "--package", "koinon-server"]);
            if profile.ends_with("release") {
                build.arg("--release");
            }
            let built = build.status().expect("cargo runs");
            assert!(built.success(), "the server does not build");
            profile.join("koinon")
        })
        .clone()
}

/// A running instance. Killed when dropped.
#[derive(Debug)]
pub struct Instance {
    child: Child,
    /// Where it answers, without a slash at the end.
    pub base: String,
}

impl Instance {
    /// Starts an instance on `data` and a free port, with registrations open and rate limits off.
    ///
    /// # Panics
    /// If it does not come up.
    pub fn start(data: &Path) -> Self {
        Self::start_logging(data, Stdio::null())
    }

    /// Like [`start`](Self::start), with the log going to `log`.
    ///
    /// # Panics
    /// If it does not come up.
    pub fn start_logging(data: &Path, log: impl Into<Stdio>) -> Self {
        let mut child = Command::new(koinon_binary())
            .args(["serve", "--listen", "127.0.0.1:0", "--domain", "localhost"])
            .args(["--registrations", "open", "--rate-limits", "off", "--data"])
            .arg(data)
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .expect("the server starts");
        let output = child.stdout.take().expect("its output is piped");
        let mut lines = BufReader::new(output).lines();
        let base = lines
            .by_ref()
            .map_while(Result::ok)
            .find_map(|line| {
                line.split_whitespace().find(|word| word.starts_with("http://")).map(str::to_owned)
            })
            .expect("the server says where it listens");
        // Nobody may fill the pipe until the server stops for it.
        std::thread::spawn(move || lines.for_each(drop));
        let base = base.trim_end_matches(['/', '.']).to_owned();
        Self { child, base: base.split("/setup/").next().unwrap_or_default().to_owned() }
    }

    /// Ends the process at once, as a crash would.
    pub fn kill(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Asks the process to end and waits until it has.
    ///
    /// # Panics
    /// If it ends with an error.
    pub fn stop(&mut self) {
        let process = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        kill_process(process.expect("process ids are positive"), Signal::TERM).expect("it is ours");
        assert!(self.child.wait().expect("it is waited for once").success());
    }

    /// Whether the process has not ended.
    pub fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// The process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        self.kill();
    }
}

/// What a `koinon` command came to.
#[derive(Debug)]
pub struct Finished {
    /// Whether it succeeded.
    pub succeeded: bool,
    /// What it printed.
    pub output: String,
    /// What it logged.
    pub log: String,
}

/// Runs a `koinon` command to its end.
///
/// # Panics
/// If it cannot be started.
pub fn koinon(arguments: &[&str], data: &Path) -> Finished {
    let finished = Command::new(koinon_binary())
        .args(arguments)
        .arg("--data")
        .arg(data)
        .output()
        .expect("the command starts");
    Finished {
        succeeded: finished.status.success(),
        output: String::from_utf8_lossy(&finished.stdout).into_owned(),
        log: String::from_utf8_lossy(&finished.stderr).into_owned(),
    }
}

/// An HTTP client that gives every answer back, whatever its status, and no answer after ten seconds.
pub fn http() -> ureq::Agent {
    ureq::Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(Duration::from_secs(10)))
        .build()
        .into()
}

/// Whether what a test needs has to be there. Set in continuous integration, where nothing may be skipped.
pub fn must_not_skip() -> bool {
    std::env::var_os("KOINON_REQUIRE_CLIENTS").is_some()
}

/// The example of the README, compiled and run as a test.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
