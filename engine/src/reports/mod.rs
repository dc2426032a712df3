//! Complaints about accounts, and those who handle them.

mod queries;
mod staff;

use std::collections::BTreeSet;

pub use queries::ReportView;

use crate::audience::{Viewer, Visible};
use crate::command::Command;
use crate::engine::Engine;
use crate::error::{Error, Invalid};
use crate::model::{AccountId, Report, ReportCategory, StatusId};
use crate::notifications::notify_of_report;
use crate::store::schema::{REPORTS, REPORTS_BY};

/// Statuses that one report can be about.
const STATUSES: usize = 100;

/// A complaint to be made. // R313
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewReport {
    /// About whom.
    pub target: AccountId,
    /// The statuses it is about, all of them by the target; at most 100.
    pub statuses: Vec<StatusId>,
    /// What it says; at most [`Limits::report_characters`](crate::settings::Limits::report_characters).
    pub comment: String,
    /// What it is about.
    pub category: ReportCategory,
    /// Whether it should be passed on to the target's home instance.
    pub forward: bool,
}

impl Engine {
    /// Makes a complaint of `actor` and tells those who handle reports, except the one it is about. // R313
    ///
    /// # Errors
    /// [`Error::NotFound`] for a target that is not visible, and for statuses that are not visible or not the
    /// target's; [`Error::Invalid`] for oneself, for a comment that is too long and for too many statuses.
    pub async fn report(&self, actor: AccountId, report: NewReport) -> Result<Visible<ReportView>, Error> {
        let maximum = self.settings().limits.report_characters;
        if report.comment.chars().nth(maximum).is_some() {
            return Err(Invalid::TooLong { field: "Comment", maximum }.into());
        }
        let statuses: BTreeSet<StatusId> = report.statuses.iter().copied().collect();
        if statuses.len() > STATUSES {
            return Err(Invalid::TooMany { what: "statuses", maximum: STATUSES }.into());
        }
        self.command(move |command| {
            command.acting(actor)?;
            if actor == report.target {
                return Err(Invalid::Oneself("report").into());
            }
            check_audience(command, actor, report.target, &statuses)?;
            let made = Report {
                id: command.new_id(),
                by: actor,
                target: report.target,
                statuses: statuses.iter().copied().collect(),
                comment: report.comment.clone(),
                category: report.category,
                forward: report.forward,
                created_at: command.now(),
                action_taken_at: None,
            };
            REPORTS.put(command.tx(), &made.id, &made)?;
            REPORTS_BY.put(command.tx(), &(actor, made.id), &())?;
            for handler in staff::report_handlers(command.read())? {
                if handler != made.target {
                    notify_of_report(command, handler, actor, made.id)?;
                }
            }
            command.query(Viewer::Local(actor)).reveal_report(made)
        })
        .await
    }
}

fn check_audience(
    command: &Command<'_>,
    actor: AccountId,
    target: AccountId,
    statuses: &BTreeSet<StatusId>,
) -> Result<(), Error> {
    let query = command.query(Viewer::Local(actor));
    query.account(target)?;
    for &status in statuses {
        if query.status(status)?.status.author != target {
            return Err(Error::NotFound);
        }
    }
    Ok(())
}
