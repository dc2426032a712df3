//! Registering, and setting an empty instance up.

use futures::executor::block_on;
use koinon_engine::model::Role;
use koinon_engine::settings::{Registrations, Settings};
use koinon_http::Options;

use crate::support::{Browser, Instance, PASSWORD, form_token, settings};

fn with_registrations(registrations: Registrations) -> Instance {
    let rules = vec!["Be kind".to_owned()];
    Instance::with(Settings { registrations, rules, ..settings() }, Options::default())
}

const BOB: &[(&str, &str)] =
    &[("username", "bob"), ("email", "bob@mail.example"), ("password", PASSWORD), ("agreement", "true")];

#[test]
fn whoever_registers_is_signed_in_and_told_what_to_do_next() {
    let instance = with_registrations(Registrations::Open);
    let mut browser = Browser::new(&instance);
    assert!(browser.get("/").expect(200).text().contains("href=\"/register\""));
    let page = browser.get("/register").expect(200);
    assert!(page.text().contains("Be kind"));
    assert_eq!(browser.submit(&page, BOB).expect(303).header("location"), "/welcome");
    let welcome = browser.get("/welcome").expect(200).text();
    assert!(welcome.contains("@bob@koinon.example") && welcome.contains("Phanpy"));
    assert!(!welcome.contains("configuration of the server"));
    instance.sign_in("bob", "read");
}

#[test]
fn an_applicant_waits_until_somebody_has_looked() {
    let instance = with_registrations(Registrations::Approval);
    let mut browser = Browser::new(&instance);
    let page = browser.get("/register").expect(200);
    let mut fields = BOB.to_vec();
    fields.push(("reason", "I like it here"));
    let answer = browser.submit(&page, &fields).expect(200);
    assert!(answer.text().contains("waits for approval"));
    assert!(!browser.cookies.contains_key("__Host-koinon"));
    let login = browser.get("/login").expect(200);
    let refused = browser.submit(&login, &[("username", "bob"), ("password", PASSWORD)]).expect(403);
    assert!(refused.text().contains("pending approval"));
    instance.get("/@bob").expect(404);
}

#[test]
fn closed_registrations_are_neither_offered_nor_taken() {
    let instance = with_registrations(Registrations::Closed);
    let mut browser = Browser::new(&instance);
    assert!(!browser.get("/").expect(200).text().contains("/register"));
    browser.get("/register").expect(403);
    let token = form_token(&browser.get("/login"));
    let mut fields = BOB.to_vec();
    fields.push(("form_token", &token));
    browser.post("/register", &fields).expect(403);
    instance.get("/@bob").expect(404);
}

#[test]
fn what_is_wrong_is_said_beside_what_was_typed() {
    let instance = with_registrations(Registrations::Open);
    instance.account("taken");
    let mut browser = Browser::new(&instance);
    let page = browser.get("/register").expect(200);
    for (name, value, complaint) in [
        ("username", "taken", "Username has already been taken"),
        ("username", "no good", "Username is invalid"),
        ("username", "admin", "Username is reserved"),
        ("email", "taken@mail.example", "Email has already been taken"),
        ("email", "nonsense", "Email is invalid"),
        ("password", "short", "Password is too short"),
        ("agreement", "false", "Agreement must be accepted"),
    ] {
        let fields: Vec<(&str, &str)> =
            BOB.iter().map(|field| if field.0 == name { (name, value) } else { *field }).collect();
        let refused = browser.submit(&page, &fields).expect(422).text();
        assert!(refused.contains(&format!("role=\"alert\">{complaint}")), "{complaint}: {refused}");
        assert!(!refused.contains(PASSWORD) && !refused.contains("value=\"short\""));
    }
    browser.post("/register", BOB).expect(403); // B8
    instance.get("/@bob").expect(404);
}

#[test]
fn the_owner_sets_the_instance_up_once_with_the_secret_from_the_console() {
    let instance = with_registrations(Registrations::Closed);
    let secret = block_on(instance.engine().owner_setup_secret()).unwrap().unwrap();
    let address = format!("/setup/{}", secret.reveal());
    let mut browser = Browser::new(&instance);
    let page = browser.get(&address).expect(200);
    assert_eq!(page.header("referrer-policy"), "no-referrer");
    assert!(!page.has_header("access-control-allow-origin"));
    let bad = [("username", "no good"), ("email", ""), ("password", PASSWORD)];
    let again = browser.submit(&page, &bad).expect(422);
    let good = [("username", "admin"), ("email", ""), ("password", PASSWORD)];
    assert_eq!(browser.submit(&again, &good).expect(303).header("location"), "/welcome");
    let welcome = browser.get("/welcome").expect(200).text();
    assert!(welcome.contains("@admin@koinon.example") && welcome.contains("configuration of the server"));
    // Used up.
    browser.get(&address).expect(404);
    browser.submit(&page, &[("username", "second"), ("email", ""), ("password", PASSWORD)]).expect(404);
    let role = instance.engine().query(koinon_engine::audience::Viewer::Anonymous, |query| {
        Ok(query.account_by_name("admin")?.account.role)
    });
    assert_eq!(block_on(role).unwrap(), Role::Admin);
}

#[test]
fn a_wrong_setup_secret_looks_like_any_page_that_does_not_exist() {
    let instance = Instance::new();
    block_on(instance.engine().owner_setup_secret()).unwrap().unwrap();
    let mut browser = Browser::new(&instance);
    let unknown = browser.get("/no/such/page").expect(404);
    for reply in [
        browser.get("/setup/wrong"),
        browser.post("/setup/wrong", &[("username", "x"), ("password", PASSWORD)]),
    ] {
        assert_eq!(reply.expect(404).body, unknown.body);
    }
}

#[test]
fn strangers_have_nothing_to_be_welcomed_to() {
    let instance = Instance::new();
    assert_eq!(instance.get("/welcome").expect(303).header("location"), "/login");
}
