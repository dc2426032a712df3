//! The sled in use, which another one takes the place of after a failure.

use std::sync::{Arc, PoisonError, RwLock};

use crate::database::Database;

/// Hands out the sled in use. Whoever has one keeps it to the end of a job, also when it was replaced meanwhile.
#[derive(Debug)]
pub(crate) struct Shared {
    current: RwLock<Arc<Database>>,
}

impl Shared {
    pub(crate) fn new(database: Database) -> Self {
        Self { current: RwLock::new(Arc::new(database)) }
    }

    /// The sled in use.
    ///
    /// To be asked for after the snapshot that it is read through: of what a replaced sled holds, only snapshots from
    /// before hide what failed.
    pub(crate) fn current(&self) -> Arc<Database> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts another one in its place. The last one who still uses the former closes it.
    pub(crate) fn replace(&self, database: Database) {
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        let former = std::mem::replace(&mut *current, Arc::new(database));
        drop(current);
        drop(former);
    }
}
