//! What people are told, and what they are not.

use http::Method;
use serde_json::{Value, json};

use koinon_engine::model::Role;

use crate::client::{Client, id};
use crate::entities::{assert_entities, assert_entity};
use crate::world::World;

fn told(kind: &str, who: &str) -> (String, String) {
    (kind.to_owned(), who.to_owned())
}

fn kinds(client: &Client, query: &str) -> Vec<String> {
    let found = client.get(&format!("/api/v1/notifications?{query}")).ok();
    found.as_array().unwrap().iter().map(|told| told["type"].as_str().unwrap().to_owned()).collect()
}

/// Anna is told one thing of each kind by ben.
fn one_of_each() -> (World, Client, Client, String) {
    let world = World::new();
    let [anna, ben] = world.people(["anna", "ben"]);
    let follow = format!("/api/v1/accounts/{}/follow", ben.id());
    anna.post_form(&follow, "notify=true").ok();
    ben.clear();
    let post = anna.say("post");
    ben.relate("follow", &anna);
    ben.act("favourite", &post);
    ben.act("reblog", &post);
    ben.reply(&post, "@anna answer");
    ben.say("news");
    (world, anna, ben, post)
}

impl Client {
    fn clear(&self) {
        assert_eq!(self.post("/api/v1/notifications/clear").ok(), json!({})); // R191
    }
}

#[test]
fn r181_each_kind_tells_who_did_what() {
    let (_world, anna, _ben, post) = one_of_each();
    assert_eq!(
        anna.told(),
        [
            told("status", "ben"),
            told("mention", "ben"),
            told("reblog", "ben"),
            told("favourite", "ben"),
            told("follow", "ben")
        ]
    );
    let all = anna.get("/api/v1/notifications").ok();
    assert_entities("Notification", &all);
    for notification in all.as_array().unwrap() {
        let about = notification.get("status").map(|status| status["id"].clone());
        match notification["type"].as_str().unwrap() {
            "follow" => assert_eq!(about, None),
            "favourite" | "reblog" => assert_eq!(about, Some(json!(post))),
            _ => assert_entity("Status", &notification["status"]),
        }
        let path = format!("/api/v1/notifications/{}", id(notification));
        assert_eq!(anna.get(&path).ok(), *notification);
    }
}

#[test]
fn r183_types_are_chosen_or_left_out() {
    let (_world, anna, ben, _post) = one_of_each();
    assert_eq!(kinds(&anna, "types[]=mention&types[]=follow"), ["mention", "follow"]);
    assert_eq!(kinds(&anna, "include_types[]=reblog"), ["reblog"]);
    assert_eq!(
        kinds(&anna, "exclude_types[]=mention&exclude_types[]=status"),
        ["reblog", "favourite", "follow"]
    );
    assert_eq!(kinds(&anna, "types[]=mention&exclude_types[]=mention"), [""; 0]);
    assert_eq!(kinds(&anna, "types[]=unheard_of"), [""; 0]);
    assert_eq!(kinds(&anna, "types[]=unheard_of&types[]=follow"), ["follow"]);
    assert_eq!(kinds(&anna, "exclude_types[]=unheard_of").len(), 5);
    assert_eq!(kinds(&anna, &format!("account_id={}", ben.id())).len(), 5);
    assert_eq!(kinds(&anna, &format!("account_id={}", anna.id())), [""; 0]);
    assert_eq!(kinds(&anna, "account_id=1"), [""; 0]);
    let next = anna.get("/api/v1/notifications?limit=1&exclude_types[]=status").link("next").unwrap();
    assert!(next.contains("exclude_types%5B%5D=status"), "{next}");
    assert_eq!(anna.get(&next).ok()[0]["type"], "reblog");
}

#[test]
fn r62_visibilities_can_be_left_out() {
    let world = World::new();
    let [anna, ben] = world.people(["anna", "ben"]);
    for visibility in ["public", "direct"] {
        ben.say_to(visibility, "@anna x");
    }
    ben.relate("follow", &anna);
    assert_eq!(kinds(&anna, ""), ["follow", "mention", "mention"]);
    assert_eq!(kinds(&anna, "exclude_visibilities[]=direct"), ["follow", "mention"]);
    assert_eq!(kinds(&anna, "exclude_visibilities[]=direct&exclude_visibilities[]=public"), ["follow"]);
}

#[test]
fn nobody_is_told_twice_for_the_same_cause() {
    let world = World::new();
    let [anna, ben] = world.people(["anna", "ben"]);
    let post = anna.say("post");
    for _ in 0..2 {
        for action in ["favourite", "reblog"] {
            ben.act(action, &post);
        }
        ben.relate("follow", &anna);
        ben.relate("unfollow", &anna);
        ben.relate("follow", &anna);
    }
    ben.say("@anna @anna @anna@koinon.example thrice");
    // Addressed as the author of what is answered, and named as well.
    let direct = anna.say_to("direct", "@ben hello");
    ben.reply(&direct, "@anna hello");
    let mut kinds: Vec<String> = anna.told().into_iter().map(|(kind, _)| kind).collect();
    kinds.sort();
    assert_eq!(kinds, ["favourite", "follow", "mention", "mention", "reblog"]);
}

#[test]
fn what_is_undone_was_never_told() {
    let world = World::new();
    let [anna, ben] = world.people(["anna", "ben"]);
    let post = anna.say("post");
    ben.act("favourite", &post);
    ben.act("reblog", &post);
    ben.relate("follow", &anna);
    let mention = ben.say("@anna hello");
    assert_eq!(anna.told().len(), 4);
    ben.act("unfavourite", &post);
    ben.act("unreblog", &post);
    ben.relate("unfollow", &anna);
    ben.delete(&format!("/api/v1/statuses/{mention}")).ok();
    assert_eq!(anna.told(), []);
}

#[test]
fn a_favourite_may_come_back() {
    let world = World::new();
    let [anna, ben] = world.people(["anna", "ben"]);
    let post = anna.say("post");
    for action in ["favourite", "unfavourite", "favourite"] {
        ben.act(action, &post);
    }
    assert_eq!(anna.told(), [told("favourite", "ben")]);
}

#[test]
fn nobody_is_told_of_their_own_doings() {
    let world = World::new();
    let anna = world.person("anna");
    let post = anna.say("@anna hello");
    for action in ["favourite", "reblog"] {
        anna.act(action, &post);
    }
    assert_eq!(anna.told(), []);
}

#[test]
fn r131_subscribers_are_told_of_posts_but_not_of_answers_nor_of_what_they_may_not_see() {
    let world = World::new();
    let [anna, ben, carla] = world.people(["anna", "ben", "carla"]);
    anna.post_form(&format!("/api/v1/accounts/{}/follow", ben.id()), "notify=true").ok();
    let root = carla.say("root");
    ben.reply(&root, "an answer to someone else");
    ben.say_to("direct", "@carla secret");
    assert_eq!(anna.told(), []);
    let thread = ben.say("news");
    ben.reply(&thread, "more news");
    ben.say_to("private", "for followers");
    assert_eq!(anna.told(), [told("status", "ben"), told("status", "ben"), told("status", "ben")]);
    ben.say("@anna for you");
    assert_eq!(anna.told()[0], told("mention", "ben"));
    assert_eq!(anna.told().len(), 4, "one for the mention, none for the post");
    anna.post_form(&format!("/api/v1/accounts/{}/follow", ben.id()), "notify=false").ok();
    ben.say("more");
    assert_eq!(anna.told().len(), 4);
}

#[test]
fn r197_muted_and_blocked_people_tell_nothing() {
    let world = World::new();
    let [anna, muted, blocked, blocker] = world.people(["anna", "muted", "blocked", "blocker"]);
    let post = anna.say("post");
    anna.relate("mute", &muted);
    anna.relate("block", &blocked);
    muted.relate("follow", &anna);
    muted.act("favourite", &post);
    for person in [&muted, &blocked] {
        person.say("@anna hello");
    }
    blocker.relate("block", &anna);
    blocker.say("@anna hello");
    assert_eq!(anna.told(), []);
    anna.relate("unmute", &muted);
    assert_eq!(anna.told(), [], "what was not told is not told later");
}

#[test]
fn what_became_hidden_is_no_longer_told() {
    let world = World::new();
    let [anna, ben, carla] = world.people(["anna", "ben", "carla"]);
    ben.say("@anna hello");
    carla.relate("follow", &anna);
    let private = carla.say_to("private", "@ben secret of carla");
    assert!(ben.see(&private).status == 200 && anna.told().len() == 2);
    world.suspend(&ben);
    assert_eq!(anna.told(), [told("follow", "carla")]);
    carla.relate("block", &anna);
    assert_eq!(anna.told(), []);
}

#[test]
fn r192_notifications_are_dismissed_one_by_one_or_all_at_once() {
    let (_world, anna, ben, _post) = one_of_each();
    let all = anna.ids("/api/v1/notifications");
    assert_eq!(anna.post(&format!("/api/v1/notifications/{}/dismiss", all[0])).ok(), json!({}));
    anna.post_form("/api/v1/notifications/dismiss", &format!("id={}", all[1])).ok();
    let several = format!("/api/v1/notifications/destroy_multiple?ids[]={}&ids[]={}&ids[]=1", all[2], all[3]);
    assert_eq!(anna.delete(&several).ok(), json!({})); // R190
    assert_eq!(anna.ids("/api/v1/notifications"), all[4..]);
    anna.get(&format!("/api/v1/notifications/{}", all[0])).refused(404);
    ben.post(&format!("/api/v1/notifications/{}/dismiss", all[4])).ok();
    ben.clear();
    assert_eq!(anna.ids("/api/v1/notifications"), all[4..], "others dismiss their own");
    anna.clear();
    assert_eq!(anna.told(), []);
}

#[test]
fn r182_those_who_run_the_instance_are_told_of_reports() {
    let world = World::new();
    let moderator = world.person_with_role("mia", Role::Moderator);
    let [anna, ben] = world.people(["anna", "ben"]);
    anna.post_json("/api/v1/reports", &json!({ "account_id": ben.id() })).ok();
    assert_eq!(moderator.told(), [told("admin.report", "anna")]);
    assert_eq!(ben.told(), []);
}

#[test]
fn markers_keep_how_far_someone_has_read() {
    let world = World::new();
    let [anna, ben] = world.people(["anna", "ben"]);
    let [one, two] = ["one", "two"].map(|text| anna.say(text));
    assert_eq!(anna.get("/api/v1/markers?timeline[]=home").ok(), json!({}));
    let set = anna.post_json("/api/v1/markers", &json!({ "home": { "last_read_id": one } })).ok();
    assert_entity("Marker", &set["home"]);
    assert_eq!((&set["home"]["last_read_id"], &set["home"]["version"]), (&json!(one), &json!(1)));
    let form = format!("home[last_read_id]={two}&notifications[last_read_id]={one}");
    let set = anna.post_form("/api/v1/markers", &form).ok();
    assert_eq!((&set["home"]["version"], &set["notifications"]["version"]), (&json!(2), &json!(1)));
    let both =
        anna.get("/api/v1/markers?timeline[]=home&timeline[]=notifications&timeline[]=unheard_of").ok();
    assert_eq!(both, set);
    let only = anna.get("/api/v1/markers?timeline[]=notifications").ok();
    assert_eq!(only.as_object().unwrap().keys().collect::<Vec<_>>(), ["notifications"]);
    assert_eq!(ben.get("/api/v1/markers?timeline[]=home").ok(), json!({}));
    anna.post_json("/api/v1/markers", &json!({ "home": { "last_read_id": "nonsense" } })).refused(422);
    assert_eq!(anna.send_json(Method::POST, "/api/v1/markers", &Value::Null).ok(), json!({}));
}
