//! A thing one may not know of and a thing that never was are answered alike, to the last byte.

use http::Method;
use serde_json::json;

use crate::client::{Client, Part, id};
use crate::world::World;

/// A request about one id: method, path with `ID` in it, JSON body.
type Request = (&'static str, &'static str, &'static str);
type Requests = &'static [Request];
type Appearance = (u16, Vec<(String, String)>, String);

const STATUS: Requests = &[
    ("GET", "/api/v1/statuses/ID", ""),
    ("HEAD", "/api/v1/statuses/ID", ""),
    ("DELETE", "/api/v1/statuses/ID", ""),
    ("GET", "/api/v1/statuses/ID/context", ""),
    ("GET", "/api/v1/statuses/ID/card", ""),
    ("GET", "/api/v1/statuses/ID/source", ""),
    ("GET", "/api/v1/statuses/ID/reblogged_by", ""),
    ("GET", "/api/v1/statuses/ID/favourited_by", ""),
    ("POST", "/api/v1/statuses/ID/reblog", ""),
    ("POST", "/api/v1/statuses/ID/reblog", r#"{"visibility":"private"}"#),
    ("POST", "/api/v1/statuses/ID/unreblog", ""),
    ("POST", "/api/v1/statuses/ID/favourite", ""),
    ("POST", "/api/v1/statuses/ID/unfavourite", ""),
    ("POST", "/api/v1/statuses/ID/bookmark", ""),
    ("POST", "/api/v1/statuses/ID/unbookmark", ""),
    ("POST", "/api/v1/statuses/ID/pin", ""),
    ("POST", "/api/v1/statuses/ID/unpin", ""),
    ("POST", "/api/v1/statuses/ID/mute", ""),
    ("POST", "/api/v1/statuses/ID/unmute", ""),
    ("GET", "/api/v1/statuses?ids[]=ID", ""),
    ("POST", "/api/v1/statuses", r#"{"status":"an answer","in_reply_to_id":"ID"}"#),
    ("POST", "/api/v1/reports", r#"{"account_id":"CARLA","status_ids":["ID"]}"#),
    ("GET", "/api/v2/search?q=https://koinon.example/@anna/ID&resolve=true", ""),
    ("GET", "/api/v2/search?q=ID", ""),
];

const ACCOUNT: Requests = &[
    ("GET", "/api/v1/accounts/ID", ""),
    ("GET", "/api/v1/accounts/ID/statuses", ""),
    ("GET", "/api/v1/accounts/ID/statuses?pinned=1", ""),
    ("GET", "/api/v1/accounts/ID/followers", ""),
    ("GET", "/api/v1/accounts/ID/following", ""),
    ("GET", "/api/v1/accounts/ID/lists", ""),
    ("POST", "/api/v1/accounts/ID/follow", ""),
    ("POST", "/api/v1/accounts/ID/follow", r#"{"reblogs":false}"#),
    ("POST", "/api/v1/accounts/ID/unfollow", ""),
    ("POST", "/api/v1/accounts/ID/remove_from_followers", ""),
    ("POST", "/api/v1/accounts/ID/block", ""),
    ("POST", "/api/v1/accounts/ID/unblock", ""),
    ("POST", "/api/v1/accounts/ID/mute", ""),
    ("POST", "/api/v1/accounts/ID/unmute", ""),
    ("POST", "/api/v1/follow_requests/ID/authorize", ""),
    ("POST", "/api/v1/follow_requests/ID/reject", ""),
    ("GET", "/api/v1/accounts/relationships?id[]=ID", ""),
    ("GET", "/api/v1/accounts/familiar_followers?id[]=ID", ""),
    ("GET", "/api/v1/notifications?account_id=ID", ""),
    ("GET", "/api/v2/search?q=word&account_id=ID", ""),
    ("POST", "/api/v1/reports", r#"{"account_id":"ID"}"#),
    ("POST", "/api/v1/lists/LIST/accounts", r#"{"account_ids":["ID"]}"#),
    ("DELETE", "/api/v1/lists/LIST/accounts", r#"{"account_ids":["ID"]}"#),
];

const NAME: Requests = &[
    ("GET", "/api/v1/accounts/ID", ""),
    ("GET", "/api/v1/accounts/ID/statuses", ""),
    ("GET", "/api/v1/accounts/lookup?acct=ID", ""),
    ("GET", "/api/v1/accounts/search?q=ID", ""),
    ("GET", "/api/v2/search?q=ID", ""),
    ("GET", "/api/v2/search?q=@ID@koinon.example&resolve=true", ""),
    ("GET", "/api/v2/search?q=https://koinon.example/@ID&resolve=true", ""),
    ("GET", "/api/v2/search?q=https://koinon.example/users/ID", ""),
    ("POST", "/api/v1/follows", r#"{"uri":"ID"}"#),
    ("POST", "/api/v1/follows", r#"{"uri":"ID@koinon.example"}"#),
];

const NOTIFICATION: Requests = &[
    ("GET", "/api/v1/notifications/ID", ""),
    ("POST", "/api/v1/notifications/ID/dismiss", ""),
    ("POST", "/api/v1/notifications/dismiss", r#"{"id":"ID"}"#),
    ("DELETE", "/api/v1/notifications/destroy_multiple?ids[]=ID", ""),
];

const MEDIA: Requests = &[
    ("GET", "/api/v1/media/ID", ""),
    ("PUT", "/api/v1/media/ID", r#"{"description":"mine"}"#),
    ("POST", "/api/v1/statuses", r#"{"status":"look","media_ids":["ID"]}"#),
];

const LIST: Requests = &[
    ("GET", "/api/v1/lists/ID", ""),
    ("PUT", "/api/v1/lists/ID", r#"{"title":"mine"}"#),
    ("DELETE", "/api/v1/lists/ID", ""),
    ("GET", "/api/v1/lists/ID/accounts", ""),
    ("POST", "/api/v1/lists/ID/accounts", r#"{"account_ids":["CARLA"]}"#),
    ("DELETE", "/api/v1/lists/ID/accounts", r#"{"account_ids":["CARLA"]}"#),
    ("GET", "/api/v1/timelines/list/ID", ""),
    ("POST", "/api/v1/statuses", r#"{"status":"to a list","visibility":"list:ID"}"#),
];

/// Somebody with a list and somebody who is in it, and whose things the hidden ones are.
struct Cast {
    world: World,
    anna: Client,
    ben: Client,
    carla: Client,
    list: String,
}

impl Cast {
    fn new() -> Self {
        let world = World::new();
        let [anna, ben, carla] = world.people(["anna", "ben", "carla"]);
        ben.relate("follow", &carla);
        let list = id(&ben.post_json("/api/v1/lists", &json!({ "title": "of ben" })).ok());
        Self { world, anna, ben, carla, list }
    }

    /// Asserts that ben and visitors are answered about `hidden` as about `unknown`.
    #[track_caller]
    fn assert_alike(&self, requests: Requests, hidden: &str, unknown: &str) {
        self.assert_alike_for(&self.world.visitor(), requests, hidden, unknown);
        self.assert_alike_for(&self.ben, requests, hidden, unknown);
    }

    #[track_caller]
    fn assert_alike_for(&self, client: &Client, requests: Requests, hidden: &str, unknown: &str) {
        for request in requests {
            let (hidden, unknown) = (self.ask(client, request, hidden), self.ask(client, request, unknown));
            assert_eq!(hidden, unknown, "{request:?}");
        }
    }

    /// How a request about `id` is answered, with the id itself taken out: the answer may repeat what was asked.
    fn ask(&self, client: &Client, (method, path, body): &Request, id: &str) -> Appearance {
        let fill = |text: &str| {
            text.replace("LIST", &self.list).replace("CARLA", &self.carla.id()).replace("ID", id)
        };
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let answer = match *body {
            "" => client.ask(method, &fill(path)),
            body => client.send_json(method, &fill(path), &serde_json::from_str(&fill(body)).unwrap()),
        };
        let (status, headers, text) = answer.appearance();
        let headers = headers.into_iter().map(|(name, value)| (name, value.replace(id, "ID"))).collect();
        (status, headers, text.replace(id, "ID"))
    }
}

/// An id of the form of `like` that nothing has.
fn unused(like: &str) -> String {
    let last = if like.ends_with('0') { "1" } else { "0" };
    format!("{}{last}", &like[..like.len() - 1])
}

#[test]
fn r59_a_hidden_status() {
    let cast = Cast::new();
    for visibility in ["private", "direct"] {
        let hidden = cast.anna.say_to(visibility, "hidden");
        cast.assert_alike(STATUS, &hidden, &unused(&hidden));
    }
}

#[test]
fn r59_a_public_status_of_an_account_that_blocks_the_viewer() {
    let cast = Cast::new();
    let hidden = cast.anna.say("public @ben");
    cast.anna.relate("block", &cast.ben);
    cast.world.visitor().see(&hidden).ok();
    cast.assert_alike_for(&cast.ben, STATUS, &hidden, &unused(&hidden));
}

#[test]
fn r59_a_deleted_status_and_one_of_a_suspended_account() {
    let cast = Cast::new();
    let deleted = cast.anna.say("deleted");
    cast.anna.delete(&format!("/api/v1/statuses/{deleted}")).ok();
    cast.assert_alike(STATUS, &deleted, &unused(&deleted));
    let hidden = cast.anna.say("of someone suspended");
    cast.world.suspend(&cast.anna);
    cast.assert_alike(STATUS, &hidden, &unused(&hidden));
}

#[test]
fn r59_a_status_that_was_favourited_before_it_was_hidden() {
    let cast = Cast::new();
    let hidden = cast.anna.say("public");
    for action in ["favourite", "bookmark", "reblog"] {
        cast.ben.act(action, &hidden);
    }
    cast.world.suspend(&cast.anna);
    cast.assert_alike(STATUS, &hidden, &unused(&hidden));
}

#[test]
fn a_suspended_account() {
    let cast = Cast::new();
    cast.world.suspend(&cast.anna);
    cast.assert_alike(ACCOUNT, &cast.anna.id(), &unused(&cast.anna.id()));
    cast.assert_alike(NAME, "anna", "nobody");
}

#[test]
fn an_account_that_blocks_the_viewer() {
    let cast = Cast::new();
    cast.anna.relate("block", &cast.ben);
    cast.world.visitor().get("/api/v1/accounts/anna").ok();
    cast.assert_alike_for(&cast.ben, ACCOUNT, &cast.anna.id(), &unused(&cast.anna.id()));
    cast.assert_alike_for(&cast.ben, NAME, "anna", "nobody");
}

#[test]
fn r192_a_notification_of_someone_else() {
    let cast = Cast::new();
    cast.carla.say("hello @anna");
    let hidden = id(&cast.anna.get("/api/v1/notifications").ok()[0]);
    cast.assert_alike(NOTIFICATION, &hidden, &unused(&hidden));
    assert_eq!(cast.anna.told().len(), 1);
}

#[test]
fn r207_an_upload_of_someone_else() {
    let cast = Cast::new();
    let file = crate::pictures::png(4, 4);
    let upload =
        cast.anna.post_multipart("/api/v1/media", &[Part::File("file", "a.png", "image/png", &file)]).ok();
    let hidden = id(&upload);
    cast.assert_alike(MEDIA, &hidden, &unused(&hidden));
    assert_eq!(cast.anna.get(&format!("/api/v1/media/{hidden}")).ok(), upload);
}

#[test]
fn r53_a_list_of_someone_else() {
    let cast = Cast::new();
    let list = cast.anna.post_json("/api/v1/lists", &json!({ "title": "of anna" })).ok();
    let hidden = id(&list);
    cast.assert_alike(LIST, &hidden, &unused(&hidden));
    assert_eq!(cast.anna.get(&format!("/api/v1/lists/{hidden}")).ok(), list);
}

#[test]
fn what_is_no_id_names_nothing() {
    let cast = Cast::new();
    let unknown = unused(&cast.anna.id());
    for text in ["nonsense", "0x1", "-1", "%00", "007", "a'b%22--"] {
        cast.assert_alike(&STATUS[..3], text, &unknown);
        cast.assert_alike(&LIST[..3], text, &unknown);
        cast.assert_alike(&MEDIA[..2], text, &unknown);
        cast.assert_alike(&NOTIFICATION[..1], text, &unknown);
        cast.assert_alike(&ACCOUNT[6..10], text, &unknown);
    }
}
