//! What an account is told of.

mod queries;
mod rules;

pub use queries::{NotificationFilter, NotificationView};
pub(crate) use rules::{cause_of, forget_about_status, forget_between, notify, notify_of_report, withdraw};

use crate::engine::Engine;
use crate::error::Error;
use crate::id::IdInput;
use crate::model::AccountId;
use crate::store::Scan;
use crate::store::schema::NOTIFICATIONS;

impl Engine {
    /// Removes all notifications of `account`. // R191
    pub async fn clear_notifications(&self, account: AccountId) -> Result<(), Error> {
        self.command(move |command| {
            command.acting(account)?;
            for ((_, id), notification) in
                NOTIFICATIONS.page(command.read(), &Scan::prefix(&(account,)), usize::MAX)?
            {
                rules::remove(command, account, id, &notification)?;
            }
            Ok(())
        })
        .await
    }

    /// Removes the notifications with these ids; ids of other accounts' notifications change nothing. // R190 R192
    pub async fn dismiss_notifications(&self, account: AccountId, ids: Vec<IdInput>) -> Result<(), Error> {
        self.command(move |command| {
            command.acting(account)?;
            for input in &ids {
                let (low, high) = input.range();
                let scan = Scan::prefix(&(account,)).from(&(account, low)).through(&(account, high));
                for ((_, id), notification) in NOTIFICATIONS.page(command.read(), &scan, 1)? {
                    rules::remove(command, account, id, &notification)?;
                }
            }
            Ok(())
        })
        .await
    }
}
