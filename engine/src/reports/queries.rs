//! Reading reports.

use crate::audience::{AccountView, StatusView, Visible};
use crate::error::Error;
use crate::id::IdInput;
use crate::model::{AccountId, Report};
use crate::page::{Page, PageRequest, read_page};
use crate::query::Query;
use crate::store::Scan;
use crate::store::schema::{REPORTS, REPORTS_BY};

use super::staff::handles_reports;

/// Reports of one page at most. // R16
const REPORTS_PER_PAGE: usize = 80;

/// A report as its maker or one who handles it sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportView {
    /// The report. What the viewer may not see (any more) of the statuses is left out of it.
    pub report: Report,
    /// Who complains.
    pub by: Visible<AccountView>,
    /// About whom; none if the viewer may not see them (any more).
    pub target: Option<Visible<AccountView>>,
    /// The statuses it is about, as far as the viewer may see them.
    pub statuses: Vec<Visible<StatusView>>,
}

impl Query<'_> {
    /// The viewer's own reports, newest first; at most 80. // R314
    pub fn reports(&self, request: &PageRequest) -> Result<Page<Visible<ReportView>>, Error> {
        let viewer = self.asking()?;
        read_page(self.tx(), REPORTS_BY, &(viewer,), &request.at_most(REPORTS_PER_PAGE), |id, ()| {
            REPORTS.get(self.tx(), &id)?.map(|report| self.reveal_report(report)).transpose()
        })
    }

    /// One report: the viewer's own, or any where the viewer handles reports and is not the one it is about.
    ///
    /// # Errors
    /// [`Error::NotFound`] alike for one that does not exist and one that is none of the viewer's business.
    pub fn report(&self, id: IdInput) -> Result<Visible<ReportView>, Error> {
        let viewer = self.asking()?;
        let (low, high) = id.range();
        let scan = Scan::all().from(&low).through(&high);
        let (_, report) = REPORTS.first(self.tx(), &scan)?.ok_or(Error::NotFound)?;
        if report.by != viewer && !self.may_handle(&report, viewer)? {
            return Err(Error::NotFound);
        }
        self.reveal_report(report)
    }

    fn may_handle(&self, report: &Report, viewer: AccountId) -> Result<bool, Error> {
        let account = self.account_record(viewer)?;
        Ok(report.target != viewer && account.is_some_and(|account| handles_reports(&account)))
    }

    /// What the viewer sees of a report that is theirs to see.
    pub(super) fn reveal_report(&self, mut report: Report) -> Result<Visible<ReportView>, Error> {
        let by = self.account(report.by)?;
        let target = self.reveal_account(report.target)?;
        let mut statuses = Vec::with_capacity(report.statuses.len());
        for &id in &report.statuses {
            statuses.extend(self.reveal_id(id)?);
        }
        report.statuses = statuses.iter().map(|status| status.status.id).collect();
        Ok(by.with(|by| ReportView { report, by, target, statuses }))
    }
}
