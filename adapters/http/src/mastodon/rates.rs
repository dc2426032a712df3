//! How often a client may do what is costly or tempting.

use crate::rate_limit::RateRule;

const MINUTE: u64 = 60_000;

/// Making accounts.
pub(crate) const REGISTRATION: &[RateRule] =
    &[RateRule { name: "registration", limit: 25, window_ms: 30 * MINUTE }];

/// Registering programs.
pub(crate) const APPS: &[RateRule] = &[RateRule { name: "apps", limit: 5, window_ms: 10 * MINUTE }];

/// Trying passwords, codes and tokens.
pub(crate) const SIGN_IN: &[RateRule] = &[RateRule { name: "sign_in", limit: 25, window_ms: 5 * MINUTE }];

/// Sending files.
pub(crate) const UPLOADS: &[RateRule] = &[RateRule { name: "uploads", limit: 30, window_ms: 30 * MINUTE }];
