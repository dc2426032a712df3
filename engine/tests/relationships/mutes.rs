//! Muting accounts and threads.

use std::time::Duration;

use futures::executor::block_on;
use koinon_engine::Error;
use koinon_engine::error::Invalid;
use koinon_engine::model::{AccountId, StatusId, Visibility};
use koinon_engine::relationships::{FollowOptionsChange, MuteOptions};

use crate::world::{World, exact, whole};

const HOUR: Duration = Duration::from_secs(3_600);

fn for_an_hour() -> MuteOptions {
    MuteOptions { duration: Some(HOUR), ..MuteOptions::default() }
}

fn muted(world: &World, by: AccountId) -> Vec<AccountId> {
    let page = world.ask(by, |query| query.mutes(&whole())).unwrap();
    page.items.iter().map(|muted| muted.account.account.id).collect()
}

#[test]
fn r128_a_mute_keeps_the_follow_and_is_not_seen_by_the_muted() {
    let world = World::new();
    let (anna, ben) = (world.account("anna"), world.account("ben"));
    block_on(world.engine.follow(anna, ben, FollowOptionsChange::default())).unwrap();
    let before = world.ask(ben, move |query| query.relationship(anna)).unwrap();
    let relationship = block_on(world.engine.mute(anna, ben, MuteOptions::default())).unwrap(); // R116
    assert!(relationship.muting && relationship.muting_notifications && relationship.following);
    assert_eq!(relationship.muting_expires_at, None);
    assert_eq!(world.ask(ben, move |query| query.relationship(anna)).unwrap(), before);
    assert_eq!(muted(&world, anna), [ben]); // R310
    assert_eq!(muted(&world, ben), []);
    assert!(!block_on(world.engine.unmute(anna, ben)).unwrap().muting);
    assert_eq!(muted(&world, anna), []);
}

#[test]
fn r128_a_mute_holds_notifications_back_unless_it_is_asked_not_to() {
    let world = World::new();
    let (anna, ben, carla) = (world.account("anna"), world.account("ben"), world.account("carla"));
    let gently = MuteOptions { notifications: false, ..MuteOptions::default() };
    assert!(!block_on(world.engine.mute(anna, ben, gently)).unwrap().muting_notifications);
    block_on(world.engine.mute(anna, carla, MuteOptions::default())).unwrap();
    for follower in [ben, carla] {
        block_on(world.engine.follow(follower, anna, FollowOptionsChange::default())).unwrap();
    }
    assert_eq!(world.told(anna), [("follow", ben)]);
}

#[test]
fn r125_a_mute_with_a_duration_ends_by_itself() {
    let world = World::new();
    let (anna, ben) = (world.account("anna"), world.account("ben"));
    let relationship = block_on(world.engine.mute(anna, ben, for_an_hour())).unwrap();
    assert_eq!(relationship.muting_expires_at, Some(world.engine.now() + HOUR));
    world.advance(HOUR - Duration::from_millis(1));
    assert_eq!(muted(&world, anna), [ben]);
    world.advance(Duration::from_millis(1));
    assert_eq!(muted(&world, anna), []);
    let relationship = world.ask(anna, move |query| query.relationship(ben)).unwrap();
    assert!(!relationship.muting && !relationship.muting_notifications);
    assert_eq!(relationship.muting_expires_at, None);
}

#[test]
fn r127_a_repeat_replaces_the_earlier_mute_and_keeps_its_place() {
    let world = World::new();
    let (anna, ben, carla) = (world.account("anna"), world.account("ben"), world.account("carla"));
    let mute = |whom, options| block_on(world.engine.mute(anna, whom, options)).unwrap();
    mute(ben, for_an_hour());
    mute(carla, MuteOptions::default());
    let gently = MuteOptions { notifications: false, duration: None };
    let relationship = mute(ben, gently);
    assert!(relationship.muting && !relationship.muting_notifications);
    world.advance(2 * HOUR);
    assert_eq!(muted(&world, anna), [carla, ben], "it lasts now");
    assert_eq!(mute(ben, for_an_hour()).muting_expires_at, Some(world.engine.now() + HOUR));
    world.advance(2 * HOUR);
    mute(ben, MuteOptions::default());
    assert_eq!(muted(&world, anna), [ben, carla], "one that had ended begins anew");
}

#[test]
fn what_a_mute_refuses() {
    let world = World::new();
    let (anna, ben) = (world.account("anna"), world.account("ben"));
    let mute = |whom, duration| {
        block_on(world.engine.mute(anna, whom, MuteOptions { notifications: true, duration }))
    };
    assert!(matches!(mute(anna, None), Err(Error::Invalid(Invalid::Oneself("mute")))));
    assert!(matches!(mute(ben, Some(Duration::MAX)), Err(Error::Invalid(Invalid::Malformed(_)))));
    assert!(matches!(mute(world.fresh_id(), None), Err(Error::NotFound)));
    assert_eq!(mute(ben, Some(Duration::ZERO)).unwrap().muting_expires_at, None, "zero means for good");
}

#[test]
fn r126_a_thread_mute_covers_the_thread_and_ends_by_itself() {
    let world = World::new();
    let (anna, ben) = (world.account("anna"), world.account("ben"));
    let root = world.post(ben);
    let reply = world.post_with(ben, |status| status.conversation = root);
    let reblog = world.reblog(ben, root, ben);
    let mute = |status, duration| block_on(world.engine.mute_conversation(anna, exact(status), duration));
    assert!(mute(reply, Some(HOUR)).unwrap().marks.unwrap().muted);
    assert!(thread_is_muted(&world, anna, root));
    assert!(!thread_is_muted(&world, ben, root));
    world.advance(HOUR);
    assert!(!thread_is_muted(&world, anna, root));

    mute(reblog, None).unwrap(); // R127
    assert!(thread_is_muted(&world, anna, root), "a reblog stands for what it passes on");
    let shown = block_on(world.engine.unmute_conversation(anna, exact(reblog))).unwrap();
    assert!(!shown.unwrap().marks.unwrap().muted);
    assert!(!thread_is_muted(&world, anna, root));
}

#[test]
fn only_threads_one_may_see_are_muted_but_each_can_be_unmuted() {
    let world = World::new();
    let (anna, ben) = (world.account("anna"), world.account("ben"));
    let post = world.post_with(ben, |status| status.visibility = Visibility::Private);
    let mute = |status| block_on(world.engine.mute_conversation(anna, exact(status), None));
    let unmute = |status| block_on(world.engine.unmute_conversation(anna, exact(status)));
    for hidden in [post, world.fresh_id()] {
        assert!(matches!(mute(hidden), Err(Error::NotFound)));
        assert!(matches!(unmute(hidden), Err(Error::NotFound)));
    }
    block_on(world.engine.follow(anna, ben, FollowOptionsChange::default())).unwrap();
    mute(post).unwrap();
    block_on(world.engine.unfollow(anna, ben)).unwrap();
    assert_eq!(unmute(post).unwrap(), None, "done, and nothing shown");
    assert!(matches!(unmute(post), Err(Error::NotFound)));
}

fn thread_is_muted(world: &World, by: AccountId, status: StatusId) -> bool {
    world.ask(by, move |query| query.status(status)).unwrap().marks.unwrap().muted
}
