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

/// What became of a command or question.
#[derive(Debug)]
pub(crate) struct Reply {
    /// Whether it was not refused.
    pub(crate) accepted: bool,
    answer: Box<dyn Answer>,
}

impl PartialEq for Reply {
    fn eq(&self, other: &Self) -> bool {
        self.answer.equals(&*other.answer)
    }
}

/// The reply that a result is. Refusals are replies like others; a storage that fails is not.
pub(crate) fn answered<T: Debug + PartialEq + Send + 'static>(
    result: Result<T, Error>,
) -> Result<Reply, String> {
    match result {
        Ok(value) => Ok(Reply { accepted: true, answer: Box::new(value) }),
        Err(error @ (Error::Store(_) | Error::Blob(_))) => Err(format!("the storage failed: {error:?}")),
        Err(error) => Ok(Reply { accepted: false, answer: Box::new(format!("{error:?}")) }),
    }
}
