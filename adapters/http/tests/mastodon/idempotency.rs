//! `Idempotency-Key`: a client that repeats a request makes one post.

use std::sync::{Arc, Barrier};
use std::time::Duration;

use http::Method;
use serde_json::{Value, json};

use crate::client::{Answer, Client, Part, id};
use crate::world::World;

fn post(client: &Client, key: &str, body: &Value) -> Answer {
    let headers = [("content-type", "application/json"), ("idempotency-key", key)];
    client.send(Method::POST, "/api/v1/statuses", &headers, serde_json::to_vec(body).unwrap())
}

fn posts_of(client: &Client) -> usize {
    client.ids(&format!("/api/v1/accounts/{}/statuses?limit=40", client.id())).len()
}

#[test]
fn the_same_key_makes_one_post_whatever_the_body() {
    let world = World::new();
    let anna = world.person("anna");
    let first = post(&anna, "a key", &json!({ "status": "hello" })).ok();
    assert_eq!(post(&anna, "a key", &json!({ "status": "hello" })).ok(), first);
    assert_eq!(post(&anna, "a key", &json!({ "status": "hello!" })).ok(), first);
    assert_eq!(posts_of(&anna), 1);
    let other = post(&anna, "another key", &json!({ "status": "hello" })).ok();
    assert_ne!(other["id"], first["id"]);
    anna.say("hello");
    anna.say("hello");
    assert_eq!(posts_of(&anna), 4);
}

#[test]
fn a_key_belongs_to_its_account() {
    let world = World::new();
    let [anna, ben] = world.people(["anna", "ben"]);
    let secret = post(&anna, "1", &json!({ "status": "for myself", "visibility": "direct" })).ok();
    let other = post(&ben, "1", &json!({ "status": "mine" })).ok();
    assert_ne!(secret["id"], other["id"]);
    assert_eq!(other["content"], "<p>mine</p>");
}

#[test]
fn a_key_is_forgotten_after_an_hour_and_with_its_post() {
    let world = World::new();
    let anna = world.person("anna");
    let first = id(&post(&anna, "k", &json!({ "status": "x" })).ok());
    world.advance(Duration::from_secs(3_599));
    assert_eq!(id(&post(&anna, "k", &json!({ "status": "x" })).ok()), first);
    world.advance(Duration::from_secs(1));
    let second = id(&post(&anna, "k", &json!({ "status": "x" })).ok());
    assert_ne!(second, first);
    anna.delete(&format!("/api/v1/statuses/{second}")).ok();
    let third = id(&post(&anna, "k", &json!({ "status": "x" })).ok());
    assert!(third != second && third != first);
}

#[test]
fn a_refused_request_does_not_use_up_its_key() {
    let world = World::new();
    let anna = world.person("anna");
    post(&anna, "k", &json!({ "status": "" })).refused(422);
    post(&anna, "k", &json!({ "status": "better" })).ok();
    assert_eq!(posts_of(&anna), 1);
}

#[test]
fn a_repeat_with_the_same_attachment_is_no_attempt_to_attach_it_twice() {
    let world = World::new();
    let anna = world.person("anna");
    let file = crate::pictures::png(4, 4);
    let media = anna.post_multipart("/api/v2/media", &[Part::File("file", "a.png", "image/png", &file)]).ok();
    let body = json!({ "status": "look", "media_ids": [id(&media)] });
    assert_eq!(post(&anna, "k", &body).ok(), post(&anna, "k", &body).ok());
}

#[test]
fn thirty_two_requests_at_the_same_moment_make_one_post() {
    let world = World::new();
    let [anna, ben] = world.people(["anna", "ben"]);
    let start = Arc::new(Barrier::new(32));
    let threads: Vec<_> = (0..32)
        .map(|number| {
            let (anna, start) = (anna.clone(), Arc::clone(&start));
            std::thread::spawn(move || {
                start.wait();
                post(&anna, "the key", &json!({ "status": format!("@ben attempt {number}") })).ok()
            })
        })
        .collect();
    let mut made: Vec<String> = threads.into_iter().map(|thread| id(&thread.join().unwrap())).collect();
    made.dedup();
    assert_eq!(made.len(), 1, "{made:?}");
    assert_eq!(posts_of(&anna), 1);
    assert_eq!(ben.told().len(), 1);
}
