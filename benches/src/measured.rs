//! Doing something over and over on several threads, and how fast that went.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use crate::Failure;

/// Work that what was asked for may have left behind is waited for this long, and counted in.
const AFTERWARDS: Duration = Duration::from_millis(200);

/// How fast answers came.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Measured {
    pub(crate) per_second: f64,
    pub(crate) median: Duration,
    pub(crate) p99: Duration,
    /// Processor time of this whole process, clients included, for each answer.
    pub(crate) processor: Duration,
    /// The part of it that was used after the last answer.
    pub(crate) afterwards: Duration,
}

impl Measured {
    fn new(
        mut latencies: Vec<Duration>,
        elapsed: Duration,
        processor: Duration,
        afterwards: Duration,
    ) -> Self {
        latencies.sort_unstable();
        let at = |share: f64| {
            latencies.get((latencies.len() as f64 * share) as usize).copied().unwrap_or_default()
        };
        let count = u32::try_from(latencies.len().max(1)).unwrap_or(u32::MAX);
        Self {
            per_second: latencies.len() as f64 / elapsed.as_secs_f64(),
            median: at(0.5),
            p99: at(0.99),
            processor: processor / count,
            afterwards: afterwards / count,
        }
    }

    /// What lies between two measurements of the same.
    pub(crate) fn mean(one: Self, other: Self) -> Self {
        Self {
            per_second: f64::midpoint(one.per_second, other.per_second),
            median: (one.median + other.median) / 2,
            p99: (one.p99 + other.p99) / 2,
            processor: (one.processor + other.processor) / 2,
            afterwards: (one.afterwards + other.afterwards) / 2,
        }
    }
}

/// Makes for each thread what it does over and over; it is told a number that no other call was told.
pub(crate) type Work = Arc<dyn Fn() -> Result<Step, Failure> + Send + Sync>;
/// What one thread does over and over.
pub(crate) type Step = Box<dyn FnMut(u64) -> Result<(), Failure>>;

/// Does `work` on `threads` threads for `duration`, after a short warm-up.
pub(crate) fn repeat(threads: usize, duration: Duration, work: &Work) -> Result<Measured, Failure> {
    run(threads, duration / 5, work, 0)?;
    run(threads, duration, work, 1 << 40)
}

/// Something beside what limits it, which is measured before and after, half as long each.
pub(crate) fn beside(
    threads: usize,
    duration: Duration,
    work: &Work,
    limit: &Work,
) -> Result<(Measured, Measured), Failure> {
    run(threads, duration / 5, limit, 2 << 40)?;
    let before = run(threads, duration / 2, limit, 3 << 40)?;
    let measured = repeat(threads, duration, work)?;
    let after = run(threads, duration / 2, limit, 4 << 40)?;
    Ok((measured, Measured::mean(before, after)))
}

fn run(threads: usize, duration: Duration, work: &Work, first: u64) -> Result<Measured, Failure> {
    let (begin, processor) = (Instant::now(), processor_time()?);
    let workers: Vec<_> = (0..threads as u64)
        .map(|thread| {
            let work = Arc::clone(work);
            thread::spawn(move || {
                let mut step = work()?;
                let mut latencies = Vec::new();
                let mut number = first + (thread << 32);
                while begin.elapsed() < duration {
                    let started = Instant::now();
                    step(number)?;
                    latencies.push(started.elapsed());
                    number += 1;
                }
                Ok::<_, Failure>(latencies)
            })
        })
        .collect();
    let mut latencies = Vec::new();
    for worker in workers {
        latencies.extend(worker.join().map_err(|_| "a worker panicked")??);
    }
    let (elapsed, at_the_end) = (begin.elapsed(), processor_time()?);
    thread::sleep(AFTERWARDS);
    let at_last = processor_time()?;
    let (total, afterwards) = (at_last.saturating_sub(processor), at_last.saturating_sub(at_the_end));
    Ok(Measured::new(latencies, elapsed, total, afterwards))
}

/// Processor time this process has used so far, in steps of a hundredth of a second.
fn processor_time() -> std::io::Result<Duration> {
    let text = std::fs::read_to_string("/proc/self/stat")?;
    // The name of the program, in parentheses, may have spaces in it.
    let fields = text.rsplit(')').next().unwrap_or_default();
    let ticks: u64 =
        fields.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
    Ok(Duration::from_millis(ticks * 10))
}
