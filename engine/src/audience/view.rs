//! What a viewer is shown, ready to be rendered in any dialect.

use std::sync::Arc;

use super::Visible;
use crate::model::{Account, AccountStats, Status, StatusStats};

/// An account as a viewer sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountView {
    /// The account.
    pub account: Arc<Account>,
    /// Its numbers; the same for every viewer.
    pub stats: AccountStats,
}

/// A status as a viewer sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusView {
    /// The status; for a reblog, the reblog itself. It names no status and no account that the viewer may not know
    /// of: what it answers is left out where that is hidden or gone, and so are hidden accounts among the mentioned.
    pub status: Arc<Status>,
    /// The status as it is stored, for rules that have to know what it really answers and names.
    pub(crate) stored: Arc<Status>,
    /// Who posted it.
    pub author: Visible<AccountView>,
    /// Its numbers; the same for every viewer.
    pub stats: StatusStats,
    /// What the viewer did to it; none for anonymous viewers. // R80
    pub marks: Option<ViewerMarks>,
    /// The status that is passed on, where this is a reblog.
    pub reblog: Option<Box<Visible<Self>>>,
}

impl StatusView {
    /// Whether nothing was left out of the status for this viewer.
    pub fn is_whole(&self) -> bool {
        Arc::ptr_eq(&self.status, &self.stored)
    }
}

/// What a signed-in viewer did to a status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ViewerMarks {
    /// Favourited it.
    pub favourited: bool,
    /// Reblogged it.
    pub reblogged: bool,
    /// Bookmarked it.
    pub bookmarked: bool,
    /// Muted its thread. // R87
    pub muted: bool,
    /// Pinned it; none where it is not the viewer's to pin.
    pub pinned: Option<bool>,
}
