//! Reports.

use serde_json::json;

use koinon_engine::model::Role;

use crate::client::{id, ids};
use crate::entities::{assert_entities, assert_entity};
use crate::world::World;

#[test]
fn r313_r314_a_report_is_answered_and_listed_for_its_maker() {
    let world = World::new();
    let [anna, ben] = world.people(["anna", "ben"]);
    let moderator = world.person_with_role("mia", Role::Moderator);
    let [one, two] = ["one", "two"].map(|text| ben.say(text));
    let report = anna
        .post_json(
            "/api/v1/reports",
            &json!({ "account_id": ben.id(), "status_ids": [two, one], "comment": "rude", "category": "spam" }),
        )
        .ok();
    assert_entity("Report", &report);
    assert_eq!((&report["comment"], &report["category"]), (&json!("rude"), &json!("spam")));
    assert_eq!(
        (&report["status_ids"], &report["target_account"]["acct"]),
        (&json!([one, two]), &json!("ben"))
    );
    assert_eq!((&report["action_taken"], &report["forwarded"]), (&json!(false), &json!(false)));
    let listed = anna.get("/api/v1/reports").ok();
    assert_entities("Report", &listed);
    assert_eq!(listed, json!([report]));
    assert_eq!(ben.ids("/api/v1/reports"), [""; 0]);
    assert_eq!(moderator.ids("/api/v1/reports"), [""; 0]);
}

#[test]
fn a_report_needs_an_account_and_nothing_else() {
    let world = World::new();
    let [anna, ben] = world.people(["anna", "ben"]);
    let path = "/api/v1/reports";
    assert_eq!(anna.post_json(path, &json!({})).refused(422), "Validation failed: Account can't be blank");
    anna.post_json(path, &json!({ "account_id": ben.id() })).ok(); // A17
    let post = ben.say("post");
    for form in
        [format!("status_ids[]={post}"), format!("status_ids={post}"), format!("status_ids[0]={post}")]
    {
        let report = anna.post_form(path, &format!("account_id={}&{form}", ben.id())).ok();
        assert_eq!(report["status_ids"], json!([post]), "{form}");
    }
    anna.post_json(path, &json!({ "account_id": anna.id() })).refused(422);
    anna.post_json(path, &json!({ "account_id": ben.id(), "category": "boredom" })).refused(422);
    anna.post_json(path, &json!({ "account_id": ben.id(), "comment": "x".repeat(1_001) })).refused(422);
    anna.post_json(path, &json!({ "account_id": ben.id(), "comment": "x".repeat(1_000) })).ok();
}

#[test]
fn only_posts_of_the_account_that_one_may_see_are_reported() {
    let world = World::new();
    let [anna, ben, carla] = world.people(["anna", "ben", "carla"]);
    for status in [carla.say("someone else's"), ben.say_to("direct", "secret"), "1".into(), "nonsense".into()]
    {
        let report = json!({ "account_id": ben.id(), "status_ids": [status] });
        anna.post_json("/api/v1/reports", &report).refused(404);
    }
    assert_eq!(anna.ids("/api/v1/reports"), [""; 0]);
}

#[test]
fn a_report_shows_no_more_than_its_maker_may_still_see() {
    let world = World::new();
    let [anna, ben] = world.people(["anna", "ben"]);
    anna.relate("follow", &ben);
    let (open, private) = (ben.say("open"), ben.say_to("private", "private"));
    let report = json!({ "account_id": ben.id(), "status_ids": [open, private] });
    let made = anna.post_json("/api/v1/reports", &report).ok();
    assert_eq!(made["status_ids"], json!([open, private]));
    anna.relate("unfollow", &ben);
    let listed = anna.get("/api/v1/reports").ok();
    assert_eq!(
        (ids(&listed), &listed[0]["status_ids"]),
        (ids(&json!([{ "id": id(&made) }])), &json!([open]))
    );
}
