//! What the instance says its OAuth endpoints can do.

use http::Method;
use koinon_engine::settings::Settings;
use koinon_http::Options;
use serde_json::json;

use crate::support::{Instance, bare, settings};

const METADATA: &str = "/.well-known/oauth-authorization-server";

#[test]
fn t41_every_endpoint_in_the_metadata_answers() {
    let instance = Instance::new();
    let reply = instance.get(METADATA).expect(200);
    assert_eq!(reply.header("access-control-allow-origin"), "*");
    let metadata = reply.json();
    assert_eq!(metadata["issuer"], "https://koinon.example");
    let endpoints: Vec<&str> = metadata
        .as_object()
        .unwrap()
        .iter()
        .filter(|(name, _)| name.ends_with("_endpoint"))
        .map(|(_, address)| address.as_str().unwrap())
        .collect();
    assert_eq!(endpoints.len(), 5);
    for endpoint in endpoints {
        let path = endpoint.strip_prefix("https://koinon.example").unwrap();
        instance.send(bare(Method::OPTIONS, path)).expect(204);
    }
}

#[test]
fn i_what_the_metadata_promises_is_what_works() {
    let instance = Instance::new();
    let metadata = instance.get(METADATA).expect(200).json();
    assert_eq!(metadata["response_types_supported"], json!(["code"]));
    assert_eq!(metadata["response_modes_supported"], json!(["query"]));
    assert_eq!(metadata["code_challenge_methods_supported"], json!(["S256"]));
    assert_eq!(
        metadata["token_endpoint_auth_methods_supported"],
        json!(["client_secret_basic", "client_secret_post"])
    );
    let grants = json!(["authorization_code", "client_credentials", "refresh_token", "password"]);
    assert_eq!(metadata["grant_types_supported"], grants);
    let scopes: Vec<&str> = metadata["scopes_supported"]
        .as_array()
        .unwrap()
        .iter()
        .map(|scope| scope.as_str().unwrap())
        .collect();
    instance.app_with(&scopes.join(" "), "https://client.example/cb");
    for scope in ["read", "write", "follow", "push", "profile"] {
        assert!(scopes.contains(&scope), "{scope}");
    }
}

#[test]
fn i_a_grant_that_is_switched_off_is_not_promised() {
    let settings = Settings { password_grant: false, ..settings() };
    let metadata = Instance::with(settings, Options::default()).get(METADATA).expect(200).json();
    assert!(!metadata["grant_types_supported"].as_array().unwrap().contains(&json!("password")));
}

#[test]
fn userinfo_tells_a_program_who_signed_in_and_nothing_else() {
    let instance = Instance::new();
    instance.account("alice");
    let token = instance.sign_in("alice", "profile");
    let claims = instance.get_as("/oauth/userinfo", &token).expect(200).json();
    assert_eq!(
        claims,
        json!({
            "iss": "https://koinon.example", "sub": "https://koinon.example/users/alice", "name": "",
            "preferred_username": "alice", "profile": "https://koinon.example/@alice",
            "picture": "https://koinon.example/avatars/original/missing.png",
        })
    );
    instance.get_as("/api/v1/accounts/verify_credentials", &token).expect(403);
    instance.get_as("/oauth/userinfo", &instance.sign_in("alice", "read")).expect(403);
    instance.get("/oauth/userinfo").expect(401);
}
