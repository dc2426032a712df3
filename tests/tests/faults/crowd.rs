//! Many at once.
//!
//! `KOINON_CROWD_SECONDS` sets how long the writers write.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use koinon_tests::backend::Backend;
use koinon_tests::{Instance, koinon, on_each_backend};

use crate::client::{Client, make_account};
use crate::stop::StopsWhenDropped;

const WRITERS: usize = 16;
const READERS: usize = 16;
const ACCOUNTS: usize = 4;
const SECONDS: u64 = 3;

on_each_backend! {
    sixteen_writers_and_sixteen_readers_meet_no_busy_store_and_every_number_is_right,
    a_key_makes_one_status_however_many_send_it_at_once_and_after_a_restart_and_a_crash,
}

fn sixteen_writers_and_sixteen_readers_meet_no_busy_store_and_every_number_is_right(backend: Backend) {
    let seconds = std::env::var("KOINON_CROWD_SECONDS").ok().and_then(|text| text.parse().ok());
    let time = Duration::from_secs(seconds.unwrap_or(SECONDS));
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let tokens: Vec<String> =
        (0..ACCOUNTS).map(|number| make_account(backend, &format!("person{number}"), &data)).collect();
    let instance = Instance::start(&data);
    let clients: Vec<Client> = tokens.iter().map(|token| Client::new(&instance.base, token)).collect();
    let shared = clients[0].post_status("everyone likes this", None).id();
    let (stop, reads) = (AtomicBool::new(false), AtomicUsize::new(0));
    let posted: Vec<usize> = thread::scope(|scope| {
        let stops = StopsWhenDropped(&stop);
        for reader in 0..READERS {
            let client = Client::new(&instance.base, &tokens[reader % ACCOUNTS]);
            let (stop, reads, shared) = (&stop, &reads, &shared);
            scope.spawn(move || {
                let paths = [
                    "/api/v1/timelines/home".to_owned(),
                    "/api/v1/timelines/public".to_owned(),
                    "/api/v1/notifications".to_owned(),
                    format!("/api/v1/statuses/{shared}"),
                ];
                for path in paths.iter().cycle().skip(reader % 4) {
                    if stop.load(Ordering::SeqCst) {
                        break;
                    }
                    let answer = client.get(path);
                    assert_eq!(answer.status, 200, "{path}: {answer:?}");
                    reads.fetch_add(1, Ordering::SeqCst);
                }
            });
        }
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| {
                let client = Client::new(&instance.base, &tokens[writer % ACCOUNTS]);
                let shared = &shared;
                scope.spawn(move || write(&client, writer, shared, Instant::now() + time))
            })
            .collect();
        let posted: Vec<_> = writers.into_iter().map(thread::ScopedJoinHandle::join).collect();
        drop(stops);
        posted.into_iter().map(Result::unwrap).collect()
    });
    for (account, client) in clients.iter().enumerate() {
        let wanted: usize = posted.iter().skip(account).step_by(ACCOUNTS).sum();
        assert_eq!(client.statuses().len(), wanted + usize::from(account == 0), "account {account}");
    }
    let counted = clients[0].get(&format!("/api/v1/statuses/{shared}")).body;
    assert_eq!(counted["favourites_count"], ACCOUNTS, "{counted}");
    assert_eq!(counted["replies_count"], posted.iter().map(|posts| posts / 4).sum::<usize>(), "{counted}");
    drop(instance);
    let check = koinon(&["check"], &data);
    assert!(check.succeeded, "{check:?}");
    println!(
        "{}: {WRITERS} writers, {READERS} readers, {} s: {} posts, {} reads, no busy store, numbers exact",
        backend.name(),
        time.as_secs(),
        posted.iter().sum::<usize>(),
        reads.into_inner()
    );
}

/// Posts until `end`, every fourth time as a reply to `shared`; favourites it and takes that back in between, and leaves
/// it favourited. Answers the number of posts, a multiple of four.
fn write(client: &Client, writer: usize, shared: &str, end: Instant) -> usize {
    let mut posted = 0;
    while Instant::now() < end || posted % 4 != 0 {
        let text = format!("writer {writer} number {posted}");
        let answer =
            if posted % 4 == 3 { client.reply(&text, shared) } else { client.post_status(&text, None) };
        assert_eq!(answer.status, 200, "{answer:?}");
        posted += 1;
        let change = if posted % 2 == 0 { "unfavourite" } else { "favourite" };
        let answer = client.post(&format!("/api/v1/statuses/{shared}/{change}"));
        assert_eq!(answer.status, 200, "{answer:?}");
    }
    // Other writers of the same account may still take theirs back; each ends with this.
    let answer = client.post(&format!("/api/v1/statuses/{shared}/favourite"));
    assert_eq!(answer.status, 200, "{answer:?}");
    posted
}

fn a_key_makes_one_status_however_many_send_it_at_once_and_after_a_restart_and_a_crash(backend: Backend) {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let (alice, bob) = (make_account(backend, "alice", &data), make_account(backend, "bob", &data));
    let mut instance = Instance::start(&data);
    let first = send_at_once(&instance.base, &alice);
    assert_eq!(first.len(), 1, "{first:?}");
    instance.kill();
    let mut instance = Instance::start(&data);
    assert_eq!(send_at_once(&instance.base, &alice), first, "after a crash");
    instance.stop();
    let instance = Instance::start(&data);
    assert_eq!(send_at_once(&instance.base, &alice), first, "after a restart");
    assert_eq!(Client::new(&instance.base, &alice).statuses().len(), 1);
    // The keys of another account are its own.
    assert_ne!(send_at_once(&instance.base, &bob), first);
}

/// The ids that 32 simultaneous requests with one key are answered.
fn send_at_once(base: &str, token: &str) -> BTreeSet<String> {
    let start = std::sync::Barrier::new(32);
    thread::scope(|scope| {
        let requests: Vec<_> = (0..32)
            .map(|_| {
                scope.spawn(|| {
                    let client = Client::new(base, token);
                    start.wait();
                    let answer = client.post_status("only once", Some("the key"));
                    assert_eq!(answer.status, 200, "{answer:?}");
                    answer.id()
                })
            })
            .collect();
        requests.into_iter().map(|request| request.join().unwrap()).collect()
    })
}
