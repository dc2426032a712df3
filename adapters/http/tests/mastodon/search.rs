//! Search for accounts, statuses and hashtags.

use serde_json::{Value, json};

use crate::client::{Client, Ids, ids};
use crate::entities::assert_entity;
use crate::world::{BASE, World};

fn find(client: &Client, query: &str) -> Value {
    client.get(&format!("/api/v2/search?{query}")).ok()
}

fn statuses(client: &Client, query: &str) -> Ids {
    ids(&find(client, query)["statuses"])
}

fn tags(found: &Value) -> Vec<String> {
    found["hashtags"].as_array().unwrap().iter().map(|tag| crate::client::text(&tag["name"])).collect()
}

#[test]
fn r112_one_search_finds_accounts_statuses_and_hashtags() {
    let world = World::new();
    let anna = world.person("garden");
    let post = anna.say("In the garden #Gardening");
    let found = find(&world.visitor(), "q=garden");
    assert_entity("Results", &found);
    assert_eq!(
        (found["accounts"][0]["acct"].clone(), ids(&found["statuses"]).0),
        (json!("garden"), vec![post])
    );
    assert_eq!(tags(&found), ["gardening"]);
    assert_eq!(found["hashtags"][0]["url"], "https://koinon.example/tags/gardening");
    let old = world.visitor().get("/api/v1/search?q=garden").ok();
    assert_eq!(old["hashtags"], json!(["gardening"]), "plain names in the first version");
    for kind in ["accounts", "statuses", "hashtags"] {
        let found = find(&anna, &format!("q=garden&type={kind}"));
        for other in ["accounts", "statuses", "hashtags"] {
            assert_eq!(found[other].as_array().unwrap().is_empty(), other != kind, "{kind}: {other}");
        }
    }
    for query in ["", "q=", "q=%20", "q=garden&limit=0", "q=%23"] {
        let found = find(&anna, query);
        assert_eq!(found, json!({ "accounts": [], "statuses": [], "hashtags": [] }), "{query}");
    }
}

#[test]
fn statuses_have_all_words_in_any_case_and_order_newest_first() {
    let world = World::new();
    let anna = world.person("anna");
    let one = anna.say("Red apples and green pears");
    let two = anna.say("GREEN Apples: <b>bold</b>");
    anna.say("only apples");
    assert_eq!(statuses(&anna, "q=apples+green"), [&two, &one]);
    assert_eq!(statuses(&anna, "q=green+APPLES+red"), [&one]);
    assert_eq!(statuses(&anna, "q=appl"), [""; 0], "whole words");
    assert_eq!(statuses(&anna, "q=apples+oranges"), [""; 0]);
    assert_eq!(statuses(&anna, "q=apples+green&limit=1"), [&two]);
    assert_eq!(statuses(&anna, "q=apples+green&limit=1&offset=1"), [&one]);
    assert_eq!(statuses(&anna, "q=apples+green&offset=5"), [""; 0]);
    assert_eq!(statuses(&anna, &format!("q=apples+green&max_id={two}")), [&one]);
    assert_eq!(statuses(&anna, &format!("q=apples+green&min_id={one}")), [two]);
}

#[test]
fn a_search_can_be_limited_to_one_author_without_losing_finds() {
    let world = World::new();
    let [anna, ben] = world.people(["anna", "ben"]);
    let first = anna.say("words");
    for _ in 0..25 {
        ben.say("words");
    }
    assert_eq!(statuses(&ben, &format!("q=words&account_id={}", anna.id())), [first]);
    assert_eq!(statuses(&ben, "q=words&account_id=1"), [""; 0]);
    assert_eq!(statuses(&ben, "q=words&account_id=nonsense"), [""; 0]);
}

#[test]
fn warnings_are_searched_and_deleted_posts_are_not() {
    let world = World::new();
    let anna = world.person("anna");
    let post = anna.publish(&json!({ "status": "words", "spoiler_text": "careful" }));
    assert_eq!(statuses(&anna, "q=careful+words").len(), 1);
    anna.delete(&format!("/api/v1/statuses/{}", crate::client::id(&post))).ok();
    assert_eq!(statuses(&anna, "q=careful"), [""; 0]);
}

#[test]
fn muted_and_blocked_people_are_not_found() {
    let world = World::new();
    let [anna, muted, blocked] = world.people(["anna", "muted", "blocked"]);
    for person in [&muted, &blocked] {
        person.say("words");
    }
    anna.relate("mute", &muted);
    anna.relate("block", &blocked);
    assert_eq!(statuses(&anna, "q=words"), [""; 0]);
    for name in ["muted", "blocked"] {
        assert_eq!(find(&anna, &format!("q={name}"))["accounts"], json!([]), "{name}");
    }
}

#[test]
fn tags_are_found_by_their_beginning_in_any_case() {
    let world = World::new();
    let anna = world.person("anna");
    anna.say("#Koinon #koine #Café");
    anna.say_to("private", "#koisecret");
    anna.say_to("unlisted", "#koiquiet");
    assert_eq!(tags(&find(&anna, "q=KOI")), ["koine", "koinon"], "only what was posted for everyone");
    assert_eq!(tags(&find(&anna, "q=%23koin&type=hashtags")), ["koine", "koinon"]);
    assert_eq!(tags(&find(&anna, "q=koin&type=hashtags&limit=1&offset=1")), ["koinon"]);
    assert_eq!(tags(&find(&anna, "q=cafe")), ["cafe"]);
}

#[test]
fn r112_a_pasted_address_finds_what_it_leads_to() {
    let world = World::new();
    let [anna, ben] = world.people(["anna", "ben"]);
    let post = anna.say("post");
    let secret = anna.say_to("direct", "secret");
    let seen = anna.see(&post).ok();
    for url in [
        seen["url"].as_str().unwrap().to_owned(),
        seen["uri"].as_str().unwrap().to_owned(),
        format!("{BASE}/@anna/{post}/"),
        format!("{BASE}/@anna/{post}%3Fa=b"),
    ] {
        let found = find(&ben, &format!("q={url}&resolve=true"));
        assert_eq!(
            (ids(&found["statuses"]), &found["accounts"]),
            (ids(&json!([{ "id": post }])), &json!([])),
            "{url}"
        );
    }
    for url in [seen["account"]["url"].as_str().unwrap(), seen["account"]["uri"].as_str().unwrap()] {
        let found = find(&ben, &format!("q={url}"));
        assert_eq!(
            (&found["accounts"][0]["acct"], &found["statuses"]),
            (&json!("anna"), &json!([])),
            "{url}"
        );
    }
    for url in [
        format!("{BASE}/@anna/{secret}"),
        format!("{BASE}.evil.example/@anna/{post}"),
        format!("https://elsewhere.example/@anna/{post}"),
        "https://elsewhere.example/@anna".into(),
        format!("{BASE}/media/anna"),
        format!("{BASE}/@nobody"),
        BASE.into(),
    ] {
        let found = find(&ben, &format!("q={url}"));
        assert_eq!((&found["accounts"], &found["statuses"]), (&json!([]), &json!([])), "{url}");
    }
}

#[test]
fn words_of_scripts_without_spaces_are_found() {
    let world = World::new();
    let anna = world.person("anna");
    let post = anna.say("東京都庁へ行く");
    assert_eq!(statuses(&anna, "q=%E6%9D%B1%E4%BA%AC"), [post]);
}
