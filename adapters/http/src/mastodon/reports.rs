//! Reports.

use http::Method;
use koinon_engine::audience::Visible;
use koinon_engine::error::{Error, Invalid};
use koinon_engine::model::ReportCategory;
use koinon_engine::reports::{NewReport, ReportView};
use serde::{Deserialize, Serialize};

use super::entities::RenderedAccount;
use super::refuse;
use crate::answer::{json, page};
use crate::call::Call;
use crate::endpoint::{Access, Answer, Endpoint, route};
use crate::failure::Failure;
use crate::json::Plain;
use crate::router::Route;

pub(super) fn routes() -> Vec<Route<Endpoint>> {
    vec![
        route(Method::GET, "/api/v1/reports", Access::Account("read:reports"), refuse, index),
        route(Method::POST, "/api/v1/reports", Access::Account("write:reports"), refuse, create),
    ]
}

#[derive(Serialize)]
struct ReportEntity<'a> {
    id: String,
    action_taken: bool,
    action_taken_at: Option<String>,
    category: &'static str,
    comment: &'a str,
    forwarded: bool,
    created_at: String,
    status_ids: Vec<String>,
    rule_ids: [(); 0],
    target_account: Option<RenderedAccount>,
}

fn entity<'a>(call: &Call, view: &'a Visible<ReportView>) -> ReportEntity<'a> {
    let renderer = call.renderer();
    let report = &view.report;
    ReportEntity {
        id: renderer.id(report.id),
        action_taken: report.action_taken_at.is_some(),
        action_taken_at: report.action_taken_at.map(|moment| moment.to_string()),
        category: report.category.as_str(),
        comment: &report.comment,
        forwarded: report.forward,
        created_at: report.created_at.to_string(),
        status_ids: report.statuses.iter().map(|id| renderer.id(*id)).collect(),
        rule_ids: [],
        target_account: view.target.as_ref().map(|target| renderer.account(target)),
    }
}

async fn index(call: Call) -> Answer {
    let request = call.page(40, 80)?;
    let reports = call.query(move |query| query.reports(&request)).await?; // R314
    page(&call, &reports, |view| Plain(entity(&call, view)))
}

/// Parameters of a report. // R313
#[derive(Debug, Deserialize)]
struct Complaint {
    account_id: Option<String>,
    #[serde(default)]
    status_ids: Vec<String>,
    #[serde(default)]
    comment: String,
    category: Option<String>,
    #[serde(default)]
    forward: bool,
}

async fn create(call: Call) -> Answer {
    let complaint: Complaint = call.read()?;
    let target = complaint.account_id.filter(|id| !id.is_empty()).ok_or(Invalid::Blank("Account"))?;
    let ids: Vec<_> = complaint
        .status_ids
        .iter()
        .map(|id| id.parse().map_err(|_| Failure::Engine(Error::NotFound)))
        .collect::<Result<_, _>>()?;
    let category = match complaint.category.as_deref().filter(|name| !name.is_empty()) {
        None => ReportCategory::default(),
        Some(name) => ReportCategory::ALL
            .into_iter()
            .find(|category| category.as_str() == name)
            .ok_or(Invalid::Malformed("Category"))?,
    };
    let (target, statuses) = call
        .query(move |query| {
            let target = query.account_by_input(&target)?.account.id;
            let statuses = ids
                .iter()
                .map(|id| Ok(query.status_by_input(*id)?.status.id))
                .collect::<Result<Vec<_>, Error>>()?;
            Ok((target, statuses))
        })
        .await?;
    let report =
        NewReport { target, statuses, comment: complaint.comment, category, forward: complaint.forward };
    let view = call.engine().report(call.account()?, report).await?;
    json(&entity(&call, &view))
}
