//! Signing in and out.

use futures::executor::block_on;
use koinon_engine::accounts::Authority;

use crate::support::{Browser, Instance, PASSWORD};

const ALICE: &[(&str, &str)] = &[("username", "alice"), ("password", PASSWORD)];

fn signed_in(instance: &Instance) -> Browser<'_> {
    let mut browser = Browser::new(instance);
    let page = browser.get("/login").expect(200);
    let answer = browser.submit(&page, ALICE).expect(303);
    assert_eq!(answer.header("location"), "/");
    browser
}

#[test]
fn a_name_and_a_password_sign_a_browser_in_until_it_signs_out() {
    let instance = Instance::new();
    instance.account("alice");
    let mut browser = signed_in(&instance);
    let session = browser.cookies["__Host-koinon"].clone();
    assert!(browser.get("/").expect(200).text().contains("@alice"));
    assert_eq!(browser.get("/login").expect(303).header("location"), "/");
    let question = browser.get("/logout").expect(200);
    browser.submit(&question, &[]).expect(303);
    assert!(!browser.cookies.contains_key("__Host-koinon"));
    assert!(!browser.get("/").expect(200).text().contains("@alice"));
    // The old cookie is worth nothing, wherever it was kept.
    browser.cookies.insert("__Host-koinon".into(), session);
    assert!(!browser.get("/").expect(200).text().contains("@alice"));
    assert_eq!(browser.get("/logout").expect(303).header("location"), "/");
}

#[test]
fn the_session_cookie_is_a_new_secret_that_scripts_and_other_sites_do_not_get() {
    let instance = Instance::new();
    instance.account("alice");
    let mut browser = Browser::new(&instance);
    browser.cookies.insert("__Host-koinon".into(), "planted".into());
    let page = browser.get("/login").expect(200);
    let answer = browser.submit(&page, ALICE).expect(303);
    let cookie = answer.header("set-cookie");
    for attribute in
        ["__Host-koinon=", "; HttpOnly", "; Secure", "; SameSite=Lax", "; Path=/", "; Max-Age=1209600"]
    {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    assert_ne!(browser.cookies["__Host-koinon"], "planted");
    let first = browser.cookies["__Host-koinon"].clone();
    let mut other = signed_in(&instance);
    assert_ne!(other.cookies["__Host-koinon"], first);
    assert!(other.get("/").text().contains("@alice") && browser.get("/").text().contains("@alice"));
}

#[test]
fn a_session_ends_after_14_days_and_with_a_suspension() {
    let instance = Instance::new();
    let alice = instance.account("alice");
    let mut browser = signed_in(&instance);
    instance.advance(14 * 24 * 3600 - 1);
    assert!(browser.get("/").text().contains("@alice"));
    instance.advance(1);
    assert!(!browser.get("/").text().contains("@alice"));
    let mut browser = signed_in(&instance);
    block_on(instance.engine().suspend(Authority::Operator, alice)).unwrap();
    assert!(!browser.get("/").text().contains("@alice"));
}

#[test]
fn t19_wrong_passwords_and_unknown_names_are_told_alike_and_passwords_never_come_back() {
    let instance = Instance::new();
    instance.account("alice");
    let mut browser = Browser::new(&instance);
    let page = browser.get("/login").expect(200);
    let wrong = browser.submit(&page, &[("username", "alice"), ("password", "my secret")]).expect(422);
    let unknown = browser.submit(&page, &[("username", "nobody"), ("password", "my secret")]).expect(422);
    assert_eq!(wrong.text().replace("alice", "nobody"), unknown.text());
    assert!(wrong.text().contains("role=\"alert\"") && !wrong.text().contains("my secret"));
    assert!(wrong.text().contains("value=\"alice\""));
}

#[test]
fn b8_nobody_is_signed_in_or_out_by_a_form_of_another_site() {
    let instance = Instance::new();
    instance.account("alice");
    let mut browser = Browser::new(&instance);
    let refused = browser.post("/login", ALICE).expect(403);
    browser.submit(&refused, ALICE).expect(303);
    browser.post("/logout", &[("form_token", "wrong")]).expect(403);
    assert!(browser.get("/").text().contains("@alice"));
}
