//! Notification.

use koinon_engine::audience::Visible;
use koinon_engine::notifications::NotificationView;
use serde::Serialize;

use super::{RenderedAccount, Renderer, Status};

/// Something the account is told of.
#[derive(Debug, Serialize)]
pub(crate) struct Notification<'a> {
    id: String,
    #[serde(rename = "type")]
    kind: &'static str,
    created_at: String,
    group_key: String,
    account: RenderedAccount,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<Status<'a>>,
}

impl Renderer<'_> {
    /// Something the account is told of.
    pub(crate) fn notification<'a>(&self, view: &'a Visible<NotificationView>) -> Notification<'a> {
        let id = self.id(view.id);
        Notification {
            group_key: format!("ungrouped-{id}"),
            id,
            kind: view.kind.as_str(),
            created_at: view.created_at.to_string(),
            account: self.account(&view.from),
            status: view.status.as_ref().map(|status| self.status(status)),
        }
    }
}
