//! The numbers of the instance.

use std::time::Duration;

use futures::executor::block_on;
use koinon_engine::accounts::Authority;
use koinon_engine::audience::Viewer;
use koinon_engine::model::{AccountId, Visibility};
use koinon_engine::statuses::{Audience, Draft};

use crate::support::Instance;

fn post(instance: &Instance, author: AccountId, visibility: Visibility) {
    let draft =
        Draft { text: "hello".into(), audience: Some(Audience::Visibility(visibility)), ..Draft::default() };
    block_on(instance.engine.post(author, draft)).unwrap();
}

#[test]
fn active_is_who_posted_publicly_since_then_and_is_still_here() {
    let instance = Instance::new();
    let since = instance.engine.now();
    let active = |since| instance.ask(Viewer::Anonymous, move |query| query.active_accounts(since)).unwrap();
    let (alice, bob, carol) = (instance.account("alice"), instance.account("bob"), instance.account("carol"));
    assert_eq!(active(since), 0);
    for (author, visibility) in
        [(alice, Visibility::Public), (bob, Visibility::Private), (carol, Visibility::Public)]
    {
        post(&instance, author, visibility);
    }
    assert_eq!(active(since), 2);
    assert_eq!(active(since + Duration::from_millis(1)), 0);
    instance.advance(60);
    post(&instance, alice, Visibility::Public);
    assert_eq!(active(since + Duration::from_secs(60)), 1);
    block_on(instance.engine.suspend(Authority::Operator, carol)).unwrap();
    assert_eq!(active(since), 1);
}
