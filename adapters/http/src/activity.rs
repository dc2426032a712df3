//! How many accounts were active lately.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use koinon_engine::audience::Viewer;
use koinon_engine::time::Timestamp;
use koinon_engine::{Engine, Error};

/// How long the numbers are good. Counting takes a pass over all accounts.
const LIFETIME: Duration = Duration::from_secs(3600);

const DAY: u64 = 24 * 3600;

/// Accounts that posted publicly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct ActiveAccounts {
    /// In the last 28 days.
    pub(crate) month: u64,
    /// In the last 180 days.
    pub(crate) half_year: u64,
}

/// The numbers, counted at most once an hour.
#[derive(Debug, Default)]
pub(crate) struct Activity(Mutex<Option<(Timestamp, ActiveAccounts)>>);

impl Activity {
    /// The numbers of the last hour.
    pub(crate) async fn active_accounts(&self, engine: &Engine) -> Result<ActiveAccounts, Error> {
        let now = engine.now();
        if let Some(known) = self.known(now) {
            return Ok(known);
        }
        let since = |days: u64| {
            let back = i64::try_from(days * DAY * 1000).unwrap_or(i64::MAX);
            Timestamp::from_milliseconds(now.milliseconds().saturating_sub(back))
        };
        let (month, half_year) = (since(28), since(180));
        let counted = engine.long_query(Viewer::Anonymous, move |query| {
            let (month, half_year) = (query.active_accounts(month)?, query.active_accounts(half_year)?);
            Ok(ActiveAccounts { month, half_year })
        });
        let counted = counted.await?;
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((now, counted));
        Ok(counted)
    }

    /// The numbers, if they are good still. If not, whoever asks counts anew, and all others get the old ones once
    /// more meanwhile.
    fn known(&self, now: Timestamp) -> Option<ActiveAccounts> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (counted_at, counted) = known.as_mut()?;
        if *counted_at <= now && now < *counted_at + LIFETIME {
            return Some(*counted);
        }
        *counted_at = now;
        None
    }
}
