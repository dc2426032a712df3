//! Posting: what a client may send, in which format, and what it gets.

use http::Method;
use serde_json::{Value, json};

use crate::client::{Part, id, ids};
use crate::entities::assert_entity;
use crate::world::{World, settings};
use koinon_engine::settings::{Limits, Settings};
use koinon_http::Options;

const POSTS: &str = "/api/v1/statuses";

#[test]
fn r64_a_post_says_what_was_sent() {
    let world = World::new();
    let [anna, ben] = world.people(["anna", "ben"]);
    let post = anna.publish(&json!({
        "status": "hello @ben, see #Café & https://example.com/x",
        "spoiler_text": "a greeting",
        "sensitive": true,
        "visibility": "unlisted",
        "language": "en",
    }));
    assert_entity("Status", &post);
    assert_eq!(post["visibility"], "unlisted");
    assert_eq!((&post["spoiler_text"], &post["sensitive"]), (&json!("a greeting"), &json!(true)));
    assert_eq!((&post["language"], &post["account"]["id"]), (&json!("en"), &json!(anna.id())));
    assert_eq!((&post["mentions"][0]["id"], &post["mentions"][0]["acct"]), (&json!(ben.id()), &json!("ben")));
    assert_eq!(post["tags"][0]["name"], "cafe");
    assert_eq!(post["application"], json!({ "name": "Ein Klient", "website": "https://client.example" }));
    let content = post["content"].as_str().unwrap();
    assert!(content.contains(r#"href="https://koinon.example/@ben""#), "{content}");
    assert!(content.contains(r#"href="https://koinon.example/tags/cafe""#), "{content}");
    assert!(content.contains(r#"href="https://example.com/x""#), "{content}");
    assert!(content.contains("&amp;"), "{content}");
    assert_eq!(anna.see(&id(&post)).ok(), post);
}

#[test]
fn r309_the_same_post_comes_out_of_every_format() {
    let world = World::new();
    let anna = world.person("anna");
    let file = crate::pictures::png(4, 4);
    let media = |_| {
        id(&anna.post_multipart("/api/v1/media", &[Part::File("file", "a.png", "image/png", &file)]).ok())
    };
    let [one, two, three, four]: [String; 4] = std::array::from_fn(media);
    let answers = [
        anna.post_json(POSTS, &json!({ "status": "same", "media_ids": [one], "sensitive": true })),
        anna.post_form(POSTS, &format!("status=same&media_ids[]={two}&sensitive=1")),
        anna.post_multipart(
            POSTS,
            &[
                Part::Text("status", "same"),
                Part::Text("media_ids[]", &three),
                Part::Text("sensitive", "true"),
            ],
        ),
        anna.post(&format!("{POSTS}?status=same&media_ids%5B%5D={four}&sensitive=on")),
    ];
    for (answer, media) in answers.iter().zip([one, two, three, four]) {
        let post = answer.ok();
        assert_eq!(
            (&post["content"], &post["sensitive"]),
            (&json!("<p>same</p>"), &json!(true)),
            "{answer:?}"
        );
        assert_eq!(ids(&post["media_attachments"]), [media]);
    }
}

#[test]
fn r25_lists_come_with_brackets_indexes_or_as_a_single_value() {
    let world = World::new();
    let [anna, ben, carla] = world.people(["anna", "ben", "carla"]);
    let (b, c) = (ben.id(), carla.id());
    let both = [b.clone(), c.clone()];
    for query in [
        format!("id[]={b}&id[]={c}"),
        format!("id%5B%5D={b}&id%5B%5D={c}"),
        format!("id[0]={b}&id[1]={c}"),
        format!("id[1]={c}&id[0]={b}"),
        format!("id={b}&id={c}"),
    ] {
        assert_eq!(anna.ids(&format!("/api/v1/accounts/relationships?{query}")), both, "{query}");
    }
    assert_eq!(anna.ids(&format!("/api/v1/accounts/relationships?id={b}")), [b.as_str()]);
    assert_eq!(anna.ids("/api/v1/accounts/relationships"), [""; 0]);

    let (one, two) = (anna.say("one"), anna.say("two"));
    for query in [
        format!("ids[]={one}&ids[]={two}"),
        format!("id[]={one}&id[]={two}"),
        format!("ids[0]={one}&ids[1]={two}"),
    ] {
        assert_eq!(anna.ids(&format!("{POSTS}?{query}")), [one.as_str(), two.as_str()], "{query}");
    }
}

#[test]
fn booleans_may_be_texts() {
    let world = World::new();
    let anna = world.person("anna");
    for (text, sensitive) in [
        ("true", true),
        ("1", true),
        ("on", true),
        ("True", true),
        ("false", false),
        ("0", false),
        ("off", false),
    ] {
        let post = anna.publish(&json!({ "status": text, "sensitive": text }));
        assert_eq!(post["sensitive"], sensitive, "{text}");
    }
}

#[test]
fn what_clients_send_for_nothing_counts_as_nothing() {
    let world = World::new();
    let anna = world.person("anna");
    let form =
        "status=x&in_reply_to_id=&media_ids[]=&sensitive=&spoiler_text=&visibility=&language=&content_type=";
    let post = anna.post_form(POSTS, form).ok();
    assert_eq!((&post["visibility"], &post["in_reply_to_id"]), (&json!("public"), &Value::Null));
    let nulls = json!({
        "status": "x", "in_reply_to_id": null, "media_ids": null, "sensitive": null, "spoiler_text": null,
        "visibility": null, "language": null,
    });
    assert_eq!(anna.publish(&nulls)["visibility"], "public");
}

#[test]
fn an_empty_post_is_refused_unless_there_is_media() {
    let world = World::new();
    let anna = world.person("anna");
    for text in ["", "  \n\t"] {
        let refusal = anna.post_json(POSTS, &json!({ "status": text })).refused(422);
        assert_eq!(refusal, "Validation failed: Text can't be blank");
    }
    anna.post_json(POSTS, &json!({ "spoiler_text": "only a warning" })).refused(422);
    let file = crate::pictures::png(4, 4);
    let media = anna.post_multipart("/api/v1/media", &[Part::File("file", "a.png", "image/png", &file)]).ok();
    let post = anna.publish(&json!({ "media_ids": [id(&media)] })); // A16
    assert_eq!(post["media_attachments"].as_array().unwrap().len(), 1);
}

#[test]
fn nothing_is_stored_of_a_post_that_is_refused() {
    let world = World::new();
    let [anna, ben] = world.people(["anna", "ben"]);
    let own = anna.say("own");
    for parameters in [
        json!({ "status": "@ben x", "visibility": "everyone" }),
        json!({ "status": "@ben x", "visibility": "list:1" }),
        json!({ "status": "@ben x", "visibility": "list:nonsense" }),
        json!({ "status": "@ben x", "visibility": "list" }),
        json!({ "status": "@ben x", "media_ids": ["1"] }),
        json!({ "status": "@ben x", "media_ids": ["nonsense"] }),
        json!({ "status": "@ben x", "language": "english, please" }),
        json!({ "status": "@ben x", "content_type": "text/rtf" }),
    ] {
        anna.post_json(POSTS, &parameters).refused(422);
    }
    anna.post_json(POSTS, &json!({ "status": "@ben x", "in_reply_to_id": "1" })).refused(404);
    assert_eq!(anna.ids(&format!("/api/v1/accounts/{}/statuses", anna.id())), [own]);
    assert_eq!(ben.told(), []);
}

#[test]
fn each_text_has_its_limit_and_no_character_more() {
    let limits =
        Limits { status_characters: 20, attachments: Some(1), mentions: 2, tags: 2, ..Limits::default() };
    let world = World::with(Settings { limits, ..settings() }, Options::default());
    let anna = world.person("anna");
    let post = |text: &str, warning: &str| {
        anna.post_json(POSTS, &json!({ "status": text, "spoiler_text": warning }))
    };
    post(&"ä".repeat(20), "").ok();
    post(&"ä".repeat(21), "").refused(422);
    post(&"a".repeat(10), &"b".repeat(10)).ok();
    post(&"a".repeat(10), &"b".repeat(11)).refused(422);
    post("#a #b", "").ok();
    assert!(post("#a #b #c", "").refused(422).contains("hashtags"));
    assert!(post("@a @b @c", "").refused(422).contains("mentions"));
    let refusal = anna.post_json(POSTS, &json!({ "status": "x", "media_ids": ["1", "2"] })).refused(422);
    assert!(refusal.contains("media attachments"), "{refusal}");
}

#[test]
fn an_address_counts_no_more_than_its_share() {
    let limits = Limits { status_characters: 30, ..Limits::default() };
    let world = World::with(Settings { limits, ..settings() }, Options::default());
    let anna = world.person("anna");
    anna.say(&format!("https://example.com/{} abc", "x".repeat(200)));
}

#[test]
fn markup_is_what_the_content_type_says() {
    let world = World::new();
    let anna = world.person("anna");
    let content = |kind: &str| {
        let post =
            anna.publish(&json!({ "status": "**bold** <script>alert(1)</script>", "content_type": kind }));
        post["content"].as_str().unwrap().to_owned()
    };
    assert!(content("text/plain").contains("**bold**"));
    assert!(content("text/markdown").contains("<strong>bold</strong>"));
    for kind in ["text/plain", "text/markdown", "text/html"] {
        assert!(!content(kind).contains("<script"), "{kind}: {}", content(kind));
    }
}

#[test]
fn r92_the_source_is_what_was_typed_and_for_those_who_may_see_it() {
    let world = World::new();
    let [anna, ben] = world.people(["anna", "ben"]);
    let post = id(&anna.publish(&json!({
        "status": "**typed** <b>", "spoiler_text": "cw", "content_type": "text/markdown", "visibility": "private",
    })));
    let path = format!("/api/v1/statuses/{post}/source");
    let expected =
        json!({ "id": post, "text": "**typed** <b>", "spoiler_text": "cw", "content_type": "text/markdown" });
    assert_eq!(anna.get(&path).ok(), expected);
    ben.get(&path).refused(404);
}

#[test]
fn r315_there_are_no_previews_of_links() {
    let world = World::new();
    let anna = world.person("anna");
    let post = anna.say("https://example.com");
    assert_eq!(world.visitor().get(&format!("/api/v1/statuses/{post}/card")).ok(), json!({}));
    world.visitor().get(&format!("/api/v1/statuses/{}/card", anna.say_to("private", "x"))).refused(404);
}

#[test]
fn r74_r75_several_are_answered_in_the_order_asked_without_those_that_are_hidden() {
    let world = World::new();
    let [anna, ben] = world.people(["anna", "ben"]);
    let (one, hidden, two) = (anna.say("one"), anna.say_to("direct", "hidden"), anna.say("two"));
    let gone = anna.say("gone");
    anna.delete(&format!("/api/v1/statuses/{gone}")).ok();
    let query = format!("{POSTS}?ids[]={two}&ids[]={hidden}&ids[]={gone}&ids[]=1&ids[]=nonsense&ids[]={one}");
    assert_eq!(ben.ids(&query), [two.as_str(), one.as_str()]);
    assert_eq!(anna.ids(&query), [two.as_str(), hidden.as_str(), one.as_str()]);
    assert_eq!(world.visitor().ids(&query), [two.as_str(), one.as_str()]);
}

#[test]
fn r74_r76_the_first_hundred_ids_count() {
    let world = World::new();
    let anna = world.person("anna");
    let (first, last) = (anna.say("first"), anna.say("last"));
    let unknown = (1..=99).map(|number| format!("&ids[]={number}")).collect::<String>();
    assert_eq!(anna.ids(&format!("{POSTS}?ids[]={first}{unknown}&ids[]={last}")), [first]);
}

#[test]
fn posting_defaults_are_the_accounts_own() {
    let world = World::new();
    let anna = world.person("anna");
    let defaults = json!({ "source": { "privacy": "unlisted", "sensitive": true, "language": "de" } });
    anna.send_json(Method::PATCH, "/api/v1/accounts/update_credentials", &defaults).ok();
    let post = anna.publish(&json!({ "status": "x" }));
    assert_eq!(
        (&post["visibility"], &post["sensitive"], &post["language"]),
        (&json!("unlisted"), &json!(true), &json!("de"))
    );
    let post =
        anna.publish(&json!({ "status": "x", "visibility": "public", "sensitive": false, "language": "en" }));
    assert_eq!(
        (&post["visibility"], &post["sensitive"], &post["language"]),
        (&json!("public"), &json!(false), &json!("en"))
    );
    let preferences = anna.get("/api/v1/preferences").ok();
    assert_eq!(preferences["posting:default:visibility"], "unlisted");
    // A strict client takes no other keys than these.
    assert_eq!(preferences.as_object().unwrap().len(), 5);
}

#[test]
fn a_post_with_a_warning_is_sensitive() {
    let world = World::new();
    let anna = world.person("anna");
    let post = anna.publish(&json!({ "status": "x", "spoiler_text": "careful", "sensitive": false }));
    assert_eq!(post["sensitive"], true);
}
