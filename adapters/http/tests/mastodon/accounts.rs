//! Accounts: looked up, listed, and what they posted.

use serde_json::{Value, json};

use crate::client::{Part, id, ids};
use crate::entities::{assert_entities, assert_entity};
use crate::world::World;

#[test]
fn r6_an_account_is_found_by_id_or_name() {
    let world = World::new();
    let anna = world.person("Anna");
    let by_id = world.visitor().get(&format!("/api/v1/accounts/{}", anna.id())).ok();
    assert_entity("Account", &by_id);
    for name in ["anna", "Anna", "@anna", "anna@koinon.example"] {
        assert_eq!(world.visitor().get(&format!("/api/v1/accounts/{name}")).ok(), by_id, "{name}");
        assert_eq!(
            world.visitor().get(&format!("/api/v1/accounts/lookup?acct={name}")).ok(),
            by_id,
            "{name}"
        );
    }
    anna.say("post");
    assert_eq!(world.visitor().ids("/api/v1/accounts/anna/statuses").len(), 1);
    world.visitor().get("/api/v1/accounts/lookup").refused(404);
}

#[test]
fn r6_a_name_of_digits_is_a_name_before_it_is_a_number() {
    let world = World::new();
    let digits = world.person("1984");
    let seen = world.visitor().get("/api/v1/accounts/1984").ok();
    assert_eq!((&seen["id"], &seen["username"]), (&json!(digits.id()), &json!("1984")));
}

#[test]
fn r89_the_name_of_an_account_has_its_domain_if_it_is_not_from_here() {
    let world = World::new();
    let (anna, zoe) = (world.person("anna"), world.remote("zoe", "far.example"));
    let acct = |who: &str| anna.get(&format!("/api/v1/accounts/{who}")).ok()["acct"].clone();
    assert_eq!((acct("anna"), acct(&zoe.id())), (json!("anna"), json!("zoe@far.example")));
    assert_entity("Account", &anna.get("/api/v1/accounts/zoe@far.example").ok());
    anna.get("/api/v1/accounts/zoe").refused(404);
}

#[test]
fn verify_credentials_shows_the_account_to_itself() {
    let world = World::new();
    let anna = world.person("anna");
    let own = anna.get("/api/v1/accounts/verify_credentials").ok();
    assert_entity("CredentialAccount", &own);
    assert_eq!(own["id"], json!(anna.id()));
    let seen = anna.get("/api/v1/accounts/anna").ok();
    assert!(seen.get("source").is_none() && seen.get("role").is_none(), "{seen}");
}

#[test]
fn numbers_of_an_account_count_what_everyone_may_see() {
    let world = World::new();
    let [anna, ben] = world.people(["anna", "ben"]);
    for visibility in ["public", "unlisted", "private", "direct", "local"] {
        anna.say_to(visibility, "x");
    }
    anna.act("reblog", &ben.say("y"));
    ben.relate("follow", &anna);
    let seen = world.visitor().get("/api/v1/accounts/anna").ok();
    assert_eq!(
        (&seen["statuses_count"], &seen["followers_count"], &seen["following_count"]),
        (&json!(3), &json!(1), &json!(0))
    );
    assert_eq!(seen["last_status_at"], "2026-09-21");
    assert_eq!(world.visitor().get("/api/v1/accounts/ben").ok()["following_count"], 1);
}

#[test]
fn followers_and_followed_are_listed_newest_first() {
    let world = World::new();
    let [anna, ben, carla] = world.people(["anna", "ben", "carla"]);
    for follower in [&carla, &ben] {
        follower.relate("follow", &anna);
    }
    let followers = world.visitor().get(&format!("/api/v1/accounts/{}/followers", anna.id())).ok();
    assert_entities("Account", &followers);
    assert_eq!(ids(&followers), [ben.id(), carla.id()]);
    assert_eq!(anna.ids(&format!("/api/v1/accounts/{}/following", ben.id())), [anna.id()]);
}

#[test]
fn r137_hidden_collections_are_for_their_owner() {
    let world = World::new();
    let [anna, ben] = world.people(["anna", "ben"]);
    ben.relate("follow", &anna);
    anna.send_form(http::Method::PATCH, "/api/v1/accounts/update_credentials", "hide_collections=1").ok();
    let path = format!("/api/v1/accounts/{}/followers", anna.id());
    assert_eq!((anna.ids(&path).len(), ben.ids(&path).len()), (1, 0));
}

#[test]
fn r109_r110_posts_of_an_account_are_filtered_as_asked() {
    let world = World::new();
    let [anna, ben] = world.people(["anna", "ben"]);
    let file = crate::pictures::png(4, 4);
    let media = anna.post_multipart("/api/v1/media", &[Part::File("file", "a.png", "image/png", &file)]).ok();
    let plain = anna.say("plain #Tag");
    let picture = id(&anna.publish(&json!({ "status": "picture", "media_ids": [id(&media)] })));
    let answer = anna.reply(&ben.say("question"), "answer #tag");
    let own_thread = anna.reply(&plain, "more");
    let reblog = id(&anna.act("reblog", &ben.say("#tag of ben")));
    let quiet = anna.say_to("unlisted", "quiet");
    anna.act("pin", &plain);
    let posts = |query: &str| ben.ids(&format!("/api/v1/accounts/{}/statuses?{query}", anna.id()));
    assert_eq!(posts(""), [&quiet, &reblog, &own_thread, &answer, &picture, &plain]);
    assert_eq!(posts("only_media=true"), [&picture]);
    assert_eq!(
        posts("exclude_replies=true"),
        [&quiet, &reblog, &own_thread, &picture, &plain],
        "threads stay"
    );
    assert_eq!(posts("exclude_reblogs=true"), [&quiet, &own_thread, &answer, &picture, &plain]);
    assert_eq!(posts("exclude_replies=1&exclude_reblogs=1&only_media=1"), [&picture]);
    assert_eq!(posts("pinned=true"), [&plain]);
    assert_eq!(posts("tagged=TAG"), [&answer, &plain]);
    assert_eq!(posts("tagged=%23tag&exclude_replies=1"), [&plain]);
    assert_eq!(posts("exclude_visibilities[]=unlisted"), [&reblog, &own_thread, &answer, &picture, &plain]);
    assert_eq!(posts("exclude_visibilities=public"), [&quiet]);
}

#[test]
fn a_muted_or_blocked_account_is_shown_to_who_asks_for_it() {
    let world = World::new();
    let [anna, ben, carla] = world.people(["anna", "ben", "carla"]);
    let posts = [ben.say("of ben"), carla.say("of carla")];
    anna.relate("mute", &ben);
    anna.relate("block", &carla);
    for (who, post) in [&ben, &carla].into_iter().zip(&posts) {
        assert_eq!(anna.ids(&format!("/api/v1/accounts/{}/statuses", who.id())), [post]);
    }
}

#[test]
fn a_limited_account_is_marked_and_kept_out_of_public_feeds() {
    let world = World::new();
    let [anna, ben, carla] = world.people(["anna", "ben", "carla"]);
    carla.relate("follow", &anna);
    let post = anna.say("words");
    let account = anna.account;
    world.write(move |tx| {
        use koinon_engine::store::schema::ACCOUNTS;
        let mut record = ACCOUNTS.get(tx, &account)?.unwrap();
        record.limited = true;
        ACCOUNTS.put(tx, &account, &record)
    });
    assert_eq!(ben.get("/api/v1/accounts/anna").ok()["limited"], true);
    for (client, found) in [(&ben, false), (&world.visitor(), false), (&carla, true), (&anna, true)] {
        assert_eq!(client.ids("/api/v1/timelines/public").contains(&post), found);
        let search = client.get("/api/v2/search?q=words").ok();
        assert_eq!(ids(&search["statuses"]).contains(&post), found);
        client.see(&post).ok();
    }
}

#[test]
fn r37_account_search_needs_no_token_and_finds_names_and_display_names() {
    let world = World::new();
    let [anna, annabel, other] = world.people(["anna", "annabel", "other"]);
    other
        .send_form(http::Method::PATCH, "/api/v1/accounts/update_credentials", "display_name=Anna+Other")
        .ok();
    let search = |client: &crate::client::Client, query: &str| {
        let found = client.get(&format!("/api/v1/accounts/search?{query}")).ok();
        let mut names: Vec<String> =
            found.as_array().unwrap().iter().map(|account| crate::client::text(&account["acct"])).collect();
        if names.len() > 1 {
            names[1..].sort();
        }
        names
    };
    let visitor = world.visitor();
    assert_eq!(search(&visitor, "q=anna"), ["anna", "annabel", "other"], "the exact name comes first");
    assert_eq!(search(&visitor, "q=ann&limit=1").len(), 1);
    assert_eq!(search(&visitor, "q=@anna@koinon.example")[0], "anna");
    assert_eq!(search(&visitor, "q=anna@far.example"), [""; 0]);
    assert_eq!(search(&visitor, "q="), [""; 0]);
    assert_eq!(search(&visitor, "q=ann&limit=0"), [""; 0]);
    annabel.relate("follow", &anna);
    assert_eq!(search(&annabel, "q=ann&following=true"), ["anna"]);
    anna.relate("block", &other);
    assert!(!search(&anna, "q=ann").contains(&"other".to_owned()));
    assert!(!search(&other, "q=ann").contains(&"anna".to_owned()));
    assert_entities("Account", &visitor.get("/api/v1/accounts/search?q=ann").ok());
}

#[test]
fn a_deleted_account_is_gone_with_its_posts() {
    let world = World::new();
    let [anna, ben] = world.people(["anna", "ben"]);
    ben.relate("follow", &anna);
    let post = anna.say("@ben words");
    ben.act("favourite", &post);
    futures::executor::block_on(world.engine.delete_account(anna.account, anna.account)).unwrap();
    ben.see(&post).refused(404);
    ben.get(&format!("/api/v1/accounts/{}", anna.id())).refused(404);
    for path in ["/api/v1/timelines/home", "/api/v1/timelines/public", "/api/v1/favourites"] {
        assert_eq!(ben.ids(path), [""; 0], "{path}");
    }
    assert_eq!(ben.told(), []);
    assert_eq!(ben.get("/api/v2/search?q=words").ok()["statuses"], Value::Array(vec![]));
    assert_eq!(ben.ids(&format!("/api/v1/accounts/{}/following", ben.id())), [""; 0]);
    anna.get("/api/v1/accounts/verify_credentials").refused(401);
}

#[test]
fn registration_through_a_program_gives_it_a_token() {
    let world = World::new();
    let program = world.visitor().with_token(world.app_token("read write"));
    let form = "username=newbie&email=new@mail.example&password=correct+horse&agreement=true&locale=de-AT";
    let token = program.post_form("/api/v1/accounts", form).ok();
    assert_eq!((&token["token_type"], &token["scope"]), (&json!("Bearer"), &json!("read write")));
    assert!(token["created_at"].is_i64());
    let newbie = world.visitor().with_token(token["access_token"].as_str().unwrap());
    let own = newbie.get("/api/v1/accounts/verify_credentials").ok();
    assert_eq!((&own["username"], &own["source"]["language"]), (&json!("newbie"), &json!("de"))); // R316
    let refusal = program.post_form("/api/v1/accounts", form).refused(422);
    assert_eq!(refusal, "Validation failed: Username has already been taken");
    let without = form.replace("agreement=true", "agreement=false").replace("newbie", "other");
    program.post_form("/api/v1/accounts", &without).refused(422);
}
