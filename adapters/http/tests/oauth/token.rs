//! The token endpoint, and tokens in use.

use std::time::Duration;

use futures::executor::block_on;
use http::header::AUTHORIZATION;
use http::{Method, Request};
use koinon_engine::accounts::Authority;
use koinon_engine::settings::{Registrations, Settings};
use koinon_http::{Body, Options, Profile};
use serde_json::{Value, json};

use crate::support::{
    App, CALLBACK, Instance, PASSWORD, Reply, bare, bearer, form_request, json_request, settings,
};

const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: [(&str, &str); 2] =
    [("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"), ("code_challenge_method", "S256")];

fn with_alice() -> (Instance, App) {
    let instance = Instance::new();
    instance.account("alice");
    let app = instance.app();
    (instance, app)
}

fn ask(instance: &Instance, app: &App, fields: &[(&str, &str)]) -> Reply {
    let mut all = vec![("client_id", app.id.as_str()), ("client_secret", app.secret.as_str())];
    all.extend(fields);
    instance.post_form("/oauth/token", &all)
}

fn exchange(instance: &Instance, app: &App, code: &str, more: &[(&str, &str)]) -> Reply {
    let mut fields = vec![("grant_type", "authorization_code"), ("code", code), ("redirect_uri", CALLBACK)];
    fields.extend(more);
    ask(instance, app, &fields)
}

fn refresh(instance: &Instance, app: &App, token: &Value, more: &[(&str, &str)]) -> Reply {
    let mut fields =
        vec![("grant_type", "refresh_token"), ("refresh_token", token["refresh_token"].as_str().unwrap())];
    fields.extend(more);
    ask(instance, app, &fields)
}

/// How the API receives the bearer of a token.
fn status_of(instance: &Instance, token: &Value) -> u16 {
    let bearer = token["access_token"].as_str().unwrap();
    instance.get_as("/api/v1/accounts/verify_credentials", bearer).status
}

fn basic(app: &App) -> String {
    use base64::Engine as _;
    let pair = format!("{}:{}", app.id, app.secret);
    format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(pair))
}

#[test]
fn e3_r44_the_answer_has_what_clients_read_and_stays_in_no_cache() {
    let (instance, app) = with_alice();
    let code = instance.code(&app, "read write", &[]);
    let reply = exchange(&instance, &app, &code, &[]).expect(200);
    assert_eq!(reply.header("cache-control"), "no-store");
    assert_eq!(reply.header("pragma"), "no-cache");
    assert_eq!(reply.header("access-control-allow-origin"), "*");
    let token = reply.json();
    assert_eq!(token["token_type"], "Bearer");
    assert_eq!(token["scope"], "read write");
    assert_eq!(token["created_at"], 1_790_000_000);
    assert_eq!(token["me"], "https://koinon.example/users/alice");
    assert!(token["id"].as_u64().is_some_and(|id| id < 1 << 53), "{token}");
    assert!(token["access_token"].as_str().unwrap().len() >= 43);
    assert!(token["refresh_token"].as_str().unwrap().len() >= 43);
    assert!(token.get("expires_in").is_none());
    let own = ask(&instance, &app, &[("grant_type", "client_credentials")]).expect(200).json();
    assert_eq!(own["scope"], "read");
    assert!(own["id"].is_u64() && own.get("me").is_none() && own.get("refresh_token").is_none());
}

#[test]
fn e3_tokens_that_end_say_when() {
    let settings = Settings { access_token_lifetime: Some(Duration::from_secs(3600)), ..settings() };
    let instance = Instance::with(settings, Options::default());
    instance.account("alice");
    let app = instance.app();
    let token = instance.password_grant(&app, "alice", PASSWORD, "read").expect(200).json();
    assert_eq!(token["expires_in"], 3600);
    assert_eq!(status_of(&instance, &token), 200);
    instance.advance(3600);
    let bearer = token["access_token"].as_str().unwrap();
    let refused = instance.get_as("/api/v1/accounts/verify_credentials", bearer).expect(401); // T36
    assert_eq!(refused.header("www-authenticate"), r#"Bearer realm="koinon", error="invalid_token""#);
    let renewed = refresh(&instance, &app, &token, &[]).expect(200).json(); // R41
    assert_eq!(status_of(&instance, &renewed), 200);
}

#[test]
fn t16_e1_forms_json_and_multipart_bodies_are_all_read() {
    let (instance, app) = with_alice();
    let fields = [
        ("grant_type", "password"),
        ("client_id", app.id.as_str()),
        ("client_secret", app.secret.as_str()),
        ("username", "alice"),
        ("password", PASSWORD),
        ("scope", "read write"),
        ("redirect_uri", CALLBACK),
    ];
    let object: Value = fields.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
    for reply in [
        instance.post_form("/oauth/token", &fields),
        instance.post_json("/oauth/token", &object),
        instance.post_multipart("/oauth/token", &fields),
        instance.post_form("/oauth/token/", &fields),
    ] {
        assert_eq!(reply.expect(200).json()["scope"], "read write");
    }
}

#[test]
fn t15_e1_a_program_proves_itself_by_header_or_by_body_but_not_by_both() {
    let (instance, app) = with_alice();
    let send = |authorization: &str, fields: &[(&str, &str)]| {
        let request = Request::post("/oauth/token").header(AUTHORIZATION, authorization);
        instance.send(form_request(request, fields))
    };
    let grant = ("grant_type", "client_credentials");
    let (id, secret) = (("client_id", app.id.as_str()), ("client_secret", app.secret.as_str()));
    send(&basic(&app), &[grant]).expect(200);
    send(&basic(&app), &[grant, id]).expect(200);
    for fields in [&[grant, id, secret][..], &[grant, secret], &[grant, ("client_id", "another")]] {
        assert_eq!(send(&basic(&app), fields).expect(400).error(), "invalid_request");
    }
    // A token that a client sends along by habit says nothing about which program it is.
    send("Bearer abc", &[grant, id, secret]).expect(200);
}

#[test]
fn t14_e4_a_program_that_cannot_prove_itself_gets_401_with_a_challenge() {
    let (instance, app) = with_alice();
    let wrong = [
        App { secret: "wrong".into(), ..app.clone() },
        App { secret: String::new(), ..app.clone() },
        App { id: "unknown".into(), ..app },
    ];
    for app in &wrong {
        for reply in [
            ask(&instance, app, &[("grant_type", "client_credentials")]),
            instance.password_grant(app, "alice", PASSWORD, "read"),
            exchange(&instance, app, "x", &[]),
        ] {
            let reply = reply.expect(401);
            assert_eq!(reply.error(), "invalid_client");
            assert!(reply.header("www-authenticate").starts_with("Basic "));
            assert_eq!(reply.header("cache-control"), "no-store");
        }
    }
    let garbage = Request::post("/oauth/token").header(AUTHORIZATION, "Basic ###");
    let refused = instance.send(form_request(garbage, &[("grant_type", "client_credentials")])).expect(401);
    assert_eq!(refused.error(), "invalid_client");
}

#[test]
fn t17_e4_requests_that_make_no_sense_are_told_why() {
    let (instance, app) = with_alice();
    for (fields, error) in [
        (&[][..], "invalid_request"),
        (&[("grant_type", "")], "unsupported_grant_type"),
        (&[("grant_type", "implicit")], "unsupported_grant_type"),
        (&[("grant_type", "authorization_code")], "invalid_request"),
        (&[("grant_type", "refresh_token")], "invalid_request"),
        (&[("grant_type", "password"), ("username", "alice")], "invalid_request"),
        (&[("grant_type", "authorization_code"), ("code", "x"), ("redirect_uri", CALLBACK)], "invalid_grant"),
        (&[("grant_type", "refresh_token"), ("refresh_token", "x")], "invalid_grant"),
        (&[("grant_type", "client_credentials"), ("scope", "admin")], "invalid_scope"), // T27
        (&[("grant_type", "client_credentials"), ("scope", "readfoo")], "invalid_scope"),
    ] {
        let reply = ask(&instance, &app, fields).expect(400);
        assert_eq!(reply.error(), error, "{fields:?}");
        assert!(reply.json()["error_description"].as_str().is_some_and(|text| !text.is_empty()));
    }
    let broken = Request::post("/oauth/token").header("content-type", "application/json");
    let broken = broken.body(Body::from("{")).unwrap();
    assert_eq!(instance.send(broken).expect(400).error(), "invalid_request");
    instance.get("/oauth/token").expect(405);
}

#[test]
fn t18_the_password_grant_can_be_switched_off() {
    let settings = Settings { password_grant: false, ..settings() };
    let instance = Instance::with(settings, Options::default());
    instance.account("alice");
    let refused = instance.password_grant(&instance.app(), "alice", PASSWORD, "read").expect(400);
    assert_eq!(refused.error(), "unsupported_grant_type");
}

#[test]
fn t19_e6_r42_names_and_addresses_sign_in_and_mistakes_all_look_alike() {
    let (instance, app) = with_alice();
    for name in ["alice", "ALICE", "alice@mail.example", "Alice@Mail.Example"] {
        instance.password_grant(&app, name, PASSWORD, "read").expect(200);
    }
    let wrong_password = instance.password_grant(&app, "alice", "wrong password", "read").expect(400);
    let unknown_name = instance.password_grant(&app, "nobody", PASSWORD, "read").expect(400);
    assert_eq!(wrong_password.error(), "invalid_grant");
    assert_eq!(wrong_password.body, unknown_name.body);
    let long = "x".repeat(5000); // E9
    assert_eq!(instance.password_grant(&app, "alice", &long, "read").expect(400).body, unknown_name.body);
}

#[test]
fn e6_t37_who_may_not_act_is_told_so_once_the_password_is_right() {
    for (profile, status) in [(Profile::Pleroma, 403), (Profile::Mastodon, 400)] {
        let settings = Settings { registrations: Registrations::Approval, ..settings() };
        let instance = Instance::with(settings, Options { profile, ..Options::default() });
        let alice = instance.account("alice");
        let app = instance.app();
        let token = instance.password_grant(&app, "alice", PASSWORD, "read").expect(200).json();
        let registration = koinon_engine::accounts::Registration {
            username: "pending".into(),
            email: "pending@mail.example".into(),
            password: PASSWORD.into(),
            agreement: true,
            ..Default::default()
        };
        block_on(instance.engine().register(registration, Default::default())).unwrap();
        block_on(instance.engine().suspend(Authority::Operator, alice)).unwrap();
        for (name, text, identifier) in [
            ("alice", "Your login is currently disabled", "account_is_disabled"),
            ("pending", "Your login is currently pending approval", "awaiting_approval"),
        ] {
            let refused = instance.password_grant(&app, name, PASSWORD, "read").expect(status);
            assert_eq!(refused.json()["error_description"], text);
            assert_eq!(refused.header("cache-control"), "no-store");
            if profile == Profile::Pleroma {
                assert_eq!(refused.json()["identifier"], identifier);
            } else {
                assert_eq!(refused.error(), "invalid_grant");
            }
            instance.password_grant(&app, name, "wrong password", "read").expect(400);
        }
        assert_eq!(status_of(&instance, &token), 401);
    }
}

#[test]
fn t3_t5_a_code_works_once_and_its_second_use_ends_what_the_first_bought() {
    let (instance, app) = with_alice();
    let code = instance.code(&app, "read", &[]);
    let token = exchange(&instance, &app, &code, &[]).expect(200).json();
    assert_eq!(status_of(&instance, &token), 200);
    assert_eq!(exchange(&instance, &app, &code, &[]).expect(400).error(), "invalid_grant");
    assert_eq!(status_of(&instance, &token), 401);
    refresh(&instance, &app, &token, &[]).expect(400);
}

#[test]
fn t6_t7_t8_a_code_is_good_for_ten_minutes_its_program_and_its_address() {
    let (instance, app) = with_alice();
    let other = instance.app();
    let code = instance.code(&app, "read", &[]);
    exchange(&instance, &other, &code, &[]).expect(400);
    exchange(&instance, &app, &code, &[("redirect_uri", "https://client.example/")]).expect(400);
    instance.advance(599);
    exchange(&instance, &app, &code, &[]).expect(200);
    let code = instance.code(&app, "read", &[]);
    instance.advance(600);
    assert_eq!(exchange(&instance, &app, &code, &[]).expect(400).error(), "invalid_grant");
}

#[test]
fn t9_t11_t12_t13_a_challenge_wants_its_verifier_and_only_that() {
    let (instance, app) = with_alice();
    let good = [("code_verifier", VERIFIER)];
    let code = instance.code(&app, "read", &CHALLENGE);
    exchange(&instance, &app, &code, &good).expect(200);
    for verifier in ["", &VERIFIER[1..], &format!("{VERIFIER}x"), &"x".repeat(129)] {
        let code = instance.code(&app, "read", &CHALLENGE);
        let refused = exchange(&instance, &app, &code, &[("code_verifier", verifier)]).expect(400);
        assert_eq!(refused.error(), "invalid_grant");
    }
    let code = instance.code(&app, "read", &CHALLENGE);
    exchange(&instance, &app, &code, &[]).expect(400);
    let code = instance.code(&app, "read", &[]);
    exchange(&instance, &app, &code, &good).expect(400);
}

#[test]
fn t24_t25_refreshing_replaces_the_token_and_a_replay_ends_the_family() {
    let (instance, app) = with_alice();
    let first = instance.password_grant(&app, "alice", PASSWORD, "read write").expect(200).json();
    let second = refresh(&instance, &app, &first, &[]).expect(200).json();
    assert_ne!(first["access_token"], second["access_token"]);
    assert_eq!(second["scope"], "read write");
    assert_eq!(status_of(&instance, &first), 401);
    assert_eq!(status_of(&instance, &second), 200);
    assert_eq!(refresh(&instance, &app, &first, &[]).expect(400).error(), "invalid_grant");
    assert_eq!(status_of(&instance, &second), 401);
}

#[test]
fn t27_no_grant_widens_what_was_granted() {
    let (instance, app) = with_alice();
    let code = instance.code(&app, "read", &[]);
    assert_eq!(exchange(&instance, &app, &code, &[("scope", "write")]).expect(400).error(), "invalid_scope");
    let token = instance.password_grant(&app, "alice", PASSWORD, "read:accounts").expect(200).json();
    assert_eq!(token["scope"], "read:accounts");
    let refused = refresh(&instance, &app, &token, &[("scope", "read")]).expect(400);
    assert_eq!(refused.error(), "invalid_scope");
    let refused = instance.password_grant(&app, "alice", PASSWORD, "admin").expect(400);
    assert_eq!(refused.error(), "invalid_scope");
}

#[test]
fn t29_f4_no_token_a_programs_token_and_a_persons_token_reach_what_they_should() {
    let (instance, app) = with_alice();
    let own = ask(&instance, &app, &[("grant_type", "client_credentials"), ("scope", "read write")]);
    let own = own.expect(200).json()["access_token"].as_str().unwrap().to_owned();
    let path = "/api/v1/accounts/verify_credentials";
    assert_eq!(instance.get(path).expect(401).error(), "The access token is invalid");
    let refused = instance.get_as(path, &own).expect(422);
    assert_eq!(refused.error(), "This method requires an authenticated user");
    let narrow = instance.sign_in("alice", "read:statuses");
    let refused = instance.get_as(path, &narrow).expect(403);
    assert_eq!(refused.error(), "This action is outside the authorized scopes");
    instance.get_as(path, &instance.sign_in("alice", "read:accounts")).expect(200);
    instance.get_as("/api/v1/timelines/public", &own).expect(200);
    instance.get_as("/api/v1/timelines/public", "unknown").expect(401);
}

#[test]
fn t33_t34_f1_a_token_in_the_query_is_not_seen_and_two_at_once_are_refused() {
    let (instance, _) = with_alice();
    let token = instance.sign_in("alice", "read write");
    let path = "/api/v1/accounts/verify_credentials";
    instance.get(&format!("{path}?access_token={token}")).expect(401);
    let body = json!({ "access_token": token, "status": "hello" });
    instance.post_json("/api/v1/statuses", &body).expect(200);
    let both = json_request(bearer(Request::post("/api/v1/statuses"), &token), &body);
    instance.send(both).expect(400);
}

#[test]
fn t35_f2_malformed_authorization_headers_are_refused_and_break_nothing() {
    let (instance, app) = with_alice();
    let token = instance.sign_in("alice", "read");
    let path = "/api/v1/accounts/verify_credentials";
    let ask = |path: &str, value: &str| {
        let request = Request::get(path).header(AUTHORIZATION, value.as_bytes()).body(Body::empty());
        instance.send(request.unwrap()).status
    };
    for scheme in ["Bearer", "bearer", "BEARER"] {
        assert_eq!(ask(path, &format!("{scheme} {token}")), 200);
    }
    for value in [
        "",
        "Bearer",
        "Bearer ",
        " ",
        &format!("Bearer  {token}"),
        &format!("Bearer\t{token}"),
        &format!("Bearer {token} x"),
        &format!("Bearer {token},"),
        &token,
        "Basic ",
        "Basic %%%",
        "Basic YWxpY2U=",
        "Digest x",
        "Bearer \u{e9}\u{fc}",
        &format!("Bearer {}", "x".repeat(5000)),
    ] {
        assert_eq!(ask(path, value), 401, "{value:?}");
        assert_eq!(ask("/oauth/userinfo", value), 401, "{value:?}");
        let request = Request::post("/oauth/token").header(AUTHORIZATION, value.as_bytes());
        let fields = [("grant_type", "client_credentials"), ("client_id", &app.id)];
        assert!((400..500).contains(&instance.send(form_request(request, &fields)).status), "{value:?}");
    }
}

#[test]
fn t39_f5_nothing_that_is_handed_out_stands_in_the_answers_to_others() {
    let (instance, app) = with_alice();
    let token = instance.sign_in("alice", "read write");
    for path in
        ["/api/v1/apps/verify_credentials", "/api/oauth_tokens", "/api/v1/accounts/verify_credentials"]
    {
        let text = instance.get_as(path, &token).expect(200).text();
        assert!(!text.contains(&token) && !text.contains(&app.secret), "{path}");
    }
}

#[test]
fn web_clients_of_other_origins_may_ask_the_token_endpoint() {
    let instance = Instance::new();
    let mut preflight = bare(Method::OPTIONS, "/oauth/token");
    preflight.headers_mut().insert("origin", "https://client.example".parse().unwrap());
    preflight.headers_mut().insert("access-control-request-method", "POST".parse().unwrap());
    let reply = instance.send(preflight).expect(204);
    assert_eq!(reply.header("access-control-allow-origin"), "*");
    assert!(reply.header("access-control-allow-headers").to_ascii_lowercase().contains("authorization"));
    assert_eq!(instance.post_form("/oauth/token", &[]).header("access-control-allow-origin"), "*");
}
