//! Answers, and the thread around a status.

use serde_json::{Value, json};

use koinon_engine::id::Flake;
use koinon_engine::model::{Status, StatusRef, Visibility};
use koinon_engine::store::schema::{AuthorFeed, BY_AUTHOR, CONVERSATIONS, Form, STATUSES};

use crate::client::{Client, Ids, id, ids};
use crate::entities::assert_entity;
use crate::world::World;

fn above(client: &Client, status: &str) -> Ids {
    ids(&client.get(&format!("/api/v1/statuses/{status}/context")).ok()["ancestors"])
}

fn below(client: &Client, status: &str) -> Ids {
    ids(&client.get(&format!("/api/v1/statuses/{status}/context")).ok()["descendants"])
}

#[test]
fn an_answer_tells_what_it_answers() {
    let world = World::new();
    let [anna, ben] = world.people(["anna", "ben"]);
    let root = anna.say("root");
    let answer = ben.publish(&json!({ "status": "answer", "in_reply_to_id": root }));
    assert_eq!(answer["in_reply_to_id"], json!(root));
    assert_eq!(answer["in_reply_to_account_id"], json!(anna.id()));
    assert_eq!(anna.see(&root).ok()["replies_count"], 1);
    let context = anna.get(&format!("/api/v1/statuses/{root}/context")).ok();
    assert_entity("Context", &context);
}

#[test]
fn r94_r95_ancestors_run_from_the_root_and_answers_follow_what_they_answer() {
    let world = World::new();
    let [anna, ben] = world.people(["anna", "ben"]);
    let root = anna.say("root");
    let first = ben.reply(&root, "first");
    let second = anna.reply(&root, "second");
    let below_first = anna.reply(&first, "below the first");
    let below_second = ben.reply(&second, "below the second");
    let again_below_first = ben.reply(&first, "below the first, again");
    let deep = anna.reply(&below_first, "deep");
    let all = [&first, &below_first, &deep, &again_below_first, &second, &below_second];
    assert_eq!(below(&ben, &root), all);
    assert_eq!(above(&ben, &root), [""; 0]);
    assert_eq!(above(&ben, &deep), [&root, &first, &below_first]);
    assert_eq!(below(&ben, &deep), [""; 0]);
    assert_eq!(above(&ben, &first), [root]);
    assert_eq!(below(&ben, &first), all[1..4]);
}

#[test]
fn r95_hidden_posts_are_left_out_and_the_thread_goes_on_around_them() {
    let world = World::new();
    let [anna, ben, carla] = world.people(["anna", "ben", "carla"]);
    ben.relate("follow", &anna);
    let root = anna.say("root");
    let hidden =
        id(&anna.publish(&json!({ "status": "x", "in_reply_to_id": root, "visibility": "private" })));
    let answer =
        id(&ben.publish(&json!({ "status": "y", "in_reply_to_id": hidden, "visibility": "public" })));
    assert_eq!(below(&ben, &root), [&hidden, &answer]);
    assert_eq!(above(&ben, &answer), [&root, &hidden]);
    assert_eq!(below(&carla, &root), [answer.as_str()]);
    assert_eq!(above(&carla, &answer), [root.as_str()]);
    carla.get(&format!("/api/v1/statuses/{hidden}/context")).refused(404);
}

#[test]
fn a_deleted_post_cuts_its_branch_off() {
    let world = World::new();
    let [anna, ben] = world.people(["anna", "ben"]);
    let root = anna.say("root");
    let middle = ben.reply(&root, "middle");
    let leaf = anna.reply(&middle, "leaf");
    let deeper = anna.reply(&leaf, "deeper");
    ben.delete(&format!("/api/v1/statuses/{middle}")).ok();
    assert_eq!(below(&anna, &root), [""; 0]);
    assert_eq!(above(&anna, &deeper), [leaf.as_str()]);
    assert_eq!(below(&anna, &leaf), [deeper]);
    let seen = anna.see(&leaf).ok();
    assert_eq!((&seen["in_reply_to_id"], &seen["in_reply_to_account_id"]), (&Value::Null, &Value::Null));
    assert_eq!(anna.see(&root).ok()["replies_count"], 0);
}

#[test]
fn muted_and_blocked_people_are_left_out_of_threads() {
    let world = World::new();
    let [anna, ben, carla, dora] = world.people(["anna", "ben", "carla", "dora"]);
    let root = anna.say("root");
    let of_ben = ben.reply(&root, "of ben");
    let of_carla = carla.reply(&root, "of carla");
    dora.relate("mute", &ben);
    dora.relate("block", &carla);
    assert_eq!(below(&dora, &root), [""; 0]);
    assert_eq!(below(&anna, &root), [&of_ben, &of_carla]);
    dora.see(&of_ben).ok();
    dora.see(&of_carla).ok();
}

#[test]
fn answering_a_reblog_answers_the_original() {
    let world = World::new();
    let [anna, ben] = world.people(["anna", "ben"]);
    let post = anna.say("post");
    let reblog = id(&ben.act("reblog", &post));
    let answer = ben.publish(&json!({ "status": "answer", "in_reply_to_id": reblog }));
    assert_eq!(answer["in_reply_to_id"], json!(post));
    assert_eq!(below(&anna, &reblog), [id(&answer)]);
}

#[test]
fn an_answer_is_no_wider_than_its_parent_unless_the_author_says_so() {
    let world = World::new();
    let [anna, ben] = world.people(["anna", "ben"]);
    ben.relate("follow", &anna);
    for visibility in ["public", "unlisted", "private"] {
        let parent = anna.say_to(visibility, "parent");
        let answer = ben.see(&ben.reply(&parent, "answer")).ok();
        assert_eq!(answer["visibility"], visibility);
        let wider = json!({ "status": "answer", "in_reply_to_id": parent, "visibility": "public" });
        assert_eq!(ben.publish(&wider)["visibility"], "public");
    }
    let direct = anna.say_to("direct", "@ben parent");
    let answer = ben.reply(&direct, "answer without a name");
    assert_eq!(anna.see(&answer).ok()["visibility"], "direct");
    assert_eq!(anna.told()[0], ("mention".into(), "ben".into()));
}

#[test]
fn numbers_of_answers_count_open_ones_only() {
    let world = World::new();
    let [anna, ben] = world.people(["anna", "ben"]);
    let root = anna.say("root");
    let answer = |visibility: &str| {
        id(&ben.publish(&json!({ "status": "@anna", "in_reply_to_id": root, "visibility": visibility })))
    };
    let count = || anna.see(&root).ok()["replies_count"].as_u64().unwrap();
    let (_, _, _, unlisted) = (answer("public"), answer("private"), answer("direct"), answer("unlisted"));
    assert_eq!(count(), 2);
    ben.delete(&format!("/api/v1/statuses/{unlisted}")).ok();
    assert_eq!(count(), 1);
}

#[test]
fn a_thread_of_three_thousand_answers_is_shown_from_both_ends() {
    let world = World::new();
    let anna = world.person("anna");
    let root: Flake = anna.say("root").parse().unwrap();
    let author = anna.account;
    let chain: Vec<Flake> = (1..=3_000_u64)
        .map(|number| Flake::from_parts(root.milliseconds() + number, 0, u128::from(number)))
        .collect();
    let links = chain.clone();
    world.write(move |tx| {
        let first = STATUSES.get(tx, &root)?.unwrap();
        let mut parent = root;
        for &id in &links {
            let in_reply_to = Some(StatusRef { status: parent, author });
            // Answers of this visibility are counted nowhere, so nothing else has to be written.
            let status = Status { id, in_reply_to, visibility: Visibility::Private, ..first.clone() };
            STATUSES.put(tx, &id, &status)?;
            BY_AUTHOR.put(tx, &(author, AuthorFeed::All, id), &Form::Original)?;
            CONVERSATIONS.put(tx, &(root, id), &Some(parent))?;
            parent = id;
        }
        Ok(())
    });
    let chain: Vec<String> = chain.iter().map(Flake::to_string).collect();
    assert_eq!(below(&anna, &root.to_string()), chain);
    let ancestors = above(&anna, &chain[2_999]);
    assert_eq!(ancestors.len(), 3_000);
    assert_eq!((&ancestors[0], &ancestors[2_999]), (&root.to_string(), &chain[2_998]));
}

#[test]
fn threads_that_run_in_circles_end() {
    let world = World::new();
    let [anna, ben] = world.people(["anna", "ben"]);
    let visible = anna.say("visible");
    let hidden = anna.say_to("private", "hidden");
    let last = anna.reply(&hidden, "last");
    let own = anna.say("its own parent");
    let [visible_id, hidden_id, last_id, own_id]: [Flake; 4] =
        [&visible, &hidden, &last, &own].map(|id| id.parse().unwrap());
    let author = anna.account;
    // Nothing here makes such threads, but what comes from elsewhere can claim anything.
    world.write(move |tx| {
        let links = [(hidden_id, last_id), (last_id, hidden_id), (own_id, own_id), (visible_id, last_id)];
        for (child, parent) in links {
            let mut status = STATUSES.get(tx, &child)?.unwrap();
            status.in_reply_to = Some(StatusRef { status: parent, author });
            status.visibility = if child == visible_id { Visibility::Public } else { Visibility::Private };
            let conversation = status.conversation;
            STATUSES.put(tx, &child, &status)?;
            CONVERSATIONS.put(tx, &(conversation, child), &Some(parent))?;
        }
        Ok(())
    });
    world.is_damaged();
    assert_eq!(above(&ben, &visible), [""; 0]);
    assert_eq!(above(&anna, &visible), [&hidden, &last], "each once");
    assert_eq!(above(&anna, &last), [hidden.as_str()]);
    assert_eq!((above(&anna, &own), below(&anna, &own)), (Ids(vec![]), Ids(vec![])));
    for status in [&visible, &hidden, &last] {
        assert!(below(&anna, status).len() < 4);
    }
}
