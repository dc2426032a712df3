//! Pages with posts: who sees what, and that text stays text.

use futures::executor::block_on;
use http::Method;
use koinon_engine::accounts::Authority;
use koinon_engine::id::Flake;
use koinon_engine::model::{AccountId, Visibility};
use koinon_engine::profiles::ProfileChange;
use koinon_engine::relationships::FollowOptionsChange;
use koinon_engine::settings::Settings;
use koinon_engine::statuses::{Audience, Draft};
use koinon_http::Options;

use crate::support::{Browser, Instance, PASSWORD, Reply, bare, settings};

fn signed_in<'i>(instance: &'i Instance, username: &str) -> Browser<'i> {
    let mut browser = Browser::new(instance);
    let page = browser.get("/login").expect(200);
    browser.submit(&page, &[("username", username), ("password", PASSWORD)]).expect(303);
    browser
}

fn answer(instance: &Instance, author: AccountId, to: &str, text: &str) -> String {
    let draft = Draft {
        text: text.into(),
        audience: Some(Audience::Visibility(Visibility::Public)),
        in_reply_to: Some(to.parse().unwrap()),
        ..Draft::default()
    };
    block_on(instance.engine().post(author, draft)).unwrap().status.id.to_string()
}

/// Which of these texts a page shows.
fn shown<'t>(page: &Reply, texts: &[&'t str]) -> Vec<&'t str> {
    let html = page.text();
    texts.iter().copied().filter(|text| html.contains(*text)).collect()
}

#[test]
fn the_front_page_shows_the_instance_and_what_people_here_post_to_everyone() {
    let instance = Instance::new();
    let (alice, bob) = (instance.account("alice"), instance.account("bob"));
    let first = instance.post_as(alice, "first post", Visibility::Public);
    instance.post_as(alice, "unlisted post", Visibility::Unlisted);
    instance.post_as(alice, "private post", Visibility::Private);
    instance.post_as(alice, "direct post to @bob", Visibility::Direct);
    answer(&instance, bob, &first, "an answer");
    let page = instance.get("/").expect(200);
    let texts = ["first post", "unlisted post", "private post", "direct post", "an answer"];
    assert_eq!(shown(&page, &texts), ["first post"]);
    let html = page.text();
    assert!(html.contains("Koinon &lt;Test&gt;") && html.contains("A place &amp; its people"));
    assert!(
        html.contains("<strong>2</strong> accounts") && html.contains("<code class=\"copy\">koinon.example")
    );
    let head = instance.send(bare(Method::HEAD, "/")).expect(200);
    assert!(head.body.is_empty() && head.header("content-length") == page.body.len().to_string());
}

#[test]
fn a_profile_shows_each_viewer_what_they_may_see() {
    let instance = Instance::new();
    let (alice, bob, carol) = (instance.account("alice"), instance.account("bob"), instance.account("carol"));
    block_on(instance.engine().follow(bob, alice, FollowOptionsChange::default())).unwrap();
    let texts = ["a public one", "an unlisted one", "a local one", "a private one", "a direct one"];
    for (text, visibility) in texts.into_iter().zip([
        Visibility::Public,
        Visibility::Unlisted,
        Visibility::Local,
        Visibility::Private,
        Visibility::Direct,
    ]) {
        instance.post_as(alice, text, visibility);
    }
    assert_eq!(shown(&instance.get("/@alice").expect(200), &texts), texts[..2]);
    assert_eq!(shown(&instance.get("/@ALICE@koinon.example").expect(200), &texts), texts[..2]);
    assert_eq!(shown(&signed_in(&instance, "carol").get("/@alice"), &texts), texts[..3]);
    assert_eq!(shown(&signed_in(&instance, "bob").get("/@alice"), &texts), texts[..4]);
    assert_eq!(shown(&signed_in(&instance, "alice").get("/@alice"), &texts), texts);
    block_on(instance.engine().block(alice, carol)).unwrap();
    signed_in(&instance, "carol").get("/@alice").expect(404);
}

#[test]
fn r59_what_is_hidden_looks_exactly_like_what_does_not_exist() {
    let instance = Instance::new();
    let (alice, gone) = (instance.account("alice"), instance.account("gone"));
    let private = instance.post_as(alice, "private post", Visibility::Private);
    let of_gone = instance.post_as(gone, "of somebody gone", Visibility::Public);
    let public = instance.post_as(alice, "public post", Visibility::Public);
    block_on(instance.engine().suspend(Authority::Operator, gone)).unwrap();
    let unknown = Flake::from_parts(1_790_000_000_000, 4000, 1);
    let expected = instance.get("/no/such/page").expect(404);
    for path in [
        format!("/@alice/{private}"),
        format!("/@alice/{unknown}"),
        "/@alice/nonsense".into(),
        format!("/@gone/{of_gone}"),
        format!("/@gone/{public}"),
        "/@gone".into(),
        "/@nobody".into(),
        "/@".into(),
        "/@nobody@other.example".into(),
        format!("/users/alice/statuses/{private}"),
        "/users/gone".into(),
    ] {
        let reply = instance.get(&path).expect(404);
        assert_eq!(reply.body, expected.body, "{path}");
        assert_eq!(reply.headers, expected.headers, "{path}");
    }
    assert!(
        signed_in(&instance, "alice")
            .get(&format!("/@alice/{private}"))
            .expect(200)
            .text()
            .contains("private post")
    );
}

#[test]
fn a_post_is_shown_with_what_stands_above_and_below_it() {
    let instance = Instance::new();
    let (alice, bob) = (instance.account("alice"), instance.account("bob"));
    let first = instance.post_as(alice, "the beginning", Visibility::Public);
    let second = answer(&instance, bob, &first, "the middle");
    answer(&instance, alice, &second, "the end");
    let page = instance.get(&format!("/@bob/{second}")).expect(200).text();
    let position = |text: &str| page.find(text).unwrap();
    assert!(
        position("the beginning") < position("the middle") && position("the middle") < position("the end")
    );
    let chosen = page.split("<article class=\"post chosen\">").nth(1).unwrap();
    assert!(chosen.split("</article>").next().unwrap().contains("the middle"));
    // Its address on the network leads here, and so does that of a reblog.
    let location = instance.get(&format!("/users/bob/statuses/{second}")).expect(303);
    assert_eq!(location.header("location"), format!("/@bob/{second}"));
    let reblog = block_on(instance.engine().reblog(alice, second.parse().unwrap(), None)).unwrap();
    let location = instance.get(&format!("/@alice/{}", reblog.status.id)).expect(303);
    assert_eq!(location.header("location"), format!("/@bob/{second}"));
    assert!(instance.get("/@alice").expect(200).text().contains("Reblogged by"));
}

#[test]
fn the_page_of_a_hashtag_shows_public_posts_with_it() {
    let instance = Instance::new();
    let alice = instance.account("alice");
    instance.post_as(alice, "one #Größe", Visibility::Public);
    instance.post_as(alice, "two #größe", Visibility::Private);
    instance.post_as(alice, "three #other", Visibility::Public);
    let page = instance.get("/tags/gr%C3%B6%C3%9Fe").expect(200);
    assert_eq!(shown(&page, &["one ", "two ", "three "]), ["one "]);
    assert!(page.text().contains("<h1>#größe</h1>"));
    assert!(instance.get("/tags/unknown").expect(200).text().contains("There are no posts here."));
}

#[test]
fn long_lists_go_on_behind_a_link_until_they_end() {
    let instance = Instance::new();
    let alice = instance.account("alice");
    let texts: Vec<String> = (0..45).map(|number| format!("post number {number:02}.")).collect();
    for text in &texts {
        instance.post_as(alice, text, Visibility::Public);
    }
    for start in ["/", "/@alice"] {
        let (mut path, mut found) = (start.to_owned(), Vec::new());
        loop {
            let html = instance.get(&path).expect(200).text();
            found.extend(texts.iter().rev().filter(|text| html.contains(*text)));
            let Some(next) = html.split("href=\"").find(|part| part.contains("rel=\"next\"")) else { break };
            path = next.split('"').next().unwrap().to_owned();
        }
        assert_eq!(found, texts.iter().rev().collect::<Vec<_>>());
    }
}

#[test]
fn what_people_type_is_shown_as_text() {
    let instance = Instance::new();
    let alice = instance.account("alice");
    let change = ProfileChange {
        display_name: Some("<script>alert(1)</script>".into()),
        note: Some("<img src=x onerror=alert(2)>".into()),
        fields: Some(vec![("<b>name</b>".into(), "\"><i>value".into())]),
        ..ProfileChange::default()
    };
    block_on(instance.engine().change_profile(alice, change)).unwrap();
    let draft = Draft {
        text: "<iframe>text</iframe>".into(),
        spoiler_text: "</summary><script>alert(3)</script>".into(),
        language: Some("de".into()),
        ..Draft::default()
    };
    let id = block_on(instance.engine().post(alice, draft)).unwrap().status.id;
    for path in ["/".to_owned(), "/@alice".into(), format!("/@alice/{id}"), "/about".into()] {
        let reply = instance.get(&path).expect(200);
        let html = reply.text();
        for raw in ["<script", "<iframe", "<img src=x", "<b>name", "<i>value"] {
            assert!(!html.contains(raw), "{raw} in {path}");
        }
        assert!(reply.header("content-security-policy").starts_with("default-src 'none'; style-src 'self'"));
        assert!(html.contains("<html lang=\"en\">") && !html.contains("style=\""));
    }
    let html = instance.get("/tags/%3Cscript%3E").expect(200).text();
    assert!(!html.contains("<script"));
}

#[test]
fn search_engines_are_sent_away_from_those_who_did_not_invite_them() {
    let instance = Instance::new();
    let alice = instance.account("alice");
    let id = instance.post_as(alice, "hello", Visibility::Public);
    let paths = ["/".to_owned(), "/@alice".into(), format!("/@alice/{id}")];
    let noindex = |path: &String| instance.get(path).expect(200).text().contains("content=\"noindex\"");
    assert!(paths.iter().all(noindex));
    let change = ProfileChange { indexable: Some(true), ..ProfileChange::default() };
    block_on(instance.engine().change_profile(alice, change)).unwrap();
    assert!(!paths.iter().any(noindex));
}

#[test]
fn an_instance_without_visitors_keeps_its_posts_to_itself() {
    let settings = Settings { open_to_visitors: false, ..settings() };
    let instance = Instance::with(settings, Options::default());
    let alice = instance.account("alice");
    let id = instance.post_as(alice, "for us #here", Visibility::Public);
    assert!(!instance.get("/").expect(200).text().contains("for us"));
    instance.get("/@alice").expect(404);
    instance.get(&format!("/@alice/{id}")).expect(404);
    assert!(instance.get("/tags/here").expect(403).text().contains("Sign in first"));
    let mut browser = signed_in(&instance, "alice");
    for path in ["/", "/@alice", "/tags/here"] {
        assert!(browser.get(path).expect(200).text().contains("for us"), "{path}");
    }
}

#[test]
fn pages_of_whoever_is_signed_in_stay_in_no_cache() {
    let instance = Instance::new();
    instance.account("alice");
    let reply = signed_in(&instance, "alice").get("/@alice").expect(200);
    assert_eq!(reply.header("cache-control"), "private, no-store");
    let style = instance.get("/assets/koinon.css").expect(200);
    assert_eq!(style.header("content-type"), "text/css; charset=utf-8");
    assert!(style.header("cache-control").contains("max-age"));
    assert!(style.text().contains("prefers-color-scheme: dark"));
    assert_eq!(instance.get("/assets/koinon.svg").expect(200).header("content-type"), "image/svg+xml");
}

#[test]
fn methods_a_page_does_not_have_are_refused_with_those_it_has() {
    let instance = Instance::new();
    let refused = instance.send(bare(Method::DELETE, "/login")).expect(405);
    assert!(refused.header("allow").contains("POST"));
    assert!(refused.header("content-type").starts_with("text/html"));
}
