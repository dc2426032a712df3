//! Ids: one thing, several spellings.

use serde_json::{Value, json};

use koinon_engine::id::Flake;
use koinon_http::{IdFormat, Options};

use crate::client::{Client, Part, id};
use crate::world::World;

fn flake(text: &str) -> Flake {
    text.parse().unwrap()
}

/// The spellings of an id that are accepted everywhere.
fn spellings(id: &str) -> [String; 3] {
    let id = flake(id);
    [id.to_string(), id.guid(), id.number().to_string()]
}

#[test]
fn every_spelling_of_an_id_means_the_same_everywhere() {
    let world = World::new();
    let [anna, ben] = world.people(["anna", "ben"]);
    let post = anna.say("@ben post");
    for spelling in spellings(&post) {
        for path in ["", "/context", "/card", "/source", "/favourited_by", "/reblogged_by"] {
            ben.get(&format!("/api/v1/statuses/{spelling}{path}")).ok();
        }
        for action in
            ["favourite", "unfavourite", "bookmark", "unbookmark", "reblog", "unreblog", "mute", "unmute"]
        {
            assert_eq!(id(&ben.act(action, &spelling)).len(), 26, "{action} {spelling}");
        }
        assert_eq!(ben.ids(&format!("/api/v1/statuses?ids[]={spelling}")), [post.as_str()]);
        let answer = ben.publish(&json!({ "status": "answer", "in_reply_to_id": spelling }));
        assert_eq!(answer["in_reply_to_id"], json!(post));
    }
    let told = id(&ben.get("/api/v1/notifications").ok()[0]);
    for spelling in spellings(&told) {
        assert_eq!(id(&ben.get(&format!("/api/v1/notifications/{spelling}")).ok()), told);
    }
    for spelling in spellings(&anna.id()) {
        for path in ["", "/statuses", "/followers", "/following"] {
            ben.get(&format!("/api/v1/accounts/{spelling}{path}")).ok();
        }
        for action in ["follow", "unfollow", "mute", "unmute", "block", "unblock"] {
            let answer = ben.post(&format!("/api/v1/accounts/{spelling}/{action}")).ok();
            assert_eq!(answer["id"], json!(anna.id()), "{action} {spelling}");
        }
        assert_eq!(ben.ids(&format!("/api/v1/accounts/relationships?id[]={spelling}")), [anna.id()]);
        let report = json!({ "account_id": spelling, "status_ids": [flake(&post).number()] });
        assert_eq!(ben.post_json("/api/v1/reports", &report).ok()["status_ids"], json!([post]));
        let found = ben.get(&format!("/api/v2/search?q=post&account_id={spelling}")).ok();
        assert_eq!(found["statuses"][0]["id"], json!(post), "{spelling}");
    }
    let file = crate::pictures::png(4, 4);
    let media =
        id(&anna.post_multipart("/api/v1/media", &[Part::File("file", "a.png", "image/png", &file)]).ok());
    for spelling in spellings(&media) {
        assert_eq!(id(&anna.get(&format!("/api/v1/media/{spelling}")).ok()), media);
    }
    let list = id(&anna.post_json("/api/v1/lists", &json!({ "title": "list" })).ok());
    for spelling in spellings(&list) {
        assert_eq!(id(&anna.get(&format!("/api/v1/lists/{spelling}")).ok()), list);
        anna.say_to(&format!("list:{spelling}"), "to the list");
    }
}

#[test]
fn only_the_canonical_spelling_is_an_id() {
    let world = World::new();
    let anna = world.person("anna");
    let post = anna.say("post");
    for spelling in
        [post.to_lowercase(), flake(&post).guid().to_uppercase(), format!("0{}", flake(&post).number())]
    {
        anna.see(&spelling).refused(404);
    }
}

#[test]
fn positions_may_be_in_any_spelling() {
    let world = World::new();
    let anna = world.person("anna");
    let posts: Vec<String> = (0..5).map(|number| anna.say(&format!("{number}"))).collect();
    for spelling in spellings(&posts[2]) {
        let page = |parameter: &str| anna.ids(&format!("/api/v1/timelines/home?{parameter}={spelling}"));
        assert_eq!(page("max_id"), [&posts[1], &posts[0]], "{spelling}");
        assert_eq!(page("since_id"), [&posts[4], &posts[3]], "{spelling}");
        assert_eq!(page("min_id"), [&posts[4], &posts[3]], "{spelling}");
    }
}

/// Asserts that every id in `value` is a decimal number; counts them.
fn count_numeric_ids(value: &Value) -> usize {
    match value {
        Value::Array(values) => values.iter().map(count_numeric_ids).sum(),
        Value::Object(fields) => fields
            .iter()
            .map(|(name, field)| {
                // The role is none of the things that have such an id.
                if name == "role" {
                    return 0;
                }
                let is_id = (name == "id" || name.ends_with("_id")) && field.is_string();
                if is_id {
                    let text = field.as_str().unwrap();
                    assert!(text.parse::<u64>().is_ok_and(|number| number < 1 << 53), "{name}: {text}");
                }
                usize::from(is_id) + count_numeric_ids(field)
            })
            .sum(),
        _ => 0,
    }
}

#[test]
fn an_instance_can_write_its_ids_as_numbers() {
    let world = World::with_options(Options { id_format: IdFormat::Snowflake, ..Options::default() });
    let [anna, ben] = world.people(["anna", "ben"]);
    ben.relate("follow", &anna);
    let post = anna.say("@ben post");
    ben.act("favourite", &post);
    ben.act("reblog", &post);
    ben.reply(&post, "@anna answer");
    let list = ben.post_json("/api/v1/lists", &json!({ "title": "list" })).ok();
    ben.post_json("/api/v1/reports", &json!({ "account_id": anna.id(), "status_ids": [post] })).ok();
    ben.post_json("/api/v1/markers", &json!({ "home": { "last_read_id": post } })).ok();
    for path in [
        "/api/v1/timelines/home".to_owned(),
        "/api/v1/timelines/public".into(),
        "/api/v1/accounts/verify_credentials".into(),
        format!("/api/v1/statuses/{post}"),
        format!("/api/v1/statuses/{post}/context"),
        format!("/api/v1/statuses/{post}/source"),
        format!("/api/v1/statuses/{post}/favourited_by"),
        format!("/api/v1/accounts/{}/followers", anna.id()),
        format!("/api/v1/accounts/relationships?id[]={}", anna.id()),
        format!("/api/v1/accounts/familiar_followers?id[]={}", anna.id()),
        format!("/api/v1/lists/{}", id(&list)),
        "/api/v1/favourites".into(),
        "/api/v1/notifications".into(),
        "/api/v1/markers?timeline[]=home".into(),
        "/api/v1/reports".into(),
        "/api/v2/search?q=post".into(),
    ] {
        assert!(count_numeric_ids(&ben.get(&path).ok()) > 0, "{path}");
    }
}

#[test]
fn numbers_lead_from_page_to_page() {
    let world = World::with_options(Options { id_format: IdFormat::Snowflake, ..Options::default() });
    let anna = world.person("anna");
    let posts: Vec<String> = (0..7).map(|number| anna.say(&format!("{number}"))).collect();
    let mut walked = Vec::new();
    let mut next = Some("/api/v1/timelines/home?limit=2".to_owned());
    while let Some(path) = next {
        let page = anna.get(&path);
        walked.extend(crate::client::ids(&page.ok()).0);
        next = page.link("next");
    }
    walked.reverse();
    assert_eq!(walked, posts);
}

#[test]
fn r1_ids_sort_as_their_posts_were_made() {
    for id_format in [IdFormat::Flake, IdFormat::Snowflake] {
        let world = World::with_options(Options { id_format, ..Options::default() });
        let anna: Client = world.person("anna");
        let posts: Vec<String> = (0..40).map(|number| anna.say(&format!("{number}"))).collect();
        assert!(posts.windows(2).all(|pair| pair[0] < pair[1]), "{posts:?}");
    }
}
