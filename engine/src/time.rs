//! Time as the engine sees it: injected, in milliseconds.

use std::fmt;
use std::ops::Add;
use std::time::Duration;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};

/// A moment in milliseconds since 1970-01-01 UTC.
///
/// Displays as `2026-11-24T13:10:37.000Z`: always three fractional digits and `Z`, which every client parses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The moment `milliseconds` after 1970-01-01.
    pub const fn from_milliseconds(milliseconds: i64) -> Self {
        Self(milliseconds)
    }

    /// Milliseconds since 1970-01-01.
    pub const fn milliseconds(self) -> i64 {
        self.0
    }

    /// Whole seconds since 1970-01-01.
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// The calendar date, `2026-11-24`.
    pub fn date(self) -> String {
        self.utc().format("%Y-%m-%d").to_string()
    }

    /// The same moment in chrono's terms; moments beyond its range become the epoch.
    pub fn utc(self) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(self.0).unwrap_or_default()
    }

    /// How long after `earlier` this is; zero when it is not.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }
}

impl Add<Duration> for Timestamp {
    type Output = Self;

    fn add(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.utc().to_rfc3339_opts(SecondsFormat::Millis, true))
    }
}

/// Where the engine gets the time from.
pub trait Clock: Send + Sync + fmt::Debug + 'static {
    /// The current moment. It may step back; the engine copes.
    fn now(&self) -> Timestamp;
}

/// The clock of the operating system.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp(Utc::now().timestamp_millis())
    }
}

/// A clock that stands still until it is set; for tests and reproducible runs.
#[derive(Debug, Default)]
pub struct ManualClock(std::sync::atomic::AtomicI64);

impl ManualClock {
    /// A clock that shows `start`.
    pub fn new(start: Timestamp) -> Self {
        Self(start.0.into())
    }

    /// Shows `moment` from now on, also when that lies in the past.
    pub fn set(&self, moment: Timestamp) {
        self.0.store(moment.0, std::sync::atomic::Ordering::SeqCst);
    }

    /// Moves on by `duration`.
    pub fn advance(&self, duration: Duration) {
        self.set(self.now() + duration);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(std::sync::atomic::Ordering::SeqCst))
    }
}
