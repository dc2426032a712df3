//! Inputs made to take for ever, to overflow the stack or to grow. There is no clock in these tests: a step
//! that took the square of such an input would not end in any reasonable time.

mod text_support;

use koinon_engine::text::{
    Format, count_characters, extract, plain, render, sanitise, search_terms, tag_key,
};
use text_support::{Everyone, oracle};

const SIZE: usize = 100_000;

/// What is repeated up to a fifth of the size, and what follows it.
const PATTERNS: &[(&str, &str)] = &[
    (">", ""),
    ("> ", "a\n\n> b"),
    ("[", ""),
    ("![", ""),
    ("[a](", ""),
    ("[]:", ""),
    ("@", ""),
    ("@a", ""),
    ("@a@", ""),
    ("@a.", ""),
    ("@a@b.", ""),
    ("@a@b.cd ", ""),
    ("#", ""),
    ("#a", ""),
    ("#a·", ""),
    ("a#", ""),
    (":", ""),
    (":a", ""),
    (":a:", ""),
    ("http://", ""),
    ("http://a.bc", ""),
    ("http://a.bc/(", ""),
    ("http://a.bcだ", ""),
    ("http://a.", ""),
    ("*", ""),
    ("*a", ""),
    ("_a ", ""),
    ("*a_b ", ""),
    ("`", ""),
    ("`a``", ""),
    ("~~a ", ""),
    ("- ", "a"),
    ("1. ", "a"),
    ("- a\n  ", ""),
    ("#\n", ""),
    ("a\n===\n", ""),
    ("[a]: b\n", "[a]"),
    ("<", ""),
    ("</", ""),
    ("<!", ""),
    ("<!--", ""),
    ("<?", ""),
    ("&", ""),
    ("&#", ""),
    ("&am", ""),
    ("<b>", ""),
    ("<b>a", ""),
    ("<p>a", ""),
    ("<a href=http://a.bc>", "x"),
    ("<div>", "x"),
    ("<blockquote>", "x"),
    ("<li>", "x"),
    ("<ul><li>", "x"),
    ("<table><tr><td>", "x"),
    ("<ruby><rt>", "x"),
    ("<svg><math>", "x"),
    ("<script>", "x"),
    ("<a b='>'", ""),
    ("</p>", ""),
    ("</b>", ""),
    ("a", ""),
    ("a ", ""),
    ("a\n", ""),
    ("\n", ""),
    ("\\", ""),
    ("e\u{301}", ""),
    ("\u{301}", ""),
    ("語", ""),
    ("語 a", ""),
    ("👨\u{200D}", ""),
    ("\r", ""),
    ("\0", ""),
];

#[test]
fn repetitions_pass_every_function() {
    for (pattern, end) in PATTERNS {
        pass(&(pattern.repeat(SIZE / 5 / pattern.len()) + end));
    }
}

#[test]
fn repetitions_of_one_sign_pass_at_full_size() {
    for sign in [">", "[", "@", "#", ":", "*", "`", "<", "&", "a", "語"] {
        pass(&sign.repeat(SIZE / sign.len()));
    }
}

#[test]
fn formatting_left_open_before_many_paragraphs_does_not_multiply() {
    let fonts: String = (0..4000).map(|number| format!("<b id={number}>")).collect();
    let paragraphs = "<p>x".repeat(10_000);
    let html = pass(&(fonts + &paragraphs));
    assert!(html < 20 * SIZE, "{html} bytes");
}

#[test]
fn quotations_in_quotations_lose_their_marks_not_their_text() {
    let source = "> ".repeat(1000) + "deep down";
    let html = render(&source, Format::Markdown, &Everyone);
    assert_eq!(plain(&html), "deep down");
    assert!(html.as_str().matches("<blockquote>").count() < 100);
}

#[test]
fn a_tag_with_very_many_attributes_is_refused() {
    let attributes: String = (0..SIZE / 7).map(|number| format!(" a{number}")).collect();
    pass(&format!("<b{attributes}>x"));
}

#[test]
fn lazy_lines_under_deep_quotations_pass() {
    pass(&(">".repeat(SIZE / 2) + &"\na".repeat(SIZE / 4)));
    pass(&(">".repeat(500) + "\n").repeat(SIZE / 500));
    pass(&("- ".repeat(100) + "a\n").repeat(SIZE / 200));
}

/// Passes the text through every function; gives the length of the longest HTML.
fn pass(source: &str) -> usize {
    let mut outputs = vec![sanitise(source)];
    for format in Format::ALL {
        let _ = extract(source, format);
        outputs.push(render(source, format, &Everyone));
    }
    let _ = count_characters(source);
    let _ = search_terms(source);
    let _ = tag_key(source);
    for html in &outputs {
        oracle::read(html.as_str());
        let _ = plain(html);
    }
    outputs.iter().map(|html| html.as_str().len()).max().unwrap_or_default()
}
