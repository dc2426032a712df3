//! Lists of accounts, and many relationships at once.

use futures::executor::block_on;
use koinon_engine::Error;
use koinon_engine::id::IdInput;
use koinon_engine::model::{AccountId, AccountState};
use koinon_engine::page::PageRequest;
use koinon_engine::relationships::{FollowOptionsChange, MuteOptions};

use crate::world::{World, exact, ids, walk, whole};

fn follow(world: &World, actor: AccountId, target: AccountId) {
    block_on(world.engine.follow(actor, target, FollowOptionsChange::default())).unwrap();
}

fn people<const N: usize>(world: &World) -> [AccountId; N] {
    std::array::from_fn(|number| world.account(&format!("person{number}")))
}

#[test]
fn r117_each_asked_account_is_answered_once_in_the_order_asked() {
    let world = World::new();
    let [anna, ben, carla] = people(&world);
    follow(&world, anna, carla);
    let gone = world.account_with("gone", |account| account.state = AccountState::Deleted);
    let unknown = world.fresh_id();
    let asked = vec![
        exact(carla),
        exact(unknown),
        IdInput::Number(ben.number()),
        exact(carla),
        exact(gone),
        IdInput::Number(carla.number()),
        IdInput::Number(7),
        exact(anna),
    ];
    let answers = world.ask(anna, move |query| query.relationships(&asked)).unwrap();
    let shown: Vec<_> = answers.iter().map(|answer| (answer.id, answer.following)).collect();
    assert_eq!(shown, [(carla, true), (ben, false), (anna, false)]);
    let anonymous = world.ask_anonymously(move |query| query.relationships(&[exact(ben)]));
    assert!(matches!(anonymous, Err(Error::NotSignedIn)));
}

#[test]
fn r117_the_first_hundred_ids_count() {
    let world = World::new();
    let [anna, ben] = people(&world);
    let answers = world.ask(anna, move |query| {
        let mut asked = vec![exact(anna); 100];
        asked.push(exact(ben));
        query.relationships(&asked)
    });
    assert_eq!(answers.unwrap().len(), 1);
}

#[test]
fn r312_followers_are_ordered_and_paged_by_the_follow() {
    let world = World::new();
    let [anna, ben, carla, dora, emil] = people(&world);
    for follower in [dora, ben, emil, carla] {
        follow(&world, follower, anna);
    }
    let newest_first = [carla, emil, ben, dora];
    let followers =
        |request: PageRequest| world.ask(ben, move |query| query.followers(anna, &request)).unwrap();
    assert_eq!(ids(&followers(whole())), newest_first);
    for limit in 1..=4 {
        let walked = walk(limit, followers); // R11
        assert_eq!(walked.iter().map(|view| view.account.id).collect::<Vec<_>>(), newest_first);
    }
    let first = followers(PageRequest::newest(2));
    let next = first.next.unwrap();
    assert!(!newest_first.contains(&next), "the cursor is no account");
    let second = followers(PageRequest { max: Some(exact(next)), ..PageRequest::newest(2) });
    assert_eq!((ids(&second), second.next), (vec![ben, dora], None));
    let above = followers(PageRequest { min: Some(exact(second.prev.unwrap())), ..PageRequest::newest(1) });
    assert_eq!(ids(&above), [emil]);

    block_on(world.engine.unfollow(emil, anna)).unwrap();
    let same = followers(PageRequest { max: Some(exact(next)), ..PageRequest::newest(2) });
    assert_eq!(ids(&same), [ben, dora], "the follow at the cursor may be gone");
}

#[test]
fn r12_r16_a_page_has_at_most_eighty_accounts_whatever_is_asked() {
    let world = World::new();
    let anna = world.account("anna");
    for number in 0..85 {
        let other = world.account(&format!("other{number}"));
        follow(&world, other, anna);
        follow(&world, anna, other);
        block_on(world.engine.mute(anna, other, MuteOptions::default())).unwrap();
    }
    let request = PageRequest::newest(usize::MAX);
    let followers = world.ask(anna, move |query| query.followers(anna, &request)).unwrap();
    let following = world.ask(anna, move |query| query.following(anna, &request)).unwrap();
    let mutes = world.ask(anna, move |query| query.mutes(&request)).unwrap();
    assert_eq!((followers.items.len(), following.items.len(), mutes.items.len()), (80, 80, 80));
    assert!(followers.next.is_some() && following.next.is_some() && mutes.next.is_some());
    let walked = walk(1_000, |request| world.ask(anna, move |query| query.mutes(&request)).unwrap());
    assert_eq!(walked.len(), 85);
}

#[test]
fn r312_blocks_mutes_and_requests_are_in_the_order_of_the_relation() {
    let world = World::new();
    let [ben, carla, dora] = people(&world);
    let anna = world.locked("anna");
    for other in [carla, dora, ben] {
        follow(&world, other, anna);
        block_on(world.engine.mute(anna, other, MuteOptions::default())).unwrap();
    }
    let newest_first = [ben, dora, carla];
    let requests = walk(1, |request| world.ask(anna, move |query| query.follow_requests(&request)).unwrap());
    assert_eq!(requests.iter().map(|view| view.account.id).collect::<Vec<_>>(), newest_first);
    let mutes = walk(2, |request| world.ask(anna, move |query| query.mutes(&request)).unwrap());
    assert_eq!(mutes.iter().map(|muted| muted.account.account.id).collect::<Vec<_>>(), newest_first);
    for other in [carla, dora, ben] {
        block_on(world.engine.block(anna, other)).unwrap();
    }
    let blocks = walk(1, |request| world.ask(anna, move |query| query.blocks(&request)).unwrap());
    assert_eq!(blocks.iter().map(|view| view.account.id).collect::<Vec<_>>(), newest_first);
}

#[test]
fn r310_lists_of_relations_are_the_viewers_own() {
    let world = World::new();
    let [anna, ben] = people(&world);
    block_on(world.engine.mute(anna, ben, MuteOptions::default())).unwrap();
    block_on(world.engine.block(anna, ben)).unwrap();
    block_on(world.engine.block_domain(anna, "far.example")).unwrap();
    assert_eq!(world.ask(ben, |query| query.mutes(&whole())).unwrap().items, []);
    assert_eq!(world.ask(ben, |query| query.blocks(&whole())).unwrap().items, []);
    assert!(world.ask(ben, |query| query.domain_blocks(&whole())).unwrap().items.is_empty());
    assert!(matches!(world.ask_anonymously(|query| query.blocks(&whole())), Err(Error::NotSignedIn)));
    assert!(matches!(world.ask_anonymously(|query| query.mutes(&whole())), Err(Error::NotSignedIn)));
    assert!(matches!(world.ask_anonymously(|query| query.domain_blocks(&whole())), Err(Error::NotSignedIn)));
    assert!(matches!(
        world.ask_anonymously(|query| query.follow_requests(&whole())),
        Err(Error::NotSignedIn)
    ));
}

#[test]
fn r137_hidden_collections_are_shown_to_their_owner_only() {
    let world = World::new();
    let [anna, ben, carla] = people(&world);
    follow(&world, anna, ben);
    follow(&world, carla, anna);
    follow(&world, carla, ben);
    world.change(anna, |account| account.profile.hide_collections = true);
    let lists = |viewer| {
        let followers = world.ask(viewer, move |query| query.followers(anna, &whole())).unwrap();
        let following = world.ask(viewer, move |query| query.following(anna, &whole())).unwrap();
        (ids(&followers), ids(&following))
    };
    assert_eq!(lists(anna), (vec![carla], vec![ben]));
    assert_eq!(lists(ben), (vec![], vec![]));
    let familiar =
        world.ask(carla, move |query| query.familiar_followers(&[exact(ben), exact(anna)])).unwrap();
    assert!(familiar.iter().all(|answer| answer.accounts.is_empty()), "nor do other lists tell");
}

#[test]
fn lists_leave_out_whom_the_viewer_may_not_or_does_not_want_to_see() {
    let world = World::new();
    let [anna, ben, blocks_ben, blocked_by_ben, suspended] = people(&world);
    for follower in [blocks_ben, blocked_by_ben, suspended, ben] {
        follow(&world, follower, anna);
    }
    block_on(world.engine.block(blocks_ben, ben)).unwrap();
    block_on(world.engine.block(ben, blocked_by_ben)).unwrap();
    world.change(suspended, |account| account.state = AccountState::Suspended);
    let seen_by = |viewer| ids(&world.ask(viewer, move |query| query.followers(anna, &whole())).unwrap());
    assert_eq!(seen_by(ben), [ben]);
    assert_eq!(seen_by(anna), [ben, blocked_by_ben, blocks_ben]);
    let visitors = world.ask_anonymously(move |query| query.followers(anna, &whole())).unwrap();
    assert_eq!(ids(&visitors), [ben, blocked_by_ben, blocks_ben]);
    assert!(matches!(
        world.ask(ben, move |query| query.followers(blocks_ben, &whole())),
        Err(Error::NotFound)
    ));
}

#[test]
fn familiar_followers_are_those_the_viewer_follows_who_follow_the_account_too() {
    let world = World::new();
    let [anna, ben, carla, dora, secret] = people(&world);
    for followed in [ben, carla, secret] {
        follow(&world, anna, followed);
    }
    for follower in [ben, dora, secret] {
        follow(&world, follower, carla);
    }
    world.change(secret, |account| account.profile.hide_collections = true);
    let unknown = world.fresh_id();
    let asked = vec![exact(carla), exact(unknown), exact(dora)];
    let answers = world.ask(anna, move |query| query.familiar_followers(&asked)).unwrap();
    let shown: Vec<_> = answers
        .iter()
        .map(|answer| (answer.of, answer.accounts.iter().map(|view| view.account.id).collect::<Vec<_>>()))
        .collect();
    assert_eq!(shown, [(carla, vec![ben]), (dora, vec![])]);
}
