//! Group commit when things go wrong, with the queue filled before the thread starts: nothing depends on time.

use futures::FutureExt;
use koinon_engine::store::{Direction, KeyRange, ReadTx, Step, Store, TableDefinition, WriteTx};
use std::fs::File;
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::Duration;

use super::*;
use crate::create::create_if_absent;
use crate::marker::Marker;
use crate::session::Session;
use crate::statistics::Statistics;
use crate::view::{Plain, View};

const ROWS: TableDefinition = TableDefinition { name: "rows" };

struct Bench {
    _directory: tempfile::TempDir,
    path: PathBuf,
    writer: Writer,
    answers: Vec<oneshot::Receiver<Result<(), StoreError>>>,
}

/// What came of a run.
struct Outcomes {
    results: Vec<Result<(), StoreError>>,
    /// Keys that a job that reads now sees.
    seen: Vec<Vec<u8>>,
    /// Keys after the store was opened again.
    kept: Vec<Vec<u8>>,
    statistics: Statistics,
}

impl Bench {
    fn new(options: &SledOptions) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let path = create_if_absent(&directory.path().join("store"), &[ROWS], options.settings()).unwrap();
        let database = open(&path, options);
        let catalog = Catalog::read(View { database: &database, overlay: &Plain }, &path).unwrap();
        let writer = Writer {
            versions: Arc::new(Versions::new(catalog.commit, options.snapshot_bytes)),
            tables: Arc::new(Tables::new(&[ROWS], |name| catalog.tables[name].number)),
            queue: Arc::new(Queue::new(options.queue)),
            counters: Arc::default(),
            disk: Disk::open(&path, options.durability).unwrap(),
            shared: Arc::new(Shared::new(database)),
            definitions: vec![ROWS],
            catalog,
            options: options.clone(),
            failed: None,
            abandoned: 0,
        };
        Self { _directory: directory, path, writer, answers: Vec::new() }
    }

    fn queue(&mut self, job: impl FnMut(&mut dyn WriteTx) -> Outcome + Send + 'static) {
        let (reply, answer) = oneshot::channel();
        assert!(self.writer.queue.push(Write { job: Box::new(job), reply }).is_ok());
        self.answers.push(answer);
    }

    fn queue_put(&mut self, key: &'static [u8]) {
        self.queue(move |tx| {
            // Its error is remembered by the transaction.
            let _ = tx.put(ROWS, key, b"value");
            Outcome::Commit
        });
    }

    /// Lets the writer run the next job.
    fn run_one(&mut self) {
        let first = self.writer.next().unwrap();
        match self.writer.recover() {
            Ok(()) => self.writer.run_group(first),
            Err(error) => refuse([first].into_iter(), &error),
        }
    }

    /// Keys that a job that reads now sees.
    fn seen(&self) -> Vec<Vec<u8>> {
        let snapshot = self.writer.versions.snapshot();
        keys(View { database: &self.writer.shared.current(), overlay: &snapshot }, &self.writer.tables)
    }

    /// Lets the writer do everything queued.
    fn run(self) -> Outcomes {
        self.writer.queue.close();
        let Writer { shared, versions, tables, counters, .. } = &self.writer;
        let (shared, versions) = (Arc::clone(shared), Arc::clone(versions));
        let (tables, counters) = (Arc::clone(tables), Arc::clone(counters));
        self.writer.run();
        let answer = |answer: oneshot::Receiver<_>| answer.now_or_never().expect("answered").unwrap();
        let results = self.answers.into_iter().map(answer).collect();
        let seen = keys(View { database: &shared.current(), overlay: &versions.snapshot() }, &tables);
        drop(shared);
        // After some failures sled cannot be closed, so a copy is what is opened again.
        let copy = self.path.with_file_name("copy");
        copy_directory(&self.path, &copy);
        let database = open(&copy, &SledOptions::default());
        crate::undo::apply(&database).unwrap();
        let kept = keys(View { database: &database, overlay: &Plain }, &tables);
        let view = View { database: &database, overlay: &Plain };
        assert_eq!(crate::check::defects(view, &copy, &["rows"], &|| false).unwrap(), []);
        Outcomes { results, seen, kept, statistics: counters.read() }
    }
}

fn open(path: &std::path::Path, options: &SledOptions) -> Database {
    let marker = Arc::new(Mutex::new(Marker::open(path).unwrap()));
    Database::start(path, options.settings(), marker).unwrap()
}

fn keys(view: View<'_>, tables: &Tables) -> Vec<Vec<u8>> {
    let mut keys = Vec::new();
    let session = Session { view, tables, commit: 0 };
    let mut visit = |key: &[u8], _: &[u8]| {
        keys.push(key.to_vec());
        Ok(Step::Continue)
    };
    session.scan(ROWS, &KeyRange::all(), Direction::Ascending, &mut visit).unwrap();
    keys
}

fn copy_directory(from: &std::path::Path, to: &std::path::Path) {
    std::fs::create_dir(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let (entry, target) = (entry.as_ref().unwrap().path(), to.join(entry.unwrap().file_name()));
        if entry.is_dir() {
            copy_directory(&entry, &target)
        } else {
            std::fs::copy(entry, target).map(drop).unwrap()
        }
    }
}

#[test]
fn jobs_that_wait_share_one_commit() {
    let mut bench = Bench::new(&SledOptions::default());
    [b"a", b"b", b"c"].into_iter().for_each(|key| bench.queue_put(key));
    let Outcomes { results, seen, kept, statistics } = bench.run();
    assert!(results.iter().all(Result::is_ok), "{results:?}");
    assert_eq!((&seen, &kept), (&vec![b"a".to_vec(), b"b".to_vec(), b"c".to_vec()], &seen));
    assert_eq!(statistics, Statistics { jobs: 3, commits: 1 });
}

#[test]
fn a_commit_takes_no_more_jobs_or_bytes_than_allowed() {
    let mut bench = Bench::new(&SledOptions { group_jobs: 2, ..SledOptions::default() });
    [b"a", b"b", b"c", b"d", b"e"].into_iter().for_each(|key| bench.queue_put(key));
    assert_eq!(bench.run().statistics, Statistics { jobs: 5, commits: 3 });

    let mut bench = Bench::new(&SledOptions { group_bytes: 20, ..SledOptions::default() });
    [b"a", b"b", b"c", b"d", b"e"].into_iter().for_each(|key| bench.queue_put(key));
    assert_eq!(bench.run().statistics, Statistics { jobs: 5, commits: 3 }, "two writes of ten bytes each");
}

#[test]
fn writing_what_is_there_already_costs_no_commit() {
    let mut bench = Bench::new(&SledOptions { group_jobs: 1, ..SledOptions::default() });
    bench.queue_put(b"a");
    bench.queue_put(b"a");
    bench.queue(|tx| {
        tx.delete(ROWS, b"absent").unwrap();
        Outcome::Commit
    });
    assert_eq!(bench.run().statistics, Statistics { jobs: 3, commits: 1 });
}

#[test]
fn a_panic_while_a_job_is_dropped_takes_no_other_with_it() {
    struct PanicsWhenDropped;
    impl Drop for PanicsWhenDropped {
        fn drop(&mut self) {
            std::panic::resume_unwind(Box::new("on purpose"));
        }
    }
    let mut bench = Bench::new(&SledOptions { group_jobs: 2, ..SledOptions::default() });
    let captured = PanicsWhenDropped;
    bench.queue(move |tx| {
        let _ = &captured;
        tx.put(ROWS, b"a", b"").unwrap();
        Outcome::Commit
    });
    bench.queue_put(b"b");
    bench.queue_put(b"c");
    let Outcomes { results, kept, .. } = bench.run();
    assert!(results.iter().all(Result::is_ok), "{results:?}");
    assert_eq!(kept, [b"a", b"b", b"c"]);
}

/// The room is told before sled meets the end of it, which would stop it for good.
#[test]
fn a_job_for_which_there_is_no_room_takes_no_other_with_it() {
    let mut bench = Bench::new(&SledOptions::default());
    let free = bench.writer.disk.free_bytes();
    // Four mebibytes and what other programs write meanwhile.
    bench.writer.options.min_free_bytes = free.saturating_sub(64 << 20);
    bench.queue_put(b"a");
    bench.queue(|tx| {
        tx.put(ROWS, b"huge", &vec![b'x'; 32 << 20]).unwrap();
        Outcome::Commit
    });
    bench.queue_put(b"b");
    let Outcomes { results, kept, .. } = bench.run();
    assert!(matches!(results[..], [Ok(()), Err(StoreError::Full(_)), Ok(())]), "{results:?}");
    assert_eq!(kept, [b"a", b"b"]);
}

/// A file that the system does not synchronise.
#[cfg(target_os = "linux")]
fn unsynchronisable() -> File {
    File::open("/dev/null").unwrap()
}

/// Whatever was decided in the group that failed does not count, and later jobs find the state before.
#[cfg(target_os = "linux")]
#[test]
fn a_commit_that_cannot_be_synchronised_is_absent_and_the_next_one_succeeds() {
    let mut bench = Bench::new(&SledOptions { group_jobs: 3, ..SledOptions::default() });
    [b"a", b"b", b"c"].into_iter().for_each(|key| bench.queue_put(key));
    bench.run_one();
    bench.writer.disk.log = unsynchronisable();
    bench.queue(|tx| {
        tx.delete(ROWS, b"a").unwrap();
        Outcome::Commit
    });
    bench.queue(|_| Outcome::Abort);
    bench.queue(|_| std::panic::resume_unwind(Box::new("on purpose")));
    bench.queue_put(b"later");
    let Outcomes { results, seen, kept, statistics } = bench.run();
    let [.., deleted, aborted, panicked, later] = &results[..] else { panic!() };
    assert!(matches!(deleted, Err(StoreError::Io(_))), "{deleted:?}");
    assert!(matches!(aborted, Err(StoreError::Io(_))), "it saw what is gone: {aborted:?}");
    assert!(matches!(panicked, Err(StoreError::Panicked)), "{panicked:?}");
    assert!(later.is_ok(), "{later:?}");
    let wanted: Vec<Vec<u8>> = [&b"a"[..], b"b", b"c", b"later"].map(<[u8]>::to_vec).into();
    assert_eq!((&seen, &kept), (&wanted, &seen));
    assert_eq!(statistics.commits, 2);
}

/// Reads see the state before, from the failure on until they end, whatever sled they read.
#[cfg(target_os = "linux")]
#[test]
fn reads_go_on_while_a_failed_commit_is_undone_and_afterwards() {
    let mut bench = Bench::new(&SledOptions { group_jobs: 1, ..SledOptions::default() });
    bench.queue_put(b"a");
    bench.run_one();
    bench.writer.disk.log = unsynchronisable();
    bench.queue_put(b"b");
    bench.run_one();
    assert_eq!(bench.seen(), [b"a"]);
    let (versions, shared) = (Arc::clone(&bench.writer.versions), Arc::clone(&bench.writer.shared));
    let early = (versions.snapshot(), shared.current());
    bench.queue_put(b"c");
    bench.run_one();
    assert_eq!(bench.seen(), [b"a", b"c"]);
    bench.queue_put(b"d");
    bench.run_one();
    assert_eq!(keys(View { database: &early.1, overlay: &early.0 }, &bench.writer.tables), [b"a"]);
    drop((early, shared));
    let Outcomes { results, kept, .. } = bench.run();
    assert!(matches!(results[..], [Ok(()), Err(_), Ok(()), Ok(())]), "{results:?}");
    assert_eq!(kept, [b"a", b"c", b"d"]);
}

/// The disk refuses even the note of what is to be undone, until it does no more.
#[cfg(target_os = "linux")]
#[test]
fn writes_are_refused_as_long_as_the_disk_fails() {
    let mut bench = Bench::new(&SledOptions { group_jobs: 1, ..SledOptions::default() });
    bench.queue_put(b"a");
    bench.run_one();
    // Nothing can be written in the place of a directory.
    let obstacle = bench.path.join("koinon.undo");
    std::fs::create_dir(&obstacle).unwrap();
    bench.writer.disk.log = unsynchronisable();
    for key in [b"b", b"c", b"d"] {
        bench.queue_put(key);
        bench.run_one();
        assert_eq!(bench.seen(), [b"a"]);
    }
    std::fs::remove_dir(&obstacle).unwrap();
    bench.queue_put(b"e");
    let Outcomes { results, seen, kept, .. } = bench.run();
    let [Ok(()), refused @ .., Ok(())] = &results[..] else { panic!("{results:?}") };
    assert!(refused.len() == 3 && refused.iter().all(|result| matches!(result, Err(StoreError::Io(_)))));
    assert_eq!((&seen, &kept), (&vec![b"a".to_vec(), b"e".to_vec()], &seen));
}

/// Also what the process had no time to undo.
#[cfg(target_os = "linux")]
#[test]
fn a_commit_that_failed_last_is_undone_by_the_next_opening() {
    let mut bench = Bench::new(&SledOptions { group_jobs: 1, ..SledOptions::default() });
    bench.queue_put(b"a");
    bench.run_one();
    bench.writer.disk.log = unsynchronisable();
    bench.queue_put(b"b");
    bench.run_one();
    let copy = bench.path.with_file_name("copy");
    copy_directory(&bench.path, &copy);
    let store = crate::SledStore::open(&copy, &[ROWS], SledOptions::default()).unwrap();
    let read = store.run_read(Box::new(|tx| {
        assert_eq!(tx.get(ROWS, b"a").unwrap().unwrap(), b"value");
        assert_eq!(tx.get(ROWS, b"b").unwrap(), None);
    }));
    futures::executor::block_on(read).unwrap();
    assert!(!crate::undo::is_noted(&copy));
}

/// sled itself fails in the middle of a batch: there is no place for the large row.
#[test]
fn a_commit_that_sled_cannot_write_is_absent_and_the_next_one_succeeds() {
    let mut bench = Bench::new(&SledOptions { group_jobs: 1, ..SledOptions::default() });
    bench.queue_put(b"a");
    bench.run_one();
    for round in 0..2 {
        std::fs::remove_dir(bench.path.join("blobs")).unwrap();
        bench.queue(|tx| {
            tx.put(ROWS, b"small", b"value").unwrap();
            tx.put(ROWS, b"large", &[b'x'; 300_000]).unwrap();
            tx.put(ROWS, b"another", b"value").unwrap();
            Outcome::Commit
        });
        bench.run_one();
        bench.queue_put([b"b", b"c"][round]);
        bench.run_one();
    }
    let Outcomes { results, seen, kept, .. } = bench.run();
    assert!(matches!(results[..], [Ok(()), Err(_), Ok(()), Err(_), Ok(())]), "{results:?}");
    assert_eq!((&seen, &kept), (&vec![b"a".to_vec(), b"b".to_vec(), b"c".to_vec()], &seen));
}

/// With no patience at all, sled is given up before it can answer. It may still write what it was given.
#[test]
fn a_sled_that_does_not_answer_is_given_up() {
    let mut bench = Bench::new(&SledOptions::default());
    let impatient = SledOptions { patience: Duration::ZERO, ..SledOptions::default() };
    // Its lock has to be free again.
    let path = bench.path.clone();
    let copy = path.with_file_name("impatient");
    copy_directory(&path, &copy);
    bench.writer.shared.replace(open(&copy, &impatient));
    bench.queue_put(b"a");
    bench.queue_put(b"b");
    bench.writer.queue.close();
    let database = bench.writer.shared.current();
    bench.writer.run();
    for answer in bench.answers {
        let answer = answer.now_or_never().expect("answered").unwrap();
        assert!(
            matches!(&answer, Err(StoreError::Io(text)) if text.contains("did not answer")),
            "{answer:?}"
        );
    }
    assert!(database.get(b"a").is_err(), "nobody else waits for it");
    drop(database);
}
