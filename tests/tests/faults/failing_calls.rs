//! System calls that fail under a server that goes on.
//!
//! `KOINON_FAULT_POINTS=all` tries each call with each error, failing at every k-th time for k up to 8 and always;
//! otherwise a few of them.

use std::collections::BTreeMap;
use std::fs;
use std::thread;

use koinon_tests::backend::Backend;
use koinon_tests::trace::{Faults, can_inject_faults};
use koinon_tests::{Instance, koinon, on_each_backend};

use crate::client::{Answer, Client, make_account};

/// Calls and an error that they can have.
const FAILURES: [(&str, &str); 7] = [
    ("pwrite64", "ENOSPC"),
    ("pwrite64", "EIO"),
    ("fsync,fdatasync", "EIO"),
    ("fsync,fdatasync", "ENOSPC"),
    ("openat", "EMFILE"),
    ("openat", "EIO"),
    ("openat", "ENOSPC"),
];
/// Those that sled makes beside them.
const FAILURES_OF_SLED: [(&str, &str); 3] = [
    ("sync_file_range", "EIO"),
    ("sync_file_range", "ENOSPC"),
    ("pwrite64,fsync,fdatasync,sync_file_range", "EIO"),
];
const SHORT_STRIDES: &[&str] = &["1+", "2+3"];
const LONG_STRIDES: &[&str] = &["1+", "1+2", "2+3", "1+4", "3+5", "1+6", "2+7", "5+8"];
const WRITERS: usize = 3;
const POSTS: usize = 5;

/// What a round of writers was told.
#[derive(Debug, Default)]
struct Told {
    posted: BTreeMap<String, String>,
    refused: Vec<Answer>,
    reads: usize,
    refused_reads: usize,
}

on_each_backend! {
    calls_that_fail_are_told_to_the_client_and_cost_nothing_that_was_acknowledged,
}

fn calls_that_fail_are_told_to_the_client_and_cost_nothing_that_was_acknowledged(backend: Backend) {
    if !can_inject_faults() {
        return;
    }
    let long = std::env::var("KOINON_FAULT_POINTS").is_ok_and(|points| points == "all");
    let folder = tempfile::tempdir().unwrap();
    let (data, log) = (folder.path().join("data"), folder.path().join("log"));
    let token = make_account(backend, "alice", &data);
    let mut instance = Instance::start_logging(&data, fs::File::create(&log).unwrap());
    let client = Client::new(&instance.base, &token);
    let first = client.post_status("before anything failed", None).id();
    let mut kept = BTreeMap::from([("before anything failed".to_owned(), first.clone())]);
    let (mut rounds, mut refused, mut reads, mut refused_reads) = (0, 0, 0, 0);
    let of_sled: &[_] = if backend == Backend::Sled { &FAILURES_OF_SLED } else { &[] };
    for (calls, error) in FAILURES.iter().chain(of_sled).copied() {
        for stride in if long { LONG_STRIDES } else { SHORT_STRIDES } {
            let place = format!("{calls} {error} {stride}");
            let faults = Faults::inject(instance.id(), &format!("{calls}:error={error}:when={stride}"));
            let told = write(&client, &place, &first);
            faults.end();
            assert!(instance.is_running(), "{place}: the server is gone");
            // A disk that is full while it synchronises is one that fails, for SQLite.
            let meant: &[u16] = if error == "ENOSPC" { &[507, 503] } else { &[503] };
            assert!(told.refused.iter().all(|answer| meant.contains(&answer.status)), "{place}: {told:?}");
            if *stride == "1+" {
                assert!(!told.refused.is_empty(), "{place}: nothing failed");
            }
            rounds += 1;
            refused += told.refused.len();
            reads += told.reads;
            refused_reads += told.refused_reads;
            kept.extend(told.posted);
            let text = format!("after {place}");
            let after = client.post_status(&text, None);
            assert!(after.succeeded(), "{place}: {after:?}");
            kept.insert(text, after.id());
            // A command that was refused is wholly absent while the server lives.
            assert_eq!(client.statuses(), kept, "{place}");
        }
    }
    // A sled whose disk has failed may be unable to read what lies beside the rows of the write that failed.
    let tolerated = if backend == Backend::Sled { reads / 4 } else { 0 };
    assert!(refused_reads <= tolerated, "{refused_reads} of {reads} reads were refused");
    instance.kill();
    let text = fs::read_to_string(&log).unwrap();
    assert!(!text.contains("panicked"), "{text}");
    let check = koinon(&["check"], &data);
    assert!(check.succeeded, "{check:?}");
    let instance = Instance::start(&data);
    assert_eq!(Client::new(&instance.base, &token).statuses(), kept);
    println!(
        "{}: {rounds} rounds of failing calls: {refused} writes and {refused_reads} of {reads} reads refused, {} kept, 0 lost",
        backend.name(),
        kept.len()
    );
}

/// Posts and uploads from several connections at once, while others read what is there.
fn write(client: &Client, place: &str, known: &str) -> Told {
    let mut told = Told::default();
    thread::scope(|scope| {
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| {
                scope.spawn(move || {
                    let mut told = Told::default();
                    for number in 0..POSTS {
                        let text = format!("{place} writer {writer} number {number}");
                        let answer = client.post_status(&text, None);
                        if answer.succeeded() {
                            told.posted.insert(text, answer.id());
                        } else {
                            told.refused.push(answer);
                        }
                        let read = client.get(&format!("/api/v1/statuses/{known}"));
                        told.reads += 1;
                        told.refused_reads += usize::from(!read.succeeded());
                    }
                    let upload = client.upload(&picture(place, writer));
                    if !upload.succeeded() {
                        told.refused.push(upload);
                    }
                    told
                })
            })
            .collect();
        for writer in writers {
            let more = writer.join().unwrap();
            told.posted.extend(more.posted);
            told.refused.extend(more.refused);
            told.reads += more.reads;
            told.refused_reads += more.refused_reads;
        }
    });
    told
}

/// The smallest GIF, in a colour that nobody has uploaded yet.
fn picture(place: &str, writer: usize) -> Vec<u8> {
    let sum = place.bytes().fold(writer as u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
    let mut gif = b"GIF89a\x01\0\x01\0\x80\0\0".to_vec();
    gif.extend(&sum.to_be_bytes()[1..]);
    gif.extend(b"\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;");
    gif
}
