//! The real server as a process: its memory, how long it takes to start, how large it is and how much disk it takes.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use futures::executor::block_on;
use koinon_engine::store::Store;

use crate::Failure;
use crate::data::{self, DataSet, size};
use crate::load::Requests;
use crate::measured::repeat;
use crate::options::Options;
use crate::over_http::DATA;
use crate::people::{account, add_accounts, add_author, draft, home_ids, keenest, token};
use crate::report::{Figure, Report};
use crate::stores::{Backend, engine};

/// Statuses that a store has before, and as many again afterwards.
const STATUSES: usize = 20_000;

/// Measures all of it.
pub(crate) fn measure(options: &Options, report: &mut Report) -> Result<(), Failure> {
    disk(options, report)?;
    let names = ["size of the server", "start of the server", "memory of the server"];
    if !options.wants_any(names) {
        return Ok(());
    }
    let program = match &options.server {
        Some(program) => program.clone(),
        None => std::env::current_exe()?.with_file_name("koinon"),
    };
    if !program.is_file() {
        eprintln!("no server at {}: cargo build --release -p koinon-server", program.display());
        return Ok(());
    }
    if options.wants(names[0]) {
        report.note(Figure::number(names[0].into(), size(&program)? as f64 / 1e6, "MB"));
    }
    let statuses = if options.full { 1_000_000 } else { DATA.statuses };
    let large = DataSet { statuses, ..DATA }.folder()?;
    let empty = tempfile::TempDir::with_prefix_in("copy-", data::folder()?)?;
    for (of, folder) in [("empty".to_owned(), empty.path()), (format!("{statuses} statuses"), &large)] {
        // The first one reads everything into the page cache of the system.
        drop(Server::start(&program, folder)?);
        let server = Server::start(&program, folder)?;
        if options.wants(names[1]) {
            let milliseconds = server.started_in.as_secs_f64() * 1e3;
            report.note(Figure::number(format!("{}, {of}", names[1]), milliseconds, "ms"));
        }
        if options.wants(names[2]) {
            thread::sleep(Duration::from_millis(500));
            report.note(Figure::number(format!("{}, {of}, idle", names[2]), server.memory()?, "MB"));
        }
        if options.wants(names[2]) && folder == large {
            repeat(16, options.duration() * 2, &old_pages(folder)?.work(server.address))?;
            let name = format!("{}, {of}, after 16 connections", names[2]);
            report.note(Figure::number(name, server.memory()?, "MB"));
        }
    }
    Ok(())
}

/// Bytes that a short public status takes, with its indexes and its place in the home timelines of its author and of one
/// follower.
fn disk(options: &Options, report: &mut Report) -> Result<(), Failure> {
    for backend in [Backend::Sqlite, Backend::Sled] {
        let name = format!("disk of a short status on {}", backend.name());
        if !options.wants(&name) {
            continue;
        }
        let folder = tempfile::TempDir::with_prefix_in("copy-", data::folder()?)?;
        let before = post_many(backend, folder.path(), true)?;
        let after = post_many(backend, folder.path(), false)?;
        let each = (after as f64 - before as f64) / STATUSES as f64;
        report.note(Figure::number(name, each, "bytes"));
    }
    Ok(())
}

/// Posts, closes the store and answers its size.
fn post_many(backend: Backend, folder: &Path, is_new: bool) -> Result<u64, Failure> {
    let engine = engine(backend.open(folder)?)?;
    if is_new {
        let follower = add_accounts(&engine, "follower", 1)?;
        add_author(&engine, "author", follower)?;
    }
    let author = account(&engine, "author")?;
    for first in (0..STATUSES).step_by(1_000) {
        let prepared: Result<Vec<_>, _> = (first..first + 1_000)
            .map(|number| {
                let text = format!("A short post about nothing much, number {number}");
                block_on(engine.prepare_post(draft(&text, None)))
            })
            .collect();
        let prepared = prepared?;
        block_on(engine.bulk(move |bulk| {
            prepared.iter().try_for_each(|prepared| bulk.post(author, prepared, None).map(drop))
        }))?;
    }
    let mut store: Arc<dyn Store> = Arc::clone(engine.store());
    drop(engine);
    while Arc::get_mut(&mut store).is_none() {
        thread::sleep(Duration::from_millis(1));
    }
    drop(store);
    size(&folder.join(backend.place()))
}

/// All pages of a long home timeline. Opens the store beside the server.
fn old_pages(folder: &Path) -> Result<Requests, Failure> {
    let engine = engine(DATA.backend.open(folder)?)?;
    let reader = keenest(&engine)?;
    let mut cursors = home_ids(&engine, reader, 60_000)?;
    fastrand::Rng::with_seed(3).shuffle(&mut cursors);
    let path = |id| format!("/api/v1/timelines/home?limit=20&max_id={id}");
    Ok(Requests::get_each(cursors.into_iter().map(path), &token(&engine, reader)?))
}

/// A server on a free port. Killed when dropped.
struct Server {
    child: Child,
    address: SocketAddr,
    /// From the start of the process to its first answer.
    started_in: Duration,
}

impl Server {
    fn start(program: &PathBuf, folder: &Path) -> Result<Self, Failure> {
        let begun = Instant::now();
        let mut child = Command::new(program)
            .args(["serve", "--listen", "127.0.0.1:0", "--rate-limits", "off", "--data"])
            .arg(folder)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let mut line = String::new();
        if let Some(output) = child.stdout.take() {
            BufReader::new(output).read_line(&mut line)?;
        }
        let address = line.trim().rsplit('/').next().unwrap_or_default().parse();
        let mut server =
            Self { child, address: SocketAddr::from(([127, 0, 0, 1], 0)), started_in: begun.elapsed() };
        server.address = address.map_err(|_| format!("the server did not start: {line:?}"))?;
        Requests::get("/api/v1/instance", "").ask_once(server.address)?;
        server.started_in = begun.elapsed();
        Ok(server)
    }

    /// Resident memory in MB.
    fn memory(&self) -> Result<f64, Failure> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no memory is told")?;
        let kib: f64 = line.trim().trim_end_matches(" kB").trim().parse()?;
        Ok(kib * 1024.0 / 1e6)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
