//! Asking a person to let a program in.

use futures::executor::block_on;
use koinon_engine::accounts::{Authority, Origin, Registration};
use koinon_engine::error::Disabled;
use koinon_engine::oauth::{AuthorizationError, AuthorizationRequest, Checked, OUT_OF_BAND, OauthError};
use koinon_engine::settings::{Registrations, Settings};
use koinon_engine::store::schema::CODES;

use crate::client::{Client, REDIRECT};
use crate::support::{Instance, PASSWORD, settings};

const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

fn check(client: &Client, request: &AuthorizationRequest) -> Result<Checked, AuthorizationError> {
    block_on(client.engine.check_authorization(request))
}

/// The error of a request that the program is told of; with the state that goes along.
fn told(client: &Client, request: &AuthorizationRequest) -> (&'static str, Option<String>) {
    match check(client, request) {
        Err(AuthorizationError::Redirect { redirect_uri, state, error }) => {
            assert_eq!(redirect_uri, client.app.redirect_uris[0]);
            (error.code(), state)
        }
        other => panic!("not told by redirect: {other:?}"),
    }
}

/// The error of a request that only a page may show.
fn shown(client: &Client, request: &AuthorizationRequest) -> OauthError {
    match check(client, request) {
        Err(AuthorizationError::Page(error)) => error,
        other => panic!("not shown on a page: {other:?}"),
    }
}

#[test]
fn a_sound_request_says_who_wants_what() {
    let instance = Instance::new();
    let client = Client::new(&instance);
    let checked = check(&client, &client.wish("read:statuses, write")).unwrap();
    assert_eq!(checked.app, client.app);
    assert_eq!(checked.redirect_uri, REDIRECT);
    assert_eq!(checked.scopes.to_string(), "read:statuses write");
}

#[test]
fn t1_t2_b3_nobody_is_redirected_to_an_address_that_is_not_registered() {
    let instance = Instance::new();
    let client = Client::new(&instance);
    let alice = instance.account("alice");
    for uri in [
        "",
        "https://evil.example/cb",
        "https://client.example",
        "https://client.example/",
        "https://client.example/cb/",
        "https://client.example/cb?x=1",
        "https://client.example/cb#x",
        "https://client.example/cb/../evil",
        "https://client.example/CB",
        "https://CLIENT.example/cb",
        "https://client.example:443/cb",
        "https://client.example:8443/cb",
        "https://client.example.evil.example/cb",
        "https://client.example@evil.example/cb",
        "https://evil.example/https://client.example/cb",
        "https://client.example\\@evil.example/cb",
        "http://client.example/cb",
        "//client.example/cb",
        "/cb",
        " https://client.example/cb",
        "https://client.example/cb\r\nLocation: https://evil.example",
        "https://client.example/%63b",
        "javascript:alert(1)",
        OUT_OF_BAND,
    ] {
        // Also when everything else is wrong too: the address decides where that may be said.
        for response_type in ["code", "token"] {
            let request = AuthorizationRequest {
                redirect_uri: Some(uri.into()),
                response_type: Some(response_type.into()),
                ..client.wish("read")
            };
            assert!(matches!(shown(&client, &request), OauthError::UnknownRedirectUri), "{uri}");
            let code = block_on(instance.engine.authorize(alice, request));
            assert!(matches!(code, Err(AuthorizationError::Page(OauthError::UnknownRedirectUri))), "{uri}");
        }
    }
    let request = AuthorizationRequest { redirect_uri: None, ..client.wish("read") };
    assert!(matches!(shown(&client, &request), OauthError::Missing("redirect_uri")));
    assert_eq!(instance.rows(CODES.definition()), 0);
}

#[test]
fn b3_an_unknown_program_is_told_nothing() {
    let instance = Instance::new();
    let client = Client::new(&instance);
    let unknown = AuthorizationRequest { client_id: Some("unknown".into()), ..client.wish("read") };
    assert!(matches!(shown(&client, &unknown), OauthError::InvalidClient));
    let none = AuthorizationRequest { client_id: None, ..client.wish("read") };
    assert!(matches!(shown(&client, &none), OauthError::Missing("client_id")));
}

#[test]
fn b1_only_codes_are_given() {
    let instance = Instance::new();
    let client = Client::new(&instance);
    for (response_type, code) in [
        (Some("token"), "unsupported_response_type"),
        (Some("code token"), "unsupported_response_type"),
        (Some("id_token"), "unsupported_response_type"),
        (Some(""), "unsupported_response_type"),
        (None, "invalid_request"),
    ] {
        let request =
            AuthorizationRequest { response_type: response_type.map(Into::into), ..client.wish("read") };
        assert_eq!(told(&client, &request).0, code, "{response_type:?}");
    }
}

#[test]
fn b6_t27_a_program_can_ask_for_no_more_than_it_registered() {
    let instance = Instance::new();
    let client = Client::with(&instance, "read write:statuses", REDIRECT);
    for scope in ["write", "read follow", "admin", "read:statuses write:media", "nonsense"] {
        assert_eq!(told(&client, &client.wish(scope)).0, "invalid_scope", "{scope}");
    }
    for (scope, granted) in
        [("read:statuses", "read:statuses"), ("read write:statuses", "read write:statuses")]
    {
        assert_eq!(check(&client, &client.wish(scope)).unwrap().scopes.to_string(), granted);
    }
    let unspecific = AuthorizationRequest { scope: None, ..client.wish("") };
    assert_eq!(check(&client, &unspecific).unwrap().scopes.to_string(), "read");
    let narrow = Client::with(&instance, "write:media profile", REDIRECT);
    assert_eq!(check(&narrow, &narrow.wish("")).unwrap().scopes.to_string(), "profile write:media");
}

#[test]
fn b5_t44_the_state_comes_back_byte_for_byte() {
    let instance = Instance::new();
    let client = Client::new(&instance);
    let state = "ä🦣&=%00\r\n ".repeat(80);
    assert!(state.len() > 1_000);
    let request = AuthorizationRequest { state: Some(state.clone()), ..client.wish("nonsense") };
    assert_eq!(told(&client, &request).1, Some(state));
    let stateless = AuthorizationRequest { state: None, ..client.wish("nonsense") };
    assert_eq!(told(&client, &stateless).1, None);
}

#[test]
fn d1_t10_a_challenge_is_s256_or_refused() {
    let instance = Instance::new();
    let client = Client::new(&instance);
    let with = |challenge: Option<&str>, method: Option<&str>| AuthorizationRequest {
        code_challenge: challenge.map(Into::into),
        code_challenge_method: method.map(Into::into),
        ..client.wish("read")
    };
    let good = check(&client, &with(Some(CHALLENGE), Some("S256"))).unwrap();
    assert_eq!(good.challenge.as_deref(), Some(CHALLENGE));
    for (challenge, method) in [
        (Some(CHALLENGE), Some("plain")),
        (Some(CHALLENGE), None),
        (None, Some("S256")),
        (Some("short"), Some("S256")),
        (Some(""), Some("S256")),
    ] {
        assert_eq!(told(&client, &with(challenge, method)).0, "invalid_request", "{challenge:?} {method:?}");
    }
}

#[test]
fn t42_a_program_without_an_address_is_told_on_the_page() {
    let instance = Instance::new();
    let client = Client::with(&instance, "read", OUT_OF_BAND);
    assert_eq!(check(&client, &client.wish("read")).unwrap().redirect_uri, OUT_OF_BAND);
    assert!(matches!(shown(&client, &client.wish("write")), OauthError::InvalidScope));
}

#[test]
fn t43_a_program_on_the_same_machine_chooses_its_port() {
    let instance = Instance::new();
    let client = Client::with(&instance, "read", "http://127.0.0.1/cb");
    let alice = instance.account("alice");
    let at = |uri: &str| AuthorizationRequest { redirect_uri: Some(uri.into()), ..client.wish("read") };
    let request = at("http://127.0.0.1:51234/cb");
    assert_eq!(check(&client, &request).unwrap().redirect_uri, "http://127.0.0.1:51234/cb");
    let code = block_on(instance.engine.authorize(alice, request)).unwrap();
    let mut exchange = client.code_request(code.reveal());
    assert_eq!(client.exchange(exchange.clone()).unwrap_err().code(), "invalid_grant", "T8: another port");
    exchange.redirect_uri = Some("http://127.0.0.1:51234/cb".into());
    assert!(client.exchange(exchange).is_ok());
    for uri in ["http://localhost:51234/cb", "http://127.0.0.1:51234/other", "http://127.0.0.2:51234/cb"] {
        assert!(matches!(shown(&client, &at(uri)), OauthError::UnknownRedirectUri), "{uri}");
    }
}

#[test]
fn b10_an_account_that_may_not_act_gives_no_code() {
    let instance = Instance::with(Settings { registrations: Registrations::Approval, ..settings() });
    let client = Client::new(&instance);
    let suspended = instance.account("suspended");
    block_on(instance.engine.suspend(Authority::Operator, suspended)).unwrap();
    let applicant = Registration {
        username: "applicant".into(),
        email: "a@mail.example".into(),
        password: PASSWORD.into(),
        agreement: true,
        ..Registration::default()
    };
    let pending = block_on(instance.engine.register(applicant, Origin::Page)).unwrap();
    for (account, reason) in [(suspended, Disabled::Suspended), (pending, Disabled::Pending)] {
        let result = block_on(instance.engine.authorize(account, client.wish("read")));
        let Err(AuthorizationError::Page(OauthError::Disabled(found))) = result else {
            panic!("{result:?}");
        };
        assert_eq!(found, reason);
    }
    assert_eq!(instance.rows(CODES.definition()), 0);
}
