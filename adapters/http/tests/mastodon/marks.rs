//! Favourites, bookmarks and pins.

use serde_json::json;

use crate::client::{Client, Ids, id, ids};
use crate::entities::{assert_entities, assert_entity};
use crate::world::{World, settings};

const KINDS: [(&str, &str, &str); 2] =
    [("favourite", "favourited", "/api/v1/favourites"), ("bookmark", "bookmarked", "/api/v1/bookmarks")];

fn pinned(of: &Client, viewer: &Client) -> Ids {
    viewer.ids(&format!("/api/v1/accounts/{}/statuses?pinned=true", of.id()))
}

#[test]
fn r80_r81_marks_are_the_accounts_own_and_count_once() {
    let world = World::new();
    let [anna, ben] = world.people(["anna", "ben"]);
    let post = anna.say("post");
    for (action, flag, _) in KINDS {
        let answer = ben.act(action, &post);
        assert_entity("Status", &answer);
        assert_eq!((&answer["id"], &answer[flag]), (&json!(post), &json!(true)));
        assert_eq!(ben.act(action, &post), answer);
        assert_eq!(anna.see(&post).ok()[flag], false);
    }
    assert_eq!(anna.see(&post).ok()["favourites_count"], 1);
    for (action, flag, _) in KINDS {
        for _ in 0..2 {
            assert_eq!(ben.act(&format!("un{action}"), &post)[flag], false);
        }
    }
    assert_eq!(anna.see(&post).ok()["favourites_count"], 0);
    let seen = world.visitor().see(&post).ok();
    assert!(seen.get("favourited").is_none() && seen.get("pinned").is_none(), "{seen}");
}

#[test]
fn many_at_the_same_moment_count_once() {
    let world = World::new();
    let [anna, ben] = world.people(["anna", "ben"]);
    let post = anna.say("post");
    let threads: Vec<_> = (0..16)
        .map(|number| {
            let (ben, post) = (ben.clone(), post.clone());
            std::thread::spawn(move || ben.act(if number % 2 == 0 { "favourite" } else { "reblog" }, &post))
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
    let seen = anna.see(&post).ok();
    assert_eq!((&seen["favourites_count"], &seen["reblogs_count"]), (&json!(1), &json!(1)));
    assert_eq!(anna.told().len(), 2);
}

#[test]
fn r311_r312_lists_of_marks_are_in_the_order_of_marking_and_paged_by_it() {
    let world = World::new();
    let [anna, ben] = world.people(["anna", "ben"]);
    let posts: Vec<String> = (0..5).map(|number| anna.say(&format!("post {number}"))).collect();
    for (action, _, list) in KINDS {
        for number in [3, 0, 4, 1] {
            ben.act(action, &posts[number]);
        }
        let newest_first = [1, 4, 0, 3].map(|number| posts[number].clone());
        assert_entities("Status", &ben.get(list).ok());
        assert_eq!(ben.ids(list), newest_first);
        assert_eq!(anna.ids(list), [""; 0]);
        let first = ben.get(&format!("{list}?limit=2"));
        let next = first.link("next").unwrap();
        assert!(!posts.iter().any(|post| next.contains(post.as_str())), "the position is no status: {next}");
        ben.act(&format!("un{action}"), &posts[4]);
        assert_eq!(ben.ids(&next), newest_first[2..], "the mark at the position may be gone");
    }
}

#[test]
fn marks_outlast_access_but_show_nothing_then() {
    type Loss = fn(&World, &Client, &Client, &str);
    let losses: [(&str, Loss); 4] = [
        ("unfollow", |_, _, ben, _| drop(ben.post("/api/v1/accounts/anna/unfollow"))),
        ("block", |_, anna, ben, _| drop(anna.relate("block", ben))),
        ("suspend", |world, anna, _, _| world.suspend(anna)),
        ("delete", |_, anna, _, post| drop(anna.delete(&format!("/api/v1/statuses/{post}")))),
    ];
    for (name, lose) in losses {
        let world = World::new();
        let [anna, ben] = world.people(["anna", "ben"]);
        ben.relate("follow", &anna);
        let post = anna.say_to("private", "for followers");
        for (action, ..) in KINDS {
            ben.act(action, &post);
        }
        if name == "unfollow" {
            ben.relate("unfollow", &anna);
        } else {
            lose(&world, &anna, &ben, &post);
        }
        for (action, _, list) in KINDS {
            assert_eq!(ben.ids(list), [""; 0], "{name}: {list}");
            let undone = ben.post(&format!("/api/v1/statuses/{post}/un{action}"));
            assert_eq!(undone.refused(404), "Record not found", "{name}: {action}");
            assert!(!undone.text().contains("followers"), "{name}: {action}");
        }
        if name == "unfollow" {
            assert_eq!(anna.see(&post).ok()["favourites_count"], 0, "it was undone nevertheless");
            ben.relate("follow", &anna);
            assert_eq!(ben.ids("/api/v1/favourites"), [""; 0]);
        }
    }
}

#[test]
fn a_pinned_post_that_became_hidden_is_not_shown_in_the_list_of_pins() {
    let world = World::new();
    let [anna, ben] = world.people(["anna", "ben"]);
    ben.relate("follow", &anna);
    let post = anna.say_to("private", "for followers");
    anna.act("pin", &post);
    assert_eq!(pinned(&anna, &ben), [post.as_str()]);
    ben.relate("unfollow", &anna);
    assert_eq!(pinned(&anna, &ben), [""; 0]);
    assert_eq!(pinned(&anna, &world.visitor()), [""; 0]);
}

#[test]
fn only_ones_own_posts_are_pinned_and_not_those_for_single_people() {
    let world = World::new();
    let [anna, ben] = world.people(["anna", "ben"]);
    let pin = |client: &Client, post: &str| client.post(&format!("/api/v1/statuses/{post}/pin"));
    let post = anna.say("post");
    assert_eq!(pin(&ben, &post).refused(422), "Validation failed: Someone else's post cannot be pinned");
    pin(&anna, &anna.say_to("direct", "@ben x")).refused(422);
    for visibility in ["public", "unlisted", "private"] {
        let post = anna.say_to(visibility, "x");
        assert_eq!(pin(&anna, &post).ok()["pinned"], true, "{visibility}");
    }
    let wrapper = id(&anna.act("reblog", &ben.say("other's")));
    pin(&anna, &wrapper).refused(422);
}

#[test]
fn pins_have_a_limit_and_an_order() {
    let limits = koinon_engine::settings::Limits { pins: 2, ..Default::default() };
    let settings = koinon_engine::settings::Settings { limits, ..settings() };
    let world = World::with(settings, koinon_http::Options::default());
    let [anna, ben] = world.people(["anna", "ben"]);
    let [one, two, three] = ["one", "two", "three"].map(|text| anna.say(text));
    anna.act("pin", &two);
    anna.act("pin", &one);
    anna.act("pin", &one);
    anna.post(&format!("/api/v1/statuses/{three}/pin")).refused(422);
    assert_eq!(pinned(&anna, &ben), [&one, &two]);
    assert_eq!(anna.see(&one).ok()["pinned"], true);
    assert!(ben.see(&one).ok().get("pinned").is_none(), "it is not ben's to pin");
    assert_eq!(anna.act("unpin", &two)["pinned"], false);
    anna.act("pin", &three);
    assert_eq!(pinned(&anna, &ben), [&three, &one]);
    anna.delete(&format!("/api/v1/statuses/{three}")).ok();
    anna.act("pin", &two);
    assert_eq!(pinned(&anna, &ben), [&two, &one]);
}

#[test]
fn r124_those_one_blocks_can_do_nothing_to_ones_posts() {
    let world = World::new();
    let [anna, ben] = world.people(["anna", "ben"]);
    let post = anna.say("post");
    ben.act("favourite", &post);
    anna.relate("block", &ben);
    for action in ["favourite", "bookmark", "reblog"] {
        ben.post(&format!("/api/v1/statuses/{post}/{action}")).refused(404);
    }
    let listed = anna.get(&format!("/api/v1/statuses/{post}/favourited_by")).ok();
    assert_eq!(ids(&listed), [""; 0]);
    assert_eq!(anna.told(), []);
}
