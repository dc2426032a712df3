//! Editing one's profile.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Method;
use serde_json::{Value, json};

use koinon_engine::settings::{Limits, Settings};
use koinon_http::Options;

use crate::client::{Answer, Client, Part};
use crate::entities::assert_entity;
use crate::pictures::{SECRET, contains, jpeg_of_a_place, png, size};
use crate::world::{BASE, World, settings};

const EDIT: &str = "/api/v1/accounts/update_credentials";

fn edit(client: &Client, change: &Value) -> Answer {
    client.send_json(Method::PATCH, EDIT, change)
}

/// What the instance serves at one of its addresses.
fn fetch(world: &World, url: &Value) -> Answer {
    world.visitor().get(url.as_str().unwrap().strip_prefix(BASE).unwrap())
}

#[test]
fn r150_only_what_is_sent_changes() {
    let world = World::new();
    let anna = world.person("anna");
    let first =
        edit(&anna, &json!({ "display_name": "Anna ✿", "note": "I am @anna, see #koinon", "bot": true }))
            .ok();
    assert_entity("CredentialAccount", &first);
    assert_eq!((&first["display_name"], &first["bot"]), (&json!("Anna ✿"), &json!(true)));
    assert_eq!(first["source"]["note"], "I am @anna, see #koinon");
    let note = first["note"].as_str().unwrap();
    assert!(note.contains("https://koinon.example/@anna") && note.contains("/tags/koinon"), "{note}");
    let second = edit(&anna, &json!({ "discoverable": true, "indexable": true, "locked": true })).ok();
    assert_eq!((&second["display_name"], &second["note"]), (&first["display_name"], &first["note"]));
    assert_eq!(
        (&second["discoverable"], &second["indexable"], &second["locked"], &second["noindex"]),
        (&json!(true), &json!(true), &json!(true), &json!(false))
    );
    assert_eq!(edit(&anna, &json!({})).ok(), second);
    assert_eq!(anna.get("/api/v1/accounts/verify_credentials").ok(), second);
    let third = edit(&anna, &json!({ "display_name": "", "note": "" })).ok();
    assert_eq!((&third["display_name"], &third["note"]), (&json!(""), &json!("")));
}

#[test]
fn fields_come_as_a_list_as_numbered_objects_and_in_multipart() {
    let world = World::new();
    let anna = world.person("anna");
    let expected = json!([
        { "name": "Home", "value": "<p>here</p>", "verified_at": null },
        { "name": "Site", "value": "<p>there &amp; everywhere</p>", "verified_at": null },
    ]);
    let shown = |answer: Answer| answer.ok()["fields"].clone();
    let list =
        json!([{ "name": "Home", "value": "here" }, { "name": "Site", "value": "there & everywhere" }]);
    assert_eq!(shown(edit(&anna, &json!({ "fields_attributes": list }))), expected); // client rule 4
    let object = json!({ "0": list[0], "1": list[1] });
    assert_eq!(shown(edit(&anna, &json!({ "fields_attributes": object }))), expected);
    let form = "fields_attributes[0][name]=Home&fields_attributes[0][value]=here\
                &fields_attributes[1][name]=Site&fields_attributes[1][value]=there+%26+everywhere";
    assert_eq!(shown(anna.send_form(Method::PATCH, EDIT, form)), expected);
    let parts = [
        Part::Text("fields_attributes[0][name]", "Home"),
        Part::Text("fields_attributes[0][value]", "here"),
        Part::Text("fields_attributes[1][name]", "Site"),
        Part::Text("fields_attributes[1][value]", "there & everywhere"),
    ];
    assert_eq!(shown(anna.send_multipart(Method::PATCH, EDIT, &parts)), expected);
    let own = anna.get("/api/v1/accounts/verify_credentials").ok();
    assert_eq!(own["source"]["fields"][1]["value"], "there & everywhere");
    assert_eq!(shown(edit(&anna, &json!({ "fields_attributes": [{ "name": "", "value": "" }] }))), json!([]));
}

#[test]
fn r146_a_picture_comes_as_a_file_or_a_data_uri_and_goes_with_an_empty_text() {
    let world = World::new();
    let anna = world.person("anna");
    let missing = anna.get("/api/v1/accounts/anna").ok();
    for (name, (width, height)) in [("avatar", (400, 400)), ("header", (1500, 500))] {
        let file = jpeg_of_a_place(1500, 500);
        let parts = [Part::File(name, "me.jpg", "image/jpeg", &file), Part::Text("display_name", "Anna")];
        let first = anna.send_multipart(Method::PATCH, EDIT, &parts).ok();
        let served = fetch(&world, &first[name]);
        assert_eq!(served.status, 200);
        assert_eq!(size(&served.bytes), (width, height), "{name}");
        assert!(!contains(&served.bytes, SECRET), "{name} tells where it was taken");
        assert_eq!(first[name], first[format!("{name}_static")]);

        let uri = format!("data:image/png;base64,{}", STANDARD.encode(png(300, 300)));
        let second = edit(&anna, &json!({ name: uri })).ok();
        assert_ne!(second[name], first[name]);
        assert_eq!(size(&fetch(&world, &second[name]).bytes).0, size(&served.bytes).0.min(300), "{name}");
        assert_eq!(edit(&anna, &json!({ "note": "x", name: null })).ok()[name], second[name], "it stays");

        let third = edit(&anna, &json!({ name: "" })).ok();
        assert_eq!(third[name], missing[name]);
        assert_eq!(fetch(&world, &third[name]).header("content-type"), Some("image/png"));
    }
}

#[test]
fn what_is_no_picture_is_refused_and_changes_nothing() {
    let world = World::new();
    let anna = world.person("anna");
    let before = anna.get("/api/v1/accounts/verify_credentials").ok();
    for text in
        ["hello", "data:text/html;base64,PGI+", "data:image/png;base64,!!!", "data:image/png;base64,AAAA"]
    {
        edit(&anna, &json!({ "avatar": text, "display_name": "changed" })).refused(422);
    }
    let file = b"<svg xmlns='http://www.w3.org/2000/svg'/>";
    let parts = [Part::File("header", "a.svg", "image/svg+xml", file), Part::Text("note", "changed")];
    anna.send_multipart(Method::PATCH, EDIT, &parts).refused(422);
    assert_eq!(anna.get("/api/v1/accounts/verify_credentials").ok(), before);
}

#[test]
fn r148_posting_defaults_are_part_of_the_source() {
    let world = World::new();
    let anna = world.person("anna");
    let form = "source[privacy]=private&source[sensitive]=true&source[language]=de";
    let source = anna.send_form(Method::PATCH, EDIT, form).ok()["source"].clone();
    assert_eq!(
        (&source["privacy"], &source["sensitive"], &source["language"]),
        (&json!("private"), &json!(true), &json!("de"))
    );
    let source =
        anna.send_form(Method::PATCH, EDIT, "source[privacy]=&source[language]=").ok()["source"].clone();
    assert_eq!((&source["privacy"], &source["language"]), (&json!("private"), &Value::Null));
    edit(&anna, &json!({ "source": { "privacy": "everyone" } })).refused(422);
    edit(&anna, &json!({ "source": { "privacy": "list" } })).refused(422);
    edit(&anna, &json!({ "source": { "language": "what?" } })).refused(422);
}

#[test]
fn each_field_has_its_limit_and_no_character_more() {
    let limits = Limits {
        display_name_characters: 5,
        note_characters: 7,
        profile_fields: 2,
        profile_field_characters: 3,
        ..Limits::default()
    };
    let world = World::with(Settings { limits, ..settings() }, Options::default());
    let anna = world.person("anna");
    let long = |count: usize| "ä".repeat(count);
    let field = |name: usize, value: usize| json!({ "name": long(name), "value": long(value) });
    edit(&anna, &json!({ "display_name": long(5), "note": long(7) })).ok();
    edit(&anna, &json!({ "fields_attributes": [field(3, 3), field(1, 1)] })).ok();
    let before = anna.get("/api/v1/accounts/verify_credentials").ok();
    for change in [
        json!({ "display_name": long(6) }),
        json!({ "note": long(8) }),
        json!({ "fields_attributes": [field(4, 1)] }),
        json!({ "fields_attributes": [field(1, 4)] }),
        json!({ "fields_attributes": [field(1, 1), field(1, 1), field(1, 1)] }),
        json!({ "note": long(500_000) }),
    ] {
        edit(&anna, &change).refused(422);
    }
    assert_eq!(anna.get("/api/v1/accounts/verify_credentials").ok(), before);
}

#[test]
fn texts_of_a_profile_are_shown_as_text() {
    let world = World::new();
    let anna = world.person("anna");
    let hostile = "<script>alert(1)</script><img src=x onerror=alert(1)>";
    let change = json!({
        "display_name": hostile, "note": hostile, "fields_attributes": [{ "name": hostile, "value": hostile }],
    });
    let shown = edit(&anna, &change).ok();
    for html in [&shown["note"], &shown["fields"][0]["value"]] {
        let html = html.as_str().unwrap();
        assert!(!html.contains("<script") && !html.contains("<img"), "{html}");
    }
    assert_eq!(edit(&anna, &json!({ "display_name": "two\nlines\u{0}" })).ok()["display_name"], "two lines");
}

#[test]
fn a_new_display_name_is_found_and_the_old_one_is_not() {
    let world = World::new();
    let anna = world.person("anna");
    let found = |word: &str| world.visitor().ids(&format!("/api/v1/accounts/search?q={word}")).len();
    edit(&anna, &json!({ "display_name": "Winter" })).ok();
    assert_eq!(found("winter"), 1);
    edit(&anna, &json!({ "display_name": "Summer" })).ok();
    assert_eq!((found("winter"), found("summer")), (0, 1));
}

#[test]
fn unlocking_lets_nobody_in_who_only_asked() {
    let world = World::new();
    let ben = world.person("ben");
    let anna = world.locked("anna");
    ben.relate("follow", &anna);
    edit(&anna, &json!({ "locked": false })).ok();
    assert_eq!(ben.relationship(&anna)["requested"], true);
    assert_eq!(ben.relate("follow", &anna)["following"], true);
    assert_eq!(anna.ids("/api/v1/follow_requests"), [""; 0]);
}
