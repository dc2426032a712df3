//! The big list of naughty strings through every way into HTML.

#![allow(clippy::unwrap_used)]

mod text_support;

use koinon_engine::text::{
    Format, count_characters, extract, plain, render, sanitise, search_terms, tag_key,
};
use text_support::{Everyone, Nobody, oracle, shared_file};

#[test]
fn naughty_strings_become_safe_html_and_plain_text() {
    let Some(json) = shared_file("blns/blns.json") else { return };
    let strings: Vec<String> = serde_json::from_str(&json).unwrap();
    assert!(strings.len() > 500);
    for naughty in &strings {
        let mut outputs = vec![sanitise(naughty)];
        for format in Format::ALL {
            let _ = extract(naughty, format);
            outputs.push(render(naughty, format, &Everyone));
            outputs.push(render(naughty, format, &Nobody));
        }
        for html in outputs {
            let text = oracle::read(html.as_str());
            assert_eq!(sanitise(html.as_str()), html, "not a fixed point: {naughty:?}");
            assert_eq!(visible(&plain(&html)), visible(&text), "from {naughty:?}");
        }
        let _ = count_characters(naughty);
        let _ = search_terms(naughty);
        let _ = tag_key(naughty);
    }
}

#[test]
fn plain_naughty_strings_lose_nothing_that_can_be_seen() {
    let Some(json) = shared_file("blns/blns.json") else { return };
    let strings: Vec<String> = serde_json::from_str(&json).unwrap();
    for naughty in &strings {
        let text = plain(&render(naughty, Format::Plain, &Nobody));
        assert_eq!(visible(&text), visible(naughty), "{naughty:?}");
    }
}

/// The characters that leave ink.
fn visible(text: &str) -> String {
    text.chars()
        .filter(|c| {
            !c.is_whitespace() && !c.is_control() && !matches!(c, '\u{FEFF}' | '\u{FFFE}' | '\u{FFFF}')
        })
        .collect()
}
