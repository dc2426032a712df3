//! What holds for every text.

mod text_support;

use koinon_engine::text::{
    Format, Links, MAX_TERM_CHARACTERS, MAX_TERMS, MentionName, ProfileLink, SafeHtml, count_characters,
    extract, plain, query_terms, render, sanitise, search_terms, tag_key,
};
use proptest::prelude::*;
use std::cell::RefCell;
use text_support::{Everyone, oracle};

/// Resolves everybody, and keeps the names it was asked for.
#[derive(Default)]
struct Recorder {
    mentions: RefCell<Vec<MentionName>>,
    hashtags: RefCell<Vec<String>>,
}

impl Links for Recorder {
    fn profile(&self, name: &MentionName) -> Option<ProfileLink> {
        self.mentions.borrow_mut().push(name.clone());
        Everyone.profile(name)
    }

    fn hashtag(&self, tag: &str) -> String {
        self.hashtags.borrow_mut().push(tag.to_owned());
        Everyone.hashtag(tag)
    }
}

fn format() -> impl Strategy<Value = Format> {
    prop::sample::select(Format::ALL.to_vec())
}

/// Text from the pieces that mean something to one of the grammars, and from any characters.
fn source() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        6 => prop::sample::select(PIECES.to_vec()).prop_map(str::to_owned),
        2 => "[a-zA-Z0-9é語_ ]{0,6}",
        1 => "\\PC{0,4}",
        1 => any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

#[rustfmt::skip]
const PIECES: &[&str] = &[
    " ", "\n", "\n\n", "\r\n", "\t", "\0", "\u{FEFF}", "\u{FFFE}", "\u{200D}", "\u{FE0F}", "\u{301}", "\u{202E}",
    "@", "@alice", "@bob@b.example", "@bob@例え.jp", "#", "#tag", "##", "＃タグ", ":", ":cat:", "http://", "https://a.example",
    "https://www.b.example/x_(y)?z=*w*&#38;", "HTTP://[x]/", "mailto:", "user@example.com", "//evil.example", "javascript:alert(1)",
    "*", "**", "_", "~~", "`", "```\n", "> ", ">", "- ", "1. ", "# ", "    ", "[", "](", ")", "![", "<https://c.example>", "\\",
    "&", "&amp;", "&lt;", "&#60;", "&#1;", "&#xFEFF;", "&nbsp;", "&notit;", "<", ">", "\"", "'", "/", "=", "<!--", "-->", "<![CDATA[", "]]>",
    "<p>", "</p>", "<br>", "</br>", "<hr>", "<b>", "</b>", "<i class=x>", "</i>", "<code>", "</code>", "<pre>", "</pre>", "<pre>\n\n",
    "<ul>", "</ul>", "<ol start=3>", "<ol start=x reversed>", "</ol>", "<li>", "<li value=-2>", "</li>", "<blockquote>", "</blockquote>",
    "<h1>", "<h2>", "</h1>", "<ruby>", "<rt>", "<rp>", "</rt>", "</ruby>", "<div>", "</div>", "<table>", "<tr>", "<td>", "</td>", "</table>",
    "<span class=\"invisible x\">", "<span class='h-card mention'>", "</span>", "<p class=quote-inline>",
    "<a href=\"https://d.example/&quot;\">", "<a href='javascript:x'>", "<a href=' HTTPS://e.example\n/x'>", "<a href=//f.example>",
    "<a href=\"https://g.example\" class=\"mention hashtag\" rel=opener>", "<a href=mailto:a@b.example class='u-url mention mention'>", "</a>",
    "<img src=https://h.example/i.png alt='@alice #x'>", "<img alt=':cat:' src=x>", "<img src=x onerror=alert(1)>",
    "<script>", "</script>", "<style>", "</style>", "<title>", "</title>", "<textarea>", "<svg>", "</svg>", "<math>", "<mtext>", "<iframe>",
    "</iframe>", "<xmp>", "<plaintext>", "<noscript>", "<template>", "<select>", "<button>", "<object>", "<form>", "<x-y a b=c>", "<a",
];

fn check_safe(html: &SafeHtml) {
    let text = oracle::read(html.as_str());
    assert_eq!(&sanitise(html.as_str()), html, "not a fixed point");
    let without_space = |text: &str| text.split_whitespace().collect::<String>();
    assert_eq!(without_space(&plain(html)), without_space(&text));
}

proptest! {
    #[test]
    fn rendered_text_is_safe_and_a_fixed_point_of_the_sanitiser(source in source(), format in format()) {
        check_safe(&render(&source, format, &Everyone));
    }

    #[test]
    fn sanitised_html_is_safe_and_a_fixed_point(html in source()) {
        check_safe(&sanitise(&html));
    }

    #[test]
    fn extraction_finds_what_rendering_links(source in source(), format in format()) {
        let recorder = Recorder::default();
        let _ = render(&source, format, &recorder);
        let found = extract(&source, format);
        let same = |a: &MentionName, b: &MentionName| {
            let lower = |domain: &Option<String>| domain.as_ref().map(|domain| domain.to_lowercase());
            a.username.eq_ignore_ascii_case(&b.username) && lower(&a.domain) == lower(&b.domain)
        };
        for name in recorder.mentions.borrow().iter() {
            prop_assert_eq!(found.mentions.iter().filter(|it| same(it, name)).count(), 1, "{:?}", name);
        }
        for name in &found.mentions {
            prop_assert!(recorder.mentions.borrow().contains(name), "{:?} is not linked", name);
        }
        for tag in recorder.hashtags.borrow().iter() {
            prop_assert_eq!(found.hashtags.iter().filter(|it| tag_key(it) == tag_key(tag)).count(), 1, "{}", tag);
        }
        for tag in &found.hashtags {
            prop_assert!(recorder.hashtags.borrow().contains(tag), "{} is not linked", tag);
        }
    }

    #[test]
    fn folding_twice_changes_nothing(text in source()) {
        let key = tag_key(&text);
        prop_assert_eq!(tag_key(&key), key);
    }

    #[test]
    fn a_text_matches_the_query_of_itself(text in source()) {
        let terms = search_terms(&text);
        prop_assert!(terms.len() <= MAX_TERMS);
        prop_assert!(terms.iter().all(|term| (1..=MAX_TERM_CHARACTERS).contains(&term.chars().count())));
        for term in query_terms(&text) {
            prop_assert!(terms.contains(&term), "{}", term);
        }
    }

    #[test]
    fn counting_never_exceeds_the_characters_but_for_links(text in source()) {
        let links = extract(&text, Format::Plain).links.len();
        if links == 0 {
            prop_assert!(count_characters(&text) <= text.chars().count());
        }
    }
}
