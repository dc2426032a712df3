//! From a password to a token.

use futures::executor::block_on;
use koinon_engine::accounts::{Authority, Origin, Registration};
use koinon_engine::error::Disabled;
use koinon_engine::oauth::{AuthenticationError, OauthError, TokenRequest};
use koinon_engine::scope::Scopes;
use koinon_engine::settings::{Registrations, Settings};
use koinon_engine::store::schema::TOKENS;

use crate::client::{Client, refused, session};
use crate::support::{Instance, PASSWORD, settings};

#[test]
fn r42_e6_a_name_or_address_with_the_right_password_yields_a_token() {
    let instance = Instance::new();
    let client = Client::new(&instance);
    let alice = instance.account("alice");
    for name in ["alice", "ALICE", "alice@mail.example", "alice@koinon.example"] {
        let issued = client.exchange(client.password_request(name, PASSWORD)).unwrap();
        assert_eq!(session(&instance, &issued).unwrap().account, Some(alice), "{name}");
        assert!(issued.refresh.is_some());
    }
    let asking = TokenRequest {
        scope: Some("read write follow".into()),
        ..client.password_request("alice", PASSWORD)
    };
    assert_eq!(client.exchange(asking).unwrap().token.scopes.to_string(), "follow read write");
    let widening = TokenRequest { scope: Some("admin".into()), ..client.password_request("alice", PASSWORD) };
    assert_eq!(refused(client.exchange(widening)), "invalid_scope", "T27");
}

#[test]
fn t18_it_can_be_switched_off() {
    let instance = Instance::with(Settings { password_grant: false, ..settings() });
    let client = Client::new(&instance);
    instance.account("alice");
    let result = client.exchange(client.password_request("alice", PASSWORD));
    assert_eq!(refused(result), "unsupported_grant_type");
}

#[test]
fn t19_a_wrong_password_and_an_unknown_name_are_told_alike() {
    let instance = Instance::new();
    let client = Client::new(&instance);
    instance.account("alice");
    let answer = |name, password| {
        let error = client.exchange(client.password_request(name, password)).unwrap_err();
        (error.code(), error.to_string())
    };
    let wrong = answer("alice", "wrong password");
    assert_eq!(wrong.0, "invalid_grant");
    assert_eq!(wrong, answer("nobody", PASSWORD));
    assert_eq!(wrong, answer("nobody@mail.example", PASSWORD));
    assert_eq!(wrong, answer("alice", ""));
}

#[test]
fn nothing_is_done_for_a_program_that_is_not_registered_or_says_too_little() {
    let instance = Instance::new();
    let client = Client::new(&instance);
    instance.account("alice");
    let good = client.password_request("alice", PASSWORD);
    for (request, error) in [
        (TokenRequest { client_secret: Some("wrong".into()), ..good.clone() }, "invalid_client"),
        (TokenRequest { client_id: None, ..good.clone() }, "invalid_client"),
        (TokenRequest { username: None, ..good.clone() }, "invalid_request"),
        (TokenRequest { password: None, ..good }, "invalid_request"),
    ] {
        assert_eq!(refused(client.exchange(request)), error);
    }
    assert_eq!(instance.rows(TOKENS.definition()), 0);
}

#[test]
fn e6_an_account_that_may_not_act_is_told_so_with_the_right_password_only() {
    let instance = Instance::new();
    let client = Client::new(&instance);
    let alice = instance.account("alice");
    block_on(instance.engine.suspend(Authority::Operator, alice)).unwrap();
    let right = client.exchange(client.password_request("alice", PASSWORD));
    assert!(matches!(right, Err(OauthError::Disabled(Disabled::Suspended))), "{right:?}");
    let wrong = client.exchange(client.password_request("alice", "wrong password"));
    assert!(matches!(wrong, Err(OauthError::WrongCredentials)), "{wrong:?}");
}

#[test]
fn t38_the_program_that_registered_an_applicant_has_a_token_that_works_from_the_approval_on() {
    let instance = Instance::with(Settings { registrations: Registrations::Approval, ..settings() });
    let client = Client::new(&instance);
    let applicant = Registration {
        username: "alice".into(),
        email: "a@mail.example".into(),
        password: PASSWORD.into(),
        agreement: true,
        ..Registration::default()
    };
    let alice = block_on(instance.engine.register(applicant, Origin::App(client.app.id))).unwrap();
    let scopes = Scopes::parse("read write").unwrap();
    let issued = block_on(instance.engine.issue_token(client.app.id, alice, scopes)).unwrap();
    let early = block_on(instance.engine.authenticate(issued.access.reveal()));
    assert!(matches!(early, Err(AuthenticationError::Disabled(Disabled::Pending))), "{early:?}");
    block_on(instance.engine.approve(Authority::Operator, alice)).unwrap();
    assert_eq!(session(&instance, &issued).unwrap().account, Some(alice));
    let admin = Scopes::parse("admin").unwrap();
    let wide = block_on(instance.engine.issue_token(client.app.id, alice, admin));
    assert_eq!(refused(wide), "invalid_scope");
}
