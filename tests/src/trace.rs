//! System calls that kill or fail, by `strace`.

use std::fs;
use std::io;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::must_not_skip;

/// Longest wait for `strace` to get hold of a process, or to let go of it.
const PATIENCE: Duration = Duration::from_secs(20);

/// Whether faults can be injected here; says so where not.
///
/// # Panics
/// Where they cannot be although nothing may be skipped.
pub fn can_inject_faults() -> bool {
    let traced = Command::new("strace")
        .args(["-f", "-qq", "-o", "/dev/null", "-e", "inject=fsync:error=EIO", "true"])
        .stderr(Stdio::null())
        .status();
    let can = traced.is_ok_and(|status| status.success());
    if !can {
        assert!(!must_not_skip(), "strace is required here, and has to be allowed to trace");
        println!("skipped: there is no strace, or it may not trace");
    }
    can
}

/// `strace` over one thread of a process that runs; what it does is in `expressions`, what it sees goes to `log`.
///
/// It counts each call in each thread for itself. Of several threads, the one that makes its n-th first would hide the
/// others'; hence one. (`--seccomp-bpf` would be faster, but counts the first call only.)
///
/// # Panics
/// If `strace` does not get hold of the thread.
pub fn trace_thread(process: u32, thread: u32, expressions: &[String], log: &Path) -> Child {
    let mut command = Command::new("strace");
    command.args(["-qq", "-p", &thread.to_string(), "-o"]).arg(log);
    for expression in expressions {
        command.args(["-e", expression]);
    }
    let strace = command.stderr(Stdio::null()).spawn().expect("strace starts");
    let begun = Instant::now();
    while tracer(process, thread) != Some(strace.id()) {
        assert!(begun.elapsed() < PATIENCE, "thread {thread} is not held by strace");
        thread::sleep(Duration::from_millis(1));
    }
    strace
}

/// Names and ids of the threads of a process, in the order of their ids.
///
/// # Errors
/// When the process is gone.
pub fn threads(process: u32) -> io::Result<Vec<(String, u32)>> {
    let mut threads = Vec::new();
    for entry in fs::read_dir(format!("/proc/{process}/task"))? {
        let entry = entry?;
        let name = fs::read_to_string(entry.path().join("comm"))?;
        let id = entry.file_name().to_string_lossy().parse().map_err(io::Error::other)?;
        threads.push((name.trim().to_owned(), id));
    }
    threads.sort_by_key(|(_, id)| *id);
    Ok(threads)
}

/// The last number in a file of numbers, one a line; zero when there is none. A line without end does not count.
///
/// # Errors
/// When the file cannot be read.
pub fn acknowledged(file: &Path) -> io::Result<usize> {
    let text = fs::read_to_string(file)?;
    let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
    Ok(whole.lines().last().and_then(|line| line.parse().ok()).unwrap_or(0))
}

/// Faults in a process that runs, until this is dropped.
#[derive(Debug)]
pub struct Faults {
    strace: Child,
    process: u32,
}

impl Faults {
    /// Makes system calls of `process` fail from now on: `injection` as in `fsync:error=EIO:when=1+3`, each call
    /// counted in each thread for itself.
    ///
    /// # Panics
    /// If `strace` does not get hold of it.
    pub fn inject(process: u32, injection: &str) -> Self {
        let calls = injection.split(':').next().unwrap_or_default();
        let strace = Command::new("strace")
            .args(["-f", "-q", "-o", "/dev/null", "-p", &process.to_string()])
            .args(["-e", &format!("trace={calls}"), "-e", &format!("inject={injection}")])
            .stderr(Stdio::null())
            .spawn()
            .expect("strace starts");
        let faults = Self { strace, process };
        faults.wait_until("held by strace", |tracer| tracer == faults.strace.id());
        faults
    }

    /// Ends the faults.
    ///
    /// # Panics
    /// If `strace` does not let go.
    pub fn end(self) {
        drop(self);
    }

    fn wait_until(&self, state: &str, holds: impl Fn(u32) -> bool) {
        let begun = Instant::now();
        while !tracers(self.process).is_ok_and(|tracers| tracers.into_iter().all(&holds)) {
            assert!(begun.elapsed() < PATIENCE, "process {} is not {state}", self.process);
            thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Faults {
    fn drop(&mut self) {
        // Interrupted, it detaches; killed, it might leave threads that stand still.
        if let Some(strace) = i32::try_from(self.strace.id()).ok().and_then(Pid::from_raw) {
            let _ = kill_process(strace, Signal::INT);
        }
        let _ = self.strace.wait();
        if !thread::panicking() {
            self.wait_until("free", |tracer| tracer == 0);
        }
    }
}

/// Who traces each thread of a process; 0 is nobody.
fn tracers(process: u32) -> io::Result<Vec<u32>> {
    let threads = threads(process)?;
    Ok(threads.into_iter().filter_map(|(_, thread)| tracer(process, thread)).collect())
}

/// Who traces a thread, 0 for nobody; none when it has ended.
fn tracer(process: u32, thread: u32) -> Option<u32> {
    let status = fs::read_to_string(format!("/proc/{process}/task/{thread}/status")).ok()?;
    status.lines().find_map(|line| line.strip_prefix("TracerPid:"))?.trim().parse().ok()
}
