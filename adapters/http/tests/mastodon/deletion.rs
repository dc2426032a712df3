//! A deleted status is gone from everywhere, at once.

use serde_json::json;

use koinon_engine::model::Role;

use crate::client::{Client, Part, id, ids};
use crate::entities::assert_entity;
use crate::world::World;

fn delete(client: &Client, status: &str) -> crate::client::Answer {
    client.delete(&format!("/api/v1/statuses/{status}"))
}

#[test]
fn r77_the_answer_is_the_status_with_its_source_to_write_it_anew() {
    let world = World::new();
    let anna = world.person("anna");
    let post = anna.publish(&json!({
        "status": "**typed** #tag", "content_type": "text/markdown", "spoiler_text": "cw", "visibility": "unlisted",
    }));
    let deleted = delete(&anna, &id(&post)).ok();
    assert_entity("Status", &deleted);
    assert_eq!((&deleted["id"], &deleted["text"]), (&post["id"], &json!("**typed** #tag")));
    assert_eq!((&deleted["spoiler_text"], &deleted["visibility"]), (&json!("cw"), &json!("unlisted")));
    assert!(post.get("text").is_none());
    delete(&anna, &id(&post)).refused(404);
}

#[test]
fn a_deleted_post_is_nowhere() {
    let world = World::new();
    let [anna, ben, carla] = world.people(["anna", "ben", "carla"]);
    carla.relate("follow", &anna);
    carla.relate("follow", &ben);
    let root = ben.say("root");
    let post = id(&anna.publish(&json!({ "status": "@ben findable #things", "in_reply_to_id": root })));
    let answer = carla.reply(&post, "@anna answer");
    let wrapper = id(&ben.act("reblog", &post));
    anna.act("pin", &post);
    for action in ["favourite", "bookmark"] {
        carla.act(action, &post);
    }
    assert_eq!(anna.told().len(), 4, "a follow, a mention, a reblog and a favourite");
    assert_eq!(ben.told().len(), 2, "a mention and a follow");

    delete(&anna, &post).ok();
    for client in [&anna, &ben, &carla, &world.visitor()] {
        client.see(&post).refused(404);
        client.see(&wrapper).refused(404);
        for path in [
            "/api/v1/timelines/public".to_owned(),
            "/api/v1/timelines/tag/things".into(),
            format!("/api/v1/accounts/{}/statuses", anna.id()),
            format!("/api/v1/accounts/{}/statuses?pinned=true", anna.id()),
            format!("/api/v1/accounts/{}/statuses", ben.id()),
            format!("/api/v1/statuses?ids[]={post}&ids[]={wrapper}"),
        ] {
            let found = client.ids(&path);
            assert!(!found.contains(&post) && !found.contains(&wrapper), "{path}: {found:?}");
        }
        let found = client.get("/api/v2/search?q=findable").ok();
        assert_eq!(found["statuses"], json!([]));
        let context = client.get(&format!("/api/v1/statuses/{root}/context")).ok();
        assert_eq!(context["descendants"], json!([]));
        let context = client.get(&format!("/api/v1/statuses/{answer}/context")).ok();
        assert_eq!(context["ancestors"], json!([]));
    }
    for list in ["/api/v1/favourites", "/api/v1/bookmarks"] {
        assert_eq!(carla.ids(list), [""; 0]);
    }
    assert_eq!(carla.ids("/api/v1/timelines/home?limit=40"), [answer, root.clone()]);
    let kinds = |client: &Client| client.told().into_iter().map(|(kind, _)| kind).collect::<Vec<_>>();
    assert_eq!(kinds(&ben), ["follow"]);
    assert_eq!(kinds(&anna), ["mention", "follow"], "the answer still names anna");
    assert_eq!(ben.see(&root).ok()["replies_count"], 0);
    assert_eq!(anna.get("/api/v1/accounts/anna").ok()["statuses_count"], 0);
}

#[test]
fn r78_others_cannot_delete_and_are_not_told_whether_there_is_anything() {
    let world = World::new();
    let [anna, ben] = world.people(["anna", "ben"]);
    let post = anna.say("post");
    assert_eq!(delete(&ben, &post).refused(404), "Record not found");
    delete(&world.visitor(), &post).refused(401);
    anna.see(&post).ok();
}

#[test]
fn r78_moderators_delete_what_others_posted_seen_or_unseen() {
    let world = World::new();
    let anna = world.person("anna");
    let moderator = world.person_with_role("mia", Role::Moderator);
    let post = anna.say("post");
    assert_eq!(delete(&moderator, &post).ok()["id"], json!(post));
    anna.see(&post).refused(404);

    let private = anna.say_to("private", "for followers");
    anna.relate("block", &moderator);
    assert_eq!(
        delete(&moderator, &private).ok(),
        json!({}),
        "what it said stays between anna and her followers"
    );
    anna.see(&private).refused(404);
    delete(&moderator, "1").refused(404);
}

#[test]
fn media_of_a_deleted_post_can_be_attached_again() {
    let world = World::new();
    let anna = world.person("anna");
    let file = crate::pictures::png(4, 4);
    let upload =
        anna.post_multipart("/api/v1/media", &[Part::File("file", "a.png", "image/png", &file)]).ok();
    let draft = json!({ "status": "with a picture", "media_ids": [id(&upload)] });
    let post = anna.publish(&draft);
    anna.post_json("/api/v1/statuses", &draft).refused(422);
    delete(&anna, &id(&post)).ok();
    let anew = anna.publish(&draft);
    assert_eq!(ids(&anew["media_attachments"]), [id(&upload)]);
    // The day that uploads wait for a status is over, but this one has found its status.
    world.advance(std::time::Duration::from_secs(25 * 3600));
    world.run_due();
    assert_eq!(ids(&anna.see(&id(&anew)).ok()["media_attachments"]), [id(&upload)]);
}

#[test]
fn more_marks_and_reblogs_than_one_transaction_takes_go_with_jobs() {
    let world = World::new();
    let anna = world.person("anna");
    let post = anna.say("popular");
    let fans: Vec<Client> = (0..260).map(|number| world.person(&format!("fan{number}"))).collect();
    for fan in &fans {
        for action in ["favourite", "bookmark", "reblog"] {
            fan.act(action, &post);
        }
    }
    delete(&anna, &post).ok();
    for fan in [&fans[0], &fans[259]] {
        assert_eq!(fan.ids("/api/v1/favourites"), [""; 0]);
        assert_eq!(fan.ids("/api/v1/timelines/home"), [""; 0]);
    }
    assert!(world.run_due() > 0);
    for fan in [&fans[0], &fans[259]] {
        let account = fan.get(&format!("/api/v1/accounts/{}", fan.id())).ok();
        assert_eq!(account["statuses_count"], 0);
    }
}
