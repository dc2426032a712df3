//! Blocking accounts and domains.

use futures::executor::block_on;
use koinon_engine::Error;
use koinon_engine::circles::NewCircle;
use koinon_engine::error::Invalid;
use koinon_engine::id::IdInput;
use koinon_engine::model::{AccountId, AccountState, Block, MarkKind};
use koinon_engine::relationships::FollowOptionsChange;
use koinon_engine::store::schema::{BLOCKED, BLOCKS};

use crate::world::{World, exact, ids, whole};

fn follow(world: &World, actor: AccountId, target: AccountId) {
    block_on(world.engine.follow(actor, target, FollowOptionsChange::default())).unwrap();
}

fn circle_with(world: &World, owner: AccountId, member: AccountId) -> IdInput {
    let new = NewCircle { title: "near".into(), ..NewCircle::default() };
    let circle = exact(block_on(world.engine.create_circle(owner, new)).unwrap().id);
    block_on(world.engine.add_to_circle(owner, circle, vec![member])).unwrap();
    circle
}

fn members(world: &World, owner: AccountId, circle: IdInput) -> Vec<AccountId> {
    ids(&world.ask(owner, move |query| query.circle_members(circle, &whole())).unwrap())
}

#[test]
fn r123_blocking_ends_everything_between_two_accounts_at_once() {
    let world = World::new();
    let (anna, ben, carla) = (world.account("anna"), world.account("ben"), world.account("carla"));
    world.post(ben);
    let post = world.post(anna);
    follow(&world, anna, ben);
    follow(&world, ben, anna);
    follow(&world, carla, anna);
    block_on(world.engine.mark(ben, MarkKind::Favourite, exact(post))).unwrap();
    assert_eq!(world.told(anna), [("favourite", ben), ("follow", carla), ("follow", ben)]);
    let (of_anna, of_ben) = (circle_with(&world, anna, ben), circle_with(&world, ben, anna));
    assert_eq!((world.home(anna).len(), world.home(ben).len()), (1, 1));

    let relationship = block_on(world.engine.block(anna, ben)).unwrap(); // R116
    assert!(relationship.blocking && !relationship.following && !relationship.followed_by);
    for of in [anna, ben] {
        assert_eq!(world.home(of), []);
        assert_eq!(ids(&world.ask(of, move |query| query.following(of, &whole())).unwrap()), []);
    }
    assert_eq!((members(&world, anna, of_anna), members(&world, ben, of_ben)), (vec![], vec![]));
    assert_eq!(world.told(anna), [("follow", carla)], "what others did stays");
    assert_eq!(ids(&world.ask(anna, |query| query.blocks(&whole())).unwrap()), [ben]); // R310
    let numbers = |of| world.ask(of, move |query| Ok(query.account(of)?.stats)).unwrap();
    assert_eq!((numbers(anna).following, numbers(anna).followers), (0, 1));
    assert_eq!((numbers(ben).following, numbers(ben).followers), (0, 0));
}

#[test]
fn r123_blocking_ends_requests_both_ways() {
    let world = World::new();
    let (anna, ben) = (world.locked("anna"), world.locked("ben"));
    follow(&world, anna, ben);
    follow(&world, ben, anna);
    block_on(world.engine.block(anna, ben)).unwrap();
    for of in [anna, ben] {
        assert_eq!(ids(&world.ask(of, |query| query.follow_requests(&whole())).unwrap()), []);
        assert_eq!(world.told(of), []);
    }
}

#[test]
fn unblocking_restores_nothing_but_the_possibility() {
    let world = World::new();
    let (anna, ben) = (world.account("anna"), world.account("ben"));
    follow(&world, ben, anna);
    block_on(world.engine.block(anna, ben)).unwrap();
    let relationship = block_on(world.engine.unblock(anna, ben)).unwrap();
    assert!(!relationship.blocking && !relationship.followed_by);
    assert_eq!(world.told(anna), []);
    assert_eq!(ids(&world.ask(anna, |query| query.blocks(&whole())).unwrap()), []);
    follow(&world, ben, anna);
    assert_eq!(world.told(anna), [("follow", ben)]);
}

#[test]
fn r124_an_account_that_blocks_is_like_none_to_the_blocked() {
    let world = World::new();
    let (anna, ben, unknown) = (world.account("anna"), world.account("ben"), world.fresh_id());
    block_on(world.engine.block(anna, ben)).unwrap();
    for target in [anna, unknown] {
        let engine = &world.engine;
        assert!(matches!(world.ask(ben, move |query| query.relationship(target)), Err(Error::NotFound)));
        assert!(matches!(block_on(engine.block(ben, target)), Err(Error::NotFound)));
        assert!(matches!(block_on(engine.mute(ben, target, Default::default())), Err(Error::NotFound)));
        assert!(matches!(block_on(engine.unfollow(ben, target)), Err(Error::NotFound)));
    }
    let asked = world.ask(ben, move |query| query.relationships(&[exact(anna), exact(unknown)])).unwrap();
    assert_eq!(asked, []); // R117
}

#[test]
fn r124_a_blocked_account_can_do_nothing_to_posts_of_the_blocker() {
    let world = World::new();
    let (anna, ben) = (world.account("anna"), world.account("ben"));
    let post = world.post(anna);
    block_on(world.engine.block(anna, ben)).unwrap();
    assert!(matches!(
        block_on(world.engine.mark(ben, MarkKind::Favourite, exact(post))),
        Err(Error::NotFound)
    ));
    assert!(matches!(block_on(world.engine.reblog(ben, exact(post), None)), Err(Error::NotFound)));
    assert!(matches!(block_on(world.engine.mute_conversation(ben, exact(post), None)), Err(Error::NotFound)));
    assert_eq!(world.told(anna), []);
}

#[test]
fn blocking_twice_is_blocking_once_and_nobody_blocks_themself() {
    let world = World::new();
    let (anna, ben) = (world.account("anna"), world.account("ben"));
    block_on(world.engine.block(anna, ben)).unwrap();
    block_on(world.engine.block(anna, ben)).unwrap();
    assert_eq!(ids(&world.ask(anna, |query| query.blocks(&whole())).unwrap()), [ben]);
    let oneself = block_on(world.engine.block(anna, anna));
    assert!(matches!(oneself, Err(Error::Invalid(Invalid::Oneself("block")))));
}

#[test]
fn a_block_is_not_listed_while_its_account_is_not_visible_but_can_be_ended() {
    let world = World::new();
    let (anna, ben) = (world.account("anna"), world.account("ben"));
    let id = world.fresh_id();
    block_on(world.engine.block(anna, ben)).unwrap();
    // As it arrives from an instance that lets people block whoever blocks them.
    world.write(move |tx| {
        let block = Block { id, created_at: Default::default() };
        BLOCKED.put(tx, &(ben, id), &anna)?;
        BLOCKS.put(tx, &(ben, anna), &block)
    });
    let listed = || ids(&world.ask(anna, |query| query.blocks(&whole())).unwrap());
    assert_eq!(listed(), []);
    let relationship = block_on(world.engine.unblock(anna, ben)).unwrap();
    assert!(!relationship.blocking && !relationship.blocked_by, "it does not tell that ben blocks anna");
    assert!(matches!(block_on(world.engine.unblock(anna, ben)), Err(Error::NotFound)));

    let carla = world.account("carla");
    block_on(world.engine.block(anna, carla)).unwrap();
    world.change(carla, |account| account.state = AccountState::Suspended);
    assert_eq!(listed(), []);
    world.change(carla, |account| account.state = AccountState::Active);
    assert_eq!(listed(), [carla]);
}

#[test]
fn blocking_a_domain_ends_follows_and_requests_with_its_accounts_and_no_others() {
    let world = World::new();
    let anna = world.locked("anna");
    let (far, locked) = (world.remote("far", "xn--mnchen-3ya.example"), world.locked("locked"));
    world.change(locked, |account| account.domain = Some("xn--mnchen-3ya.example".into()));
    let (near, other) = (world.account("near"), world.remote("other", "other.example"));
    for target in [far, locked, near, other] {
        follow(&world, anna, target);
        follow(&world, target, anna);
    }
    for follower in [far, near] {
        block_on(world.engine.authorize_follow_request(anna, follower)).unwrap();
    }
    block_on(world.engine.block_domain(anna, "MÜNCHEN.example.")).unwrap();
    let relation = |of| world.ask(anna, move |query| query.relationship(of)).unwrap();
    for gone in [relation(far), relation(locked)] {
        assert!(gone.domain_blocking);
        assert!(!gone.following && !gone.requested && !gone.followed_by && !gone.requested_by);
    }
    for kept in [relation(near), relation(other)] {
        assert!(kept.following && !kept.domain_blocking);
    }
    assert_eq!(
        world.ask(anna, |query| query.domain_blocks(&whole())).unwrap().items,
        ["xn--mnchen-3ya.example"]
    );

    block_on(world.engine.unblock_domain(anna, "münchen.example")).unwrap();
    block_on(world.engine.unblock_domain(anna, "münchen.example")).unwrap();
    assert_eq!(world.ask(anna, |query| query.domain_blocks(&whole())).unwrap().items, [""; 0]);
    assert!(!relation(far).domain_blocking && !relation(far).following);
}

#[test]
fn domains_are_listed_in_the_order_of_blocking_and_the_own_one_is_refused() {
    let world = World::new();
    let anna = world.account("anna");
    for domain in ["b.example", "a.example", "B.example"] {
        block_on(world.engine.block_domain(anna, domain)).unwrap();
    }
    let listed = world.ask(anna, |query| query.domain_blocks(&whole())).unwrap();
    assert_eq!(listed.items, ["a.example", "b.example"]);
    for refused in ["home.example", "HOME.example.", "", "https://a.example"] {
        assert!(
            matches!(block_on(world.engine.block_domain(anna, refused)), Err(Error::Invalid(_))),
            "{refused:?}"
        );
    }
}
