//! Who the bearer of a token is.

use futures::executor::block_on;
use koinon_engine::accounts::Authority;
use koinon_engine::audience::Viewer;
use koinon_engine::model::Role;
use koinon_engine::oauth::{AuthenticationError, OauthError};
use koinon_engine::store::StoreExt;
use koinon_engine::store::schema::ACCOUNTS;

use crate::client::{Client, refresh_of, refused, session};
use crate::support::{Instance, PASSWORD};

#[test]
fn t29_a_session_sees_as_its_account_and_a_programs_own_as_nobody() {
    let instance = Instance::new();
    let client = Client::new(&instance);
    let alice = instance.account("alice");
    let own = client.exchange(client.request("client_credentials")).unwrap();
    assert_eq!(session(&instance, &client.token(alice)).unwrap().viewer(), Viewer::Local(alice));
    assert_eq!(session(&instance, &own).unwrap().viewer(), Viewer::Anonymous);
}

#[test]
fn t35_whatever_is_no_token_is_refused() {
    let instance = Instance::new();
    let client = Client::new(&instance);
    let issued = client.token(instance.account("alice"));
    let token = issued.access.reveal();
    let long = "x".repeat(100_000);
    for bearer in ["", " ", "\0", "ä", &token[1..], &format!("{token} "), &token.to_uppercase(), &long] {
        let result = block_on(instance.engine.authenticate(bearer));
        assert!(matches!(result, Err(AuthenticationError::InvalidToken)), "{bearer:.60} {result:?}");
    }
}

#[test]
fn a_dropped_role_is_dropped_from_every_session() {
    let instance = Instance::new();
    let client = Client::new(&instance);
    let alice = instance.account_with_role("alice", Role::Admin);
    let issued = client.token(alice);
    assert_eq!(session(&instance, &issued).unwrap().role, Role::Admin);
    block_on(instance.engine.set_role(Authority::Operator, alice, Role::User)).unwrap();
    assert_eq!(session(&instance, &issued).unwrap().role, Role::User);
}

#[test]
fn h7_sessions_end_with_the_suspension_the_deletion_and_the_password() {
    let instance = Instance::new();
    let client = Client::new(&instance);
    let [alice, bob, carol] = ["alice", "bob", "carol"].map(|name| instance.account(name));
    let sessions = [alice, bob, carol].map(|account| client.token(account));
    block_on(instance.engine.suspend(Authority::Operator, alice)).unwrap();
    block_on(instance.engine.delete_account(bob, bob)).unwrap();
    block_on(instance.engine.set_password(carol, "another one")).unwrap();
    for issued in &sessions {
        assert!(session(&instance, issued).is_none());
        assert_eq!(refused(client.refresh(refresh_of(issued))), "invalid_grant");
    }
}

#[test]
fn h7_the_session_that_sets_a_password_stays_and_cannot_be_renewed() {
    let instance = Instance::new();
    let client = Client::new(&instance);
    let alice = instance.account("alice");
    let issued = client.token(alice);
    let keep = Some(issued.token.id);
    block_on(instance.engine.change_password(alice, PASSWORD, "another one", keep)).unwrap();
    assert!(session(&instance, &issued).is_some());
    assert_eq!(refused(client.refresh(refresh_of(&issued))), "invalid_grant");
}

#[test]
fn t37_a_token_does_not_outlive_its_accounts_right_to_act() {
    let instance = Instance::new();
    let client = Client::new(&instance);
    let alice = instance.account("alice");
    let issued = client.token(alice);
    // Not by a command, all of which end the tokens too.
    let write = instance.store.write(move |tx| {
        let mut account = ACCOUNTS.get(tx, &alice)?.unwrap();
        account.state = koinon_engine::model::AccountState::Suspended;
        ACCOUNTS.put(tx, &alice, &account)
    });
    block_on(write).unwrap();
    let result = block_on(instance.engine.authenticate(issued.access.reveal()));
    assert!(matches!(result, Err(AuthenticationError::Disabled(_))), "{result:?}");
    let renewed = client.refresh(refresh_of(&issued));
    assert!(matches!(renewed, Err(OauthError::Disabled(_))), "{renewed:?}");
}
