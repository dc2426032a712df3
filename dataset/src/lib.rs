//! Reproducible instances of any size, for measuring and trying out.
//!
//! A [`Plan`] says how many accounts and statuses there are; everything else follows from its seed: who follows whom,
//! who says what to whom, when, and who liked it. The same plan with the same settings makes the same records, byte for
//! byte, in every store. Everything goes through the engine's rules, many commands in one transaction.
//!
//! ```
//! use std::sync::Arc;
//!
//! use koinon_dataset::{Plan, load};
//! use koinon_engine::memory::MemoryStore;
//! use koinon_engine::settings::Settings;
//! use koinon_engine::store::schema::TABLES;
//!
//! let store = Arc::new(MemoryStore::new(TABLES));
//! let plan = Plan { accounts: 30, statuses: 100, seed: 1 };
//! let made = load(store, Settings::default(), &plan, &mut |_, _| {})?;
//! assert_eq!(made.statuses, 100);
//! # Ok::<(), koinon_dataset::LoadError>(())
//! ```
//!
//! | in | what stands there |
//! |---|---|
//! | `graph` | who follows whom |
//! | `events` | who posts, answers, passes on and marks, in the order of time |
//! | `text`, `words` | what they say |
//! | `load` | from events to records |

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod events;
mod graph;
mod load;
mod text;
mod words;

use std::time::Duration;

use koinon_engine::time::Timestamp;

pub use load::{Advance, LoadError, Made, load, progress_total};
pub use text::username;

/// The first moment of every data set: 2025-01-01 UTC.
pub const BEGIN: Timestamp = Timestamp::from_milliseconds(1_735_689_600_000);
/// The time that a data set spans.
pub const SPAN: Duration = Duration::from_secs(365 * 86_400);

/// What to make.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Plan {
    /// Accounts, called [`username`] of 0, 1, …; at least two for anybody to have someone to follow.
    pub accounts: u32,
    /// Statuses, reblogs counted too.
    pub statuses: u32,
    /// Where all chance comes from.
    pub seed: u64,
}
