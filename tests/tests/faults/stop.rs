//! The end of threads that run until they are told.

use std::sync::atomic::{AtomicBool, Ordering};

/// Tells them, also when the test fails.
pub(crate) struct StopsWhenDropped<'a>(pub(crate) &'a AtomicBool);

impl Drop for StopsWhenDropped<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}
