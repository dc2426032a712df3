//! NodeInfo.

use std::path::PathBuf;

use koinon_engine::model::{Role, Visibility};
use koinon_engine::settings::Settings;
use koinon_http::{Options, Profile};
use serde_json::{Value, json};

use super::schema::violations;
use crate::support::{Instance, settings};

/// A schema of the shared data folder; `None` where the folder is absent, with a word about it.
fn schema(version: &str) -> Option<Value> {
    let shared = std::env::var_os("KOINON_SHARED").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared")),
        PathBuf::from,
    );
    let path = shared.join("data/nodeinfo-schemas").join(version).join("schema.json");
    let text = std::fs::read_to_string(&path).ok();
    if text.is_none() {
        println!("skipped: no {}", path.display());
    }
    text.map(|text| serde_json::from_str(&text).unwrap())
}

#[test]
fn the_documents_are_valid_in_both_profiles() {
    for profile in [Profile::Pleroma, Profile::Mastodon] {
        let instance = Instance::with(settings(), Options { profile, ..Options::default() });
        instance.account_with_role("owner", Role::Admin);
        for version in ["2.0", "2.1"] {
            let Some(schema) = schema(version) else { return };
            let document = instance.get(&format!("/nodeinfo/{version}")).expect(200).json();
            assert_eq!(violations(&schema, &document), Vec::<String>::new());
            // The check can fail.
            let mut wrong = document;
            wrong["software"]["name"] = json!("Koinon!");
            wrong["usage"] = json!({});
            wrong["protocols"] = json!([]);
            assert_eq!(violations(&schema, &wrong).len(), 3);
        }
    }
}

#[test]
fn the_index_leads_to_the_documents_and_each_has_two_addresses() {
    let instance = Instance::new();
    let index = instance.get("/.well-known/nodeinfo").expect(200).json();
    for (link, version) in index["links"].as_array().unwrap().iter().zip(["2.0", "2.1"]) {
        assert_eq!(link["rel"], format!("http://nodeinfo.diaspora.software/ns/schema/{version}"));
        let address = link["href"].as_str().unwrap();
        let path = address.strip_prefix("https://koinon.example").unwrap();
        let reply = instance.get(path).expect(200);
        assert_eq!(reply.json()["version"], version);
        assert!(reply.header("content-type").starts_with("application/json; profile="));
        let without_ending = instance.get(path.strip_suffix(".json").unwrap()).expect(200);
        assert_eq!(without_ending.json(), reply.json());
    }
}

#[test]
fn the_software_has_a_name_that_detectors_know_and_tells_its_own_beside_it() {
    for (profile, name, version) in
        [(Profile::Pleroma, "pleroma", "2.9.0+koinon."), (Profile::Mastodon, "mastodon", "4.5.0")]
    {
        let instance = Instance::with(settings(), Options { profile, ..Options::default() });
        let document = instance.get("/nodeinfo/2.1.json").expect(200).json();
        assert_eq!(document["software"]["name"], name);
        assert!(document["software"]["version"].as_str().unwrap().starts_with(version));
        assert_eq!(document["metadata"]["implementation"]["name"], "koinon");
    }
}

#[test]
fn the_front_end_of_pleroma_finds_all_it_reads() {
    let instance = Instance::new();
    let owner = instance.account_with_role("owner", Role::Admin);
    instance.post_as(owner, "hello", Visibility::Public);
    let document = instance.get("/nodeinfo/2.1.json").expect(200).json();
    let metadata = &document["metadata"];
    for name in [
        "nodeName",
        "nodeDescription",
        "private",
        "features",
        "federation",
        "postFormats",
        "fieldsLimits",
        "uploadLimits",
        "pollLimits",
        "suggestions",
        "staffAccounts",
        "restrictedNicknames",
        "accountActivationRequired",
        "invitesEnabled",
        "mailerEnabled",
    ] {
        assert!(!metadata[name].is_null(), "{name}");
    }
    assert_eq!(metadata["staffAccounts"], json!(["https://koinon.example/users/owner"]));
    assert_eq!(metadata["fieldsLimits"]["maxFields"], 10);
    assert!(metadata["uploadLimits"]["avatar"].is_u64());
    assert_eq!(document["usage"]["localPosts"], 1);
    assert_eq!(document["usage"]["users"], json!({ "total": 1, "activeMonth": 1, "activeHalfyear": 1 }));
    assert_eq!(document["openRegistrations"], true);
}

#[test]
fn an_instance_without_visitors_names_nobody() {
    let settings = Settings { open_to_visitors: false, ..settings() };
    let instance = Instance::with(settings, Options::default());
    instance.account_with_role("owner", Role::Admin);
    let metadata = instance.get("/nodeinfo/2.0").expect(200).json()["metadata"].clone();
    assert_eq!((&metadata["private"], &metadata["staffAccounts"]), (&json!(true), &json!([])));
}
