//! What the engine can be asked.

use koinon_engine::Error;
use koinon_engine::audience::{StatusView, Visible};
use koinon_engine::id::IdInput;
use koinon_engine::markers::MarkedTimeline;
use koinon_engine::model::{AccountId, MarkKind, StatusId};
use koinon_engine::notifications::{NotificationFilter, NotificationView};
use koinon_engine::page::{Page, PageRequest};
use koinon_engine::query::Query;
use koinon_engine::statuses::AccountStatuses;
use koinon_engine::timelines::{TagFilter, TimelineFilter};

use super::answer::{Reply, answered};

/// A question to the engine.
#[derive(Debug, Clone)]
pub(crate) enum Question {
    Home(TimelineFilter, PageRequest),
    Public(TimelineFilter, PageRequest),
    Tag(&'static str, TagFilter, TimelineFilter, PageRequest),
    AccountStatuses(AccountId, AccountStatuses, PageRequest),
    Status(StatusId),
    Statuses(Vec<IdInput>),
    Explain(StatusId),
    Context(IdInput),
    FavouritedBy(IdInput, PageRequest),
    RebloggedBy(IdInput, PageRequest),
    Notifications(NotificationFilter, PageRequest),
    Notification(IdInput),
    Marks(MarkKind, PageRequest),
    Account(AccountId),
    AccountNamed(&'static str),
    Followers(AccountId, PageRequest),
    Following(AccountId, PageRequest),
    FollowRequests(PageRequest),
    Blocks(PageRequest),
    Mutes(PageRequest),
    DomainBlocks(PageRequest),
    FamiliarFollowers(Vec<IdInput>),
    Relationships(Vec<IdInput>),
    Circles,
    CircleMembers(IdInput, PageRequest),
    CirclesWith(AccountId),
    CircleTimeline(IdInput, TimelineFilter, PageRequest),
    FindAccounts(&'static str, bool),
    FindStatuses(&'static str, PageRequest),
    FindTags(&'static str),
    Markers,
    Reports(PageRequest),
    Report(IdInput),
    Upload(IdInput),
    Staff,
    InstanceStats,
}

/// An answer, and the statuses that are shown in it.
pub(crate) struct Answered {
    pub(crate) answer: Reply,
    pub(crate) shown: Vec<StatusId>,
}

impl Question {
    /// Asks it.
    pub(crate) fn ask(&self, query: &Query<'_>) -> Result<Answered, String> {
        let mut shown = Vec::new();
        let answer = match self {
            Self::Home(filter, page) => answered(shown_on(query.home_timeline(filter, page), &mut shown)),
            Self::Public(filter, page) => answered(shown_on(query.public_timeline(filter, page), &mut shown)),
            Self::Tag(tag, tags, filter, page) => {
                answered(shown_on(query.tag_timeline(tag, tags, filter, page), &mut shown))
            }
            Self::AccountStatuses(account, wish, page) => {
                answered(shown_on(query.account_statuses(*account, wish, page), &mut shown))
            }
            Self::Status(id) => {
                let status = query.status(*id);
                shown_in(status.iter(), &mut shown);
                answered(status)
            }
            Self::Statuses(ids) => {
                let statuses = query.statuses(ids);
                shown_in(statuses.iter().flatten(), &mut shown);
                answered(statuses)
            }
            Self::Explain(id) => answered(query.explain(*id)),
            Self::Context(id) => {
                let context = query.context(*id);
                if let Ok(context) = &context {
                    shown_in(context.ancestors.iter().chain(&context.descendants), &mut shown);
                }
                answered(context)
            }
            Self::FavouritedBy(id, page) => answered(query.favourited_by(*id, page)),
            Self::RebloggedBy(id, page) => answered(query.reblogged_by(*id, page)),
            Self::Notifications(filter, page) => {
                let told = query.notifications(filter, page);
                shown_in(told.iter().flat_map(|told| &told.items).filter_map(about), &mut shown);
                answered(told)
            }
            Self::Notification(id) => {
                let told = query.notification(*id);
                shown_in(told.iter().filter_map(about), &mut shown);
                answered(told)
            }
            Self::Marks(kind, page) => answered(shown_on(query.own_marks(*kind, page), &mut shown)),
            Self::CircleTimeline(circle, filter, page) => {
                answered(shown_on(query.circle_timeline(*circle, filter, page), &mut shown))
            }
            Self::FindStatuses(text, page) => {
                answered(shown_on(query.search_statuses(text, None, page), &mut shown))
            }
            Self::Reports(page) => {
                let reports = query.reports(page);
                let statuses = reports.iter().flat_map(|page| &page.items).flat_map(|one| &one.statuses);
                shown_in(statuses, &mut shown);
                answered(reports)
            }
            Self::Report(id) => {
                let report = query.report(*id);
                shown_in(report.iter().flat_map(|report| &report.statuses), &mut shown);
                answered(report)
            }
            _ => self.ask_about_people(query),
        };
        Ok(Answered { answer: answer?, shown })
    }

    /// The questions whose answers show no statuses.
    fn ask_about_people(&self, query: &Query<'_>) -> Result<Reply, String> {
        match self {
            Self::Account(id) => answered(query.account(*id)),
            Self::AccountNamed(name) => answered(query.account_by_name(name)),
            Self::Followers(of, page) => answered(query.followers(*of, page)),
            Self::Following(of, page) => answered(query.following(*of, page)),
            Self::FollowRequests(page) => answered(query.follow_requests(page)),
            Self::Blocks(page) => answered(query.blocks(page)),
            Self::Mutes(page) => answered(query.mutes(page)),
            Self::DomainBlocks(page) => answered(query.domain_blocks(page)),
            Self::FamiliarFollowers(ids) => answered(query.familiar_followers(ids)),
            Self::Relationships(ids) => answered(query.relationships(ids)),
            Self::Circles => answered(query.circles()),
            Self::CircleMembers(circle, page) => answered(query.circle_members(*circle, page)),
            Self::CirclesWith(member) => answered(query.circles_with(*member)),
            Self::FindAccounts(text, following) => answered(query.search_accounts(text, 20, *following)),
            Self::FindTags(text) => answered(query.search_tags(text, 20, 0)),
            Self::Markers => answered(query.markers(&MarkedTimeline::ALL)),
            Self::Upload(id) => answered(query.upload(*id)),
            Self::Staff => answered(query.staff()),
            Self::InstanceStats => answered(query.instance_stats()),
            _ => unreachable!("{self:?} is answered with statuses"),
        }
    }
}

type Timeline = Result<Page<Visible<StatusView>>, Error>;

fn shown_on(page: Timeline, shown: &mut Vec<StatusId>) -> Timeline {
    shown_in(page.iter().flat_map(|page| &page.items), shown);
    page
}

fn shown_in<'a>(views: impl Iterator<Item = &'a Visible<StatusView>>, shown: &mut Vec<StatusId>) {
    for view in views {
        shown.push(view.status.id);
        shown.extend(view.reblog.iter().map(|original| original.status.id));
    }
}

fn about(told: &Visible<NotificationView>) -> Option<&Visible<StatusView>> {
    told.status.as_ref()
}
