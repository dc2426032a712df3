//! Passing statuses on.

use serde_json::json;

use crate::client::{Client, Ids, id};
use crate::entities::assert_entity;
use crate::world::World;

fn home(client: &Client) -> Ids {
    client.ids("/api/v1/timelines/home?limit=40")
}

#[test]
fn r79_a_reblog_answers_the_wrapper_and_its_undoing_the_original() {
    let world = World::new();
    let [anna, ben] = world.people(["anna", "ben"]);
    let post = anna.say("post");
    let wrapper = ben.act("reblog", &post);
    assert_entity("Status", &wrapper);
    assert_ne!(wrapper["id"], json!(post));
    assert_eq!(wrapper["account"]["acct"], "ben");
    assert_entity("Status", &wrapper["reblog"]);
    assert_eq!(
        (&wrapper["reblog"]["id"], &wrapper["reblog"]["account"]["acct"]),
        (&json!(post), &json!("anna"))
    );
    // The flags speak of the original.
    assert_eq!((&wrapper["reblogged"], &wrapper["reblog"]["reblogged"]), (&json!(true), &json!(true)));
    assert_eq!((&wrapper["reblogs_count"], &wrapper["reblog"]["reblogs_count"]), (&json!(1), &json!(1)));
    assert_eq!(wrapper["content"], wrapper["reblog"]["content"]);
    assert_ne!(wrapper["uri"], wrapper["reblog"]["uri"]);

    let original = ben.act("unreblog", &post);
    assert_eq!((&original["id"], &original["reblogged"]), (&json!(post), &json!(false)));
    assert_eq!(original["reblogs_count"], 0);
    ben.see(&id(&wrapper)).refused(404);
}

#[test]
fn r80_r81_a_repeat_changes_nothing() {
    let world = World::new();
    let [anna, ben, carla] = world.people(["anna", "ben", "carla"]);
    let post = anna.say("post");
    let wrapper = ben.act("reblog", &post);
    assert_eq!(ben.act("reblog", &post), wrapper);
    carla.act("reblog", &post);
    assert_eq!(anna.see(&post).ok()["reblogs_count"], 2);
    assert_eq!(anna.see(&post).ok()["reblogged"], false);
    ben.act("unreblog", &post);
    ben.act("unreblog", &post);
    assert_eq!(anna.see(&post).ok()["reblogs_count"], 1);
    assert_eq!(anna.told(), [("reblog".into(), "carla".into())]);
}

#[test]
fn a_reblog_of_a_reblog_is_one_of_the_original() {
    let world = World::new();
    let [anna, ben, carla] = world.people(["anna", "ben", "carla"]);
    let post = anna.say("post");
    let wrapper = id(&ben.act("reblog", &post));
    let second = carla.act("reblog", &wrapper);
    assert_eq!((&second["reblog"]["id"], &second["reblog"]["reblog"]), (&json!(post), &json!(null)));
    assert_eq!(anna.see(&post).ok()["reblogs_count"], 2);
    assert_eq!(ben.told(), [], "it was not ben's to pass on");
    assert_eq!(carla.act("unreblog", &wrapper)["id"], json!(post));
    assert_eq!(anna.see(&post).ok()["reblogs_count"], 1);
}

#[test]
fn what_is_done_to_a_reblog_is_done_to_the_original() {
    let world = World::new();
    let [anna, ben] = world.people(["anna", "ben"]);
    let post = anna.say("post");
    let wrapper = id(&ben.act("reblog", &post));
    for (action, flag) in [("favourite", "favourited"), ("bookmark", "bookmarked"), ("mute", "muted")] {
        ben.act(action, &wrapper);
        assert_eq!(ben.see(&post).ok()[flag], true, "{action}");
        assert_eq!(ben.see(&wrapper).ok()[flag], true, "{action}");
        ben.act(&format!("un{action}"), &wrapper);
        assert_eq!(ben.see(&post).ok()[flag], false, "{action}");
    }
}

#[test]
fn r82_one_passes_on_ones_own_private_post_to_those_who_see_it_anyway() {
    let world = World::new();
    let [anna, ben, carla] = world.people(["anna", "ben", "carla"]);
    ben.relate("follow", &anna);
    let post = anna.say_to("private", "post");
    let wrapper = anna.act("reblog", &post);
    assert_eq!(wrapper["visibility"], "private");
    ben.see(&id(&wrapper)).ok();
    carla.see(&id(&wrapper)).refused(404);
    let path = format!("/api/v1/statuses/{post}/reblog");
    anna.act("unreblog", &post);
    let wider = anna.post_json(&path, &json!({ "visibility": "public" })).ok();
    assert_eq!(wider["visibility"], "private", "a reblog never widens");
}

#[test]
fn r82_nobody_passes_on_what_others_did_not_mean_for_everyone() {
    let world = World::new();
    let [anna, ben] = world.people(["anna", "ben"]);
    ben.relate("follow", &anna);
    anna.relate("follow", &ben);
    for visibility in ["private", "mutuals", "direct"] {
        let post = anna.say_to(visibility, "@ben post");
        ben.see(&post).ok();
        ben.post(&format!("/api/v1/statuses/{post}/reblog")).refused(404);
        assert_eq!(anna.see(&post).ok()["reblogs_count"], 0);
    }
    let own = anna.say_to("direct", "@ben post");
    anna.post(&format!("/api/v1/statuses/{own}/reblog")).refused(404);
}

#[test]
fn a_reblog_has_the_visibility_asked_for_but_none_that_addresses_people() {
    let world = World::new();
    let [anna, ben, carla] = world.people(["anna", "ben", "carla"]);
    carla.relate("follow", &ben);
    let post = anna.say("post");
    let path = format!("/api/v1/statuses/{post}/reblog");
    for visibility in ["direct", "list:1", "everyone"] {
        ben.post_json(&path, &json!({ "visibility": visibility })).refused(422);
    }
    let wrapper = ben.post_json(&path, &json!({ "visibility": "private" })).ok();
    assert_eq!(
        (&wrapper["visibility"], &wrapper["reblog"]["visibility"]),
        (&json!("private"), &json!("public"))
    );
    carla.see(&id(&wrapper)).ok();
    anna.see(&id(&wrapper)).refused(404);
    let unlisted = anna.say_to("unlisted", "quiet");
    assert_eq!(ben.act("reblog", &unlisted)["visibility"], "unlisted");
}

#[test]
fn a_reblog_shows_no_more_than_the_original_does() {
    let world = World::new();
    let [anna, ben, carla] = world.people(["anna", "ben", "carla"]);
    carla.relate("follow", &ben);
    let post = anna.say("post");
    let wrapper = id(&ben.act("reblog", &post));
    assert_eq!(home(&carla), [wrapper.as_str()]);
    anna.relate("block", &carla);
    carla.see(&wrapper).refused(404);
    assert_eq!(home(&carla), [""; 0]);
    assert_eq!(carla.ids(&format!("/api/v1/accounts/{}/statuses", ben.id())), [""; 0]);
    anna.relate("unblock", &carla);
    world.suspend(&anna);
    carla.see(&wrapper).refused(404);
    assert_eq!(home(&ben), [""; 0]);
}

#[test]
fn reblogs_go_with_the_original() {
    let world = World::new();
    let [anna, ben, carla] = world.people(["anna", "ben", "carla"]);
    carla.relate("follow", &ben);
    let post = anna.say("post");
    let wrapper = id(&ben.act("reblog", &post));
    assert_eq!(ben.get("/api/v1/accounts/ben").ok()["statuses_count"], 1);
    anna.delete(&format!("/api/v1/statuses/{post}")).ok();
    ben.see(&wrapper).refused(404);
    assert_eq!(home(&carla), [""; 0]);
    assert_eq!(ben.get("/api/v1/accounts/ben").ok()["statuses_count"], 0);
}

#[test]
fn a_deleted_wrapper_is_an_undone_reblog() {
    let world = World::new();
    let [anna, ben] = world.people(["anna", "ben"]);
    let post = anna.say("post");
    let wrapper = id(&ben.act("reblog", &post));
    anna.delete(&format!("/api/v1/statuses/{wrapper}")).refused(404);
    ben.delete(&format!("/api/v1/statuses/{wrapper}")).ok();
    let seen = ben.see(&post).ok();
    assert_eq!((&seen["reblogged"], &seen["reblogs_count"]), (&json!(false), &json!(0)));
    assert_eq!(anna.told(), []);
}

#[test]
fn reblogs_stand_in_no_timeline_of_everyone() {
    let world = World::new();
    let [anna, ben] = world.people(["anna", "ben"]);
    let post = anna.say("#tag post");
    ben.act("reblog", &post);
    for timeline in ["public", "public?local=true", "tag/tag"] {
        assert_eq!(ben.ids(&format!("/api/v1/timelines/{timeline}")), [post.as_str()], "{timeline}");
    }
}
