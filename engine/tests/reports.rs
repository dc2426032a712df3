//! Reports: what can be reported, who hears of it, who can read it.
#![allow(clippy::unwrap_used)]

mod world;

use futures::executor::block_on;
use koinon_engine::audience::Visible;
use koinon_engine::error::Invalid;
use koinon_engine::id::IdInput;
use koinon_engine::model::{AccountId, AccountState, ReportCategory, Role, StatusId, Visibility};
use koinon_engine::notifications::NotificationFilter;
use koinon_engine::relationships::FollowOptionsChange;
use koinon_engine::reports::{NewReport, ReportView};
use koinon_engine::settings::{Limits, Settings};
use koinon_engine::{Error, error};

use world::{World, exact, walk, whole};

fn about(target: AccountId, statuses: &[StatusId]) -> NewReport {
    NewReport {
        target,
        statuses: statuses.to_vec(),
        comment: "look at this".into(),
        category: ReportCategory::Spam,
        forward: false,
    }
}

fn report(world: &World, actor: AccountId, report: NewReport) -> Result<Visible<ReportView>, Error> {
    world.fresh_id();
    block_on(world.engine.report(actor, report))
}

fn staff(world: &World, username: &str, role: Role) -> AccountId {
    world.account_with(username, |account| account.role = role)
}

#[test]
fn r313_a_report_is_kept_as_it_was_made_and_answered() {
    let world = World::new();
    let (anna, ben) = (world.account("anna"), world.account("ben"));
    let (first, second) = (world.post(ben), world.post(ben));
    let made = report(&world, anna, about(ben, &[second, first, second])).unwrap();
    assert_eq!((made.report.by, made.report.target), (anna, ben));
    assert_eq!(made.report.statuses, [first, second]);
    assert_eq!((made.report.comment.as_str(), made.report.category), ("look at this", ReportCategory::Spam));
    assert_eq!(made.report.action_taken_at, None);
    assert_eq!(made.target.as_ref().unwrap().account.id, ben);
    assert_eq!(world.told(ben), [], "nobody tells the reported");
    let without = report(&world, anna, about(ben, &[])).unwrap();
    assert_eq!(without.report.statuses, []);
}

#[test]
fn only_posts_of_the_reported_that_one_may_see_are_reported() {
    let world = World::new();
    let (anna, ben, carla) = (world.account("anna"), world.account("ben"), world.account("carla"));
    let hidden = world.post_with(ben, |status| status.visibility = Visibility::Private);
    for wrong in [hidden, world.post(carla), world.post(anna), world.fresh_id()] {
        let refused = report(&world, anna, about(ben, &[world.post(ben), wrong]));
        assert!(matches!(refused, Err(Error::NotFound)));
    }
    block_on(world.engine.block(carla, anna)).unwrap();
    for target in [carla, world.fresh_id()] {
        assert!(matches!(report(&world, anna, about(target, &[])), Err(Error::NotFound)));
    }
    let oneself = report(&world, anna, about(anna, &[]));
    assert!(matches!(oneself, Err(Error::Invalid(Invalid::Oneself("report")))));
    assert_eq!(world.ask(anna, |query| query.reports(&whole())).unwrap().items, []);
}

#[test]
fn comments_and_statuses_have_their_limits() {
    let limits = Limits { report_characters: 4, ..Limits::default() };
    let world = World::with(Settings { limits, ..Settings::default() });
    let (anna, ben) = (world.account("anna"), world.account("ben"));
    let with = |comment: &str| report(&world, anna, NewReport { comment: comment.into(), ..about(ben, &[]) });
    assert!(with("äöüß").is_ok());
    assert!(matches!(with("12345"), Err(Error::Invalid(Invalid::TooLong { field: "Comment", maximum: 4 }))));
    let many: Vec<_> = (0..101).map(|_| world.fresh_id()).collect();
    let refused = report(&world, anna, NewReport { comment: String::new(), ..about(ben, &many) });
    assert!(matches!(refused, Err(Error::Invalid(Invalid::TooMany { .. }))));
}

#[test]
fn those_who_handle_reports_are_told_of_each_except_their_own_and_those_about_them() {
    let world = World::new();
    let (anna, ben) = (world.account("anna"), world.account("ben"));
    let (admin, moderator) =
        (staff(&world, "admin", Role::Admin), staff(&world, "moderator", Role::Moderator));
    let demoted = staff(&world, "demoted", Role::Moderator);
    world.change(demoted, |account| account.role = Role::User);
    let suspended = staff(&world, "suspended", Role::Admin);
    world.change(suspended, |account| account.state = AccountState::Suspended);

    let one = report(&world, anna, about(ben, &[])).unwrap().report.id;
    let two = report(&world, anna, about(ben, &[])).unwrap().report.id;
    let told = |of| -> Vec<_> {
        world
            .notifications(of)
            .iter()
            .map(|told| (told.kind.as_str(), told.from.account.id, told.report))
            .collect()
    };
    let expected = [("admin.report", anna, Some(two)), ("admin.report", anna, Some(one))];
    assert_eq!((told(admin), told(moderator)), (expected.to_vec(), expected.to_vec()));
    for nobody in [anna, ben, demoted] {
        assert_eq!(told(nobody), []);
    }
    report(&world, anna, about(moderator, &[])).unwrap();
    report(&world, admin, about(ben, &[])).unwrap();
    assert_eq!((told(admin).len(), told(moderator).len()), (3, 3));

    let id = world.notifications(admin)[0].id;
    block_on(world.engine.dismiss_notifications(admin, vec![exact(id)])).unwrap();
    assert_eq!(told(admin).len(), 2);
    let filter = NotificationFilter { from: Some(anna), ..NotificationFilter::default() };
    let left = world.ask(admin, move |query| query.notifications(&filter, &whole())).unwrap();
    assert_eq!(left.items.len(), 2, "one report is not mistaken for another");
}

#[test]
fn r314_the_list_holds_ones_own_reports_newest_first() {
    let world = World::new();
    let (anna, ben, carla) = (world.account("anna"), world.account("ben"), world.account("carla"));
    let mine: Vec<_> = [ben, carla, ben]
        .map(|target| report(&world, anna, about(target, &[])).unwrap().report.id)
        .into_iter()
        .rev()
        .collect();
    report(&world, carla, about(anna, &[])).unwrap();
    for limit in 1..=3 {
        let walked = walk(limit, |request| world.ask(anna, move |query| query.reports(&request)).unwrap());
        assert_eq!(walked.iter().map(|view| view.report.id).collect::<Vec<_>>(), mine);
    }
    assert!(matches!(world.ask_anonymously(|query| query.reports(&whole())), Err(Error::NotSignedIn)));
}

#[test]
fn a_report_shows_only_what_its_reader_may_see_now() {
    let world = World::new();
    let (anna, ben) = (world.account("anna"), world.account("ben"));
    let moderator = staff(&world, "moderator", Role::Moderator);
    block_on(world.engine.follow(anna, ben, FollowOptionsChange::default())).unwrap();
    let private = world.post_with(ben, |status| status.visibility = Visibility::Private);
    let public = world.post(ben);
    let made = report(&world, anna, about(ben, &[private, public])).unwrap();
    assert_eq!(made.report.statuses, [private, public]);
    let id = exact(made.report.id);
    let read = |viewer| world.ask(viewer, move |query| query.report(id));
    assert_eq!(read(moderator).unwrap().report.statuses, [public]);
    block_on(world.engine.unfollow(anna, ben)).unwrap();
    assert_eq!(read(anna).unwrap().report.statuses, [public]);
    world.change(ben, |account| account.state = AccountState::Suspended);
    let after = read(anna).unwrap();
    assert!(after.target.is_none() && after.statuses.is_empty() && after.report.statuses.is_empty());
    assert_eq!(after.report.target, ben, "the report itself stays its maker's");
}

#[test]
fn a_report_is_read_by_its_maker_and_by_those_who_handle_it() {
    let world = World::new();
    let (anna, ben) = (world.account("anna"), world.account("ben"));
    let (moderator, admin) =
        (staff(&world, "moderator", Role::Moderator), staff(&world, "admin", Role::Admin));
    let made = report(&world, anna, about(moderator, &[])).unwrap().report.id;
    let read = |viewer, id: IdInput| world.ask(viewer, move |query| query.report(id));
    assert!(read(anna, exact(made)).is_ok() && read(admin, IdInput::Number(made.number())).is_ok());
    for viewer in [ben, moderator] {
        assert!(matches!(read(viewer, exact(made)), Err(Error::NotFound)));
    }
    assert!(matches!(read(admin, exact(world.fresh_id())), Err(Error::NotFound)));
}

#[test]
fn an_account_that_may_not_act_reports_nothing() {
    let world = World::new();
    let ben = world.account("ben");
    let suspended = world.account_with("anna", |account| account.state = AccountState::Suspended);
    let refused = report(&world, suspended, about(ben, &[]));
    assert!(matches!(refused, Err(Error::Disabled(error::Disabled::Suspended))));
}
