//! Reading notifications.

use crate::audience::{AccountView, StatusView, Surface, Visible};
use crate::error::Error;
use crate::id::{Flake, IdInput};
use crate::model::{AccountId, Notification, NotificationKind, ReportId, Visibility};
use crate::page::{Page, PageRequest, read_page};
use crate::query::Query;
use crate::store::Scan;
use crate::store::schema::NOTIFICATIONS;
use crate::time::Timestamp;

/// A notification as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotificationView {
    /// Its id.
    pub id: Flake,
    /// What happened.
    pub kind: NotificationKind,
    /// When.
    pub created_at: Timestamp,
    /// Who did it.
    pub from: Visible<AccountView>,
    /// The status it is about.
    pub status: Option<Visible<StatusView>>,
    /// The report it is about; only staff are told of reports.
    pub report: Option<ReportId>,
}

/// Which notifications are wanted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NotificationFilter {
    /// Only these kinds; all when empty. // R183
    pub kinds: Vec<NotificationKind>,
    /// None of these kinds.
    pub without: Vec<NotificationKind>,
    /// Only what this account did.
    pub from: Option<AccountId>,
    /// Nothing about statuses of these visibilities. // R62
    pub exclude_visibilities: Vec<Visibility>,
}

impl Query<'_> {
    /// What the viewer was told of, newest first.
    pub fn notifications(
        &self,
        filter: &NotificationFilter,
        request: &PageRequest,
    ) -> Result<Page<Visible<NotificationView>>, Error> {
        let viewer = self.asking()?;
        read_page(self.tx(), NOTIFICATIONS, &(viewer,), request, |_, notification| {
            let kind = notification.kind;
            let asked_for = (filter.kinds.is_empty() || filter.kinds.contains(&kind))
                && !filter.without.contains(&kind)
                && filter.from.is_none_or(|from| from == notification.from);
            if !asked_for {
                return Ok(None);
            }
            let excluded = |view: &NotificationView| {
                let status = view.status.as_ref().map(|status| status.status.visibility);
                status.is_some_and(|visibility| filter.exclude_visibilities.contains(&visibility))
            };
            Ok(self.reveal_notification(&notification)?.filter(|view| !excluded(view)))
        })
    }

    /// One notification of the viewer. // R192
    pub fn notification(&self, id: IdInput) -> Result<Visible<NotificationView>, Error> {
        let viewer = self.asking()?;
        let (low, high) = id.range();
        let scan = Scan::prefix(&(viewer,)).from(&(viewer, low)).through(&(viewer, high));
        let (_, notification) = NOTIFICATIONS.first(self.tx(), &scan)?.ok_or(Error::NotFound)?;
        self.reveal_notification(&notification)?.ok_or(Error::NotFound)
    }

    /// What the viewer sees of a notification; none if it is about something they may not see, or do not want to.
    fn reveal_notification(
        &self,
        notification: &Notification,
    ) -> Result<Option<Visible<NotificationView>>, Error> {
        let Some(from) = self.reveal_account(notification.from)? else { return Ok(None) };
        if !self.wants(Surface::Notifications, &from.account, false)? {
            return Ok(None);
        }
        let status = match notification.status {
            None => None,
            Some(id) => match self.reveal_id(id)? {
                Some(status) => Some(status),
                None => return Ok(None),
            },
        };
        Ok(Some(from.with(|from| NotificationView {
            id: notification.id,
            kind: notification.kind,
            created_at: notification.created_at,
            from,
            status,
            report: notification.report,
        })))
    }
}
