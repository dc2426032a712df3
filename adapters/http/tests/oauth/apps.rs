//! Registering programs.

use crate::support::{CALLBACK, Instance, settings};
use koinon_http::Options;
use serde_json::{Value, json};

#[test]
fn a1_r46_a_program_gets_all_that_clients_read() {
    let instance = Instance::new();
    let wanted = json!({
        "client_name": "Phone client", "redirect_uris": "https://client.example/cb",
        "scopes": "read write follow", "website": "https://client.example",
    });
    let app = instance.post_json("/api/v1/apps", &wanted).expect(200).json();
    assert_eq!(app["name"], "Phone client");
    assert_eq!(app["website"], "https://client.example");
    assert_eq!(app["redirect_uri"], "https://client.example/cb");
    assert_eq!(app["redirect_uris"], json!(["https://client.example/cb"]));
    assert_eq!(app["scopes"], json!(["follow", "read", "write"]));
    assert_eq!(app["client_secret_expires_at"], 0);
    assert_eq!(app["vapid_key"], "");
    for text in ["id", "client_id", "client_secret"] {
        assert!(app[text].as_str().unwrap().len() > 20, "{text}: {app}");
    }
}

#[test]
fn a1_redirect_uris_come_as_lines_words_or_a_list_and_scopes_default_to_read() {
    let instance = Instance::new();
    let uris = json!(["https://a.example/cb", "urn:ietf:wg:oauth:2.0:oob", "myapp://cb"]);
    for sent in [
        json!("https://a.example/cb\nurn:ietf:wg:oauth:2.0:oob\r\nmyapp://cb\n"),
        json!("https://a.example/cb urn:ietf:wg:oauth:2.0:oob myapp://cb"),
        uris.clone(),
    ] {
        let wanted = json!({ "client_name": "x", "redirect_uris": sent });
        let app = instance.post_json("/api/v1/apps", &wanted).expect(200).json();
        assert_eq!(app["redirect_uris"], uris);
        assert_eq!(app["redirect_uri"], "https://a.example/cb\nurn:ietf:wg:oauth:2.0:oob\nmyapp://cb");
        assert_eq!(app["scopes"], json!(["read"]));
        assert_eq!(app["website"], Value::Null);
    }
}

#[test]
fn clients_register_with_forms_and_multipart_bodies_too() {
    let instance = Instance::new();
    let fields = [
        ("client_name", "x"),
        ("redirect_uris", "https://a.example/cb"),
        ("scopes", "read, write"),
        ("website", ""),
    ];
    for reply in
        [instance.post_form("/api/v1/apps", &fields), instance.post_multipart("/api/v1/apps", &fields)]
    {
        assert_eq!(reply.expect(200).json()["scopes"], json!(["read", "write"]));
    }
    let listed = [("client_name", "x"), ("redirect_uris[]", "a:b"), ("redirect_uris[]", "c:d")];
    let app = instance.post_form("/api/v1/apps", &listed).expect(200).json();
    assert_eq!(app["redirect_uris"], json!(["a:b", "c:d"]));
}

#[test]
fn a2_a3_a6_what_a_program_may_not_be_is_refused() {
    let instance = Instance::new();
    let good = json!({ "client_name": "x", "redirect_uris": "https://a.example/cb" });
    let long = "x".repeat(61);
    let far = format!("https://a.example/{}", "x".repeat(2000));
    for (name, value) in [
        ("client_name", json!("")),
        ("client_name", Value::Null),
        ("client_name", json!(long)),
        ("redirect_uris", json!("")),
        ("redirect_uris", json!([])),
        ("redirect_uris", json!(far)),
        ("redirect_uris", json!("javascript:alert(1)")),
        ("redirect_uris", json!("data:text/html,x")),
        ("redirect_uris", json!("file:///etc/passwd")),
        ("redirect_uris", json!("https://a.example/cb#fragment")),
        ("redirect_uris", json!("/relative")),
        ("redirect_uris", json!(["https://a.example/cb", "vbscript:x"])),
        ("scopes", json!("read readfoo")),
        ("website", json!("javascript:alert(1)")),
        ("website", json!(far)),
    ] {
        let mut wanted = good.clone();
        wanted[name] = value;
        let reply = instance.post_json("/api/v1/apps", &wanted).expect(422);
        assert!(!reply.error().is_empty(), "{wanted}");
    }
}

#[test]
fn a9_a_programs_own_token_tells_which_program_it_is_without_its_secret() {
    let instance = Instance::new();
    let app = instance.app();
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_id", app.id.as_str()),
        ("client_secret", app.secret.as_str()),
    ];
    let token = instance.post_form("/oauth/token", &fields).expect(200).json();
    let reply = instance.get_as("/api/v1/apps/verify_credentials", token["access_token"].as_str().unwrap());
    let application = reply.expect(200).json();
    assert_eq!(application["name"], "Test client");
    assert_eq!(application["redirect_uris"], json!([CALLBACK]));
    assert!(application.get("client_secret").is_none() && application.get("client_id").is_none());
    let refused = instance.get("/api/v1/apps/verify_credentials").expect(401);
    assert!(refused.header("www-authenticate").starts_with("Bearer "));
}

#[test]
fn a4_t47_the_sixth_registration_within_ten_minutes_is_refused() {
    let options = Options { rate_limits: true, ..Options::default() };
    let instance = Instance::with(settings(), options);
    for _ in 0..5 {
        instance.app();
    }
    let wanted = json!({ "client_name": "x", "redirect_uris": "https://a.example/cb" });
    let refused = instance.post_json("/api/v1/apps", &wanted).expect(429);
    assert_eq!(refused.header("retry-after"), "600");
    instance.advance(600);
    instance.app();
}
