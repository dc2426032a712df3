//! What authors write, and the HTML that clients get for it, byte by byte.

mod text_support;

use koinon_engine::text::{
    Entities, Format, Links, MentionName, ProfileLink, extract, plain, render, sanitise,
};
use text_support::{Everyone, Nobody};

const ALICE: &str = "<span class=\"h-card\"><a href=\"https://local.example/@alice\" class=\"u-url mention\">@<span>alice</span></a></span>";
const RUST: &str = "<a href=\"https://local.example/tags/rust\" class=\"mention hashtag\" rel=\"tag\">#<span>rust</span></a>";

fn from_plain(source: &str) -> String {
    render(source, Format::Plain, &Everyone).to_string()
}

fn from_markdown(source: &str) -> String {
    render(source, Format::Markdown, &Everyone).to_string()
}

fn from_html(source: &str) -> String {
    render(source, Format::Html, &Everyone).to_string()
}

// R67
#[test]
fn plain_text_becomes_paragraphs_and_line_breaks() {
    assert_eq!(from_plain("a\nb\r\n\r\n \n\nc\n"), "<p>a<br>b</p><p>c</p>");
    assert_eq!(from_plain(""), "");
    assert_eq!(from_plain("\n \n"), "");
}

#[test]
fn plain_text_is_taken_literally() {
    assert_eq!(from_plain("<b> & *c*  d"), "<p>&lt;b&gt; &amp; *c*  d</p>");
}

#[test]
fn control_characters_never_get_through() {
    assert_eq!(from_plain("a\0b\u{1}c\u{7f}\u{85}d\u{FFFE}\te"), "<p>abcd\te</p>");
    assert_eq!(from_markdown("a&#1;b"), "<p>ab</p>");
    assert_eq!(from_html("a&#xFFFF;b&#13;c"), "ab c");
}

#[test]
fn mentions_and_hashtags_are_marked_up_as_clients_expect() {
    for render in [from_plain, from_markdown] {
        assert_eq!(render("Hi @alice: #rust"), format!("<p>Hi {ALICE}: {RUST}</p>"));
    }
    assert_eq!(from_html("<p>Hi @alice: #rust</p>"), format!("<p>Hi {ALICE}: {RUST}</p>"));
}

#[test]
fn a_mention_of_an_account_elsewhere_shows_the_name_it_resolves_to() {
    assert_eq!(
        from_plain("@Bob@B.example"),
        "<p><span class=\"h-card\"><a href=\"https://B.example/@Bob\" class=\"u-url mention\">@<span>Bob</span></a></span></p>"
    );
}

#[test]
fn a_mention_of_nobody_stays_text() {
    let html = render("@alice and @bob@b.example", Format::Plain, &Nobody);
    assert_eq!(html.as_str(), "<p>@alice and @bob@b.example</p>");
}

#[test]
fn places_that_are_no_safe_urls_are_not_linked() {
    struct Hostile;
    impl Links for Hostile {
        fn profile(&self, _: &MentionName) -> Option<ProfileLink> {
            Some(ProfileLink { url: "javascript:alert(1)".to_owned(), name: "x".to_owned() })
        }
        fn hashtag(&self, _: &str) -> String {
            "//evil.example/".to_owned()
        }
    }
    assert_eq!(render("@alice #rust", Format::Plain, &Hostile).as_str(), "<p>@alice #rust</p>");
}

#[test]
fn what_links_resolve_to_is_escaped() {
    struct Quoting;
    impl Links for Quoting {
        fn profile(&self, _: &MentionName) -> Option<ProfileLink> {
            let url = "https://a.example/\"onclick=\"x".to_owned();
            Some(ProfileLink { url, name: "<b>".to_owned() })
        }
        fn hashtag(&self, _: &str) -> String {
            String::new()
        }
    }
    assert_eq!(
        render("@alice", Format::Plain, &Quoting).as_str(),
        "<p><span class=\"h-card\"><a href=\"https://a.example/&quot;onclick=&quot;x\" class=\"u-url mention\">@<span>&lt;b&gt;</span></a></span></p>"
    );
}

#[test]
fn links_hide_their_scheme_and_their_tail() {
    assert_eq!(
        from_plain("https://www.example.com/a?b&c"),
        "<p><a href=\"https://www.example.com/a?b&amp;c\" rel=\"nofollow noopener noreferrer\" target=\"_blank\">\
         <span class=\"invisible\">https://www.</span><span>example.com/a?b&amp;c</span></a></p>"
    );
    assert_eq!(
        from_plain("http://example.com/0123456789012345678901234"),
        "<p><a href=\"http://example.com/0123456789012345678901234\" rel=\"nofollow noopener noreferrer\" target=\"_blank\">\
         <span class=\"invisible\">http://</span><span class=\"ellipsis\">example.com/012345678901234567</span>\
         <span class=\"invisible\">8901234</span></a></p>"
    );
}

// R67
#[test]
fn markdown_has_its_usual_elements() {
    assert_eq!(
        from_markdown("# T\n\n*a* **b** ~~c~~ `d`\ne\n\n- f\n- g\n\n> h\n\n---\n3. i"),
        "<h1>T</h1><p><em>a</em> <strong>b</strong> <del>c</del> <code>d</code><br>e</p>\
         <ul><li>f</li><li>g</li></ul><blockquote><p>h</p></blockquote><hr><ol start=\"3\"><li>i</li></ol>"
    );
    assert_eq!(from_markdown("```rust\nfn a() {\n\n}\n```"), "<pre><code>fn a() {\n\n}\n</code></pre>");
    assert_eq!(from_markdown("a | b\n--|--\nc | d"), "<p>a | b<br>--|--<br>c | d</p>");
}

#[test]
fn markdown_links_are_safe_links() {
    assert_eq!(
        from_markdown("[a](https://b.example) [c](javascript:d) <mailto:e@f.example>"),
        "<p><a href=\"https://b.example\" rel=\"nofollow noopener noreferrer\" target=\"_blank\">a</a> c \
         <a href=\"mailto:e@f.example\" rel=\"nofollow noopener noreferrer\" target=\"_blank\">mailto:e@f.example</a></p>"
    );
}

// R67, R90
#[test]
fn html_in_markdown_passes_the_sanitiser() {
    assert_eq!(from_markdown("<u onclick=x>a</u> <svg>b</svg>"), "<p><u>a</u> b</p>");
    assert_eq!(
        from_markdown("a <script>b</script> @alice"),
        format!("<p>a &lt;script&gt;b&lt;/script&gt; {ALICE}</p>")
    );
}

#[test]
fn nothing_is_linked_in_code_or_in_links() {
    let source =
        "`@alice #rust :a:`\n\n    @alice https://a.example\n\n[@alice #rust :b:](https://b.example)";
    let html = from_markdown(source);
    assert!(!html.contains("mention"), "{html}");
    assert_eq!(
        extract(source, Format::Markdown),
        Entities {
            shortcodes: vec!["b".to_owned()],
            links: vec!["https://b.example".to_owned()],
            ..Entities::default()
        }
    );
    assert_eq!(extract("<kbd>@alice</kbd><pre>#rust</pre>", Format::Html), Entities::default());
}

#[test]
fn nothing_is_linked_across_markup_inside_a_word() {
    assert_eq!(extract("**user**@example.com *x*#y", Format::Markdown), Entities::default());
}

#[test]
fn authors_cannot_dress_links_up_as_mentions_or_hide_text() {
    assert_eq!(
        from_html(
            "<a href='https://evil.example' class='u-url mention' rel=me>@admin</a><span class=invisible>x</span>"
        ),
        "<a href=\"https://evil.example\" rel=\"nofollow noopener noreferrer\" target=\"_blank\">@admin</a><span>x</span>"
    );
}

#[test]
fn line_breaks_in_html_are_white_space() {
    assert_eq!(
        from_html("<p>\n a\n  b <b>c</b>\n<i>d</i>\n</p>\n<p>e<br>\nf</p>"),
        "<p>a b <b>c</b> <i>d</i></p><p>e<br>f</p>"
    );
}

#[test]
fn images_become_links_and_custom_emoji_their_shortcode() {
    let link = "<a href=\"https://a.example/b.png\" rel=\"nofollow noopener noreferrer\" target=\"_blank\">a cat</a>";
    assert_eq!(from_markdown("![a cat](https://a.example/b.png)"), format!("<p>{link}</p>"));
    assert_eq!(from_html("<img src=https://a.example/e.png alt=:cat: class=emoji>"), ":cat:");
    assert_eq!(
        from_markdown("[![a cat](https://a.example/b.png)](https://c.example)"),
        "<p><a href=\"https://c.example\" rel=\"nofollow noopener noreferrer\" target=\"_blank\">a cat</a></p>"
    );
}

#[test]
fn sanitised_html_keeps_what_a_server_marked_up() {
    let html = format!("<p class=\"quote-inline\">RE: x</p><p>{ALICE} {RUST}</p>");
    assert_eq!(sanitise(&html).as_str(), html);
    assert_eq!(
        sanitise("<p>@alice #rust https://a.example</p>").as_str(),
        "<p>@alice #rust https://a.example</p>"
    );
}

// R90
#[test]
fn sanitised_links_have_their_rel_forced() {
    assert_eq!(
        sanitise("<a href='https://a.example' target=_top rel='opener me' style=x id=y>z</a>").as_str(),
        "<a href=\"https://a.example\" rel=\"nofollow noopener noreferrer\" target=\"_blank\">z</a>"
    );
}

// R90
#[test]
fn sanitised_html_has_no_relative_or_scripted_links() {
    for url in [
        "//a.example",
        "/a",
        "a",
        "#a",
        "javascript:a",
        "JAVA\tSCRIPT:a",
        "data:a,b",
        "\u{1}javascript:a",
        "&#106;avascript:a",
    ] {
        assert_eq!(sanitise(&format!("<a href=\"{url}\">z</a>")).as_str(), "z", "{url}");
    }
}

#[test]
fn blocks_of_foreign_html_become_paragraphs() {
    assert_eq!(
        sanitise("<div>a<div>b</div></div><table><tr><td>c</td><td>d</td></tr></table><center>e</center>")
            .as_str(),
        "<p>a</p><p>b</p><p>c d</p><p>e</p>"
    );
    assert_eq!(sanitise("<p>a<ul><li>b<li>c</ul>d").as_str(), "<p>a</p><ul><li>b</li><li>c</li></ul>d");
}

#[test]
fn entities_are_distinct_and_in_order() {
    let entities = extract(
        "@a @B@b.example @A @b@B.EXAMPLE #Café #x #CAFE :a: :A: :a: https://a.example https://a.example @B",
        Format::Plain,
    );
    let name = |username: &str, domain: Option<&str>| MentionName {
        username: username.to_owned(),
        domain: domain.map(str::to_owned),
    };
    assert_eq!(
        entities,
        Entities {
            mentions: vec![name("a", None), name("B", Some("b.example")), name("B", None)],
            hashtags: vec!["Café".to_owned(), "x".to_owned()],
            shortcodes: vec!["a".to_owned(), "A".to_owned()],
            links: vec!["https://a.example".to_owned()],
        }
    );
}

#[test]
fn plain_text_comes_back_from_the_html_of_any_format() {
    let source = "Hi @alice, see https://www.example.com/a/very/long/path/to/something?with=query & #rust\n2 < 3\n\nBye";
    for format in [Format::Plain, Format::Markdown] {
        assert_eq!(plain(&render(source, format, &Everyone)), source);
    }
}

#[test]
fn formats_are_named_by_their_media_type() {
    for format in Format::ALL {
        assert_eq!(format.as_str().parse(), Ok(format));
        assert_eq!(serde_json::to_value(format).ok(), Some(format.as_str().into()));
    }
    assert_eq!("Text/HTML".parse(), Ok(Format::Html));
    assert!("text/x.misskeymarkdown".parse::<Format>().is_err());
}
