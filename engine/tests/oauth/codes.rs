//! From a code to a token.

use futures::executor::block_on;
use koinon_engine::accounts::Authority;
use koinon_engine::error::Disabled;
use koinon_engine::oauth::{AuthorizationRequest, OauthError, TokenRequest};
use koinon_engine::store::schema::{CODES, CODES_OF, REFRESH_TOKENS, TOKEN_FAMILIES, TOKENS, TOKENS_OF};

use crate::client::{Client, refresh_of, refused, session};
use crate::support::{Instance, PASSWORD, race};

const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

#[test]
fn a_code_becomes_a_token_that_acts_for_the_account_within_its_scopes() {
    let instance = Instance::new();
    let client = Client::new(&instance);
    let alice = instance.account("alice");
    let code = client.code(alice, "read write:statuses");
    let issued = client.exchange(client.code_request(&code)).unwrap();
    let session = session(&instance, &issued).unwrap();
    assert_eq!(session.account, Some(alice), "R44");
    assert_eq!(session.scopes.to_string(), "read write:statuses");
    assert_eq!((session.app, session.app_name.as_str()), (client.app.id, "Client"));
    assert_eq!(session.app_website.as_deref(), Some("https://client.example"));
    assert_eq!(session.token_id, issued.token.id);
    assert_eq!(issued.token.expires_at, None);
}

#[test]
fn t3_t5_c4_a_code_used_twice_ends_what_it_gave() {
    let instance = Instance::new();
    let client = Client::new(&instance);
    let alice = instance.account("alice");
    let bystander = client.token(alice);
    let code = client.code(alice, "read");
    let issued = client.exchange(client.code_request(&code)).unwrap();
    let renewed = client.refresh(refresh_of(&issued)).unwrap();
    assert_eq!(refused(client.exchange(client.code_request(&code))), "invalid_grant");
    assert!(session(&instance, &issued).is_none() && session(&instance, &renewed).is_none());
    assert_eq!(refused(client.refresh(refresh_of(&renewed))), "invalid_grant");
    assert!(session(&instance, &bystander).is_some(), "another authorization is not concerned");
}

#[test]
fn t4_c3_of_32_who_exchange_the_same_code_at_the_same_moment_one_wins() {
    let instance = Instance::new();
    let client = Client::new(&instance);
    let code = client.code(instance.account("alice"), "read");
    let request = client.code_request(&code);
    let results = race(32, move |_| client.exchange(request.clone()));
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
    for loser in results.iter().filter_map(|result| result.as_ref().err()) {
        assert!(matches!(loser, OauthError::InvalidGrant), "{loser:?}");
    }
    // Nobody can tell whether the first or a later one was the thief.
    assert_eq!(instance.rows(TOKENS.definition()), 0);
}

#[test]
fn t6_c2_a_code_lasts_ten_minutes() {
    let instance = Instance::new();
    let client = Client::new(&instance);
    let alice = instance.account("alice");
    let (early, late) = (client.code(alice, "read"), client.code(alice, "read"));
    instance.advance(599);
    assert!(client.exchange(client.code_request(&early)).is_ok());
    instance.advance(1);
    assert_eq!(refused(client.exchange(client.code_request(&late))), "invalid_grant");
}

#[test]
fn codes_that_are_over_do_not_pile_up() {
    let instance = Instance::new();
    let client = Client::new(&instance);
    let alice = instance.account("alice");
    for _ in 0..20 {
        client.code(alice, "read");
        instance.advance(300);
    }
    assert_eq!(instance.rows(CODES.definition()), 2);
    assert_eq!(instance.rows(CODES_OF.definition()), 2);
}

#[test]
fn t7_t8_c5_a_code_is_good_only_for_whom_and_where_it_was_sent() {
    let instance = Instance::new();
    let (client, other) = (Client::new(&instance), Client::new(&instance));
    let code = client.code(instance.account("alice"), "read");
    let elsewhere =
        |uri: Option<&str>| TokenRequest { redirect_uri: uri.map(Into::into), ..client.code_request(&code) };
    assert_eq!(refused(client.exchange(other.code_request(&code))), "invalid_grant");
    assert_eq!(refused(client.exchange(elsewhere(Some("https://client.example/other")))), "invalid_grant");
    assert_eq!(refused(client.exchange(elsewhere(Some("https://client.example/cb/")))), "invalid_grant");
    assert_eq!(refused(client.exchange(elsewhere(None))), "invalid_request");
    assert!(client.exchange(client.code_request(&code)).is_ok(), "others cannot use the code up");
}

#[test]
fn c7_codes_die_with_a_new_password_a_suspension_and_the_account() {
    let instance = Instance::new();
    let client = Client::new(&instance);
    let [alice, bob, carol] = ["alice", "bob", "carol"].map(|name| instance.account(name));
    let codes = [alice, bob, carol].map(|account| client.code(account, "read"));
    block_on(instance.engine.change_password(alice, PASSWORD, "another one", None)).unwrap();
    block_on(instance.engine.suspend(Authority::Operator, bob)).unwrap();
    block_on(instance.engine.unsuspend(Authority::Operator, bob)).unwrap();
    block_on(instance.engine.delete_account(carol, carol)).unwrap();
    for code in codes {
        assert_eq!(refused(client.exchange(client.code_request(&code))), "invalid_grant");
    }
    assert_eq!(instance.rows(CODES.definition()), 0);
}

#[test]
fn d2_d4_t9_a_challenge_is_met_by_its_verifier_only() {
    let instance = Instance::new();
    let client = Client::new(&instance);
    let alice = instance.account("alice");
    let request = AuthorizationRequest {
        code_challenge: Some(CHALLENGE.into()),
        code_challenge_method: Some("S256".into()),
        ..client.wish("read")
    };
    let code = block_on(instance.engine.authorize(alice, request)).unwrap();
    let with = |verifier: Option<&str>| {
        let request =
            TokenRequest { code_verifier: verifier.map(Into::into), ..client.code_request(code.reveal()) };
        client.exchange(request)
    };
    assert_eq!(refused(with(None)), "invalid_grant", "T11");
    assert_eq!(refused(with(Some(CHALLENGE))), "invalid_grant", "T10: plain");
    for length in [42, 43, 128, 129] {
        assert_eq!(refused(with(Some(&"a".repeat(length)))), "invalid_grant", "T13");
    }
    assert!(with(Some(VERIFIER)).is_ok());
}

#[test]
fn d2_t12_a_verifier_without_a_challenge_is_refused() {
    let instance = Instance::new();
    let client = Client::new(&instance);
    let code = client.code(instance.account("alice"), "read");
    let request = TokenRequest { code_verifier: Some(VERIFIER.into()), ..client.code_request(&code) };
    assert_eq!(refused(client.exchange(request)), "invalid_grant");
}

#[test]
fn t27_an_exchange_cannot_widen_what_was_allowed() {
    let instance = Instance::new();
    let client = Client::new(&instance);
    let code = client.code(instance.account("alice"), "read");
    let asking = |scope: &str| TokenRequest { scope: Some(scope.into()), ..client.code_request(&code) };
    for scope in ["write", "read write", "nonsense"] {
        assert_eq!(refused(client.exchange(asking(scope))), "invalid_scope", "{scope}");
    }
    let issued = client.exchange(asking("read:statuses")).unwrap();
    assert_eq!(issued.token.scopes.to_string(), "read:statuses");
}

#[test]
fn t14_t17_a_request_that_cannot_be_answered_says_why() {
    let instance = Instance::new();
    let client = Client::new(&instance);
    let code = client.code(instance.account("alice"), "read");
    let good = client.code_request(&code);
    for (request, error) in [
        (TokenRequest { grant_type: None, ..good.clone() }, "invalid_request"),
        (TokenRequest { grant_type: Some("implicit".into()), ..good.clone() }, "unsupported_grant_type"),
        (TokenRequest { grant_type: Some(String::new()), ..good.clone() }, "unsupported_grant_type"),
        (TokenRequest { client_id: None, ..good.clone() }, "invalid_client"),
        (TokenRequest { client_secret: None, ..good.clone() }, "invalid_client"),
        (TokenRequest { client_secret: Some("wrong".into()), ..good.clone() }, "invalid_client"),
        (TokenRequest { client_id: Some("unknown".into()), ..good.clone() }, "invalid_client"),
        (TokenRequest { code: None, ..good.clone() }, "invalid_request"),
        (TokenRequest { code: Some("unknown".into()), ..good.clone() }, "invalid_grant"),
        (TokenRequest { code: Some(String::new()), ..good.clone() }, "invalid_grant"),
    ] {
        assert_eq!(refused(client.exchange(request.clone())), error, "{request:?}");
    }
    assert!(client.exchange(good).is_ok());
}

#[test]
fn a_program_gets_a_token_of_its_own_that_acts_for_nobody() {
    let instance = Instance::new();
    let client = Client::with(&instance, "read write", "https://client.example/cb");
    let asking = |scope: Option<&str>| TokenRequest {
        scope: scope.map(Into::into),
        ..client.request("client_credentials")
    };
    let issued = client.exchange(asking(None)).unwrap();
    assert_eq!(issued.token.scopes.to_string(), "read");
    assert!(issued.refresh.is_none());
    assert_eq!(session(&instance, &issued).unwrap().account, None, "R44");
    assert_eq!(client.exchange(asking(Some("read write"))).unwrap().token.scopes.to_string(), "read write");
    assert_eq!(refused(client.exchange(asking(Some("push")))), "invalid_scope", "T27");
    let stranger = TokenRequest { client_secret: Some("wrong".into()), ..asking(None) };
    assert_eq!(refused(client.exchange(stranger)), "invalid_client");
}

#[test]
fn a_suspended_account_is_given_no_token() {
    let instance = Instance::new();
    let client = Client::new(&instance);
    let alice = instance.account("alice");
    block_on(instance.engine.suspend(Authority::Operator, alice)).unwrap();
    let scopes = koinon_engine::scope::Scopes::parse("read").unwrap();
    let result = block_on(instance.engine.issue_token(client.app.id, alice, scopes));
    assert!(matches!(result, Err(OauthError::Disabled(Disabled::Suspended))), "{result:?}");
}

#[test]
fn whatever_is_ended_leaves_no_row_behind() {
    let instance = Instance::new();
    let client = Client::new(&instance);
    let alice = instance.account("alice");
    let issued = client.token(alice);
    client.refresh(refresh_of(&issued)).unwrap();
    client.token_by_password("alice");
    client.code(alice, "read");
    block_on(instance.engine.suspend(Authority::Operator, alice)).unwrap();
    for table in [
        TOKENS.definition(),
        TOKENS_OF.definition(),
        TOKEN_FAMILIES.definition(),
        REFRESH_TOKENS.definition(),
        CODES.definition(),
        CODES_OF.definition(),
    ] {
        assert_eq!(instance.rows(table), 0, "{}", table.name);
    }
}
