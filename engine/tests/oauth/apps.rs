//! Programs that register themselves.

use futures::executor::block_on;
use koinon_engine::Error;
use koinon_engine::model::App;
use koinon_engine::oauth::{NewApp, OUT_OF_BAND, OauthError, RedirectUriError};

use crate::client::{Client, REDIRECT, refused};
use crate::support::Instance;

fn new_app() -> NewApp {
    NewApp { name: "Client".into(), redirect_uris: vec![REDIRECT.into()], ..NewApp::default() }
}

fn register(instance: &Instance, app: NewApp) -> Result<App, OauthError> {
    block_on(instance.engine.register_app(app)).map(|(app, _)| app)
}

#[test]
fn a1_r46_a_program_gets_an_id_and_a_secret_and_reads_unless_it_asks_for_more() {
    let instance = Instance::new();
    let (app, secret) = block_on(instance.engine.register_app(new_app())).unwrap();
    assert_eq!(app.scopes.to_string(), "read");
    assert_eq!(app.redirect_uris, [REDIRECT]);
    assert_eq!(block_on(instance.engine.app(&app.client_id)).unwrap(), app);
    assert_eq!(block_on(instance.engine.authenticate_app(&app.client_id, secret.reveal())).unwrap(), app);
    let (other, other_secret) = block_on(instance.engine.register_app(new_app())).unwrap();
    assert!(other.id != app.id && other.client_id != app.client_id && other_secret != secret);
}

#[test]
fn r38_scopes_may_be_separated_by_spaces_or_commas() {
    let instance = Instance::new();
    let app = NewApp { scopes: Some("read, write,follow".into()), ..new_app() };
    assert_eq!(register(&instance, app).unwrap().scopes.to_string(), "follow read write");
}

#[test]
fn a2_addresses_that_lead_elsewhere_are_refused() {
    let instance = Instance::new();
    for (uris, problem) in [
        (vec![], RedirectUriError::None),
        (vec!["javascript:alert(1)"], RedirectUriError::Scheme),
        (vec![REDIRECT, "data:text/html,x"], RedirectUriError::Scheme),
        (vec!["/cb"], RedirectUriError::Relative),
        (vec!["https://client.example/cb#f"], RedirectUriError::Fragment),
    ] {
        let app = NewApp { redirect_uris: uris.into_iter().map(Into::into).collect(), ..new_app() };
        let result = register(&instance, app);
        assert!(matches!(result, Err(OauthError::RedirectUri(found)) if found == problem), "{result:?}");
    }
    let uris = vec![OUT_OF_BAND.to_owned(), "myapp://cb".into(), REDIRECT.into()];
    let app = register(&instance, NewApp { redirect_uris: uris.clone(), ..new_app() }).unwrap();
    assert_eq!(app.redirect_uris, uris);
}

#[test]
fn a3_an_unknown_scope_is_refused() {
    let instance = Instance::new();
    for scopes in ["read readfoo", "read:", "admin:readx", "READ", &"read ".repeat(2_000)] {
        let app = NewApp { scopes: Some(scopes.into()), ..new_app() };
        assert_eq!(refused(register(&instance, app)), "invalid_scope");
    }
}

#[test]
fn a6_everything_has_a_limit() {
    let instance = Instance::new();
    let uri = |length: usize| format!("https://client.example/{}", "x".repeat(length - 23));
    let named = |name: String| register(&instance, NewApp { name, ..new_app() });
    let at = |uri: String| register(&instance, NewApp { redirect_uris: vec![uri], ..new_app() });
    let of = |website: String| register(&instance, NewApp { website: Some(website), ..new_app() });
    assert!(named("ä".repeat(60)).is_ok() && at(uri(2_000)).is_ok() && of(uri(2_000)).is_ok());
    for name in ["ä".repeat(61), String::new(), "  ".into(), "a\nb".into(), "a\u{0}".into()] {
        assert!(matches!(named(name), Err(OauthError::ClientName)));
    }
    assert!(matches!(at(uri(2_001)), Err(OauthError::RedirectUri(RedirectUriError::TooLong))));
    let many = vec![uri(100); 20];
    let result = register(&instance, NewApp { redirect_uris: many, ..new_app() });
    assert!(matches!(result, Err(OauthError::RedirectUri(RedirectUriError::TooLong))));
    for website in [uri(2_001), "client.example".into(), "javascript://x".into(), "https://".into()] {
        assert!(matches!(of(website), Err(OauthError::Website)));
    }
    assert_eq!(of(String::new()).unwrap().website, None);
}

#[test]
fn a7_t39_the_store_knows_no_client_secret() {
    let instance = Instance::new();
    let client = Client::new(&instance);
    assert!(instance.stores(client.app.client_id.as_bytes()));
    assert!(!instance.stores(client.secret.as_bytes()));
}

#[test]
fn t14_an_unknown_program_and_a_wrong_secret_are_told_alike() {
    let instance = Instance::new();
    let (client, other) = (Client::new(&instance), Client::new(&instance));
    for (id, secret) in [
        (client.app.client_id.as_str(), "wrong"),
        (client.app.client_id.as_str(), ""),
        (client.app.client_id.as_str(), other.secret.as_str()),
        ("unknown", client.secret.as_str()),
    ] {
        let result = block_on(instance.engine.authenticate_app(id, secret));
        assert!(matches!(result, Err(OauthError::InvalidClient)), "{result:?}");
    }
    assert!(matches!(block_on(instance.engine.app("unknown")), Err(Error::NotFound)));
}
