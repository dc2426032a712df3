//! HTML that is safe to show.

use std::fmt;

use serde::{Deserialize, Serialize};

/// HTML that passed the sanitiser: safe to put into a page or an answer as it is.
///
/// The ways to make one are [`render`](super::render) and [`sanitise`](super::sanitise). Reading one back from
/// the store is trusted, since only sanitised text gets there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SafeHtml(String);

impl SafeHtml {
    /// The last gate: whatever `html` is, only the allow-list comes through.
    pub(super) fn guard(html: &str) -> Self {
        Self(super::policy::GATE.clean(html).to_string())
    }

    /// The HTML.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether there is nothing to show.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for SafeHtml {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl AsRef<str> for SafeHtml {
    fn as_ref(&self) -> &str {
        &self.0
    }
}
