//! Who sees what: every visibility, every kind of viewer, every surface.

use serde_json::{Value, json};

use crate::client::{Client, id, ids};
use crate::world::World;

/// Viewers of anna's posts, by how they stand to her.
struct Cast {
    world: World,
    anna: Client,
    viewers: Vec<(&'static str, Client)>,
    list: String,
}

const VIEWERS: [&str; 8] =
    ["follower", "mutual", "stranger", "named", "member", "asking", "blocked", "follower_named"];

impl Cast {
    fn new() -> Self {
        let world = World::new();
        let anna = world.person("anna");
        let viewers = VIEWERS.map(|name| (name, world.person(name)));
        let viewer = |name: &str| &viewers.iter().find(|(known, _)| *known == name).unwrap().1;
        for follower in ["follower", "mutual", "follower_named"] {
            viewer(follower).relate("follow", &anna);
        }
        anna.relate("follow", viewer("mutual"));
        let locking = json!({ "locked": true });
        anna.send_json(http::Method::PATCH, "/api/v1/accounts/update_credentials", &locking).ok();
        viewer("asking").relate("follow", &anna);
        anna.relate("block", viewer("blocked"));
        anna.relate("follow", viewer("member"));
        let list = id(&anna.post_json("/api/v1/lists", &json!({ "title": "members" })).ok());
        let members = json!({ "account_ids": [viewer("member").id()] });
        anna.post_json(&format!("/api/v1/lists/{list}/accounts"), &members).ok();
        let mut viewers = viewers.to_vec();
        viewers.push(("visitor", world.visitor()));
        viewers.push(("anna", anna.clone()));
        Self { world, anna, viewers, list }
    }

    fn parameters(&self, visibility: &str) -> Value {
        let visibility =
            if visibility == "list" { format!("list:{}", self.list) } else { visibility.to_owned() };
        // The blocked account is named too: the block wins.
        json!({ "status": "words @named @follower_named @blocked #things", "visibility": visibility })
    }
}

/// What each viewer sees by the truth table, which stands here a second time.
fn sees(visibility: &str, viewer: &str) -> bool {
    let named = ["named", "follower_named"].contains(&viewer);
    let follows = ["follower", "mutual", "follower_named"].contains(&viewer);
    match viewer {
        "anna" => true,
        "blocked" => false,
        _ => match visibility {
            "public" | "unlisted" => true,
            "local" => viewer != "visitor",
            "private" => follows || named,
            "mutuals" => viewer == "mutual" || named,
            "direct" => named,
            "list" => viewer == "member" || named,
            other => panic!("{other}"),
        },
    }
}

const VISIBILITIES: [&str; 7] = ["public", "unlisted", "local", "private", "mutuals", "direct", "list"];

#[test]
fn r49_a_post_has_the_visibility_that_was_asked_for() {
    let cast = Cast::new();
    for visibility in VISIBILITIES {
        let post = cast.anna.publish(&cast.parameters(visibility));
        // No client knows `mutuals`.
        let shown = if visibility == "mutuals" { "private" } else { visibility };
        assert_eq!(post["visibility"], shown);
    }
}

#[test]
fn r54_r55_every_surface_shows_a_post_to_exactly_those_who_may_see_it() {
    for visibility in VISIBILITIES {
        let cast = Cast::new();
        let anna = &cast.anna;
        let post = id(&anna.publish(&cast.parameters(visibility)));
        let root = anna.say("the beginning");
        let answer = json!({
            "status": "an answer @named @follower_named @blocked", "in_reply_to_id": root,
            "visibility": cast.parameters(visibility)["visibility"],
        });
        let answer = id(&anna.publish(&answer));
        for (name, viewer) in &cast.viewers {
            let may = sees(visibility, name);
            let what = format!("{visibility} for {name}");
            assert_eq!(viewer.see(&post).status, if may { 200 } else { 404 }, "{what}");
            for part in ["context", "card", "reblogged_by", "favourited_by"] {
                let answer = viewer.get(&format!("/api/v1/statuses/{post}/{part}"));
                assert_eq!(answer.status, if may { 200 } else { 404 }, "{what}: {part}");
            }
            let found = |path: &str| viewer.ids(path).contains(&post);
            assert_eq!(found(&format!("/api/v1/statuses?ids[]={post}")), may, "{what}: several");
            if *name != "blocked" {
                let own = format!("/api/v1/accounts/{}/statuses?limit=40", anna.id());
                assert_eq!(found(&own), may, "{what}: account");
                let context = viewer.get(&format!("/api/v1/statuses/{root}/context")).ok();
                assert_eq!(ids(&context["descendants"]).contains(&answer), may, "{what}: thread");
            }
            let public = may && ["public", "local"].contains(&visibility);
            assert_eq!(found("/api/v1/timelines/public?limit=40"), public, "{what}: public");
            assert_eq!(found("/api/v1/timelines/public?local=1&limit=40"), public, "{what}: local");
            assert_eq!(found("/api/v1/timelines/tag/things?limit=40"), public, "{what}: tag");
            let search = viewer.get("/api/v2/search?q=words&type=statuses").ok();
            let concerns = ["public", "unlisted"].contains(&visibility)
                || ["anna", "named", "follower_named", "follower", "mutual", "member"].contains(name)
                    && !(visibility == "local" && *name == "member");
            assert_eq!(ids(&search["statuses"]).contains(&post), may && concerns, "{what}: search"); // R50
            if viewer.token.is_some() {
                let follows = ["anna", "follower", "mutual", "follower_named"].contains(name);
                assert_eq!(found("/api/v1/timelines/home?limit=40"), may && follows, "{what}: home");
                let told = viewer.told().iter().filter(|(kind, _)| kind == "mention").count();
                let named = ["named", "follower_named"].contains(name);
                assert_eq!(told, if named { 2 } else { 0 }, "{what}: notifications");
            }
        }
    }
}

#[test]
fn r59_nobody_can_do_anything_to_a_post_they_may_not_see() {
    for visibility in ["private", "direct", "list", "mutuals"] {
        let cast = Cast::new();
        let post = id(&cast.anna.publish(&cast.parameters(visibility)));
        for (name, viewer) in &cast.viewers {
            if sees(visibility, name) || viewer.token.is_none() {
                continue;
            }
            for action in ["favourite", "bookmark", "reblog", "pin", "mute"] {
                viewer.post(&format!("/api/v1/statuses/{post}/{action}")).refused(404);
            }
            let reply = json!({ "status": "hey", "in_reply_to_id": post });
            viewer.post_json("/api/v1/statuses", &reply).refused(404);
            if *name != "blocked" {
                let report = json!({ "account_id": cast.anna.id(), "status_ids": [post] });
                viewer.post_json("/api/v1/reports", &report).refused(404);
            }
        }
        let seen = cast.anna.see(&post).ok();
        assert_eq!((&seen["favourites_count"], &seen["replies_count"]), (&json!(0), &json!(0)));
        drop(cast.world);
    }
}

#[test]
fn people_who_marked_or_passed_on_are_listed_without_those_one_blocks_or_is_blocked_by() {
    let world = World::new();
    let [anna, ben, carla, dora] = world.people(["anna", "ben", "carla", "dora"]);
    let post = anna.say("popular");
    for person in [&ben, &carla, &dora] {
        person.act("favourite", &post);
        person.act("reblog", &post);
    }
    carla.relate("block", &dora);
    for list in ["favourited_by", "reblogged_by"] {
        let path = format!("/api/v1/statuses/{post}/{list}");
        assert_eq!(world.visitor().ids(&path), [dora.id(), carla.id(), ben.id()], "{list}");
        assert_eq!(carla.ids(&path), [carla.id(), ben.id()], "{list}");
        assert_eq!(dora.ids(&path), [dora.id(), ben.id()], "{list}");
    }
    let seen = dora.see(&post).ok();
    // Numbers are the same for all, or they would tell who blocks whom.
    assert_eq!((&seen["favourites_count"], &seen["reblogs_count"]), (&json!(3), &json!(3)));
}

#[test]
fn a_private_reblog_is_listed_for_those_who_may_see_it() {
    let world = World::new();
    let [anna, ben, carla] = world.people(["anna", "ben", "carla"]);
    carla.relate("follow", &ben);
    let post = anna.say("news");
    ben.post_json(&format!("/api/v1/statuses/{post}/reblog"), &json!({ "visibility": "private" })).ok();
    let path = format!("/api/v1/statuses/{post}/reblogged_by");
    assert_eq!(carla.ids(&path), [ben.id()]);
    assert_eq!(anna.ids(&path), [""; 0]);
    assert_eq!(world.visitor().ids(&path), [""; 0]);
}

#[test]
fn an_instance_that_admits_no_visitors_shows_them_nothing() {
    let settings = koinon_engine::settings::Settings { open_to_visitors: false, ..crate::world::settings() };
    let world = World::with(settings, koinon_http::Options::default());
    let [anna, ben] = world.people(["anna", "ben"]);
    let post = anna.say("#things");
    let visitor = world.visitor();
    visitor.see(&post).refused(404);
    visitor.get(&format!("/api/v1/accounts/{}", anna.id())).refused(404);
    visitor.get("/api/v1/accounts/anna").refused(404);
    visitor.get("/api/v1/timelines/public").refused(422);
    visitor.get("/api/v1/timelines/tag/things").refused(422);
    let found = visitor.get("/api/v2/search?q=things").ok();
    assert_eq!((&found["accounts"], &found["statuses"]), (&json!([]), &json!([])));
    ben.see(&post).ok();
}

#[test]
fn what_a_post_refers_to_is_left_out_where_it_is_hidden() {
    let world = World::new();
    let [anna, ben, carla] = world.people(["anna", "ben", "carla"]);
    ben.relate("follow", &anna);
    let secret = anna.say_to("private", "for followers");
    let answer =
        id(&ben.publish(&json!({ "status": "@anna yes", "in_reply_to_id": secret, "visibility": "public" })));
    let seen = carla.see(&answer).ok();
    assert_eq!((&seen["in_reply_to_id"], &seen["in_reply_to_account_id"]), (&Value::Null, &Value::Null));
    assert_eq!(seen["mentions"][0]["id"], json!(anna.id()));
    let seen = ben.see(&answer).ok();
    assert_eq!(
        (&seen["in_reply_to_id"], &seen["in_reply_to_account_id"]),
        (&json!(secret), &json!(anna.id()))
    );

    anna.relate("block", &carla);
    assert_eq!(carla.see(&answer).ok()["mentions"], json!([]), "an account that blocks one does not exist");
}
