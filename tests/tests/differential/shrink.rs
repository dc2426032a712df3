//! Making a history that fails as short and plain as it can be.

use std::time::{Duration, Instant};

use super::step::{Post, Step};

/// How long a shorter history is looked for; what was found by then is shown.
const PATIENCE: Duration = Duration::from_secs(60);

/// The shortest history found that still `fails`: ever smaller parts are left out, then posts are made plain.
pub(crate) fn shrunk(mut history: Vec<Step>, fails: impl Fn(&[Step]) -> bool) -> Vec<Step> {
    let begun = Instant::now();
    let mut part = history.len().div_ceil(2);
    while part > 0 {
        let mut left_out = false;
        // From the end: later steps depend on earlier ones.
        let mut end = history.len();
        while end > 0 && begun.elapsed() < PATIENCE {
            let start = end.saturating_sub(part);
            let shorter = [&history[..start], &history[end..]].concat();
            if fails(&shorter) {
                history = shorter;
                left_out = true;
            }
            end = start;
        }
        part = if part > 1 || !left_out { part / 2 } else { 1 };
    }
    for number in 0..history.len() {
        for plainer in PLAINER {
            let mut candidate = history.clone();
            if let Step::Post(post) = &mut candidate[number] {
                plainer(post);
            }
            if candidate != history && begun.elapsed() < PATIENCE && fails(&candidate) {
                history = candidate;
            }
        }
    }
    history
}

/// What can be left out of a post.
const PLAINER: [fn(&mut Post); 8] = [
    |post| post.mentions.clear(),
    |post| post.tags.clear(),
    |post| post.answers = None,
    |post| post.upload = None,
    |post| post.local_only = false,
    |post| post.spoiler = false,
    |post| post.german = false,
    |post| post.key = None,
];
