//! Jobs with results: the comfortable face of [`Store`].

use std::sync::{Arc, Mutex, PoisonError};

use super::{Outcome, ReadTx, Store, StoreError, WriteTx};

/// [`Store`] jobs as closures that return a value or an error of the caller's own.
#[allow(async_fn_in_trait, reason = "implemented once, for every store; the futures are Send")]
pub trait StoreExt {
    /// Runs `job` on one snapshot and answers what it returned.
    fn read<T, E>(
        &self,
        job: impl FnOnce(&dyn ReadTx) -> Result<T, E> + Send + 'static,
    ) -> impl Future<Output = Result<T, E>> + Send
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static;

    /// The same for a job that may read a great part of the store.
    fn long_read<T, E>(
        &self,
        job: impl FnOnce(&dyn ReadTx) -> Result<T, E> + Send + 'static,
    ) -> impl Future<Output = Result<T, E>> + Send
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static;

    /// Runs `job` in a transaction that commits when it returns `Ok` and is forgotten when it returns `Err`.
    ///
    /// The job may run more than once; only the last run counts.
    fn write<T, E>(
        &self,
        job: impl FnMut(&mut dyn WriteTx) -> Result<T, E> + Send + 'static,
    ) -> impl Future<Output = Result<T, E>> + Send
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static;
}

impl<S: Store + ?Sized> StoreExt for S {
    async fn read<T, E>(&self, job: impl FnOnce(&dyn ReadTx) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let slot = Slot::default();
        let filled = slot.clone();
        self.run_read(Box::new(move |tx| filled.fill(job(tx)))).await?;
        slot.take()
    }

    async fn long_read<T, E>(
        &self,
        job: impl FnOnce(&dyn ReadTx) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let slot = Slot::default();
        let filled = slot.clone();
        self.run_long_read(Box::new(move |tx| filled.fill(job(tx)))).await?;
        slot.take()
    }

    async fn write<T, E>(
        &self,
        mut job: impl FnMut(&mut dyn WriteTx) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let slot = Slot::default();
        let filled = slot.clone();
        let run = move |tx: &mut dyn WriteTx| {
            let result = job(tx);
            let outcome = if result.is_ok() { Outcome::Commit } else { Outcome::Abort };
            filled.fill(result);
            outcome
        };
        self.run_write(Box::new(run)).await?;
        slot.take()
    }
}

/// Where a job leaves its result for the caller that waits.
struct Slot<T>(Arc<Mutex<Option<T>>>);

impl<T> Clone for Slot<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Default for Slot<T> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<T> Slot<T> {
    fn fill(&self, value: T) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(value);
    }
}

impl<T, E: From<StoreError>> Slot<Result<T, E>> {
    /// The result; a backend that resolved without running the job counts as a panicked job.
    fn take(&self) -> Result<T, E> {
        let taken = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        taken.unwrap_or_else(|| Err(StoreError::Panicked.into()))
    }
}
