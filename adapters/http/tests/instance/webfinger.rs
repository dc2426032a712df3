//! WebFinger and host-meta.

use futures::executor::block_on;
use koinon_engine::accounts::Authority;
use koinon_engine::settings::Settings;
use koinon_http::Options;
use serde_json::json;

use crate::support::{Instance, settings, url};

fn finger(instance: &Instance, resource: &str) -> crate::support::Reply {
    instance.get(&url("/.well-known/webfinger", &[("resource", resource)]))
}

#[test]
fn an_account_is_found_by_its_name_and_by_its_addresses() {
    let instance = Instance::new();
    instance.account("Alice");
    for resource in [
        "acct:alice@koinon.example",
        "acct:ALICE@Koinon.Example",
        "https://koinon.example/@Alice",
        "https://koinon.example/users/alice",
    ] {
        let reply = finger(&instance, resource).expect(200);
        assert_eq!(reply.header("content-type"), "application/jrd+json; charset=utf-8");
        assert_eq!(reply.header("access-control-allow-origin"), "*");
        let descriptor = reply.json();
        assert_eq!(descriptor["subject"], "acct:Alice@koinon.example");
        assert_eq!(
            descriptor["aliases"],
            json!(["https://koinon.example/@Alice", "https://koinon.example/users/Alice"])
        );
        let page = json!({
            "rel": "http://webfinger.net/rel/profile-page", "type": "text/html",
            "href": "https://koinon.example/@Alice",
        });
        assert_eq!(descriptor["links"], json!([page]));
        // Where it points, there is something.
        instance.get("/@Alice").expect(200);
        assert_eq!(instance.get("/users/Alice").expect(303).header("location"), "/@Alice");
    }
}

#[test]
fn unknown_hidden_and_foreign_accounts_are_not_found() {
    let instance = Instance::new();
    let gone = instance.account("gone");
    block_on(instance.engine().suspend(Authority::Operator, gone)).unwrap();
    for resource in [
        "acct:nobody@koinon.example",
        "acct:gone@koinon.example",
        "acct:alice@other.example",
        "https://other.example/@alice",
        "nonsense",
    ] {
        let reply = finger(&instance, resource).expect(404);
        assert_eq!(reply.json(), json!({ "error": "Record not found" }), "{resource}");
    }
    instance.get("/.well-known/webfinger").expect(400);
    finger(&instance, "").expect(400);
}

#[test]
fn an_instance_without_visitors_tells_of_nobody() {
    let settings = Settings { open_to_visitors: false, ..settings() };
    let instance = Instance::with(settings, Options::default());
    instance.account("alice");
    finger(&instance, "acct:alice@koinon.example").expect(404);
}

#[test]
fn host_meta_leads_to_webfinger() {
    let reply = Instance::new().get("/.well-known/host-meta").expect(200);
    assert_eq!(reply.header("content-type"), "application/xrd+xml; charset=utf-8");
    assert_eq!(
        reply.text(),
        r#"<?xml version="1.0" encoding="UTF-8"?><XRD xmlns="http://docs.oasis-open.org/ns/xri/xrd-1.0"><Link rel="lrdd" template="https://koinon.example/.well-known/webfinger?resource={uri}"></Link></XRD>"#
    );
}
