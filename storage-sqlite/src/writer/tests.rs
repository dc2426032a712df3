//! Group commit when things go wrong, with the queue filled before the thread starts: nothing depends on time.

use std::sync::atomic::{AtomicU32, Ordering};

use futures::FutureExt;
use koinon_engine::store::{ReadTx, TableDefinition, WriteTx};

use super::*;
use crate::connection::{keep_statements, open_writer};
use crate::create::create_if_absent;
use crate::options::SqliteOptions;
use crate::schema::{MIGRATIONS, Schema};
use crate::session::Session;
use crate::statistics::Statistics;

const ROWS: TableDefinition = TableDefinition { name: "rows" };

struct Bench {
    _directory: tempfile::TempDir,
    path: PathBuf,
    writer: Writer,
    answers: Vec<oneshot::Receiver<Result<(), StoreError>>>,
    counters: Arc<Counters>,
}

impl Bench {
    fn new(options: &SqliteOptions) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let catalog = Arc::new(Catalog::new(&[ROWS]).unwrap());
        let schema = Schema { catalog: &catalog, views: &[], migrations: MIGRATIONS };
        let path = create_if_absent(&directory.path().join("store"), &schema).unwrap();
        let connection = open_writer(&path, options).unwrap();
        keep_statements(&connection, &catalog);
        let counters = Arc::<Counters>::default();
        let writer = Writer {
            name: 7,
            connection,
            catalog,
            queue: Arc::new(Queue::new(options.queue)),
            counters: Arc::clone(&counters),
            group_jobs: options.group_jobs,
            group_bytes: options.group_bytes,
            busy_timeout: options.busy_timeout,
            log: Log { path: crate::files::with_suffix(&path, "-wal"), limit: 1 << 20, threshold: 2 << 20 },
        };
        Self { _directory: directory, path, writer, answers: Vec::new(), counters }
    }

    /// Lets the commits with these numbers fail, counted from 1.
    fn fail_commits(&mut self, fails: impl Fn(u32) -> bool + Send + 'static) {
        let count = AtomicU32::new(0);
        let hook = move || fails(count.fetch_add(1, Ordering::Relaxed) + 1);
        let _ = self.writer.connection.commit_hook(Some(hook));
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

    /// Runs everything queued; answers the results, the keys stored then, and the counts.
    fn run(self) -> (Vec<Result<(), StoreError>>, Vec<Vec<u8>>, Statistics) {
        self.writer.queue.close();
        let catalog = Arc::clone(&self.writer.catalog);
        self.writer.run();
        let results = self
            .answers
            .into_iter()
            .map(|answer| answer.now_or_never().expect("answered").unwrap())
            .collect();
        let connection = Connection::open(&self.path).unwrap();
        let mut keys = Vec::new();
        let session = Session { connection: &connection, catalog: &catalog, version: None };
        let all = koinon_engine::store::KeyRange::all();
        session
            .scan(ROWS, &all, koinon_engine::store::Direction::Ascending, &mut |key, _| {
                keys.push(key.to_vec());
                Ok(koinon_engine::store::Step::Continue)
            })
            .unwrap();
        (results, keys, self.counters.read())
    }
}

#[test]
fn jobs_that_wait_share_one_commit() {
    let mut bench = Bench::new(&SqliteOptions::default());
    for key in [b"a", b"b", b"c"] {
        bench.queue_put(key);
    }
    let (results, keys, statistics) = bench.run();
    assert!(results.iter().all(Result::is_ok));
    assert_eq!(keys, [b"a", b"b", b"c"]);
    assert_eq!(statistics, Statistics { jobs: 3, commits: 1, repeated: 0 });
}

#[test]
fn a_commit_takes_no_more_jobs_or_bytes_than_allowed() {
    let mut bench = Bench::new(&SqliteOptions { group_jobs: 2, ..SqliteOptions::default() });
    [b"a", b"b", b"c", b"d", b"e"].into_iter().for_each(|key| bench.queue_put(key));
    assert_eq!(bench.run().2, Statistics { jobs: 5, commits: 3, repeated: 0 });

    let mut bench = Bench::new(&SqliteOptions { group_bytes: 12, ..SqliteOptions::default() });
    [b"a", b"b", b"c", b"d", b"e"].into_iter().for_each(|key| bench.queue_put(key));
    assert_eq!(
        bench.run().2,
        Statistics { jobs: 5, commits: 3, repeated: 0 },
        "two writes of six bytes each"
    );
}

#[test]
fn after_a_failed_shared_commit_each_job_runs_again_alone() {
    let mut bench = Bench::new(&SqliteOptions::default());
    bench.fail_commits(|number| number == 1);
    bench.queue_put(b"a");
    bench.queue(|tx| {
        tx.put(ROWS, b"aborted", b"").unwrap();
        Outcome::Abort
    });
    bench.queue(|tx| {
        tx.put(ROWS, b"panicked", b"").unwrap();
        std::panic::resume_unwind(Box::new("on purpose"))
    });
    bench.queue_put(b"b");
    let (results, keys, statistics) = bench.run();
    assert!(matches!(results[..], [Ok(()), Ok(()), Err(StoreError::Panicked), Ok(())]), "{results:?}");
    assert_eq!(keys, [b"a", b"b"]);
    assert_eq!(statistics.repeated, 4);
}

#[test]
fn a_commit_that_fails_again_is_reported_to_its_own_caller_only() {
    let mut bench = Bench::new(&SqliteOptions::default());
    // The group, then the second of the three jobs that run alone.
    bench.fail_commits(|number| number == 1 || number == 3);
    for key in [b"a", b"b", b"c"] {
        bench.queue_put(key);
    }
    let (results, keys, _) = bench.run();
    assert!(matches!(results[..], [Ok(()), Err(_), Ok(())]), "{results:?}");
    assert_eq!(keys, [b"a", b"c"]);
}

#[test]
fn a_job_that_was_alone_is_not_run_twice() {
    let mut bench = Bench::new(&SqliteOptions::default());
    bench.fail_commits(|_| true);
    let runs = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&runs);
    bench.queue(move |tx| {
        counted.fetch_add(1, Ordering::Relaxed);
        tx.put(ROWS, b"key", b"").unwrap();
        Outcome::Commit
    });
    let (results, keys, statistics) = bench.run();
    assert!(matches!(results[..], [Err(_)]));
    assert_eq!((keys.len(), statistics.commits, runs.load(Ordering::Relaxed)), (0, 0, 1));
}

/// The second job refuses because the first one's row is there; that row never becomes durable.
#[test]
fn a_decision_on_the_strength_of_lost_writes_does_not_count() {
    let mut bench = Bench::new(&SqliteOptions::default());
    bench.fail_commits(|number| number <= 2);
    bench.queue_put(b"name");
    let refused = Arc::new(AtomicU32::new(0));
    let last = Arc::clone(&refused);
    bench.queue(move |tx| {
        let taken = tx.get(ROWS, b"name").unwrap().is_some();
        last.store(u32::from(taken), Ordering::Relaxed);
        if taken {
            return Outcome::Abort;
        }
        tx.put(ROWS, b"name of the second", b"").unwrap();
        Outcome::Commit
    });
    let (results, keys, _) = bench.run();
    assert!(matches!(results[..], [Err(_), Ok(())]), "{results:?}");
    assert_eq!(keys, [b"name of the second"]);
    assert_eq!(refused.load(Ordering::Relaxed), 0, "its last run found the name free");
}

/// SQLite answers a full file by rolling the whole transaction back, other jobs' writes included.
#[test]
fn a_job_that_fills_the_file_takes_no_other_with_it() {
    let mut bench = Bench::new(&SqliteOptions { max_bytes: Some(1 << 20), ..SqliteOptions::default() });
    bench.queue_put(b"a");
    bench.queue(|tx| {
        assert!(matches!(tx.put(ROWS, b"huge", &[b'x'; 2 << 20]), Err(StoreError::Full(_))));
        Outcome::Commit
    });
    bench.queue_put(b"b");
    let (results, keys, _) = bench.run();
    assert!(matches!(results[..], [Ok(()), Err(StoreError::Full(_)), Ok(())]), "{results:?}");
    assert_eq!(keys, [b"a", b"b"]);
}

#[test]
fn a_panic_while_a_job_is_dropped_takes_no_other_with_it() {
    struct PanicsWhenDropped;
    impl Drop for PanicsWhenDropped {
        fn drop(&mut self) {
            std::panic::resume_unwind(Box::new("on purpose"));
        }
    }
    let mut bench = Bench::new(&SqliteOptions { group_jobs: 2, ..SqliteOptions::default() });
    let captured = PanicsWhenDropped;
    bench.queue(move |tx| {
        let _ = &captured;
        tx.put(ROWS, b"a", b"").unwrap();
        Outcome::Commit
    });
    bench.queue_put(b"b");
    bench.queue_put(b"c");
    let (results, keys, _) = bench.run();
    assert!(results.iter().all(Result::is_ok), "{results:?}");
    assert_eq!(keys, [b"a", b"b", b"c"]);
}

#[test]
fn a_file_locked_by_another_process_is_busy_for_all_that_wait() {
    let busy_timeout = Duration::from_millis(1);
    let mut bench = Bench::new(&SqliteOptions { busy_timeout, ..SqliteOptions::default() });
    let other = Connection::open(&bench.path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    bench.queue_put(b"a");
    bench.queue_put(b"b");
    let (results, keys, statistics) = bench.run();
    assert!(matches!(results[..], [Err(StoreError::Busy(_)), Err(StoreError::Busy(_))]), "{results:?}");
    assert_eq!((keys.len(), statistics.commits), (0, 0));
}

/// Without the checkpoints that SQLite makes by itself, as where readers always overlap.
#[test]
fn a_log_that_outgrew_its_limit_is_emptied() {
    let mut bench = Bench::new(&SqliteOptions { group_jobs: 1, ..SqliteOptions::default() });
    bench.writer.connection.pragma_update(None, "wal_autocheckpoint", 0).unwrap();
    let log_bytes = |bench: &Bench| fs::metadata(&bench.writer.log.path).unwrap().len();
    let mut number = 0u8;
    let mut write = |bench: &mut Bench| {
        number += 1;
        bench.queue(move |tx| {
            tx.put(ROWS, &[number], &[b'x'; 700_000]).unwrap();
            Outcome::Commit
        });
        let next = bench.writer.queue.try_pop().unwrap();
        bench.writer.run_group(next);
        bench.writer.keep_log_small();
    };
    (0..2).for_each(|_| write(&mut bench));
    assert!(log_bytes(&bench) > 1 << 20, "below its threshold the log is left alone");
    write(&mut bench);
    assert_eq!(log_bytes(&bench), 0);

    // A reader of an old state is in the way: the next try comes at twice the size, and then succeeds.
    let reader = Connection::open(&bench.path).unwrap();
    reader.execute_batch("BEGIN; SELECT * FROM t_rows").unwrap();
    (0..3).for_each(|_| write(&mut bench));
    let grown = log_bytes(&bench);
    assert!(grown > 2 << 20, "{grown}");
    assert_eq!(bench.writer.log.threshold, grown * 2);
    drop(reader);
    write(&mut bench);
    assert!(log_bytes(&bench) > grown, "not yet");
    (0..3).for_each(|_| write(&mut bench));
    assert!(log_bytes(&bench) < grown, "{}", log_bytes(&bench));
    assert_eq!(bench.writer.log.threshold, 2 << 20);
}
