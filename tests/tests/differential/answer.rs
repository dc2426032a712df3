//! What the engine answered, to be compared without knowing what it is.

use std::any::Any;
use std::fmt::Debug;

use koinon_engine::Error;

/// Anything that can be compared and printed.
pub(crate) trait Answer: Debug + Send {
    fn equals(&self, other: &dyn Answer) -> bool;
    fn as_any(&self) -> &dyn Any;
}

impl<T: Debug + PartialEq + Send + 'static> Answer for T {
    fn equals(&self, other: &dyn Answer) -> bool {
        other.as_any().downcast_ref::<T>() == Some(self)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// The result of a command or query. Refusals are answers like others; a storage that fails is not.
pub(crate) fn answered<T: Debug + PartialEq + Send + 'static>(
    result: Result<T, Error>,
) -> Result<Box<dyn Answer>, String> {
    match result {
        Ok(value) => Ok(Box::new(Ok::<T, String>(value))),
        Err(error @ (Error::Store(_) | Error::Blob(_))) => Err(format!("the storage failed: {error:?}")),
        Err(error) => Ok(Box::new(Err::<T, String>(format!("{error:?}")))),
    }
}
