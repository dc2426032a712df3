//! Following, blocking, muting, and what they do.

use std::time::Duration;

use http::Method;
use serde_json::{Value, json};

use crate::client::{Client, id};
use crate::entities::{assert_entities, assert_entity};
use crate::world::World;

/// The fields of a relationship that are true.
fn trues(relationship: &Value) -> Vec<String> {
    let fields = relationship.as_object().unwrap().iter();
    fields.filter(|(_, value)| **value == json!(true)).map(|(name, _)| name.clone()).collect()
}

#[test]
fn r116_each_action_answers_the_relationship_it_makes() {
    let world = World::new();
    let [anna, ben] = world.people(["anna", "ben"]);
    for (action, expected) in [
        ("follow", vec!["following", "showing_reblogs"]),
        ("mute", vec!["following", "muting", "muting_notifications", "showing_reblogs"]),
        ("unmute", vec!["following", "showing_reblogs"]),
        ("unfollow", vec![]),
        ("block", vec!["blocking"]),
        ("unblock", vec![]),
        ("remove_from_followers", vec![]),
    ] {
        let answer = anna.relate(action, &ben);
        assert_entity("Relationship", &answer);
        assert_eq!(trues(&answer), expected, "{action}");
        assert_eq!(answer["id"], json!(ben.id()));
        assert_eq!(anna.relationship(&ben), answer, "{action}");
    }
    ben.relate("follow", &anna);
    assert_eq!(trues(&anna.relationship(&ben)), ["followed_by"]);
    assert_eq!(anna.get("/api/v1/accounts/anna").ok()["followers_count"], 1);
}

#[test]
fn nobody_relates_to_themselves() {
    let world = World::new();
    let anna = world.person("anna");
    for action in ["follow", "block", "mute"] {
        anna.post(&format!("/api/v1/accounts/{}/{action}", anna.id())).refused(422);
    }
}

#[test]
fn following_again_changes_what_is_seen_of_the_account() {
    let world = World::new();
    let [anna, ben] = world.people(["anna", "ben"]);
    let path = format!("/api/v1/accounts/{}/follow", ben.id());
    let follow = |form: &str| anna.post_form(&path, form).ok();
    assert_eq!(follow("")["showing_reblogs"], true);
    let answer = follow("reblogs=0&notify=1&languages[]=de&languages[]=en");
    assert_eq!(
        (&answer["showing_reblogs"], &answer["notifying"], &answer["languages"]),
        (&json!(false), &json!(true), &json!(["de", "en"]))
    );
    let answer = follow("reblogs=true");
    assert_eq!(
        (&answer["showing_reblogs"], &answer["notifying"]),
        (&json!(true), &json!(true)),
        "the rest stays"
    );
    let answer = follow("notify=false&languages[]=");
    assert_eq!((&answer["notifying"], &answer["languages"]), (&json!(false), &Value::Null));
    assert_eq!(anna.get("/api/v1/accounts/ben").ok()["followers_count"], 1);
    anna.post_form(&path, "languages[]=not+a+language").refused(422);
}

#[test]
fn r118_r119_r120_r121_a_locked_account_decides_who_follows() {
    let world = World::new();
    let [ben, carla] = world.people(["ben", "carla"]);
    let anna = world.locked("anna");
    for asking in [&ben, &carla] {
        assert_eq!(trues(&asking.relate("follow", &anna)), ["requested", "showing_reblogs"]);
    }
    assert_eq!(anna.ids("/api/v1/follow_requests"), [carla.id(), ben.id()]);
    assert_entities("Account", &anna.get("/api/v1/follow_requests").ok());
    assert_eq!(trues(&anna.relationship(&ben)), ["requested_by"]);
    assert_eq!(anna.told()[0], ("follow_request".into(), "carla".into()));
    assert_eq!(anna.get("/api/v1/accounts/verify_credentials").ok()["source"]["follow_requests_count"], 2);

    let answer =
        |action: &str, who: &Client| anna.post(&format!("/api/v1/follow_requests/{}/{action}", who.id()));
    assert_entity("Relationship", &answer("authorize", &ben).ok());
    answer("reject", &carla).ok();
    assert_eq!(anna.ids("/api/v1/follow_requests"), [""; 0]);
    assert_eq!(trues(&ben.relationship(&anna)), ["following", "showing_reblogs"]);
    assert_eq!(trues(&carla.relationship(&anna)), [""; 0]);
    assert_eq!(anna.told(), [("follow".into(), "ben".into())], "the requests are settled");
    answer("authorize", &carla).refused(404);
    answer("reject", &carla).refused(404);
    let post = anna.say_to("private", "for followers");
    ben.see(&post).ok();
    carla.see(&post).refused(404);
}

#[test]
fn a_request_shows_nothing_and_can_be_taken_back() {
    let world = World::new();
    let ben = world.person("ben");
    let anna = world.locked("anna");
    let post = anna.say_to("private", "for followers");
    ben.relate("follow", &anna);
    ben.see(&post).refused(404);
    assert_eq!(ben.ids("/api/v1/timelines/home"), [""; 0]);
    ben.relate("unfollow", &anna);
    assert_eq!((anna.ids("/api/v1/follow_requests"), anna.told()), (crate::client::Ids(vec![]), vec![]));
}

#[test]
fn r122_following_by_name_answers_the_account() {
    let world = World::new();
    let [anna, ben] = world.people(["anna", "ben"]);
    for name in ["ben", "@ben", "BEN@koinon.example"] {
        let account = anna.post_json("/api/v1/follows", &json!({ "uri": name })).ok();
        assert_entity("Account", &account);
        assert_eq!(id(&account), ben.id());
    }
    assert_eq!(trues(&anna.relationship(&ben)), ["following", "showing_reblogs"]);
    anna.post_json("/api/v1/follows", &json!({ "uri": "nobody@far.example" })).refused(404);
    anna.post_json("/api/v1/follows", &json!({})).refused(422);
}

#[test]
fn r123_r124_a_block_ends_everything_between_two_people_at_once() {
    let world = World::new();
    let [anna, ben, carla] = world.people(["anna", "ben", "carla"]);
    for (one, other) in [(&anna, &ben), (&ben, &anna), (&carla, &ben), (&ben, &carla)] {
        one.relate("follow", other);
    }
    let of_ben = ben.say("@anna hello");
    let of_anna = anna.say("@ben hello");
    let about = carla.say("@ben is here");
    assert!(anna.ids("/api/v1/timelines/home").contains(&of_ben));
    assert_eq!(anna.told().len(), 2);

    anna.relate("block", &ben);
    assert_eq!(trues(&anna.relationship(&ben)), ["blocking"]);
    assert_eq!(anna.ids("/api/v1/timelines/home"), [of_anna.as_str()]);
    assert_eq!(anna.ids("/api/v1/timelines/public"), [&about, &of_anna]);
    assert_eq!(anna.told(), []);
    assert_eq!(ben.ids("/api/v1/timelines/home"), [&about, &of_ben]);
    assert_eq!(ben.ids("/api/v1/timelines/public"), [&about, &of_ben]);
    assert_eq!(ben.told(), [("mention".into(), "carla".into()), ("follow".into(), "carla".into())]);
    ben.see(&of_anna).refused(404);
    ben.post(&format!("/api/v1/accounts/{}/follow", anna.id())).refused(404);
    anna.post(&format!("/api/v1/accounts/{}/follow", ben.id())).refused(403);
    // The one who blocks can still look it up.
    anna.see(&of_ben).ok();
    anna.get(&format!("/api/v1/accounts/{}", ben.id())).ok();
    assert_eq!(anna.ids("/api/v1/blocks"), [ben.id()]);
    ben.say("@anna hello again");
    assert_eq!(anna.told(), []);

    anna.relate("unblock", &ben);
    assert_eq!((trues(&anna.relationship(&ben)), trues(&ben.relationship(&anna))), (vec![], vec![]));
    assert_eq!(anna.told(), [], "nothing comes back");
}

#[test]
fn r128_a_mute_hides_and_is_not_noticed() {
    let world = World::new();
    let [anna, ben] = world.people(["anna", "ben"]);
    anna.relate("follow", &ben);
    let post = ben.say("hello");
    anna.relate("mute", &ben);
    ben.say("@anna hello");
    assert_eq!(anna.ids("/api/v1/timelines/home"), [""; 0]);
    assert_eq!(anna.told(), []);
    anna.see(&post).ok();
    assert_eq!(ben.relationship(&anna)["followed_by"], true);
    assert_eq!(trues(&ben.relationship(&anna)), ["followed_by"]);
    let muted = anna.get("/api/v1/mutes").ok();
    assert_entities("Account", &muted);
    assert_eq!((&muted[0]["id"], &muted[0]["mute_expires_at"]), (&json!(ben.id()), &Value::Null));
}

#[test]
fn a_mute_can_leave_notifications_alone() {
    let world = World::new();
    let [anna, ben] = world.people(["anna", "ben"]);
    let path = format!("/api/v1/accounts/{}/mute", ben.id());
    let answer = anna.post_form(&path, "notifications=false").ok();
    assert_eq!(trues(&answer), ["muting"]);
    ben.say("@anna hello");
    assert_eq!(anna.told(), [("mention".into(), "ben".into())]);
    anna.post_form(&path, "notifications=true").ok();
    assert_eq!(anna.told(), []);
}

#[test]
fn r125_r127_a_mute_ends_by_itself_when_its_time_is_over() {
    let world = World::new();
    let [anna, ben] = world.people(["anna", "ben"]);
    anna.relate("follow", &ben);
    let post = ben.say("hello");
    let path = format!("/api/v1/accounts/{}/mute", ben.id());
    for form in ["duration=60", "expires_in=60"] {
        let answer = anna.post_form(&path, form).ok();
        assert_eq!(answer["muting"], true, "{form}");
        let end = answer["muting_expires_at"].as_str().unwrap().to_owned();
        assert_eq!(anna.get("/api/v1/mutes").ok()[0]["mute_expires_at"], json!(end));
        world.advance(Duration::from_millis(59_999));
        assert_eq!(anna.ids("/api/v1/timelines/home"), [""; 0], "{form}");
        world.advance(Duration::from_millis(1));
        // No job has run.
        assert_eq!(anna.ids("/api/v1/timelines/home"), [post.as_str()], "{form}");
        assert_eq!(anna.relationship(&ben)["muting"], false);
        assert_eq!(anna.ids("/api/v1/mutes"), [""; 0]);
    }
    anna.post_form(&path, "duration=60").ok();
    let forever = anna.post_form(&path, "duration=0").ok();
    assert_eq!((&forever["muting"], &forever["muting_expires_at"]), (&json!(true), &Value::Null));
    world.advance(Duration::from_secs(120));
    assert_eq!(anna.relationship(&ben)["muting"], true, "the repeat replaced the end");
}

#[test]
fn r87_r126_a_muted_thread_makes_no_notifications_until_its_time_is_over() {
    let world = World::new();
    let [anna, ben] = world.people(["anna", "ben"]);
    let root = anna.say("root");
    let answer = ben.reply(&root, "@anna one");
    assert_eq!(anna.told().len(), 1);
    let path = format!("/api/v1/statuses/{answer}/mute");
    assert_eq!(anna.post_form(&path, "expires_in=60").ok()["muted"], true);
    assert_eq!(anna.see(&root).ok()["muted"], true, "the whole thread");
    ben.reply(&answer, "@anna two");
    ben.act("favourite", &root);
    assert_eq!(anna.told().len(), 1);
    world.advance(Duration::from_secs(60));
    assert_eq!(anna.see(&root).ok()["muted"], false);
    ben.reply(&root, "@anna three");
    assert_eq!(anna.told().len(), 2);
    anna.act("mute", &root);
    assert_eq!(anna.act("unmute", &answer)["muted"], false);
    ben.reply(&root, "@anna four");
    assert_eq!(anna.told().len(), 3);
}

#[test]
fn a_blocked_domain_is_out_of_feeds_and_its_people_are_parted_from() {
    let world = World::new();
    let anna = world.person("anna");
    let zoe = world.remote("zoe", "far.example");
    anna.relate("follow", &zoe);
    let post = world.remote_post(&zoe, |status| status.tags = vec!["tag".into()]).to_string();
    let everywhere = ["home", "public", "public?remote=true", "tag/tag"];
    for timeline in everywhere {
        assert_eq!(anna.ids(&format!("/api/v1/timelines/{timeline}")), [post.as_str()], "{timeline}");
    }
    assert_eq!(anna.post_json("/api/v1/domain_blocks", &json!({ "domain": "FAR.example" })).ok(), json!({}));
    for timeline in everywhere {
        assert_eq!(anna.ids(&format!("/api/v1/timelines/{timeline}")), [""; 0], "{timeline}");
    }
    assert_eq!(trues(&anna.relationship(&zoe)), ["domain_blocking"]);
    assert_eq!(anna.get("/api/v1/domain_blocks").ok(), json!(["far.example"]));
    anna.see(&post).ok();
    assert_eq!(world.visitor().ids("/api/v1/timelines/public"), [post.as_str()]);

    // A body with DELETE, as clients send it. // client rule 2
    assert_eq!(anna.send_form(Method::DELETE, "/api/v1/domain_blocks", "domain=far.example").ok(), json!({}));
    assert_eq!(anna.get("/api/v1/domain_blocks").ok(), json!([]));
    assert_eq!(anna.ids("/api/v1/timelines/public"), [post.as_str()]);
    anna.post_json("/api/v1/domain_blocks", &json!({ "domain": "koinon.example" })).refused(422);
    anna.post_json("/api/v1/domain_blocks", &json!({ "domain": "not a domain" })).refused(422);
    anna.post_json("/api/v1/domain_blocks", &json!({})).refused(422);
}

#[test]
fn r117_relationships_are_seen_from_the_one_who_asks() {
    let world = World::new();
    let [anna, ben, carla] = world.people(["anna", "ben", "carla"]);
    anna.relate("follow", &ben);
    let asked = format!("/api/v1/accounts/relationships?id[]={}&id[]={}&id[]=1", ben.id(), carla.id());
    let answer = anna.get(&asked).ok();
    assert_entities("Relationship", &answer);
    assert_eq!(anna.ids(&asked), [ben.id(), carla.id()]);
    assert_eq!(
        (trues(&answer[0]), trues(&answer[1])),
        (vec!["following".into(), "showing_reblogs".to_owned()], vec![])
    );
}

#[test]
fn familiar_followers_are_those_one_follows_too() {
    let world = World::new();
    let [anna, ben, carla] = world.people(["anna", "ben", "carla"]);
    anna.relate("follow", &ben);
    ben.relate("follow", &carla);
    let answer = anna.get(&format!("/api/v1/accounts/familiar_followers?id[]={}", carla.id())).ok();
    assert_eq!((&answer[0]["id"], &answer[0]["accounts"][0]["acct"]), (&json!(carla.id()), &json!("ben")));
}

#[test]
fn r7_a_name_is_no_id_on_deeper_routes() {
    let world = World::new();
    let [anna, _ben] = world.people(["anna", "ben"]);
    for path in ["followers", "following", "lists"] {
        anna.get(&format!("/api/v1/accounts/ben/{path}")).refused(404);
    }
    for action in ["follow", "block", "mute"] {
        anna.post(&format!("/api/v1/accounts/ben/{action}")).refused(404);
    }
}
