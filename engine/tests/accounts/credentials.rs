//! Proving who one is.

use futures::executor::block_on;
use koinon_engine::Error;
use koinon_engine::error::{Disabled, Invalid};
use koinon_engine::id::Flake;
use koinon_engine::oauth::{AuthenticationError, Issued, NewApp, TokenRequest};

use crate::support::{Instance, PASSWORD, race};

/// What a program gets that signs `username` in.
fn token(instance: &Instance, username: &str, password: &str) -> Issued {
    let app = NewApp {
        name: "Test".into(),
        redirect_uris: vec!["https://client.example/cb".into()],
        ..NewApp::default()
    };
    let (app, secret) = block_on(instance.engine.register_app(app)).unwrap();
    let request = TokenRequest {
        grant_type: Some("password".into()),
        client_id: Some(app.client_id),
        client_secret: Some(secret.reveal().into()),
        username: Some(username.into()),
        password: Some(password.into()),
        ..TokenRequest::default()
    };
    block_on(instance.engine.exchange(request)).unwrap()
}

fn is_good(instance: &Instance, token: &Issued) -> bool {
    match block_on(instance.engine.authenticate(token.access.reveal())) {
        Ok(_) => true,
        Err(AuthenticationError::InvalidToken) => false,
        Err(error) => panic!("{error:?}"),
    }
}

#[test]
fn e6_a_name_and_an_address_are_as_good_as_each_other() {
    let instance = Instance::new();
    let alice = instance.account("Alice");
    for name in ["alice", "ALICE", "@alice", "alice@koinon.example", "Alice@Mail.Example", " alice "] {
        assert_eq!(block_on(instance.engine.sign_in(name, PASSWORD)).unwrap(), alice, "{name}");
    }
}

#[test]
fn t19_a_wrong_password_and_an_unknown_name_are_told_alike() {
    let instance = Instance::new();
    instance.account("alice");
    let long = "x".repeat(5_000);
    for (name, password) in [
        ("alice", "wrong password"),
        ("nobody", PASSWORD),
        ("nobody@mail.example", PASSWORD),
        ("", PASSWORD),
        ("alice", ""),
        ("alice", long.as_str()),
    ] {
        let result = block_on(instance.engine.sign_in(name, password));
        assert!(matches!(result, Err(Error::WrongCredentials)), "{name} {result:?}");
    }
}

#[test]
fn t37_a_suspension_is_told_only_to_whoever_knows_the_password() {
    let instance = Instance::new();
    let alice = instance.account("alice");
    block_on(instance.engine.suspend(koinon_engine::accounts::Authority::Operator, alice)).unwrap();
    let right = block_on(instance.engine.sign_in("alice", PASSWORD));
    assert!(matches!(right, Err(Error::Disabled(Disabled::Suspended))), "{right:?}");
    let wrong = block_on(instance.engine.sign_in("alice", "wrong password"));
    assert!(matches!(wrong, Err(Error::WrongCredentials)), "{wrong:?}");
}

#[test]
fn h7_a_new_password_ends_every_session_but_the_one_that_set_it() {
    let instance = Instance::new();
    let alice = instance.account("alice");
    let (kept, other) = (token(&instance, "alice", PASSWORD), token(&instance, "alice", PASSWORD));
    let browser = block_on(instance.engine.start_web_session(alice)).unwrap();
    let bob = instance.account("bob");
    let (bobs, bobs_browser) =
        (token(&instance, "bob", PASSWORD), block_on(instance.engine.start_web_session(bob)).unwrap());

    let changed = instance.engine.change_password(alice, PASSWORD, "another one", Some(kept.token.id));
    block_on(changed).unwrap();

    assert!(is_good(&instance, &kept) && !is_good(&instance, &other));
    assert_eq!(block_on(instance.engine.web_session(browser.reveal())).unwrap(), None);
    assert!(is_good(&instance, &bobs), "nobody else is concerned");
    assert_eq!(block_on(instance.engine.web_session(bobs_browser.reveal())).unwrap(), Some(bob));
    assert!(block_on(instance.engine.sign_in("alice", PASSWORD)).is_err());
    assert_eq!(block_on(instance.engine.sign_in("alice", "another one")).unwrap(), alice);
}

#[test]
fn r154_a_wrong_password_changes_nothing() {
    let instance = Instance::new();
    let alice = instance.account("alice");
    let before = instance.bytes();
    let wrong = block_on(instance.engine.change_password(alice, "wrong password", "another one", None));
    assert!(matches!(wrong, Err(Error::WrongCredentials)), "{wrong:?}");
    let short = block_on(instance.engine.change_password(alice, PASSWORD, "short", None));
    assert!(matches!(short, Err(Error::Invalid(Invalid::TooShort { .. }))), "{short:?}");
    assert!(matches!(
        block_on(instance.engine.check_password(alice, "wrong password")),
        Err(Error::WrongCredentials)
    ));
    block_on(instance.engine.check_password(alice, PASSWORD)).unwrap();
    assert_eq!(instance.bytes(), before);
}

#[test]
fn of_32_who_change_the_same_password_one_succeeds() {
    let instance = Instance::new();
    let alice = instance.account("alice");
    let engine = instance.engine.clone();
    let results = race(32, move |number| {
        block_on(engine.change_password(alice, PASSWORD, &format!("new password {number}"), None)).is_ok()
    });
    let winner = results.iter().position(|won| *won).unwrap();
    assert_eq!(results.iter().filter(|won| **won).count(), 1);
    let signed_in = block_on(instance.engine.sign_in("alice", &format!("new password {winner}")));
    assert_eq!(signed_in.unwrap(), alice);
}

#[test]
fn a_password_set_by_the_operator_ends_every_session() {
    let instance = Instance::new();
    let alice = instance.account("alice");
    let session = token(&instance, "alice", PASSWORD);
    let browser = block_on(instance.engine.start_web_session(alice)).unwrap();
    block_on(instance.engine.set_password(alice, "another one")).unwrap();
    assert!(!is_good(&instance, &session));
    assert_eq!(block_on(instance.engine.web_session(browser.reveal())).unwrap(), None);
    let nobody = block_on(instance.engine.set_password(Flake::MAX, "another one"));
    assert!(matches!(nobody, Err(Error::NotFound)), "{nobody:?}");
}
