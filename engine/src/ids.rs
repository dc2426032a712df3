//! Making ids: in order within a millisecond, across restarts, and when the clock steps back.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use crate::entropy::Entropy;
use crate::id::Flake;
use crate::time::Timestamp;

/// Where the engine gets ids from.
pub trait IdSource: Send + Sync + fmt::Debug + 'static {
    /// An id greater than every id it made before, of the moment `now` where that is possible. // R1 R2
    fn next(&self, now: Timestamp) -> Flake;

    /// Makes every later id greater than all ids of `moment`; called when a store is opened.
    fn resume_after(&self, moment: Timestamp);
}

/// The id source of one process.
#[derive(Debug)]
pub struct Flakes {
    entropy: Arc<dyn Entropy>,
    last: Mutex<(u64, u16)>,
}

impl Flakes {
    /// Ids whose random bits come from `entropy`.
    pub fn new(entropy: Arc<dyn Entropy>) -> Self {
        Self { entropy, last: Mutex::new((0, Flake::MAX_SEQUENCE)) }
    }
}

impl IdSource for Flakes {
    fn next(&self, now: Timestamp) -> Flake {
        let mut random = [0; 16];
        self.entropy.fill(&mut random);
        let now = u64::try_from(now.milliseconds()).unwrap_or(0);
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        // When the clock stepped back or the sequence ran out, time is borrowed from the next milliseconds.
        *last = match *last {
            (milliseconds, _) if now > milliseconds => (now, 0),
            (milliseconds, Flake::MAX_SEQUENCE) => (milliseconds + 1, 0),
            (milliseconds, sequence) => (milliseconds, sequence + 1),
        };
        Flake::from_parts(last.0, last.1, u128::from_le_bytes(random))
    }

    fn resume_after(&self, moment: Timestamp) {
        let milliseconds = u64::try_from(moment.milliseconds()).unwrap_or(0);
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        *last = (*last).max((milliseconds, Flake::MAX_SEQUENCE));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entropy::SeededEntropy;

    fn ids(seed: u64) -> Flakes {
        Flakes::new(Arc::new(SeededEntropy::new(seed)))
    }

    fn at(milliseconds: i64) -> Timestamp {
        Timestamp::from_milliseconds(1_790_000_000_000 + milliseconds)
    }

    #[test]
    fn r2_ten_thousand_ids_of_one_millisecond_differ_and_sort_in_creation_order() {
        let source = ids(1);
        let made: Vec<Flake> = (0..10_000).map(|_| source.next(at(0))).collect();
        assert!(made.windows(2).all(|pair| pair[0] < pair[1] && pair[0].number() < pair[1].number()));
    }

    #[test]
    fn order_holds_when_the_clock_steps_back() {
        let source = ids(2);
        let before = source.next(at(3_600_000));
        assert!(source.next(at(0)) > before);
    }

    #[test]
    fn order_holds_across_a_restart_with_the_clock_stepped_back() {
        let before = ids(3).next(at(500));
        let source = ids(3);
        source.resume_after(Timestamp::from_milliseconds(before.milliseconds() as i64));
        let after = source.next(at(0));
        assert!(after > before && after.number() > before.number());
    }

    #[test]
    fn same_seed_and_clock_make_the_same_ids() {
        let (one, two) = (ids(4), ids(4));
        assert!((0..100).all(|i| one.next(at(i / 3)) == two.next(at(i / 3))));
    }

    #[test]
    fn eight_threads_never_get_the_same_id() {
        let source = Arc::new(ids(5));
        let threads: Vec<_> = (0..8)
            .map(|_| {
                let source = Arc::clone(&source);
                std::thread::spawn(move || (0..2_000).map(|_| source.next(at(0))).collect::<Vec<_>>())
            })
            .collect();
        let mut all: Vec<Flake> = threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 16_000);
    }
}
