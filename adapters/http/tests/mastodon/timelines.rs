//! Home, public and tag timelines.

use serde_json::json;

use koinon_engine::model::StatusRef;
use koinon_http::{Options, Profile};

use crate::client::{Client, Ids, id};
use crate::world::World;

fn home(client: &Client, query: &str) -> Ids {
    client.ids(&format!("/api/v1/timelines/home?limit=40&{query}"))
}

fn public(client: &Client, query: &str) -> Ids {
    client.ids(&format!("/api/v1/timelines/public?limit=40&{query}"))
}

fn tag(client: &Client, query: &str) -> Ids {
    client.ids(&format!("/api/v1/timelines/tag/{query}"))
}

#[test]
fn r17_r107_home_holds_ones_own_posts_and_those_of_followed_people() {
    let world = World::new();
    let [anna, ben, carla] = world.people(["anna", "ben", "carla"]);
    let before = ben.say("before the follow");
    anna.relate("follow", &ben);
    let own = anna.say_to("direct", "a note to myself");
    let private = ben.say_to("private", "for followers");
    let direct = ben.say_to("direct", "@anna for you");
    ben.say_to("direct", "@carla not for you");
    let of_carla = carla.say("of carla");
    let wrapper = id(&ben.act("reblog", &of_carla));
    assert_eq!(home(&anna, ""), [&wrapper, &direct, &private, &own, &before]);
    anna.relate("unfollow", &ben);
    assert_eq!(home(&anna, ""), [own.as_str()]);
}

#[test]
fn reblogs_of_someone_can_be_left_out() {
    let world = World::new();
    let [anna, ben, carla] = world.people(["anna", "ben", "carla"]);
    let follow = format!("/api/v1/accounts/{}/follow", ben.id());
    anna.post_form(&follow, "reblogs=false").ok();
    let own = ben.say("of ben");
    let wrapper = id(&ben.act("reblog", &carla.say("of carla")));
    assert_eq!(home(&anna, ""), [own.as_str()]);
    anna.post_form(&follow, "reblogs=true").ok();
    assert_eq!(home(&anna, ""), [&wrapper, &own], "also those of before");
}

#[test]
fn r96_r97_r98_muted_people_are_shown_when_asked_for_and_blocked_ones_never() {
    let world = World::new();
    let [anna, ben, muted, blocked] = world.people(["anna", "ben", "muted", "blocked"]);
    for other in [&ben, &muted] {
        anna.relate("follow", other);
    }
    let of_muted = muted.say("#tag of muted");
    let of_blocked = blocked.say("#tag of blocked");
    let passed_on = id(&ben.act("reblog", &of_muted));
    ben.act("reblog", &of_blocked);
    let named_muted = ben.say("with @muted");
    ben.say("with @blocked");
    anna.relate("mute", &muted);
    anna.relate("block", &blocked);
    assert_eq!(home(&anna, ""), [""; 0]);
    assert_eq!(home(&anna, "with_muted=true"), [&named_muted, &passed_on, &of_muted]);
    for timeline in ["public", "tag/tag"] {
        let path = format!("/api/v1/timelines/{timeline}");
        assert!(!anna.ids(&path).contains(&of_muted), "{timeline}");
        let with_muted = anna.ids(&format!("{path}?with_muted=1"));
        assert!(with_muted.contains(&of_muted) && !with_muted.contains(&of_blocked), "{timeline}");
    }
}

#[test]
fn posts_that_name_a_blocked_person_vanish_from_home_passed_on_or_not() {
    let world = World::new();
    let [anna, ben, carla, blocked] = world.people(["anna", "ben", "carla", "blocked"]);
    for other in [&ben, &carla] {
        anna.relate("follow", other);
    }
    let about = ben.say("hello @blocked");
    let passed_on = id(&carla.act("reblog", &about));
    assert_eq!(home(&anna, ""), [&passed_on, &about]);
    let own = anna.reply(&blocked.say("x"), "@blocked hello");
    anna.relate("block", &blocked);
    assert_eq!(home(&anna, ""), [own], "but one's own stay");
}

#[test]
fn only_languages_one_reads_are_shown_of_someone() {
    let world = World::new();
    let [anna, ben] = world.people(["anna", "ben"]);
    anna.post_form(&format!("/api/v1/accounts/{}/follow", ben.id()), "languages[]=de").ok();
    let post = |language: &str| id(&ben.publish(&json!({ "status": "x", "language": language })));
    let (german, _, unknown) = (post("de"), post("en"), ben.say("whatever"));
    assert_eq!(home(&anna, ""), [&unknown, &german]);
}

/// Answers of ben, whom anna follows, to people she knows, does not know and is.
fn answers(profile: Profile) -> (World, Client, [String; 5]) {
    let world = World::with_options(Options { profile, ..Options::default() });
    let [anna, ben, friend, stranger] = world.people(["anna", "ben", "friend", "stranger"]);
    for other in [&ben, &friend] {
        anna.relate("follow", other);
    }
    let (of_anna, of_friend, of_stranger) = (anna.say("x"), friend.say("x"), stranger.say("x"));
    let plain = ben.say("#tag plain");
    let answers = [
        ben.reply(&plain, "#tag to himself"),
        ben.reply(&of_anna, "#tag to anna"),
        ben.reply(&of_friend, "#tag to a friend"),
        ben.reply(&of_stranger, "#tag to a stranger"),
    ];
    let [one, two, three, four] = answers;
    (world, anna, [plain, one, two, three, four])
}

/// Which of those stand in a timeline.
fn which(timeline: &Ids, posts: &[String; 5]) -> [bool; 5] {
    posts.each_ref().map(|post| timeline.contains(post))
}

const ALL: [bool; 5] = [true; 5];
const FOLLOWED: [bool; 5] = [true, true, true, true, false];
const OWN: [bool; 5] = [true, true, true, false, false];
const NONE: [bool; 5] = [true, true, false, false, false];

#[test]
fn r100_r101_r102_answers_are_shown_as_asked() {
    for profile in [Profile::Pleroma, Profile::Mastodon] {
        let (_world, anna, posts) = answers(profile);
        for timeline in ["home", "public"] {
            let shown = |wish: &str| {
                let path = format!("/api/v1/timelines/{timeline}?limit=40&reply_visibility={wish}");
                which(&anna.ids(&path), &posts)
            };
            assert_eq!(shown("self"), OWN, "{profile:?} {timeline}");
            assert_eq!(shown("following"), FOLLOWED, "{profile:?} {timeline}");
        }
    }
}

#[test]
fn r102_without_a_wish_each_profile_has_its_own_ways() {
    for (profile, at_home, in_public) in [(Profile::Pleroma, ALL, ALL), (Profile::Mastodon, FOLLOWED, NONE)] {
        let (world, anna, posts) = answers(profile);
        assert_eq!(which(&home(&anna, ""), &posts), at_home, "{profile:?}");
        assert_eq!(which(&public(&anna, ""), &posts), in_public, "{profile:?}");
        assert_eq!(which(&public(&world.visitor(), ""), &posts), in_public, "{profile:?}");
        assert_eq!(which(&tag(&anna, "tag"), &posts), ALL, "{profile:?}");
        assert_eq!(which(&tag(&anna, "tag?reply_visibility=self"), &posts), ALL, "{profile:?}");
    }
}

#[test]
fn an_answer_to_someone_hidden_is_an_answer_still() {
    let world = World::new();
    let [anna, ben, hidden] = world.people(["anna", "ben", "hidden"]);
    anna.relate("follow", &ben);
    let answer = ben.reply(&hidden.say("x"), "answer");
    assert_eq!(home(&anna, ""), [answer.as_str()]);
    hidden.relate("block", &anna);
    assert_eq!(home(&anna, "reply_visibility=following"), [""; 0]);
    assert_eq!(anna.see(&answer).ok()["in_reply_to_id"], json!(null));
}

#[test]
fn r61_visibilities_can_be_left_out() {
    let world = World::new();
    let [anna, ben] = world.people(["anna", "ben"]);
    anna.relate("follow", &ben);
    let [public_one, unlisted, private, direct] =
        ["public", "unlisted", "private", "direct"].map(|visibility| ben.say_to(visibility, "@anna #tag"));
    let without = |names: &[&str]| {
        let query: String = names.iter().map(|name| format!("&exclude_visibilities[]={name}")).collect();
        home(&anna, &query)
    };
    assert_eq!(without(&[]), [&direct, &private, &unlisted, &public_one]);
    assert_eq!(without(&["direct", "unlisted"]), [&private, &public_one]);
    assert_eq!(without(&["private", "unheard_of"]), [&direct, &unlisted, &public_one]);
    assert_eq!(public(&anna, "exclude_visibilities[]=public"), [""; 0]);
    assert_eq!(tag(&anna, "tag?exclude_visibilities=public"), [""; 0]);
    let mutuals = ben.say_to("mutuals", "@anna");
    assert_eq!(anna.see(&mutuals).ok()["visibility"], "private");
    assert!(!without(&["private"]).contains(&mutuals), "what is shown as private goes with it");
}

#[test]
fn r50_r108_the_public_timeline_has_public_posts_only() {
    let world = World::new();
    let [anna, ben] = world.people(["anna", "ben"]);
    ben.relate("follow", &anna);
    let posts = ["public", "unlisted", "private", "direct"].map(|visibility| anna.say_to(visibility, "@ben"));
    let local = anna.say_to("local", "for this house");
    assert_eq!(public(&ben, ""), [&local, &posts[0]]);
    assert_eq!(public(&world.visitor(), ""), [&posts[0]]);
}

#[test]
fn r103_r105_r106_here_elsewhere_and_both() {
    let world = World::new();
    let anna = world.person("anna");
    let zoe = world.remote("zoe", "far.example");
    let here = anna.say("#tag here");
    let there = world.remote_post(&zoe, |status| status.tags = vec!["tag".into()]).to_string();
    for timeline in ["public", "tag/tag"] {
        let of = |query: &str| anna.ids(&format!("/api/v1/timelines/{timeline}?{query}"));
        assert_eq!(of(""), [&there, &here]);
        assert_eq!(of("local=true"), [here.as_str()]);
        assert_eq!(of("remote=true"), [there.as_str()]);
        assert_eq!(of("local=true&remote=true"), [""; 0]);
        assert_eq!(of("local=false&remote=0"), [&there, &here]);
    }
    anna.relate("follow", &zoe);
    assert_eq!(home(&anna, "local=true"), [here.as_str()]);
    assert_eq!(home(&anna, "remote=true"), [there.as_str()]);
}

#[test]
fn tags_are_combined_with_any_all_and_none() {
    let world = World::new();
    let anna = world.person("anna");
    let [a, b, c, ab, abc] = ["#a", "#b", "#c", "#A #B", "#a #b #c"].map(|text| anna.say(text));
    assert_eq!(tag(&anna, "a"), [&abc, &ab, &a]);
    assert_eq!(tag(&anna, "A"), [&abc, &ab, &a], "in any case");
    assert_eq!(tag(&anna, "a?any[]=c"), [&abc, &ab, &c, &a], "one of them, each post once");
    assert_eq!(tag(&anna, "a?any[]=b&any[]=c"), [&abc, &ab, &c, &b, &a]);
    assert_eq!(tag(&anna, "unused?any[]=B"), [&abc, &ab, &b]);
    assert_eq!(tag(&anna, "a?all[]=b"), [&abc, &ab]);
    assert_eq!(tag(&anna, "a?all[]=b&all[]=c"), [&abc]);
    assert_eq!(tag(&anna, "a?none[]=c"), [&ab, &a]);
    assert_eq!(tag(&anna, "a?any[]=c&all[]=b&none[]=nothing"), [&abc, &ab]);
    assert_eq!(tag(&anna, "a?any[]=b&none[]=a"), [&b]);
    assert_eq!(tag(&anna, "a?any=&all[]=&none[]="), [&abc, &ab, &a]);
    assert_eq!(tag(&anna, "unused"), [""; 0]);
    assert_eq!(tag(&anna, "a?any[]=b&any[]=c&limit=2"), [&abc, &ab]);
    assert_eq!(tag(&anna, &format!("a?any[]=b&any[]=c&limit=2&max_id={ab}")), [&c, &b]);
    assert_eq!(tag(&anna, &format!("a?any[]=b&any[]=c&limit=2&min_id={a}")), [&c, &b]);
    assert_eq!(tag(&anna, &format!("a?any[]=b&any[]=c&limit=2&since_id={a}")), [&abc, &ab]);
    assert_eq!(tag(&anna, &format!("a?any[]=b&any[]=c&limit=2&min_id={ab}")), [&abc]);
}

#[test]
fn tags_of_any_script_lead_to_their_timeline() {
    let world = World::new();
    let anna = world.person("anna");
    let post = anna.say("#Straße und #日本語");
    for name in ["strasse", "STRASSE", "Stra%C3%9Fe", "%E6%97%A5%E6%9C%AC%E8%AA%9E", "%23strasse"] {
        assert_eq!(tag(&anna, name), [post.as_str()], "{name}");
    }
}

#[test]
fn tag_timelines_have_what_everyone_may_see_of_unlisted_nothing() {
    let world = World::new();
    let [anna, ben] = world.people(["anna", "ben"]);
    ben.relate("follow", &anna);
    let [post, ..] = ["public", "unlisted", "private", "direct"].map(|to| anna.say_to(to, "@ben #tag"));
    assert_eq!(tag(&ben, "tag"), [post]);
}

#[test]
fn an_answer_from_elsewhere_finds_its_thread() {
    let world = World::new();
    let anna = world.person("anna");
    let zoe = world.remote("zoe", "far.example");
    let root = world.remote_post(&zoe, |_| {});
    let answer = anna.publish(&json!({ "status": "hello", "in_reply_to_id": root.to_string() }));
    let parent = StatusRef { status: id(&answer).parse().unwrap(), author: anna.account };
    let reply = world
        .remote_post(&zoe, |status| {
            (status.in_reply_to, status.conversation) = (Some(parent), root);
            // Counted nowhere, so that nothing else has to be written.
            status.visibility = koinon_engine::model::Visibility::Private;
            status.addressed = vec![anna.account];
        })
        .to_string();
    let context = anna.get(&format!("/api/v1/statuses/{reply}/context")).ok();
    assert_eq!(crate::client::ids(&context["ancestors"]), [root.to_string(), id(&answer)]);
}

#[test]
fn a_post_for_more_followers_than_one_transaction_serves_reaches_all_of_them() {
    use koinon_engine::id::Flake;
    use koinon_engine::model::{Account, AccountStats, Follow, FollowOptions};
    use koinon_engine::store::Scan;
    use koinon_engine::store::schema::{
        ACCOUNT_NAMES, ACCOUNT_STATS, ACCOUNTS, FOLLOWERS, FOLLOWING, FOLLOWS, HOME, META, meta,
    };

    const FOLLOWERS_IN_ALL: u64 = 2_500;
    let world = World::new();
    let [anna, last] = world.people(["anna", "last"]);
    let (author, now) = (anna.account, world.engine.now());
    // Written straight to the tables, because signing up takes its time.
    world.write(move |tx| {
        let like = ACCOUNTS.get(tx, &author)?.unwrap();
        for number in 1..=FOLLOWERS_IN_ALL {
            let id = Flake::from_parts(1_790_000_001_000 + number, 0, 1);
            let username = format!("follower{number}");
            ACCOUNT_NAMES.put(tx, &(username.clone(), String::new()), &id)?;
            ACCOUNTS.put(tx, &id, &Account { id, username, ..like.clone() })?;
            ACCOUNT_STATS.put(tx, &id, &AccountStats { following: 1, ..AccountStats::default() })?;
            let follow = Follow { id, created_at: now, options: FollowOptions::default() };
            FOLLOWS.put(tx, &(id, author), &follow)?;
            FOLLOWING.put(tx, &(id, id), &author)?;
            FOLLOWERS.put(tx, &(author, id), &id)?;
        }
        let stats = AccountStats { followers: FOLLOWERS_IN_ALL, ..AccountStats::default() };
        ACCOUNT_STATS.put(tx, &author, &stats)?;
        let instance = json!({ "users": FOLLOWERS_IN_ALL + 2, "statuses": 0 });
        META.put(tx, &meta::INSTANCE_STATS.to_owned(), &instance)
    });
    world.advance(std::time::Duration::from_secs(60));
    last.relate("follow", &anna);
    let rows = |post: &str| {
        let post: Flake = post.parse().unwrap();
        world.read(move |tx| {
            let mut rows = 0;
            for ((_, status), ()) in HOME.page(tx, &Scan::all(), usize::MAX)? {
                rows += u64::from(status == post);
            }
            Ok(rows)
        })
    };
    let post = anna.say("to all of you");
    assert_eq!(rows(&post), 1_001, "the author and the first thousand");
    assert_eq!(home(&last, ""), [""; 0]);
    assert_eq!(world.run_due(), 2);
    assert_eq!(rows(&post), FOLLOWERS_IN_ALL + 2);
    assert_eq!(home(&last, ""), [post.as_str()]);

    anna.delete(&format!("/api/v1/statuses/{post}")).ok();
    assert_eq!(home(&last, ""), [""; 0], "at once, whatever rows are left");
    world.run_due();
    assert_eq!(rows(&post), 0);

    let gone = anna.say("deleted before it has reached all");
    anna.delete(&format!("/api/v1/statuses/{gone}")).ok();
    world.run_due();
    assert_eq!(rows(&gone), 0);
}
