//! Giving tokens back, by the program or by the person.

use http::Request;
use koinon_engine::settings::Settings;
use koinon_http::Options;
use serde_json::{Value, json};

use crate::support::{App, Browser, Instance, PASSWORD, Reply, bearer, form_request, json_request, settings};

const WHO_AM_I: &str = "/api/v1/accounts/verify_credentials";

fn token(instance: &Instance, app: &App) -> Value {
    instance.password_grant(app, "alice", PASSWORD, "read write").expect(200).json()
}

fn access(token: &Value) -> &str {
    token["access_token"].as_str().unwrap()
}

fn refresh(instance: &Instance, app: &App, token: &Value) -> Reply {
    let fields = [
        ("grant_type", "refresh_token"),
        ("client_id", app.id.as_str()),
        ("client_secret", app.secret.as_str()),
        ("refresh_token", token["refresh_token"].as_str().unwrap()),
    ];
    instance.post_form("/oauth/token", &fields)
}

fn revoke_as(instance: &Instance, app: &App, token: &str) -> Reply {
    let fields = [("client_id", app.id.as_str()), ("client_secret", app.secret.as_str()), ("token", token)];
    instance.post_form("/oauth/revoke", &fields)
}

#[test]
fn t30_h4_a_revoked_token_is_refused_by_the_very_next_request() {
    let instance = Instance::new();
    instance.account("alice");
    let app = instance.app();
    let token = token(&instance, &app);
    instance.get_as(WHO_AM_I, access(&token)).expect(200);
    let reply = revoke_as(&instance, &app, access(&token)).expect(200);
    assert_eq!(reply.json(), json!({}));
    assert_eq!(reply.header("cache-control"), "no-store");
    instance.get_as(WHO_AM_I, access(&token)).expect(401);
    refresh(&instance, &app, &token).expect(400);
}

#[test]
fn h1_h6_revoking_what_is_not_there_succeeds_any_number_of_times() {
    let instance = Instance::new();
    instance.account("alice");
    let app = instance.app();
    let token = token(&instance, &app);
    for _ in 0..3 {
        revoke_as(&instance, &app, access(&token)).expect(200);
    }
    revoke_as(&instance, &app, "never given").expect(200);
    instance.post_form("/oauth/revoke", &[("token", "never given")]).expect(200);
    let missing = instance.post_form("/oauth/revoke", &[]).expect(400);
    assert_eq!(missing.error(), "invalid_request");
}

#[test]
fn h2_the_program_it_was_given_to_or_its_holder_may_revoke_a_token_and_nobody_else() {
    let instance = Instance::new();
    instance.account("alice");
    let (app, other) = (instance.app(), instance.app());
    let token_of_app = token(&instance, &app);
    let refused = revoke_as(&instance, &other, access(&token_of_app)).expect(403);
    assert_eq!(refused.error(), "unauthorized_client");
    let impostor = App { secret: "wrong".into(), ..app.clone() };
    assert_eq!(revoke_as(&instance, &impostor, access(&token_of_app)).expect(401).error(), "invalid_client");
    instance.get_as(WHO_AM_I, access(&token_of_app)).expect(200);
    // By its holder: in the body alone, or with itself as the authority.
    instance.post_json("/oauth/revoke", &json!({ "token": access(&token_of_app) })).expect(200);
    instance.get_as(WHO_AM_I, access(&token_of_app)).expect(401);
    let another = token(&instance, &app);
    let request = bearer(Request::post("/oauth/revoke"), access(&another));
    instance.send(json_request(request, &json!({ "token": access(&another) }))).expect(200);
    instance.get_as(WHO_AM_I, access(&another)).expect(401);
}

#[test]
fn h3_revoking_a_refresh_token_ends_its_access_token() {
    let instance = Instance::new();
    instance.account("alice");
    let app = instance.app();
    let token = token(&instance, &app);
    revoke_as(&instance, &app, token["refresh_token"].as_str().unwrap()).expect(200);
    instance.get_as(WHO_AM_I, access(&token)).expect(401);
}

#[test]
fn r45_h5_people_see_where_they_are_signed_in_and_end_it_there() {
    let instance = Instance::new();
    instance.account("alice");
    instance.account("bob");
    let app = instance.app();
    let (first, second) = (token(&instance, &app), token(&instance, &app));
    let bob = instance.sign_in("bob", "read write");
    let listed = instance.get_as("/api/oauth_tokens", access(&second)).expect(200).json();
    let ids: Vec<u64> =
        listed.as_array().unwrap().iter().map(|token| token["id"].as_u64().unwrap()).collect();
    assert_eq!(ids, [second["id"].as_u64().unwrap(), first["id"].as_u64().unwrap()]);
    assert_eq!(listed[0]["app_name"], "Test client");
    assert_eq!(listed[0]["valid_until"], "9999-12-31T23:59:59.000000");
    let path = format!("/api/oauth_tokens/{}", first["id"]);
    let delete = |path: &str, token: &str| {
        instance.send(form_request(bearer(Request::delete(path), token), &[])).status
    };
    assert_eq!(delete(&path, &bob), 404);
    assert_eq!(delete("/api/oauth_tokens/1", access(&second)), 404);
    assert_eq!(delete(&path, access(&second)), 200);
    instance.get_as(WHO_AM_I, access(&first)).expect(401);
    instance.get_as(WHO_AM_I, access(&second)).expect(200);
    let narrow = instance.sign_in("alice", "read:statuses");
    instance.get_as("/api/oauth_tokens", &narrow).expect(403);
    instance.get("/api/oauth_tokens").expect(401);
}

#[test]
fn r45_a_token_that_ends_says_when() {
    let lifetime = Some(std::time::Duration::from_secs(60));
    let settings = Settings { access_token_lifetime: lifetime, ..settings() };
    let instance = Instance::with(settings, Options::default());
    instance.account("alice");
    let token = instance.sign_in("alice", "read");
    let listed = instance.get_as("/api/oauth_tokens", &token).expect(200).json();
    assert_eq!(listed[0]["valid_until"], "2026-09-21T14:14:20.000000");
}

#[test]
fn c7_h7_a_new_password_ends_browsers_and_other_programs() {
    let instance = Instance::new();
    let alice = instance.account("alice");
    let token = instance.sign_in("alice", "read");
    let mut browser = Browser::new(&instance);
    let page = browser.get("/login").expect(200);
    browser.submit(&page, &[("username", "alice"), ("password", PASSWORD)]).expect(303);
    assert!(browser.get("/").expect(200).text().contains("Sign out"));
    let change = instance.engine().set_password(alice, "another long password");
    futures::executor::block_on(change).unwrap();
    instance.get_as(WHO_AM_I, &token).expect(401);
    assert!(!browser.get("/").expect(200).text().contains("Sign out"));
}
