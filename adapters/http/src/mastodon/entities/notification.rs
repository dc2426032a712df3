//! Notification.

use koinon_engine::audience::Visible;
use koinon_engine::notifications::NotificationView;
use serde::Serialize;

use super::{RenderedAccount, Renderer, Status};
use crate::json::{FieldsText, Object, WriteJson};

/// Something the account is told of.
#[derive(Debug)]
pub(crate) struct Notification<'a> {
    own: FieldsText,
    account: RenderedAccount,
    status: Option<Status<'a>>,
}

#[derive(Debug, Serialize)]
struct Own {
    id: String,
    #[serde(rename = "type")]
    kind: &'static str,
    created_at: String,
    group_key: String,
}

impl WriteJson for Notification<'_> {
    fn write_json(&self, out: &mut Vec<u8>) {
        Object::begin(out)
            .fields(&self.own)
            .field("account", &self.account)
            .field_if_some("status", self.status.as_ref())
            .end();
    }
}

impl Renderer<'_> {
    /// Something the account is told of.
    pub(crate) fn notification<'a>(&self, view: &'a Visible<NotificationView>) -> Notification<'a> {
        let id = self.id(view.id);
        let own = Own {
            group_key: format!("ungrouped-{id}"),
            id,
            kind: view.kind.as_str(),
            created_at: view.created_at.to_string(),
        };
        Notification {
            own: FieldsText::of(&own),
            account: self.account(&view.from),
            status: view.status.as_ref().map(|status| self.status(status)),
        }
    }
}
