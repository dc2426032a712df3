//! Circles: whose they are, who can be in them, whom they address.
#![allow(clippy::unwrap_used)]

mod world;

use futures::executor::block_on;
use koinon_engine::Error;
use koinon_engine::circles::{CircleChange, NewCircle};
use koinon_engine::error::Invalid;
use koinon_engine::id::IdInput;
use koinon_engine::model::{AccountId, AccountState, Circle, RepliesPolicy, Visibility};
use koinon_engine::page::PageRequest;
use koinon_engine::relationships::FollowOptionsChange;
use koinon_engine::settings::{Limits, Settings};
use koinon_engine::statuses::{Audience, Draft};

use world::{World, exact, ids, walk, whole};

fn create(world: &World, owner: AccountId, title: &str) -> Result<Circle, Error> {
    block_on(world.engine.create_circle(owner, NewCircle { title: title.into(), ..NewCircle::default() }))
}

fn follow(world: &World, actor: AccountId, target: AccountId) {
    block_on(world.engine.follow(actor, target, FollowOptionsChange::default())).unwrap();
}

fn add(world: &World, owner: AccountId, circle: IdInput, accounts: &[AccountId]) -> Result<(), Error> {
    block_on(world.engine.add_to_circle(owner, circle, accounts.to_vec()))
}

fn members(world: &World, owner: AccountId, circle: IdInput) -> Vec<AccountId> {
    ids(&world.ask(owner, move |query| query.circle_members(circle, &whole())).unwrap())
}

#[test]
fn a_circle_is_made_changed_and_removed() {
    let world = World::new();
    let anna = world.account("anna");
    let made = create(&world, anna, " Friends ").unwrap();
    assert_eq!((made.title.as_str(), made.replies, made.exclusive), ("Friends", RepliesPolicy::List, false));
    let change = CircleChange { replies: Some(RepliesPolicy::None), ..CircleChange::default() };
    block_on(world.engine.change_circle(anna, exact(made.id), change)).unwrap();
    let change = CircleChange { title: Some("Kin".into()), exclusive: Some(true), ..CircleChange::default() };
    let changed = block_on(world.engine.change_circle(anna, exact(made.id), change)).unwrap();
    assert_eq!(
        (changed.title.as_str(), changed.replies, changed.exclusive),
        ("Kin", RepliesPolicy::None, true)
    );
    let second = create(&world, anna, "Second").unwrap();
    assert_eq!(world.ask(anna, |query| query.circles()).unwrap(), [changed.clone(), second.clone()]);
    let number = IdInput::Number(changed.id.number());
    assert_eq!(world.ask(anna, move |query| query.circle(number)).unwrap(), changed);

    block_on(world.engine.delete_circle(anna, exact(changed.id))).unwrap();
    assert_eq!(world.ask(anna, |query| query.circles()).unwrap(), [second]);
    assert!(matches!(block_on(world.engine.delete_circle(anna, exact(changed.id))), Err(Error::NotFound)));
}

#[test]
fn a_circle_of_someone_else_does_not_exist() {
    let world = World::new();
    let (anna, ben) = (world.account("anna"), world.account("ben"));
    follow(&world, ben, anna);
    let circle = exact(create(&world, anna, "Friends").unwrap().id);
    let unknown = exact(world.fresh_id());
    for circle in [circle, unknown] {
        let engine = &world.engine;
        let results = [
            world.ask(ben, move |query| query.circle(circle)).map(drop),
            world.ask(ben, move |query| query.circle_members(circle, &whole())).map(drop),
            block_on(engine.change_circle(ben, circle, CircleChange::default())).map(drop),
            block_on(engine.delete_circle(ben, circle)),
            add(&world, ben, circle, &[anna]),
            block_on(engine.remove_from_circle(ben, circle, vec![anna])),
        ];
        assert!(results.iter().all(|result| matches!(result, Err(Error::NotFound))));
    }
    assert_eq!(world.ask(ben, |query| query.circles()).unwrap(), []);
    assert_eq!(world.ask(anna, |query| query.circles()).unwrap().len(), 1);
}

#[test]
fn titles_and_the_number_of_circles_have_their_limits() {
    let limits = Limits { circles: 2, circle_title_characters: 5, ..Limits::default() };
    let world = World::with(Settings { limits, ..Settings::default() });
    let anna = world.account("anna");
    assert!(matches!(create(&world, anna, " "), Err(Error::Invalid(Invalid::Blank("Title")))));
    assert!(matches!(
        create(&world, anna, "äöüßé!"),
        Err(Error::Invalid(Invalid::TooLong { maximum: 5, .. }))
    ));
    let circle = create(&world, anna, "äöüßé").unwrap();
    let long = CircleChange { title: Some("123456".into()), ..CircleChange::default() };
    assert!(matches!(
        block_on(world.engine.change_circle(anna, exact(circle.id), long)),
        Err(Error::Invalid(Invalid::TooLong { .. }))
    ));
    create(&world, anna, "two").unwrap();
    assert!(matches!(
        create(&world, anna, "three"),
        Err(Error::Invalid(Invalid::TooMany { maximum: 2, .. }))
    ));
    assert!(create(&world, world.account("ben"), "one").is_ok(), "the limit is each account's own");
}

#[test]
fn members_are_followed_or_oneself_and_added_all_or_none() {
    let world = World::new();
    let (anna, ben, carla) = (world.account("anna"), world.account("ben"), world.account("carla"));
    let locked = world.locked("locked");
    follow(&world, anna, ben);
    follow(&world, anna, locked);
    let circle = exact(create(&world, anna, "Friends").unwrap().id);
    for refused in [carla, locked, world.fresh_id()] {
        assert!(matches!(add(&world, anna, circle, &[ben, refused]), Err(Error::NotFound)));
        assert_eq!(members(&world, anna, circle), []);
    }
    add(&world, anna, circle, &[anna, ben, ben]).unwrap();
    add(&world, anna, circle, &[ben]).unwrap();
    assert_eq!(members(&world, anna, circle), [ben, anna]);
    let of_ben = world.ask(anna, move |query| query.circles_with(ben)).unwrap();
    assert_eq!(of_ben.iter().map(|circle| circle.title.as_str()).collect::<Vec<_>>(), ["Friends"]);
    assert_eq!(world.ask(ben, move |query| query.circles_with(ben)).unwrap(), [], "ben does not learn of it");
    assert_eq!(world.told(ben), [("follow", anna)]);

    block_on(world.engine.remove_from_circle(anna, circle, vec![carla, ben])).unwrap();
    assert_eq!(members(&world, anna, circle), [anna]);
    assert_eq!(world.ask(anna, move |query| query.circles_with(ben)).unwrap(), []);
}

#[test]
fn removing_a_circle_takes_its_members_out_and_leaves_other_circles() {
    let world = World::new();
    let (anna, ben) = (world.account("anna"), world.account("ben"));
    follow(&world, anna, ben);
    let (one, two) = (create(&world, anna, "one").unwrap(), create(&world, anna, "two").unwrap());
    add(&world, anna, exact(one.id), &[ben]).unwrap();
    add(&world, anna, exact(two.id), &[ben]).unwrap();
    block_on(world.engine.delete_circle(anna, exact(one.id))).unwrap();
    assert_eq!(world.ask(anna, move |query| query.circles_with(ben)).unwrap(), std::slice::from_ref(&two));
    assert_eq!(members(&world, anna, exact(two.id)), [ben]);
    assert!(world.ask(anna, move |query| query.relationship(ben)).unwrap().following);
}

#[test]
fn r312_members_are_paged_by_the_membership() {
    let world = World::new();
    let anna = world.account("anna");
    let others: Vec<_> = (0..5).map(|number| world.account(&format!("other{number}"))).collect();
    let circle = exact(create(&world, anna, "Friends").unwrap().id);
    for &other in &others {
        follow(&world, anna, other);
    }
    let order = [others[2], others[0], others[4], others[1], others[3]];
    for member in order {
        add(&world, anna, circle, &[member]).unwrap();
    }
    let gone = others[4];
    world.change(gone, |account| account.state = AccountState::Suspended);
    let expected: Vec<_> = order.into_iter().rev().filter(|member| *member != gone).collect();
    for limit in 1..=5 {
        let page = |request: PageRequest| {
            world.ask(anna, move |query| query.circle_members(circle, &request)).unwrap()
        };
        let walked = walk(limit, page);
        assert_eq!(walked.iter().map(|view| view.account.id).collect::<Vec<_>>(), expected);
    }
}

#[test]
fn r52_a_post_to_a_circle_reaches_those_who_are_in_it_then() {
    let world = World::new();
    let (anna, ben, carla) = (world.account("anna"), world.account("ben"), world.account("carla"));
    for member in [ben, carla] {
        follow(&world, anna, member);
        follow(&world, member, anna);
    }
    let circle = exact(create(&world, anna, "Friends").unwrap().id);
    add(&world, anna, circle, &[ben]).unwrap();
    let draft = Draft { text: "hello".into(), audience: Some(Audience::Circle(circle)), ..Draft::default() };
    let post = block_on(world.engine.post(anna, draft.clone())).unwrap().status.id;
    add(&world, anna, circle, &[carla]).unwrap();
    block_on(world.engine.remove_from_circle(anna, circle, vec![ben])).unwrap();
    let seen = |viewer| world.ask(viewer, move |query| query.status(post)).is_ok();
    assert!(seen(anna) && seen(ben) && !seen(carla));
    let visibility = world.ask(anna, move |query| query.status(post)).unwrap().status.visibility;
    assert_eq!(visibility, Visibility::Circle);

    let foreign = block_on(world.engine.post(ben, draft)); // R53
    assert!(matches!(foreign, Err(Error::Invalid(Invalid::UnknownCircle))));
}
