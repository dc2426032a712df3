//! A server that is killed at random moments loses nothing it acknowledged, and leaves nothing half there. What was not
//! acknowledged is sent again with the same idempotency key, and is there once.
//!
//! `KOINON_KILLS` sets how many times it is killed; the seed is printed and can be given as `KOINON_SEED`.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use koinon_tests::backend::Backend;
use koinon_tests::{Instance, http, koinon, on_each_backend};
use serde_json::Value;

const WRITERS: usize = 4;
const KILLS: usize = 8;

/// What a writer was told: the text of a post and its id, or that a post was deleted, or favourited.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Promise {
    Posted { id: String, text: String },
    Deleted { id: String },
    Favourited { id: String },
}

on_each_backend! { whatever_was_acknowledged_is_there_after_a_kill_and_nothing_else_is_half_there }

fn whatever_was_acknowledged_is_there_after_a_kill_and_nothing_else_is_half_there(backend: Backend) {
    let kills = number("KOINON_KILLS").unwrap_or(KILLS);
    let seed = number("KOINON_SEED").unwrap_or_else(|| std::process::id() as usize);
    println!("{}: {kills} kills, seed {seed}", backend.name());
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let mut random = seed as u64;
    let mut promises: BTreeMap<String, Promise> = BTreeMap::new();
    let made = koinon(
        &[
            "account",
            "create",
            "alice",
            "--email",
            "alice@example.org",
            "--password",
            "correct horse battery",
            "--store",
            backend.name(),
        ],
        &data,
    );
    assert!(made.succeeded, "{made:?}");
    let issued = koinon(&["token", "create", "alice", "--scopes", "read write follow"], &data);
    assert!(issued.succeeded, "{issued:?}");
    let token = Arc::<str>::from(issued.output.lines().last().unwrap().trim());
    let mut unanswered: Vec<String> = Vec::new();

    for round in 0..kills {
        let mut instance = Instance::start(&data);
        verify(&instance.base, &token, &promises);
        for text in unanswered.drain(..) {
            let id = post(&instance.base, &token, &text).unwrap();
            promises.insert(id.clone(), Promise::Posted { id, text });
        }
        let stop = Arc::new(AtomicBool::new(false));
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| {
                let (base, token, stop) = (instance.base.clone(), Arc::clone(&token), Arc::clone(&stop));
                thread::spawn(move || write(&base, &token, round, writer, &stop))
            })
            .collect();
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        thread::sleep(Duration::from_millis(20 + (random >> 33) % 280));
        instance.kill();
        stop.store(true, Ordering::SeqCst);
        for writer in writers {
            let (kept, last) = writer.join().unwrap();
            unanswered.extend(last);
            for promise in kept {
                let id = match &promise {
                    Promise::Posted { id, .. } | Promise::Deleted { id } | Promise::Favourited { id } => id,
                };
                // A later promise about the same post takes the place of the earlier one, but for its text.
                let favourite_of_known =
                    matches!(promise, Promise::Favourited { .. }) && promises.contains_key(id);
                let key = if favourite_of_known { format!("favourite {id}") } else { id.clone() };
                promises.insert(key, promise);
            }
        }
        let check = koinon(&["check"], &data);
        assert!(check.succeeded, "after kill {round}, seed {seed}: {check:?}");
    }
    let instance = Instance::start(&data);
    verify(&instance.base, &token, &promises);
    assert_exactly_once(&instance.base, &token, &promises);
    assert!(promises.len() > kills, "the writers were too slow to prove anything: {}", promises.len());
    println!("{}: {} promises kept through {kills} kills", backend.name(), promises.len());
}

/// Posts, favourites and deletes until the server is gone; answers what it was promised, and the text of a post that got
/// no answer.
fn write(
    base: &str,
    token: &str,
    round: usize,
    writer: usize,
    stop: &AtomicBool,
) -> (Vec<Promise>, Option<String>) {
    let http = http();
    let mut promises = Vec::new();
    let bearer = format!("Bearer {token}");
    for number in 0.. {
        if stop.load(Ordering::SeqCst) {
            break;
        }
        let text = format!("round {round} writer {writer} number {number}");
        let Some(id) = post(base, token, &text) else { return (promises, Some(text)) };
        let (path, promise) = match number % 3 {
            0 => ("/favourite", Promise::Favourited { id: id.clone() }),
            1 => ("", Promise::Deleted { id: id.clone() }),
            _ => {
                promises.push(Promise::Posted { id, text });
                continue;
            }
        };
        let url = format!("{base}/api/v1/statuses/{id}{path}");
        let answered = if path.is_empty() {
            http.delete(url).header("authorization", &bearer).call()
        } else {
            promises.push(Promise::Posted { id, text });
            http.post(url).header("authorization", &bearer).send_empty()
        };
        match answered {
            Ok(response) if response.status() == 200 => promises.push(promise),
            // Not acknowledged: it may have happened or not, so nothing was promised.
            _ => break,
        }
    }
    (promises, None)
}

/// Posts a text under an idempotency key of its own; the id of the post, or none without an answer.
fn post(base: &str, token: &str, text: &str) -> Option<String> {
    let mut response = http()
        .post(format!("{base}/api/v1/statuses"))
        .header("authorization", format!("Bearer {token}"))
        .header("idempotency-key", text)
        .send_form([("status", text)])
        .ok()?;
    let status: Value = response.body_mut().read_json().ok()?;
    assert_eq!(response.status(), 200, "{status}");
    Some(status["id"].as_str()?.to_owned())
}

/// Every promise is kept.
fn verify(base: &str, token: &str, promises: &BTreeMap<String, Promise>) {
    let http = http();
    // Looking at each again after each kill would take longer than writing it did.
    let step = (promises.len() / 200).max(1);
    for promise in promises.values().step_by(step) {
        let id = match promise {
            Promise::Posted { id, .. } | Promise::Deleted { id } | Promise::Favourited { id } => id,
        };
        let mut response = http
            .get(format!("{base}/api/v1/statuses/{id}"))
            .header("authorization", format!("Bearer {token}"))
            .call()
            .unwrap();
        let status: Value = response.body_mut().read_json().unwrap();
        match promise {
            Promise::Posted { text, .. } => {
                assert_eq!(status["content"], format!("<p>{text}</p>"), "{status}")
            }
            Promise::Favourited { .. } => assert_eq!(status["favourited"], true, "{status}"),
            Promise::Deleted { .. } => assert_eq!(response.status(), 404, "{status}"),
        }
    }
}

/// The account's own timeline shows each promised post once and no text twice: a repeat after a crash makes no second
/// post, and a post that was not acknowledged is there wholly or not at all.
fn assert_exactly_once(base: &str, token: &str, promises: &BTreeMap<String, Promise>) {
    let http = http();
    let bearer = format!("Bearer {token}");
    let mut me = http
        .get(format!("{base}/api/v1/accounts/verify_credentials"))
        .header("authorization", &bearer)
        .call()
        .unwrap();
    let me: Value = me.body_mut().read_json().unwrap();
    let account = me["id"].as_str().unwrap();
    let mut shown: BTreeMap<String, String> = BTreeMap::new();
    let mut next = Some(format!("{base}/api/v1/accounts/{account}/statuses?limit=40"));
    while let Some(url) = next {
        let mut page = http.get(&url).header("authorization", &bearer).call().unwrap();
        next = page.headers().get("link").and_then(|link| next_of(link.to_str().unwrap()));
        for status in page.body_mut().read_json::<Vec<Value>>().unwrap() {
            let text = status["content"].as_str().unwrap().to_owned();
            let before = shown.insert(text, status["id"].as_str().unwrap().to_owned());
            assert_eq!(before, None, "the same text twice: {status}");
        }
    }
    assert_eq!(
        me["statuses_count"].as_u64(),
        Some(shown.len() as u64),
        "the counter differs from what is there"
    );
    for promise in promises.values() {
        if let Promise::Posted { id, text } = promise {
            assert_eq!(shown.get(&format!("<p>{text}</p>")), Some(id));
        }
    }
}

fn next_of(link: &str) -> Option<String> {
    let next = link.split(", ").find(|part| part.ends_with(r#"rel="next""#))?;
    Some(next.trim_start_matches('<').split_once('>')?.0.to_owned())
}

fn number(name: &str) -> Option<usize> {
    std::env::var(name).ok()?.parse().ok()
}
