//! The proof that someone may see something.

use std::ops::Deref;

/// A `T` that the audience rules let through for one viewer.
///
/// There is no way to make one outside of [`audience`](super), so what was not checked cannot be shown.
///
/// ```compile_fail
/// let forged = koinon_engine::audience::Visible(42);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visible<T>(T);

impl<T> Visible<T> {
    pub(super) fn new(value: T) -> Self {
        Self(value)
    }

    /// A greater whole made from this visible part and others that are visible too.
    pub(crate) fn with<U>(self, whole: impl FnOnce(Self) -> U) -> Visible<U> {
        Visible(whole(self))
    }

    /// The value, without the proof.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> Deref for Visible<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}
