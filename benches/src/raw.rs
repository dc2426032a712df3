//! Engine calls without HTTP, beside the raw reads and commits of the store that they need at least.

use std::error::Error;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use futures::executor::block_on;
use koinon_engine::audience::Viewer;
use koinon_engine::page::PageRequest;
use koinon_engine::statuses::Draft;
use koinon_engine::store::schema::STATUSES;
use koinon_engine::store::{Scan, Store, StoreError, StoreExt, Table};
use koinon_engine::timelines::TimelineFilter;

use crate::load::{Measured, processor_time};
use crate::report::Comparison;
use crate::world::{World, open_store};

/// Rows a post with fifty followers writes, about.
const ROWS: u64 = 75;
/// Bytes of the text of such a post, as it is stored.
const BYTES: usize = 500;

const ROW: Table<(u64, u64), String> = Table::new("home");

pub(crate) fn compare(world: &World, duration: Duration) -> Result<Vec<Comparison>, Box<dyn Error>> {
    let mut comparisons = Vec::new();
    for threads in [1, 16] {
        let home = repeat(threads, duration, home_timeline(world))?;
        let reads = repeat(threads, duration, twenty_reads(world)?)?;
        comparisons.push(Comparison::new(
            "engine: home timeline of 20",
            threads,
            home,
            "20 raw reads in one job",
            reads,
        ));
        let post = repeat(threads, duration, post(world))?;
        let commits = repeat(threads, duration, commit(world, "raw.sqlite", threads)?)?;
        comparisons.push(Comparison::new(
            "engine: post, 50 followers",
            threads,
            post,
            "raw commits of as many rows",
            commits,
        ));
    }
    Ok(comparisons)
}

type Work = Arc<dyn Fn(u64) -> Result<(), Box<dyn Error + Send + Sync>> + Send + Sync>;

fn home_timeline(world: &World) -> Work {
    let (engine, reader) = (world.engine.clone(), world.reader);
    Arc::new(move |_| {
        block_on(engine.query(Viewer::Local(reader), |query| {
            query.home_timeline(&TimelineFilter::default(), &PageRequest::newest(20))
        }))?;
        Ok(())
    })
}

fn post(world: &World) -> Work {
    let (engine, poster) = (world.engine.clone(), world.poster);
    Arc::new(move |number| {
        let draft = Draft { text: format!("A short post about nothing much, {number}"), ..Draft::default() };
        block_on(engine.post(poster, draft))?;
        Ok(())
    })
}

fn twenty_reads(world: &World) -> Result<Work, Box<dyn Error>> {
    let keys: Vec<Vec<u8>> = block_on(world.store.read(|tx| {
        let rows = STATUSES.page(tx, &Scan::all().descending(), 20)?;
        Ok::<_, StoreError>(rows.into_iter().map(|(id, _)| id.to_bytes().to_vec()).collect())
    }))?;
    let store = Arc::clone(&world.store);
    Ok(Arc::new(move |_| {
        let keys = keys.clone();
        block_on(store.read(move |tx| tx.get_many(STATUSES.definition(), &keys)))?;
        Ok(())
    }))
}

fn commit(world: &World, file: &str, threads: usize) -> Result<Work, Box<dyn Error>> {
    let store: Arc<dyn Store> = open_store(&world.folder.path().join(format!("{threads}-{file}")))?;
    let text = "x".repeat(BYTES);
    Ok(Arc::new(move |number| {
        let text = text.clone();
        block_on(store.write(move |tx| {
            for row in 0..ROWS {
                let value = if row == 0 { text.clone() } else { String::new() };
                ROW.put(tx, &(number, row), &value)?;
            }
            Ok::<_, StoreError>(())
        }))?;
        Ok(())
    }))
}

/// Does `work` on `threads` threads for `duration`, after a short warm-up.
fn repeat(threads: usize, duration: Duration, work: Work) -> Result<Measured, Box<dyn Error>> {
    run(threads, duration / 5, &work, 0)?;
    run(threads, duration, &work, 1 << 40)
}

fn run(threads: usize, duration: Duration, work: &Work, first: u64) -> Result<Measured, Box<dyn Error>> {
    let (begin, processor) = (Instant::now(), processor_time()?);
    let workers: Vec<_> = (0..threads as u64)
        .map(|thread| {
            let work = Arc::clone(work);
            thread::spawn(move || {
                let mut latencies = Vec::new();
                let mut number = first + (thread << 32);
                while begin.elapsed() < duration {
                    let started = Instant::now();
                    work(number)?;
                    latencies.push(started.elapsed());
                    number += 1;
                }
                Ok::<_, Box<dyn Error + Send + Sync>>(latencies)
            })
        })
        .collect();
    let mut latencies = Vec::new();
    for worker in workers {
        let worked = worker.join().map_err(|_| "a worker panicked")?;
        latencies.extend(worked.map_err(|error| error.to_string())?);
    }
    Ok(Measured::new(latencies, begin.elapsed(), processor_time()?.saturating_sub(processor)))
}
