//! The parts of entities that are the same for every viewer, written once and used again.
//!
//! A part belongs to a record in memory: while the engine answers with the very same record, what was written of it
//! stands. A record that changed is another one.

use std::sync::{Arc, Weak};

use koinon_engine::audience::{AccountView, StatusView, Visible};
use koinon_engine::id::Flake;
use koinon_engine::model::{Account, AccountStats, Status};
use quick_cache::sync::Cache;

use super::Renderer;
use super::status::StatusParts;
use crate::json::{Text, text};

/// Statuses whose parts are kept at most: some two kilobytes each.
const STATUSES: usize = 4_096;
/// Accounts that are kept at most: about a kilobyte each.
const ACCOUNTS: usize = 2_048;

/// An account as JSON.
pub(crate) type RenderedAccount = Text;

/// What was written lately.
#[derive(Debug)]
pub(crate) struct Renderings {
    statuses: Cache<Flake, KnownStatus>,
    accounts: Cache<Flake, KnownAccount>,
}

#[derive(Debug, Clone)]
struct KnownStatus {
    of: Weak<Status>,
    parts: Arc<StatusParts>,
}

#[derive(Debug, Clone)]
struct KnownAccount {
    of: Weak<Account>,
    stats: AccountStats,
    json: RenderedAccount,
}

impl Default for Renderings {
    fn default() -> Self {
        Self { statuses: Cache::new(STATUSES), accounts: Cache::new(ACCOUNTS) }
    }
}

impl Renderer<'_> {
    /// What is the same for every viewer of a status.
    pub(super) fn status_parts(&self, view: &Visible<StatusView>) -> Arc<StatusParts> {
        let status = &view.status;
        if let Some(known) = self.renderings.statuses.get(&status.id)
            && std::ptr::eq(known.of.as_ptr(), Arc::as_ptr(status))
        {
            return known.parts;
        }
        let parts = Arc::new(StatusParts::new(self, status, &view.author.account));
        // Where something is left out for this viewer, nobody else is shown the same.
        if view.is_whole() {
            let rendered = KnownStatus { of: Arc::downgrade(status), parts: Arc::clone(&parts) };
            self.renderings.statuses.insert(status.id, rendered);
        }
        parts
    }

    /// An account as others see it.
    pub(crate) fn account(&self, view: &Visible<AccountView>) -> RenderedAccount {
        let account = &view.account;
        if let Some(known) = self.renderings.accounts.get(&account.id)
            && std::ptr::eq(known.of.as_ptr(), Arc::as_ptr(account))
            && known.stats == view.stats
        {
            return known.json;
        }
        let json = text(&self.account_entity(view));
        let rendered =
            KnownAccount { of: Arc::downgrade(account), stats: view.stats, json: Arc::clone(&json) };
        self.renderings.accounts.insert(account.id, rendered);
        json
    }
}
