//! The terms by which a text is found.

use std::collections::HashSet;

use unicode_segmentation::UnicodeSegmentation;

use super::characters::{is_letter_mark, is_unspaced};
use super::fold::fold;

/// The most terms of one text; what comes later in it is not found.
pub const MAX_TERMS: usize = 1000;
/// The longest term, in characters; longer words are found by their beginning.
pub const MAX_TERM_CHARACTERS: usize = 48;

/// The terms under which a text (not HTML) is to be indexed, distinct, in order of appearance.
///
/// Words are folded like hashtags are, and come apart at everything that is not a letter or digit. Scripts
/// without spaces between words (Chinese, Japanese, Korean, Thai, ...) give each character and each pair of neighbours.
#[must_use]
pub fn search_terms(text: &str) -> Vec<String> {
    terms(text, |run, terms| {
        for (index, character) in run.iter().enumerate() {
            terms.add(character.to_string());
            if let Some(next) = run.get(index + 1) {
                terms.add(String::from_iter([character, next]));
            }
        }
    })
}

/// The terms that a text has to have, all of them, to match a query. Every text matches the query of each of
/// its words and of each stretch of a script without spaces.
///
/// ```
/// use koinon_engine::text::{query_terms, search_terms};
///
/// let terms = search_terms("Die Straße nach 東京都庁: https://example.com/Café");
/// for query in ["strasse", "STRAẞE", "東京", "京都庁", "京", "cafe example"] {
///     assert!(query_terms(query).iter().all(|term| terms.contains(term)), "{query}");
/// }
/// assert!(!query_terms("東都").iter().all(|term| terms.contains(term)));
/// ```
#[must_use]
pub fn query_terms(query: &str) -> Vec<String> {
    terms(query, |run, terms| match run {
        [single] => terms.add(single.to_string()),
        _ => run.windows(2).for_each(|pair| terms.add(pair.iter().collect())),
    })
}

/// Collects distinct terms up to the limit.
#[derive(Default)]
struct Terms {
    seen: HashSet<String>,
    terms: Vec<String>,
}

impl Terms {
    fn add(&mut self, term: String) {
        if !self.is_full() && self.seen.insert(term.clone()) {
            self.terms.push(term);
        }
    }

    fn is_full(&self) -> bool {
        self.terms.len() >= MAX_TERMS
    }
}

fn terms(text: &str, add_run: impl Fn(&[char], &mut Terms)) -> Vec<String> {
    let folded = fold(text);
    let mut terms = Terms::default();
    let mut run = Vec::new();
    let mut run_end = 0;
    for (position, word) in folded.unicode_word_indices() {
        if terms.is_full() {
            break;
        }
        if position != run_end {
            add_run(&std::mem::take(&mut run), &mut terms);
        }
        run_end = position + word.len();
        for (index, part) in word.split(|c: char| !c.is_alphanumeric() && !is_letter_mark(c)).enumerate() {
            if index > 0 {
                add_run(&std::mem::take(&mut run), &mut terms);
            }
            for stretch in stretches(part) {
                if stretch.starts_with(is_unspaced) {
                    run.extend(stretch.chars());
                } else {
                    add_run(&std::mem::take(&mut run), &mut terms);
                    terms.add(stretch.chars().take(MAX_TERM_CHARACTERS).collect());
                }
            }
        }
    }
    add_run(&run, &mut terms);
    terms.terms
}

/// The text in stretches of scripts with and without spaces by turns. Marks stay with what they follow.
fn stretches(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let unspaced = is_unspaced(first);
        let end = rest.find(|c| !is_letter_mark(c) && is_unspaced(c) != unspaced).unwrap_or(rest.len());
        let (stretch, after) = rest.split_at(end);
        rest = after;
        Some(stretch)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_folded_and_distinct() {
        assert_eq!(search_terms("Rust, rust & RÚST — naïve"), ["rust", "naive"]);
        assert_eq!(search_terms("snake_case don’t 3.14"), ["snake", "case", "don", "t", "3", "14"]);
    }

    #[test]
    fn scripts_without_spaces_give_characters_and_pairs() {
        assert_eq!(search_terms("黒猫だ"), ["黒", "黒猫", "猫", "猫だ", "だ"]);
        assert_eq!(query_terms("黒猫だ"), ["黒猫", "猫だ"]);
        assert_eq!(query_terms("猫"), ["猫"]);
    }

    #[test]
    fn pairs_do_not_span_punctuation_or_other_scripts() {
        assert_eq!(query_terms("黒、猫"), ["黒", "猫"]);
        assert_eq!(query_terms("猫cat犬"), ["猫", "cat", "犬"]);
    }

    #[test]
    fn terms_have_their_limits() {
        let long = "a".repeat(1000);
        assert_eq!(search_terms(&long), ["a".repeat(MAX_TERM_CHARACTERS)]);
        let many: String = (0..5000).map(|number| format!("{number} ")).collect();
        assert_eq!(search_terms(&many).len(), MAX_TERMS);
    }

    #[test]
    fn no_words_no_terms() {
        assert!(search_terms(" … 🎉 -- ").is_empty());
    }
}
