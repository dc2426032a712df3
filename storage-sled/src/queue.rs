//! A bounded queue between callers and threads.
//!
//! The standard library's channels have one receiver; here several readers take from one queue, and the
//! writer takes what waits without waiting itself.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use koinon_engine::store::StoreError;

pub(crate) struct Queue<T> {
    state: Mutex<State<T>>,
    ready: Condvar,
    capacity: usize,
}

/// What came of waiting for an item.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Popped<T> {
    Item(T),
    /// None came in time.
    Nothing,
    /// The queue is closed and empty.
    Closed,
}

struct State<T> {
    waiting: VecDeque<T>,
    closed: bool,
}

impl<T> Queue<T> {
    pub(crate) fn new(capacity: usize) -> Self {
        let state = State { waiting: VecDeque::new(), closed: false };
        Self { state: Mutex::new(state), ready: Condvar::new(), capacity: capacity.max(1) }
    }

    /// Appends without waiting.
    ///
    /// # Errors
    /// [`StoreError::Busy`] when the queue is full or closed.
    pub(crate) fn push(&self, item: T) -> Result<(), StoreError> {
        let mut state = self.state();
        if state.closed {
            return Err(StoreError::Busy("the store is closing".into()));
        }
        if state.waiting.len() >= self.capacity {
            return Err(StoreError::Busy(format!("{} jobs are waiting already", self.capacity).into()));
        }
        state.waiting.push_back(item);
        drop(state);
        self.ready.notify_one();
        Ok(())
    }

    /// Waits for the next item; `None` when the queue is closed and empty.
    pub(crate) fn pop(&self) -> Option<T> {
        let mut state = self.state();
        loop {
            if let Some(item) = state.waiting.pop_front() {
                return Some(item);
            }
            if state.closed {
                return None;
            }
            state = self.ready.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Like [`pop`](Self::pop), but waits no longer than `patience`.
    pub(crate) fn pop_within(&self, patience: Duration) -> Popped<T> {
        let end = Instant::now() + patience;
        let mut state = self.state();
        loop {
            if let Some(item) = state.waiting.pop_front() {
                return Popped::Item(item);
            }
            if state.closed {
                return Popped::Closed;
            }
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Popped::Nothing;
            }
            state = self.ready.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// The next item, if one waits.
    pub(crate) fn try_pop(&self) -> Option<T> {
        self.state().waiting.pop_front()
    }

    /// Everything that waits.
    pub(crate) fn take_all(&self) -> VecDeque<T> {
        std::mem::take(&mut self.state().waiting)
    }

    /// Lets nothing in any more; what waits is still taken out.
    pub(crate) fn close(&self) {
        self.state().closed = true;
        self.ready.notify_all();
    }

    /// Nothing that may panic runs while the lock is held, so its state is sound even when poisoned.
    fn state(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> std::fmt::Debug for Queue<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (waiting, capacity) = (self.state().waiting.len(), self.capacity);
        f.debug_struct("Queue").field("waiting", &waiting).field("capacity", &capacity).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::{Duration, Popped, Queue, StoreError};

    #[test]
    fn a_full_queue_refuses_at_once_and_takes_again_when_there_is_room() {
        let queue = Queue::new(2);
        queue.push(1).unwrap();
        queue.push(2).unwrap();
        assert!(matches!(queue.push(3), Err(StoreError::Busy(_))));
        assert_eq!(queue.pop(), Some(1));
        queue.push(4).unwrap();
        assert_eq!(queue.take_all(), [2, 4]);
        assert_eq!(queue.try_pop(), None);
    }

    #[test]
    fn a_closed_queue_gives_out_what_waits_and_lets_nothing_in() {
        let queue = Queue::new(2);
        queue.push(1).unwrap();
        queue.close();
        assert!(matches!(queue.push(2), Err(StoreError::Busy(_))));
        assert_eq!(queue.pop(), Some(1));
        assert_eq!(queue.pop(), None);
    }

    #[test]
    fn waiting_ends_when_nothing_comes() {
        let queue = Queue::new(2);
        assert_eq!(queue.pop_within(Duration::from_millis(1)), Popped::Nothing);
        queue.push(1).unwrap();
        assert_eq!(queue.pop_within(Duration::ZERO), Popped::Item(1));
        queue.close();
        assert_eq!(queue.pop_within(Duration::MAX / 4), Popped::Closed);
    }

    #[test]
    fn every_item_reaches_exactly_one_of_several_threads() {
        let queue = Queue::new(1000);
        let taken: Vec<u32> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..4)
                .map(|_| scope.spawn(|| std::iter::from_fn(|| queue.pop()).collect::<Vec<_>>()))
                .collect();
            (0..1000).for_each(|item| queue.push(item).unwrap());
            queue.close();
            threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
        });
        let mut sorted = taken;
        sorted.sort_unstable();
        assert!(sorted.into_iter().eq(0..1000));
    }
}
