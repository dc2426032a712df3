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

/// The command `program` under `strace`, with one thread's `nth` of `calls` (a list like `fsync,pwrite64`) killing the
/// process before it does anything.
pub fn killed_at(calls: &str, nth: usize, program: &Path) -> Command {
    let mut command = Command::new("strace");
    // With `--seccomp-bpf` it would be faster, but then only the first call is counted.
    command.args(["-f", "-qq", "-o", "/dev/null", "-e", &format!("trace={calls}")]);
    command.args(["-e", &format!("inject={calls}:signal=SIGKILL:when={nth}")]).arg(program);
    command
}

/// The command `program` under `strace`, which lists its `calls` in `log`.
pub fn listing(calls: &str, log: &Path, program: &Path) -> Command {
    let mut command = Command::new("strace");
    command.args(["-f", "-qq", "--seccomp-bpf", "-e", &format!("trace={calls}"), "-o"]).arg(log).arg(program);
    command
}

/// Most calls that one thread made, of those that [`listing`] listed.
///
/// # Errors
/// When the list cannot be read.
pub fn most_calls_of_a_thread(log: &Path) -> io::Result<usize> {
    let mut counts = std::collections::HashMap::<String, usize>::new();
    for line in fs::read_to_string(log)?.lines() {
        // The second half of a call that was interrupted by another thread's.
        if let Some(thread) = line.split_whitespace().next().filter(|_| !line.contains(" resumed>")) {
            *counts.entry(thread.to_owned()).or_default() += 1;
        }
    }
    Ok(counts.into_values().max().unwrap_or(0))
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
    /// Makes system calls of `process` fail from now on: `injection` as in `fsync:error=EIO:when=1+3`, counted in each
    /// thread for itself.
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
    let mut tracers = Vec::new();
    for thread in fs::read_dir(format!("/proc/{process}/task"))? {
        // It may have ended meanwhile.
        let Ok(status) = fs::read_to_string(thread?.path().join("status")) else { continue };
        let tracer = status.lines().find_map(|line| line.strip_prefix("TracerPid:"));
        tracers.push(tracer.and_then(|tracer| tracer.trim().parse().ok()).unwrap_or(0));
    }
    if tracers.is_empty() { Err(io::ErrorKind::NotFound.into()) } else { Ok(tracers) }
}
