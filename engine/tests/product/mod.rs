//! Products: every combination of the values of several fields.

/// Combinations made so far, a field at a time.
#[derive(Debug)]
pub(crate) struct Product<C>(Vec<C>);

impl<C: Copy> Product<C> {
    /// One combination, whose fields are still to be varied.
    pub(crate) fn of(first: C) -> Self {
        Self(vec![first])
    }

    /// Each combination once for each of `values` of one field.
    pub(crate) fn over<T: Copy>(self, values: &[T], set: fn(&mut C, T)) -> Self {
        let mut all = Vec::with_capacity(self.0.len() * values.len());
        for combination in self.0 {
            for value in values {
                let mut combination = combination;
                set(&mut combination, *value);
                all.push(combination);
            }
        }
        Self(all)
    }

    /// All combinations.
    pub(crate) fn all(self) -> Vec<C> {
        self.0
    }
}
