//! A process that is killed at a system call, at every one of them.
//!
//! `KOINON_FAULT_POINTS` sets how many calls of each kind are tried in each thread (`all` for each of them), `KOINON_SEED` the scenario.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use futures::executor::block_on;
use koinon_tests::backend::Backend;
use koinon_tests::on_each_backend;
use koinon_tests::scenario::verify;
use koinon_tests::trace::{acknowledged, can_inject_faults, threads, trace_thread};

use crate::folders::copy;

/// Calls that change what is on a disk or find a place for it. `write` is how uploaded files get their content, and how
/// a command is acknowledged.
const CALLS: &str = "pwrite64,write,fsync,fdatasync,sync_file_range,openat,ftruncate,fallocate,rename,renameat,renameat2,\
                     link,linkat,unlink,unlinkat,mkdir,mkdirat";
const COMMANDS: usize = 40;
const POINTS: usize = 3;
/// How often the calls of threads that share work are counted: which of them makes a call differs from run to run.
const COUNTS: usize = 3;
const PATIENCE: Duration = Duration::from_secs(30);

on_each_backend! {
    a_kill_at_any_call_of_any_thread_loses_nothing_and_halves_nothing,
    a_kill_at_any_call_while_a_store_is_made_or_opened_leaves_one_that_opens,
}

fn a_kill_at_any_call_of_any_thread_loses_nothing_and_halves_nothing(backend: Backend) {
    let Some(seed) = seed() else { return };
    let setup = Setup { backend, seed, commands: COMMANDS };
    let template = tempfile::tempdir().unwrap();
    setup.make_store(template.path());
    let names = setup.names_of_threads(template.path());
    let shared: Vec<usize> = (0..names.len()).filter(|index| shares_work(&names[*index])).collect();
    let shared = setup.most_calls(template.path(), &shared);
    let mut outcomes = Outcomes::default();
    for (index, name) in names.iter().enumerate() {
        let is_sure = !shares_work(name);
        let counts = if is_sure { setup.count_calls(template.path(), index) } else { shared.clone() };
        println!("{}: {name} makes {counts:?}", backend.name());
        for (call, nth) in points(&counts) {
            let place = format!("{} seed {seed}, {call} {nth} of {name}", backend.name());
            let folder = copy_of(template.path());
            let mut run = Run::start(&setup, folder.path());
            let inject = format!("inject={call}:signal=SIGKILL:when={nth}");
            run.trace(index, &[format!("trace={call}"), inject], Path::new("/dev/null"));
            run.go();
            let finished = run.finish();
            outcomes.add(&setup, folder.path(), &run.acknowledged, finished, is_sure, &place);
        }
    }
    outcomes.report(backend);
}

/// Until it is open, a store is a matter of one thread: counted from the beginning, that one makes each call first. Only
/// what sled writes, threads of its own write.
fn a_kill_at_any_call_while_a_store_is_made_or_opened_leaves_one_that_opens(backend: Backend) {
    let Some(seed) = seed() else { return };
    let setup = Setup { backend, seed, commands: 0 };
    let (new, made) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    setup.make_store(made.path());
    let mut outcomes = Outcomes::default();
    for template in [new.path(), made.path()] {
        let (first, others) = setup.count_calls_of_opening(template);
        for (call, nth) in points(&most(&first, &others)) {
            let place = format!("{} {call} {nth} while opening", backend.name());
            let folder = copy_of(template);
            let inject = format!("inject={call}:signal=SIGKILL:when={nth}");
            let kill = ["-o", "/dev/null", "-e", &format!("trace={call}"), "-e", &inject].map(str::to_owned);
            let file = folder.path().join("acknowledged");
            let finished = setup.run_under_strace(&kill, folder.path(), &file);
            let is_sure = nth <= first.get(call).copied().unwrap_or_default();
            outcomes.add(&setup, folder.path(), &file, finished, is_sure, &place);
        }
    }
    outcomes.report(backend);
}

/// Whether a thread is one of several that take from one queue, as those do that write for sled.
fn shares_work(name: &str) -> bool {
    name.starts_with("sled-io-")
}

/// The seed of the scenario; none where there is no `strace`.
fn seed() -> Option<u64> {
    can_inject_faults()
        .then(|| std::env::var("KOINON_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(1))
}

/// What is run.
#[derive(Debug, Clone, Copy)]
struct Setup {
    backend: Backend,
    seed: u64,
    commands: usize,
}

impl Setup {
    /// The scenario on one processor, so that there is one thread of each kind, and each run makes the same calls.
    fn command(&self, how: &str, folder: &Path, acknowledged: &Path, prefix: &[String]) -> Command {
        let mut command = Command::new("taskset");
        command.args(["-c", "0"]).args(prefix).arg(env!("CARGO_BIN_EXE_fault-scenario"));
        command.args([how, self.backend.name()]).arg(folder);
        command.args([self.seed.to_string(), self.commands.to_string()]);
        command.stdout(File::create(acknowledged).unwrap()).stdin(Stdio::piped());
        command
    }

    fn make_store(&self, folder: &Path) {
        let file = tempfile::NamedTempFile::new().unwrap();
        let setup = Self { commands: 0, ..*self };
        assert!(setup.command("run", folder, file.path(), &[]).status().unwrap().success());
    }

    fn run_under_strace(&self, arguments: &[String], folder: &Path, acknowledged: &Path) -> bool {
        let strace: Vec<String> = ["strace", "-f", "-qq"].map(str::to_owned).into_iter().collect();
        let prefix = [&strace[..], arguments].concat();
        self.command("run", folder, acknowledged, &prefix).status().unwrap().success()
    }

    fn names_of_threads(&self, template: &Path) -> Vec<String> {
        let folder = copy_of(template);
        let mut run = Run::start(self, folder.path());
        let names = threads(run.process.id()).unwrap().into_iter().map(|(name, _)| name).collect();
        run.go();
        assert!(run.finish());
        names
    }

    /// How many of the calls a thread makes once the store is open.
    fn count_calls(&self, template: &Path, thread: usize) -> BTreeMap<String, usize> {
        let folder = copy_of(template);
        let log = folder.path().join("calls");
        let mut run = Run::start(self, folder.path());
        run.trace(thread, &[format!("trace={CALLS}")], &log);
        run.go();
        assert!(run.finish());
        counted(fs::read_to_string(&log).unwrap().lines())
    }

    /// How many of the calls any of these threads makes at most, in several runs.
    fn most_calls(&self, template: &Path, threads: &[usize]) -> BTreeMap<String, usize> {
        let runs = threads.iter().flat_map(|thread| [*thread; COUNTS]);
        runs.fold(BTreeMap::new(), |counts, thread| most(&counts, &self.count_calls(template, thread)))
    }

    /// How many of the calls the first thread makes until the store is closed again, and any other one at most.
    fn count_calls_of_opening(&self, template: &Path) -> (BTreeMap<String, usize>, BTreeMap<String, usize>) {
        let (mut first, mut others) = (BTreeMap::new(), BTreeMap::new());
        for _ in 0..COUNTS {
            let folder = tempfile::tempdir().unwrap();
            let (log, file) = (folder.path().join("calls"), folder.path().join("acknowledged"));
            let list = ["-o", log.to_str().unwrap(), "-e", &format!("trace={CALLS}")].map(str::to_owned);
            assert!(self.run_under_strace(&list, copy_of(template).path(), &file));
            let listed = fs::read_to_string(&log).unwrap();
            let mut threads: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
            for (thread, call) in listed.lines().filter_map(|line| line.split_once(' ')) {
                threads.entry(thread).or_default().push(call.trim_start());
            }
            let begins_with = listed.split_whitespace().next().unwrap();
            for (thread, calls) in threads {
                let counts = counted(calls.into_iter());
                if thread == begins_with { first = counts } else { others = most(&others, &counts) }
            }
        }
        (first, others)
    }
}

/// A scenario that runs.
struct Run {
    process: Child,
    strace: Option<Child>,
    acknowledged: PathBuf,
}

impl Run {
    /// Opens the store, and waits then.
    fn start(setup: &Setup, folder: &Path) -> Self {
        let acknowledged = folder.join("acknowledged");
        let process = setup.command("wait", folder, &acknowledged, &[]).spawn().unwrap();
        let begun = Instant::now();
        while fs::metadata(&acknowledged).unwrap().len() == 0 {
            assert!(begun.elapsed() < PATIENCE, "the store does not open");
            thread::sleep(Duration::from_millis(2));
        }
        Self { process, strace: None, acknowledged }
    }

    fn trace(&mut self, thread: usize, expressions: &[String], log: &Path) {
        let id = self.process.id();
        let thread = threads(id).unwrap()[thread].1;
        self.strace = Some(trace_thread(id, thread, expressions, log));
    }

    fn go(&mut self) {
        self.process.stdin.take().unwrap().write_all(b"\n").unwrap();
    }

    /// Whether it came to its end.
    fn finish(&mut self) -> bool {
        let finished = self.process.wait().unwrap().success();
        if let Some(strace) = &mut self.strace {
            strace.wait().unwrap();
        }
        finished
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        // They have ended, unless the test failed.
        for process in self.strace.iter_mut().chain([&mut self.process]) {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

#[derive(Debug, Default)]
struct Outcomes {
    tried: usize,
    killed: usize,
    /// Those at calls that come in each run, but for a few.
    sure: usize,
    killed_sure: usize,
    acknowledged: usize,
    ahead: usize,
}

impl Outcomes {
    /// Looks at what a run left.
    fn add(&mut self, setup: &Setup, folder: &Path, file: &Path, finished: bool, is_sure: bool, place: &str) {
        let acknowledged = acknowledged(file).unwrap();
        assert!(!finished || acknowledged == setup.commands, "{place}: ended early");
        let at_most = (acknowledged + 1).min(setup.commands);
        let found = block_on(verify(setup.backend, folder, setup.seed, acknowledged, at_most));
        let found = found.unwrap_or_else(|error| panic!("{place}, {acknowledged} acknowledged: {error}"));
        self.tried += 1;
        self.killed += usize::from(!finished);
        self.sure += usize::from(is_sure);
        self.killed_sure += usize::from(is_sure && !finished);
        self.acknowledged += acknowledged;
        self.ahead += found - acknowledged;
    }

    fn report(&self, backend: Backend) {
        let Self { tried, killed, sure, killed_sure, acknowledged, ahead } = self;
        println!(
            "{}: killed at {killed} of {tried} calls; {acknowledged} commands acknowledged, 0 lost; {ahead} that were \
             not are there as a whole, the others not at all",
            backend.name()
        );
        // How many calls there are may differ by a few from run to run, so the last ones may not come.
        assert!(killed_sure * 20 >= sure * 19, "{killed_sure} of {sure} were killed");
        // Of threads that share work, each makes the calls up to half of the highest count, nearly always.
        assert!(killed * 3 >= *tried, "{killed} of {tried} were killed");
    }
}

/// The higher of two counts of each call.
fn most(one: &BTreeMap<String, usize>, other: &BTreeMap<String, usize>) -> BTreeMap<String, usize> {
    let mut most = one.clone();
    for (call, count) in other {
        let most = most.entry(call.clone()).or_default();
        *most = (*most).max(*count);
    }
    most
}

/// How many of each call stand in the lines of a list.
fn counted<'a>(lines: impl Iterator<Item = &'a str>) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for line in lines {
        // A call that another thread's interrupted has a second line, which begins with `<...`.
        if let Some((call, _)) = line.split_once('(').filter(|(call, _)| !call.starts_with('<')) {
            *counts.entry(call.to_owned()).or_default() += 1;
        }
    }
    counts
}

/// Which calls are tried, by name and number: of each name some that are spread evenly, the first and the last among
/// them.
fn points(counts: &BTreeMap<String, usize>) -> Vec<(&str, usize)> {
    let points = match std::env::var("KOINON_FAULT_POINTS").as_deref() {
        Ok("all") => usize::MAX,
        Ok(number) => number.parse().unwrap(),
        Err(_) => POINTS,
    };
    let of_one = |count: usize| -> Vec<usize> {
        if points >= count {
            return (1..=count).collect();
        }
        (0..points).map(|point| 1 + point * (count - 1) / (points - 1).max(1)).collect()
    };
    counts.iter().flat_map(|(call, count)| of_one(*count).into_iter().map(|nth| (&**call, nth))).collect()
}

fn copy_of(template: &Path) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    copy(template, folder.path());
    folder
}
