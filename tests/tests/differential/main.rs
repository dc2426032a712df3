//! One truth: the same history of commands on every backend, with the same answers to every question and the same
//! bytes in every table, and what has to hold whatever happened.
//!
//! `KOINON_HISTORIES` says how many histories are run, `KOINON_SEED` with which one to begin. A history that fails is
//! made as short as possible and printed with its seed.

#![allow(clippy::unwrap_used)]

mod answer;
mod backend;
mod generate;
mod invariants;
mod perform;
mod question;
mod random;
mod records;
mod run;
mod shrink;
mod step;
mod survey;
mod undo;
mod world;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use backend::Backend;
use run::{Asking, Tally, run};
use shrink::shrunk;
use step::Step;

/// How many kinds of [steps](step::Step) there are.
const KINDS: usize = 39;

#[test]
fn every_history_is_the_same_on_every_backend() {
    let histories = number_from("KOINON_HISTORIES").unwrap_or(200);
    let first = number_from("KOINON_SEED").unwrap_or(1);
    let next = AtomicU64::new(first);
    let failure: Mutex<Option<String>> = Mutex::default();
    let tallies: Mutex<Vec<Tally>> = Mutex::default();
    let workers = thread::available_parallelism().map_or(1, std::num::NonZero::get).min(8);
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::SeqCst);
                    let failed = || failure.lock().unwrap_or_else(PoisonError::into_inner);
                    if seed - first >= histories || failed().is_some() {
                        break;
                    }
                    match try_history(seed) {
                        Ok(tally) => tallies.lock().unwrap_or_else(PoisonError::into_inner).push(tally),
                        Err(report) => {
                            failed().get_or_insert(report);
                        }
                    }
                }
            });
        }
    });
    if let Some(report) = failure.into_inner().unwrap_or_else(PoisonError::into_inner) {
        panic!("{report}");
    }
    let tally = added_up(tallies.into_inner().unwrap_or_else(PoisonError::into_inner));
    println!("steps of each kind, done and refused: {tally:#?}");
    if histories >= 200 {
        let never: Vec<_> = tally.iter().filter(|(_, (done, _))| *done == 0).collect();
        assert!(tally.len() == KINDS && never.is_empty(), "never done: {never:?}");
    }
}

fn added_up(tallies: Vec<Tally>) -> Tally {
    let mut sum = Tally::new();
    for (kind, (done, refused)) in tallies.into_iter().flatten() {
        let entry = sum.entry(kind).or_default();
        *entry = (entry.0 + done, entry.1 + refused);
    }
    sum
}

/// Runs the history that belongs to `seed`. Where it fails, the report has the shortest one found that still does.
fn try_history(seed: u64) -> Result<Tally, String> {
    let history = generate::of_seed(seed)?;
    let (failed_at, problem) = match run(&history, seed, Asking::OnTheWay, &Backend::ALL) {
        Ok(tally) => return Ok(tally),
        Err(failure) => (failure.step, failure.problem),
    };
    let history = &history[..failed_at];
    // What fails on one backend alone is found fastest there.
    let ways = [
        (Asking::AtTheEnd, &Backend::ALL[..1]),
        (Asking::AtTheEnd, &Backend::ALL[..]),
        (Asking::OnTheWay, &Backend::ALL[..]),
    ];
    let way = ways.into_iter().find(|(asking, backends)| run(history, seed, *asking, backends).is_err());
    let (history, problem) = match way {
        None => (history.to_vec(), problem),
        Some((asking, backends)) => {
            let fails = |history: &[Step]| run(history, seed, asking, backends).is_err();
            let history = shrunk(history.to_vec(), fails);
            let problem =
                run(&history, seed, asking, backends).err().map_or(problem, |failure| failure.problem);
            (history, problem)
        }
    };
    let steps: String = history.iter().map(|step| format!("    {step:?},\n")).collect();
    Err(format!("KOINON_SEED={seed} KOINON_HISTORIES=1 fails with\n[\n{steps}]\n{problem}"))
}

fn number_from(variable: &str) -> Option<u64> {
    let value = std::env::var(variable).ok()?;
    Some(value.parse().unwrap_or_else(|_| panic!("{variable} is no number: {value}")))
}
