//! Following, asking to follow, and undoing both.

use futures::executor::block_on;
use koinon_engine::Error;
use koinon_engine::audience::Visible;
use koinon_engine::circles::NewCircle;
use koinon_engine::error::{Disabled, Invalid};
use koinon_engine::model::{AccountId, AccountState, AccountStats};
use koinon_engine::relationships::{FollowOptionsChange, MuteOptions, RelationshipView};

use crate::world::{World, exact, ids, whole};

fn follow(world: &World, actor: AccountId, target: AccountId) -> Result<Visible<RelationshipView>, Error> {
    block_on(world.engine.follow(actor, target, FollowOptionsChange::default()))
}

fn stats(world: &World, of: AccountId) -> AccountStats {
    world.ask(of, move |query| Ok(query.account(of)?.stats)).unwrap()
}

#[test]
fn r116_following_answers_the_relationship_and_tells_the_followed() {
    let world = World::new();
    let (anna, ben) = (world.account("anna"), world.account("ben"));
    let relationship = follow(&world, anna, ben).unwrap();
    assert!(relationship.following && relationship.showing_reblogs && !relationship.requested);
    assert!(!relationship.notifying && relationship.languages.is_empty());
    assert_eq!(world.told(ben), [("follow", anna)]);
    assert_eq!((stats(&world, anna).following, stats(&world, ben).followers), (1, 1));
    let seen_from_ben = world.ask(ben, move |query| query.relationship(anna)).unwrap();
    assert!(seen_from_ben.followed_by && !seen_from_ben.following);

    let relationship = block_on(world.engine.unfollow(anna, ben)).unwrap();
    assert!(!relationship.following && !relationship.showing_reblogs);
    assert_eq!(world.told(ben), []);
    assert_eq!((stats(&world, anna), stats(&world, ben)), Default::default());
}

#[test]
fn r118_following_a_locked_account_asks_it_first() {
    let world = World::new();
    let (anna, ben) = (world.account("anna"), world.locked("ben"));
    world.post(ben);
    let relationship = follow(&world, anna, ben).unwrap();
    assert!(relationship.requested && !relationship.following);
    assert!(world.ask(ben, move |query| query.relationship(anna)).unwrap().requested_by);
    assert_eq!(world.told(ben), [("follow_request", anna)]);
    assert_eq!(world.home(anna), []);
    assert_eq!((stats(&world, anna).following, stats(&world, ben).followers), (0, 0));
}

#[test]
fn r120_authorizing_makes_a_follower_and_rejecting_does_not() {
    let world = World::new();
    let (anna, ben, carla) = (world.account("anna"), world.locked("ben"), world.account("carla"));
    let post = world.post(ben);
    follow(&world, anna, ben).unwrap();
    follow(&world, carla, ben).unwrap();
    assert_eq!(waiting(&world, ben), [carla, anna]); // R121

    let relationship = block_on(world.engine.authorize_follow_request(ben, anna)).unwrap();
    assert!(relationship.followed_by && !relationship.requested_by);
    assert_eq!(waiting(&world, ben), [carla]);
    assert_eq!(world.told(ben), [("follow", anna), ("follow_request", carla)]);
    assert_eq!(world.home(anna), [post]);

    let relationship = block_on(world.engine.reject_follow_request(ben, carla)).unwrap();
    assert!(!relationship.followed_by && !relationship.requested_by);
    assert_eq!(waiting(&world, ben), []);
    assert_eq!(world.told(ben), [("follow", anna)]);
    assert_eq!(world.home(carla), []);
    assert_eq!(stats(&world, ben).followers, 1);
}

#[test]
fn r119_nobody_can_be_made_a_follower_who_did_not_ask() {
    let world = World::new();
    let (anna, ben) = (world.account("anna"), world.locked("ben"));
    let unknown = world.fresh_id();
    for requester in [anna, unknown] {
        let authorized = block_on(world.engine.authorize_follow_request(ben, requester));
        let rejected = block_on(world.engine.reject_follow_request(ben, requester));
        assert!(matches!((authorized, rejected), (Err(Error::NotFound), Err(Error::NotFound))));
    }
    follow(&world, anna, ben).unwrap();
    world.change(anna, |account| account.state = AccountState::Suspended);
    let authorized = block_on(world.engine.authorize_follow_request(ben, anna));
    assert!(matches!(authorized, Err(Error::NotFound)), "a suspended requester");
    assert_eq!(stats(&world, ben).followers, 0);
    assert!(block_on(world.engine.reject_follow_request(ben, anna)).is_ok());
}

#[test]
fn r130_a_repeated_follow_changes_the_options_that_are_named_and_nothing_else() {
    let world = World::new();
    let (anna, ben) = (world.account("anna"), world.account("ben"));
    let change = |show_reblogs, notify, languages: Option<&[&str]>| FollowOptionsChange {
        show_reblogs,
        notify,
        languages: languages.map(|codes| codes.iter().map(|code| (*code).to_owned()).collect()),
    };
    let apply = |change| block_on(world.engine.follow(anna, ben, change)).unwrap();
    let begun = apply(change(Some(false), None, Some(&["de", "", "de", " fr "])));
    assert!(!begun.showing_reblogs && !begun.notifying);
    assert_eq!(begun.languages, ["de", "fr"]);
    let changed = apply(change(None, Some(true), None));
    assert!(!changed.showing_reblogs && changed.notifying);
    assert_eq!(changed.languages, ["de", "fr"]);
    assert!(apply(change(Some(true), Some(false), Some(&[]))).languages.is_empty());
    assert_eq!(world.told(ben), [("follow", anna)], "told once");
    assert_eq!((stats(&world, anna).following, stats(&world, ben).followers), (1, 1));
}

#[test]
fn options_of_a_request_are_those_of_the_follow_it_becomes() {
    let world = World::new();
    let (anna, ben) = (world.account("anna"), world.locked("ben"));
    follow(&world, anna, ben).unwrap();
    let quiet = FollowOptionsChange { show_reblogs: Some(false), ..FollowOptionsChange::default() };
    let asked = block_on(world.engine.follow(anna, ben, quiet)).unwrap();
    assert!(asked.requested && !asked.showing_reblogs);
    block_on(world.engine.authorize_follow_request(ben, anna)).unwrap();
    let follows = world.ask(anna, move |query| query.relationship(ben)).unwrap();
    assert!(follows.following && !follows.showing_reblogs);
}

#[test]
fn asking_again_after_the_account_was_unlocked_follows_it() {
    let world = World::new();
    let (anna, ben) = (world.account("anna"), world.locked("ben"));
    follow(&world, anna, ben).unwrap();
    world.change(ben, |account| account.profile.locked = false);
    assert!(follow(&world, anna, ben).unwrap().following);
    assert_eq!(waiting(&world, ben), []);
    assert_eq!(world.told(ben), [("follow", anna)]);
}

#[test]
fn malformed_languages_are_refused() {
    let world = World::new();
    let (anna, ben) = (world.account("anna"), world.account("ben"));
    let with = |languages: Vec<String>| {
        let change = FollowOptionsChange { languages: Some(languages), ..FollowOptionsChange::default() };
        block_on(world.engine.follow(anna, ben, change))
    };
    assert!(matches!(with(vec!["d e".into()]), Err(Error::Invalid(Invalid::Malformed(_)))));
    assert!(matches!(with(vec!["x".repeat(36)]), Err(Error::Invalid(Invalid::Malformed(_)))));
    let many = (0..101).map(|number| format!("en-{number}")).collect();
    assert!(matches!(with(many), Err(Error::Invalid(Invalid::TooMany { .. }))));
    assert!(!world.ask(anna, move |query| query.relationship(ben)).unwrap().following);
}

#[test]
fn r124_whom_one_may_not_follow() {
    let world = World::new();
    let (anna, ben, carla) = (world.account("anna"), world.account("ben"), world.account("carla"));
    let (dora, unknown) = (world.remote("dora", "far.example"), world.fresh_id());
    block_on(world.engine.block(ben, anna)).unwrap();
    block_on(world.engine.block(anna, carla)).unwrap();
    block_on(world.engine.block_domain(anna, "far.example")).unwrap();
    assert!(matches!(follow(&world, anna, ben), Err(Error::NotFound)), "they block the follower");
    assert!(matches!(follow(&world, anna, unknown), Err(Error::NotFound)), "there is no such account");
    assert!(matches!(follow(&world, anna, carla), Err(Error::Forbidden)), "the follower blocks them");
    assert!(matches!(follow(&world, anna, dora), Err(Error::Forbidden)), "the follower blocks their domain");
    assert!(matches!(follow(&world, anna, anna), Err(Error::Invalid(Invalid::Oneself(_)))));
    assert_eq!(stats(&world, anna).following, 0);
}

#[test]
fn following_brings_the_newest_400_posts_into_the_home_timeline_and_unfollowing_takes_them_out() {
    let world = World::new();
    let (anna, ben, carla) = (world.account("anna"), world.account("ben"), world.account("carla"));
    let other = world.post(carla);
    follow(&world, anna, carla).unwrap();
    let posts: Vec<_> = (0..405).map(|_| world.post(ben)).collect();
    follow(&world, anna, ben).unwrap();
    let mut expected = vec![other];
    expected.extend(&posts[5..]);
    assert_eq!(world.home(anna), expected);
    block_on(world.engine.unfollow(anna, ben)).unwrap();
    assert_eq!(world.home(anna), [other]);
}

#[test]
fn unfollowing_takes_back_a_request() {
    let world = World::new();
    let (anna, ben) = (world.account("anna"), world.locked("ben"));
    follow(&world, anna, ben).unwrap();
    assert!(!block_on(world.engine.unfollow(anna, ben)).unwrap().requested);
    assert_eq!(waiting(&world, ben), []);
    assert_eq!(world.told(ben), []);
}

#[test]
fn unfollowing_takes_the_account_out_of_the_circles_of_the_follower_only() {
    let world = World::new();
    let (anna, ben) = (world.account("anna"), world.account("ben"));
    follow(&world, anna, ben).unwrap();
    follow(&world, ben, anna).unwrap();
    let circle = |owner, member| {
        let new = NewCircle { title: "near".into(), ..NewCircle::default() };
        let circle = exact(block_on(world.engine.create_circle(owner, new)).unwrap().id);
        block_on(world.engine.add_to_circle(owner, circle, vec![member])).unwrap();
        circle
    };
    let (of_anna, of_ben) = (circle(anna, ben), circle(ben, anna));
    block_on(world.engine.unfollow(anna, ben)).unwrap();
    assert_eq!(ids(&world.ask(anna, move |query| query.circle_members(of_anna, &whole())).unwrap()), []);
    assert_eq!(ids(&world.ask(ben, move |query| query.circle_members(of_ben, &whole())).unwrap()), [anna]);
}

#[test]
fn a_follower_can_be_removed() {
    let world = World::new();
    let (anna, ben) = (world.account("anna"), world.account("ben"));
    world.post(ben);
    follow(&world, anna, ben).unwrap();
    follow(&world, ben, anna).unwrap();
    let relationship = block_on(world.engine.remove_from_followers(ben, anna)).unwrap();
    assert!(!relationship.followed_by && relationship.following);
    assert_eq!(world.home(anna), []);
    assert_eq!(world.told(ben), []);
    assert!(block_on(world.engine.remove_from_followers(ben, anna)).is_ok(), "a repeat changes nothing");
    assert_eq!((stats(&world, anna).followers, stats(&world, ben).followers), (1, 0));
}

#[test]
fn undoing_works_on_accounts_that_are_not_visible_any_more_and_says_nothing_about_them() {
    let world = World::new();
    let (anna, ben, carla) = (world.account("anna"), world.account("ben"), world.account("carla"));
    follow(&world, anna, ben).unwrap();
    follow(&world, ben, anna).unwrap();
    block_on(world.engine.mute(anna, ben, MuteOptions::default())).unwrap();
    world.change(ben, |account| account.state = AccountState::Suspended);
    let relationship = block_on(world.engine.unfollow(anna, ben)).unwrap();
    assert!(!relationship.following && relationship.muting && !relationship.followed_by);
    assert_eq!(stats(&world, anna).following, 0);
    assert!(!block_on(world.engine.unmute(anna, ben)).unwrap().muting);
    assert!(!block_on(world.engine.remove_from_followers(anna, ben)).unwrap().followed_by);

    world.change(carla, |account| account.state = AccountState::Suspended);
    for target in [ben, carla, world.fresh_id()] {
        let answers = [
            block_on(world.engine.unfollow(anna, target)),
            block_on(world.engine.unblock(anna, target)),
            block_on(world.engine.unmute(anna, target)),
            block_on(world.engine.remove_from_followers(anna, target)),
        ];
        assert!(answers.iter().all(|answer| matches!(answer, Err(Error::NotFound))), "nothing left to undo");
    }
}

#[test]
fn undoing_what_was_not_done_changes_nothing() {
    let world = World::new();
    let (anna, ben) = (world.account("anna"), world.account("ben"));
    let before = world.ask(anna, move |query| query.relationship(ben)).unwrap();
    assert_eq!(block_on(world.engine.unfollow(anna, ben)).unwrap(), before);
    assert_eq!(block_on(world.engine.unblock(anna, ben)).unwrap(), before);
    assert_eq!(block_on(world.engine.unmute(anna, ben)).unwrap(), before);
}

#[test]
fn accounts_that_may_not_act_do_nothing() {
    let world = World::new();
    let ben = world.account("ben");
    let pending = world.account_with("pending", |account| account.state = AccountState::Pending);
    let suspended = world.account_with("suspended", |account| account.state = AccountState::Suspended);
    assert!(matches!(follow(&world, pending, ben), Err(Error::Disabled(Disabled::Pending))));
    assert!(matches!(follow(&world, suspended, ben), Err(Error::Disabled(Disabled::Suspended))));
    assert!(matches!(block_on(world.engine.block(suspended, ben)), Err(Error::Disabled(_))));
    assert!(matches!(block_on(world.engine.block_domain(suspended, "a.example")), Err(Error::Disabled(_))));
    let mute = world.engine.mute(suspended, ben, MuteOptions::default());
    assert!(matches!(block_on(mute), Err(Error::Disabled(_))));
}

fn waiting(world: &World, of: AccountId) -> Vec<AccountId> {
    ids(&world.ask(of, |query| query.follow_requests(&whole())).unwrap())
}
