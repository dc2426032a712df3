//! Finding accounts.

use futures::executor::block_on;
use koinon_engine::Error;
use koinon_engine::accounts::Authority;
use koinon_engine::audience::Viewer;
use koinon_engine::id::Flake;
use koinon_engine::model::{AccountId, Block, Follow, FollowOptions, Role};
use koinon_engine::store::StoreExt;
use koinon_engine::store::schema::{BLOCKS, FOLLOWING, FOLLOWS};
use koinon_engine::time::Timestamp;

use crate::support::Instance;

fn by_input(instance: &Instance, input: &str) -> Option<AccountId> {
    let input = input.to_owned();
    match instance.ask(Viewer::Anonymous, move |query| query.account_by_input(&input)) {
        Ok(view) => Some(view.account.id),
        Err(Error::NotFound) => None,
        Err(error) => panic!("{error:?}"),
    }
}

fn search(instance: &Instance, viewer: Viewer, text: &str, following_only: bool) -> Vec<String> {
    let text = text.to_owned();
    let found = instance.ask(viewer, move |query| query.search_accounts(&text, 5, following_only)).unwrap();
    found.iter().map(|view| view.account.username.clone()).collect()
}

fn follow(instance: &Instance, from: AccountId, to: AccountId) {
    let follow = Follow {
        id: Flake::from_parts(1_790_000_000_000, 9, 9),
        created_at: Timestamp::default(),
        options: FollowOptions::default(),
    };
    let write = instance.store.write(move |tx| {
        FOLLOWS.put(tx, &(from, to), &follow)?;
        FOLLOWING.put(tx, &(from, follow.id), &to)
    });
    block_on(write).unwrap();
}

fn block(instance: &Instance, from: AccountId, to: AccountId) {
    let block = Block { id: Flake::MAX, created_at: Timestamp::default() };
    block_on(instance.store.write(move |tx| BLOCKS.put(tx, &(from, to), &block))).unwrap();
}

#[test]
fn a_name_is_found_with_and_without_the_instance_and_in_any_case() {
    let instance = Instance::new();
    let alice = instance.account("Alice");
    for name in ["alice", "@Alice", "ALICE@koinon.example", "@alice@KOINON.example"] {
        let wanted = name.to_owned();
        let found = instance.ask(Viewer::Anonymous, move |query| query.account_by_name(&wanted)).unwrap();
        assert_eq!(found.account.id, alice, "{name}");
    }
    for name in ["alice@elsewhere.example", "alic", "", "@", "alice@", "@@alice"] {
        let wanted = name.to_owned();
        let found = instance.ask(Viewer::Anonymous, move |query| query.account_by_name(&wanted));
        if name == "alice@" {
            assert!(found.is_ok(), "an empty domain is this one");
        } else {
            assert!(matches!(found, Err(Error::NotFound)), "{name}");
        }
    }
}

#[test]
fn r6_a_name_may_stand_where_an_id_may() {
    let instance = Instance::new();
    let alice = instance.account("alice");
    let digits = instance.account("2026");
    let starts_with_digits = instance.account("7of9");
    assert_eq!(by_input(&instance, "alice"), Some(alice));
    assert_eq!(by_input(&instance, "2026"), Some(digits));
    assert_eq!(by_input(&instance, "7of9"), Some(starts_with_digits));
    for spelling in [alice.to_string(), alice.guid(), alice.number().to_string()] {
        assert_eq!(by_input(&instance, &spelling), Some(alice), "{spelling}");
    }
    assert_eq!(by_input(&instance, &alice.to_string().to_lowercase()), None, "ids have one spelling");
    assert_eq!(by_input(&instance, "nobody"), None);
    assert_eq!(by_input(&instance, "12345"), None);
    assert_eq!(by_input(&instance, &Flake::MAX.to_string()), None);
}

#[test]
fn r6_nobody_is_found_in_place_of_another_by_a_name_that_is_the_others_id() {
    let instance = Instance::new();
    let alice = instance.account("alice");
    for name in [alice.to_string(), alice.number().to_string()] {
        let account = koinon_engine::accounts::NewAccount {
            username: name.clone(),
            password: crate::support::PASSWORD.into(),
            ..Default::default()
        };
        assert!(block_on(instance.engine.create_account(account)).is_err(), "{name}");
    }
}

#[test]
fn a_search_finds_the_exact_name_first_and_then_names_that_start_so() {
    let instance = Instance::new();
    for name in ["alfred", "Alice", "alice_liddell", "bob", "malice"] {
        instance.account(name);
    }
    assert_eq!(search(&instance, Viewer::Anonymous, "alice", false), ["Alice", "alice_liddell"]);
    assert_eq!(search(&instance, Viewer::Anonymous, "@ALICE", false), ["Alice", "alice_liddell"]);
    assert_eq!(search(&instance, Viewer::Anonymous, "al", false), ["alfred", "Alice", "alice_liddell"]);
    assert_eq!(search(&instance, Viewer::Anonymous, "lid al", false), ["alice_liddell"]);
    assert_eq!(search(&instance, Viewer::Anonymous, "alice@koinon", false), ["Alice", "alice_liddell"]);
    assert!(search(&instance, Viewer::Anonymous, "alice@elsewhere", false).is_empty());
    for nothing in ["", " ", "@", "%", "zzz", "alice bob"] {
        assert!(search(&instance, Viewer::Anonymous, nothing, false).is_empty(), "{nothing}");
    }
}

#[test]
fn a_search_stops_at_its_limit() {
    let instance = Instance::new();
    for number in 0..150 {
        instance.account(&format!("user{number}"));
    }
    assert_eq!(search(&instance, Viewer::Anonymous, "use", false).len(), 5);
    assert_eq!(search(&instance, Viewer::Anonymous, "user149", false), ["user149"], "R112");
    let none = instance.ask(Viewer::Anonymous, |query| query.search_accounts("user", 0, false)).unwrap();
    assert!(none.is_empty());
}

#[test]
fn a_search_can_be_held_to_accounts_one_follows() {
    let instance = Instance::new();
    let (viewer, alice) = (instance.account("viewer"), instance.account("alice"));
    instance.account("alfred");
    follow(&instance, viewer, alice);
    assert_eq!(search(&instance, Viewer::Local(viewer), "al", true), ["alice"]);
    assert_eq!(search(&instance, Viewer::Local(viewer), "alice", true), ["alice"]);
    assert!(search(&instance, Viewer::Local(viewer), "alfred", true).is_empty());
    assert!(search(&instance, Viewer::Anonymous, "alice", true).is_empty());
}

#[test]
fn a_search_does_not_find_who_is_suspended_deleted_or_blocks_or_is_blocked() {
    let instance = Instance::new();
    let viewer = instance.account("viewer");
    let names = ["anna1", "anna2", "anna3", "anna4", "anna5"];
    let [suspended, deleted, blocker, blocked, _] = names.map(|name| instance.account(name));
    block_on(instance.engine.suspend(Authority::Operator, suspended)).unwrap();
    block_on(instance.engine.delete_account(Authority::Operator, deleted)).unwrap();
    block(&instance, blocker, viewer);
    block(&instance, viewer, blocked);
    assert_eq!(search(&instance, Viewer::Local(viewer), "anna", false), ["anna5"]);
    for name in &names[..4] {
        assert!(search(&instance, Viewer::Local(viewer), name, false).is_empty(), "{name}");
    }
}

#[test]
fn staff_is_listed_by_age_as_far_as_the_viewer_may_see_it() {
    let instance = Instance::new();
    let staff = |viewer| {
        let found = instance.ask(viewer, |query| query.staff()).unwrap();
        found.iter().map(|view| view.account.username.clone()).collect::<Vec<_>>()
    };
    instance.account("alice");
    let helper = instance.account_with_role("helper", Role::Moderator);
    let boss = instance.account_with_role("boss", Role::Admin);
    assert_eq!(staff(Viewer::Anonymous), ["helper", "boss"]);
    block_on(instance.engine.suspend(Authority::Operator, helper)).unwrap();
    assert_eq!(staff(Viewer::Anonymous), ["boss"]);
    block_on(instance.engine.set_role(Authority::Operator, boss, Role::User)).unwrap();
    assert!(staff(Viewer::Local(boss)).is_empty());
}
