//! People signed in with a browser.

use futures::executor::block_on;
use koinon_engine::accounts::Authority;
use koinon_engine::oauth::{csrf_token, csrf_token_matches};
use koinon_engine::store::schema::{WEB_SESSIONS, WEB_SESSIONS_OF};

use crate::support::Instance;

#[test]
fn a_browser_stays_signed_in_for_two_weeks_or_until_it_signs_out() {
    let instance = Instance::new();
    let alice = instance.account("alice");
    let (one, other) = (
        block_on(instance.engine.start_web_session(alice)).unwrap(),
        block_on(instance.engine.start_web_session(alice)).unwrap(),
    );
    let who = |secret: &str| block_on(instance.engine.web_session(secret)).unwrap();
    assert_eq!(who(one.reveal()), Some(alice));
    assert_eq!(who("unknown"), None);
    block_on(instance.engine.end_web_session(one.reveal())).unwrap();
    block_on(instance.engine.end_web_session(one.reveal())).unwrap();
    assert_eq!((who(one.reveal()), who(other.reveal())), (None, Some(alice)));
    instance.advance(14 * 24 * 3_600 - 1);
    assert_eq!(who(other.reveal()), Some(alice));
    instance.advance(1);
    assert_eq!(who(other.reveal()), None);
    block_on(instance.engine.start_web_session(alice)).unwrap();
    assert_eq!(instance.rows(WEB_SESSIONS.definition()), 1, "what is over does not pile up");
    assert_eq!(instance.rows(WEB_SESSIONS_OF.definition()), 1);
}

#[test]
fn a_suspension_signs_every_browser_out() {
    let instance = Instance::new();
    let alice = instance.account("alice");
    let browser = block_on(instance.engine.start_web_session(alice)).unwrap();
    block_on(instance.engine.suspend(Authority::Operator, alice)).unwrap();
    block_on(instance.engine.unsuspend(Authority::Operator, alice)).unwrap();
    assert_eq!(block_on(instance.engine.web_session(browser.reveal())).unwrap(), None);
}

#[test]
fn b8_t45_a_form_proves_which_browser_it_was_shown_to() {
    let token = csrf_token("one session");
    assert!(csrf_token_matches("one session", &token));
    assert!(!csrf_token_matches("another session", &token));
    for wrong in ["", "csrf", "one session", &token[1..], &format!("{token}=")] {
        assert!(!csrf_token_matches("one session", wrong), "{wrong}");
    }
}
