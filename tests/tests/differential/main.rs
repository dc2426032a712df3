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
mod regressions;
mod run;
mod step;
mod survey;
mod undo;
mod world;

use std::cell::Cell;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};

use run::{Asking, run};

#[test]
fn every_history_is_the_same_on_every_backend() {
    let histories = number_from("KOINON_HISTORIES").unwrap_or(200);
    let first = number_from("KOINON_SEED").unwrap_or(1);
    let next = AtomicU64::new(first);
    let failure: Mutex<Option<String>> = Mutex::default();
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
                    if let Err(report) = try_history(seed) {
                        failed().get_or_insert(report);
                    }
                }
            });
        }
    });
    if let Some(report) = failure.into_inner().unwrap_or_else(PoisonError::into_inner) {
        panic!("{report}");
    }
}

/// Runs the history that belongs to `seed`. Where it fails, the report has the shortest one found that still does.
fn try_history(seed: u64) -> Result<(), String> {
    let config = Config {
        cases: 1,
        max_shrink_iters: 2_000,
        max_shrink_time: 60_000,
        failure_persistence: None,
        ..Config::default()
    };
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let random = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let asking = Cell::new(Asking::OnTheWay);
    let outcome = TestRunner::new_with_rng(config, random).run(&generate::history(), |history| {
        let result = run(&history, seed, asking.get());
        if result.is_err() {
            asking.set(Asking::AtTheEnd);
        }
        result.map_err(TestCaseError::fail)
    });
    match outcome {
        Ok(()) => Ok(()),
        Err(TestError::Abort(reason)) => Err(format!("KOINON_SEED={seed} KOINON_HISTORIES=1: {reason}")),
        Err(TestError::Fail(reason, history)) => {
            let steps: String = history.iter().map(|step| format!("    {step:?},\n")).collect();
            Err(format!("KOINON_SEED={seed} KOINON_HISTORIES=1 fails with\n[\n{steps}]\n{reason}"))
        }
    }
}

fn number_from(variable: &str) -> Option<u64> {
    let value = std::env::var(variable).ok()?;
    Some(value.parse().unwrap_or_else(|_| panic!("{variable} is no number: {value}")))
}
