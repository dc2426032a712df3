//! Lists: their members, their timelines, and posts addressed to them.

use http::Method;
use serde_json::{Value, json};

use koinon_engine::settings::{Limits, Settings};
use koinon_http::Options;

use crate::client::{Client, id};
use crate::entities::{assert_entities, assert_entity};
use crate::world::{World, settings};

fn create(client: &Client, title: &str) -> String {
    id(&client.post_json("/api/v1/lists", &json!({ "title": title })).ok())
}

fn add(client: &Client, list: &str, member: &Client) {
    client.relate("follow", member);
    let members = json!({ "account_ids": [member.id()] });
    assert_eq!(client.post_json(&format!("/api/v1/lists/{list}/accounts"), &members).ok(), json!({}));
}

fn remove(client: &Client, list: &str, member: &Client) {
    let form = format!("account_ids[]={}", member.id());
    client.send_form(Method::DELETE, &format!("/api/v1/lists/{list}/accounts"), &form).ok();
}

#[test]
fn lists_are_made_changed_and_removed() {
    let world = World::new();
    let [anna, ben] = world.people(["anna", "ben"]);
    let list = anna.post_form("/api/v1/lists", "title=Friends&replies_policy=none&exclusive=true").ok();
    assert_entity("List", &list);
    assert_eq!((&list["replies_policy"], &list["exclusive"]), (&json!("none"), &json!(true)));
    let path = format!("/api/v1/lists/{}", id(&list));
    assert_eq!(anna.get(&path).ok(), list);
    let changed = anna.send_json(Method::PUT, &path, &json!({ "title": "Close friends" })).ok();
    assert_eq!((&changed["title"], &changed["replies_policy"]), (&json!("Close friends"), &json!("none")));
    assert_eq!(anna.get("/api/v1/lists").ok(), json!([changed]));
    assert_eq!(ben.get("/api/v1/lists").ok(), json!([]));
    assert_eq!(anna.delete(&path).ok(), json!({}));
    anna.get(&path).refused(404);
    for parameters in [json!({}), json!({ "title": " " }), json!({ "title": "x", "replies_policy": "loud" })]
    {
        anna.post_json("/api/v1/lists", &parameters).refused(422);
    }
}

#[test]
fn members_are_followed_and_each_once() {
    let world = World::new();
    let [anna, ben, carla] = world.people(["anna", "ben", "carla"]);
    let list = create(&anna, "list");
    let path = format!("/api/v1/lists/{list}/accounts");
    anna.post_json(&path, &json!({ "account_ids": [ben.id()] })).refused(404);
    for _ in 0..2 {
        add(&anna, &list, &ben);
    }
    add(&anna, &list, &carla);
    assert_eq!(anna.ids(&path), [carla.id(), ben.id()]);
    assert_entities("Account", &anna.get(&path).ok());
    assert_eq!(anna.ids(&format!("/api/v1/accounts/{}/lists", ben.id())), [list.as_str()]);
    assert_eq!(ben.ids(&format!("/api/v1/accounts/{}/lists", ben.id())), [""; 0], "members do not know");
    remove(&anna, &list, &carla);
    remove(&anna, &list, &carla);
    assert_eq!(anna.ids(&path), [ben.id()]);
    anna.relate("unfollow", &ben);
    assert_eq!(anna.ids(&path), [""; 0]);
    anna.post_json(&path, &json!({ "account_ids": [ben.id(), carla.id()] })).refused(404);
    assert_eq!(anna.ids(&path), [""; 0], "all or none");
}

#[test]
fn r52_a_post_to_a_list_reaches_who_is_in_it_then() {
    let world = World::new();
    let [anna, early, late, left, follower] = world.people(["anna", "early", "late", "left", "follower"]);
    follower.relate("follow", &anna);
    early.relate("follow", &anna);
    let list = create(&anna, "list");
    add(&anna, &list, &early);
    add(&anna, &list, &left);
    let visibility = format!("list:{list}");
    let post = anna.publish(&json!({ "status": "among us @follower", "visibility": visibility }));
    assert_eq!(post["visibility"], "list");
    let post = id(&post);
    add(&anna, &list, &late);
    remove(&anna, &list, &left);
    early.see(&post).ok();
    left.see(&post).ok();
    follower.see(&post).ok();
    late.see(&post).refused(404);
    world.visitor().see(&post).refused(404);
    assert_eq!(early.ids("/api/v1/timelines/home"), [post.as_str()]);
    assert_eq!(early.told(), [("follow".into(), "anna".into())], "to be in a list is not to be named");
    early.post(&format!("/api/v1/statuses/{post}/reblog")).refused(404);
    anna.delete(&format!("/api/v1/lists/{list}")).ok();
    early.see(&post).ok();
    anna.post_json("/api/v1/statuses", &json!({ "status": "x", "visibility": visibility })).refused(422);
}

#[test]
fn r53_nobody_posts_to_a_list_of_someone_else() {
    let world = World::new();
    let [anna, ben] = world.people(["anna", "ben"]);
    let list = create(&anna, "list");
    let draft = json!({ "status": "hello", "visibility": format!("list:{list}") });
    assert_eq!(
        ben.post_json("/api/v1/statuses", &draft).refused(422),
        "Validation failed: the list does not exist"
    );
}

#[test]
fn the_timeline_of_a_list_shows_its_members_answers_by_its_policy() {
    let world = World::new();
    let [anna, ben, carla, dora] = world.people(["anna", "ben", "carla", "dora"]);
    let list = create(&anna, "list");
    add(&anna, &list, &ben);
    add(&anna, &list, &carla);
    anna.relate("follow", &dora);
    let of_dora = dora.say("not in the list");
    let plain = ben.say("plain");
    let to_member = ben.reply(&carla.say("of carla"), "to a member");
    let to_dora = ben.reply(&of_dora, "to someone followed");
    let to_stranger = ben.reply(&world.person("stranger").say("x"), "to a stranger");
    let to_anna = ben.reply(&anna.say("x"), "to the owner");
    let timeline = || anna.ids(&format!("/api/v1/timelines/list/{list}?limit=40")).0;
    let shown = |policy: &str| {
        let change = json!({ "replies_policy": policy });
        anna.send_json(Method::PUT, &format!("/api/v1/lists/{list}"), &change).ok();
        let shown = timeline();
        assert!(shown.contains(&plain) && !shown.contains(&of_dora), "{policy}");
        [&to_member, &to_dora, &to_stranger, &to_anna].map(|answer| shown.contains(answer))
    };
    assert_eq!(shown("list"), [true, false, false, true]);
    assert_eq!(shown("followed"), [true, true, false, true]);
    assert_eq!(shown("none"), [false; 4]);
    carla.relate("block", &anna);
    assert!(timeline().contains(&plain));
    ben.relate("block", &anna);
    assert_eq!(timeline(), [""; 0]);
}

#[test]
fn members_of_an_exclusive_list_are_out_of_the_home_timeline() {
    let world = World::new();
    let [anna, ben] = world.people(["anna", "ben"]);
    let list = create(&anna, "list");
    add(&anna, &list, &ben);
    let post = ben.say("post");
    assert_eq!(anna.ids("/api/v1/timelines/home"), [post.as_str()]);
    anna.send_json(Method::PUT, &format!("/api/v1/lists/{list}"), &json!({ "exclusive": true })).ok();
    assert_eq!(anna.ids("/api/v1/timelines/home"), [""; 0]);
    assert_eq!(anna.ids(&format!("/api/v1/timelines/list/{list}")), [post.as_str()]);
}

#[test]
fn lists_and_their_titles_have_limits() {
    let limits = Limits { circles: 2, circle_title_characters: 4, ..Limits::default() };
    let world = World::with(Settings { limits, ..settings() }, Options::default());
    let anna = world.person("anna");
    create(&anna, "ääää");
    anna.post_json("/api/v1/lists", &json!({ "title": "äääää" })).refused(422);
    create(&anna, "two");
    anna.post_json("/api/v1/lists", &json!({ "title": "tri" })).refused(422);
}

#[test]
fn an_answer_to_a_post_for_a_list_goes_to_its_author_only() {
    let world = World::new();
    let [anna, ben, carla] = world.people(["anna", "ben", "carla"]);
    let list = create(&anna, "list");
    add(&anna, &list, &ben);
    add(&anna, &list, &carla);
    let post = anna.say_to(&format!("list:{list}"), "among us");
    let answer = ben.publish(&json!({ "status": "thanks", "in_reply_to_id": post }));
    assert_eq!(answer["visibility"], Value::from("direct"));
    anna.see(&id(&answer)).ok();
    carla.see(&id(&answer)).refused(404);
}
