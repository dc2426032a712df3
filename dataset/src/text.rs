//! What people say: texts of about the length and variety that they write, with tags and links.

use fastrand::Rng;
use koinon_engine::profiles::ProfileChange;

use crate::graph::skewed;
use crate::words::{COMMON, NAMES, invented};

/// Invented words there are.
const VOCABULARY: usize = 20_000;
/// Hashtags there are.
const TAGS: usize = 500;

/// The name of an account of any data set.
pub fn username(number: u32) -> String {
    format!("{}{number}", NAMES[number as usize % NAMES.len()])
}

/// The profile of an account.
pub(crate) fn profile(number: u32, locked: bool, rng: &mut Rng) -> ProfileChange {
    let first = capitalized(NAMES[number as usize % NAMES.len()]);
    let last = capitalized(&invented(skewed(VOCABULARY, 2, rng)));
    ProfileChange {
        display_name: Some(format!("{first} {last}")),
        note: (rng.u32(..4) > 0).then(|| sentence(3 + skewed(20, 2, rng), rng)),
        locked: locked.then_some(true),
        ..ProfileChange::default()
    }
}

/// A text without mentions. Half of them have up to eleven words, few more than thirty.
pub(crate) fn body(rng: &mut Rng) -> String {
    let mut text = sentence(4 + skewed(45, 3, rng), rng);
    if rng.u32(..12) == 0 {
        let (host, path) = (word(rng), word(rng));
        text.push_str(&format!(" https://{host}.example/{path}/{}", rng.u32(1_000..100_000)));
    }
    if rng.u32(..5) == 0 {
        for _ in 0..=skewed(3, 2, rng) {
            text.push_str(&format!(" #{}", invented(skewed(TAGS, 3, rng))));
        }
    }
    text
}

/// A warning to stand before a text.
pub(crate) fn warning(rng: &mut Rng) -> String {
    sentence(2, rng)
}

fn sentence(words: usize, rng: &mut Rng) -> String {
    let mut text = capitalized(&word(rng));
    for _ in 1..words {
        text.push(' ');
        text.push_str(&word(rng));
        if rng.u32(..10) == 0 {
            text.push(',');
        }
    }
    text.push('.');
    text
}

fn word(rng: &mut Rng) -> String {
    if rng.bool() {
        COMMON[skewed(COMMON.len(), 2, rng)].to_owned()
    } else {
        invented(skewed(VOCABULARY, 3, rng))
    }
}

fn capitalized(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_account_has_a_name_of_its_own() {
        let names: HashSet<String> = (0..10_000).map(username).collect();
        assert_eq!(names.len(), 10_000);
    }

    #[test]
    fn every_number_has_a_word_of_its_own() {
        let words: HashSet<String> = (0..VOCABULARY).map(invented).collect();
        assert!(words.len() > VOCABULARY * 99 / 100, "{}", words.len());
    }
}
