//! What of HTML is let through: the one allow-list, for the rewriter and for the sanitiser behind it.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use ammonia::{Builder, Url, UrlRelative};

use super::markup::{SWALLOWING, StartTag};

/// An element that has a meaning in the output.
#[derive(Debug, Clone, Copy)]
pub(super) struct Element {
    /// The name in the input.
    pub(super) name: &'static str,
    /// The name in the output.
    pub(super) output: &'static str,
    pub(super) role: Role,
}

/// How an element nests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Inline,
    Link,
    Paragraph,
    Block,
    Heading,
    Item,
    Ruby,
    RubyText,
    Preformatted,
    LineBreak,
    Rule,
    Image,
    /// Kept apart from what precedes it by a space.
    Cell,
}

/// Attributes with their values, ready to be written.
pub(super) type Attributes<'v> = Vec<(&'static str, Cow<'v, str>)>;

const REL: &str = "nofollow noopener noreferrer";
const HASHTAG_REL: &str = "tag";
const SCHEMES: [&str; 6] = ["http", "https", "mailto", "gemini", "xmpp", "magnet"];

const LINK_CLASSES: [&str; 3] = ["mention", "hashtag", "u-url"];
const SPAN_CLASSES: [&str; 5] = ["h-card", "invisible", "ellipsis", "quote-inline", "mention"];
const PARAGRAPH_CLASSES: [&str; 1] = ["quote-inline"];

pub(super) const PARAGRAPH: Element = Element { name: "p", output: "p", role: Role::Paragraph };
pub(super) const LINK: Element = Element { name: "a", output: "a", role: Role::Link };
pub(super) const SPAN: Element = Element { name: "span", output: "span", role: Role::Inline };

/// Every element that has a meaning, the meaningful tail of HTML's history as its living relatives. All others
/// go and leave their content.
const ELEMENTS: &[Element] = &{
    const fn kept(name: &'static str, role: Role) -> Element {
        Element { name, output: name, role }
    }
    const fn inline(name: &'static str, output: &'static str) -> Element {
        Element { name, output, role: Role::Inline }
    }
    const fn paragraph(name: &'static str) -> Element {
        Element { name, output: "p", role: Role::Paragraph }
    }
    [
        PARAGRAPH,
        LINK,
        SPAN,
        kept("br", Role::LineBreak),
        kept("abbr", Role::Inline),
        kept("b", Role::Inline),
        kept("code", Role::Inline),
        kept("del", Role::Inline),
        kept("em", Role::Inline),
        kept("i", Role::Inline),
        kept("s", Role::Inline),
        kept("small", Role::Inline),
        kept("strong", Role::Inline),
        kept("sub", Role::Inline),
        kept("sup", Role::Inline),
        kept("u", Role::Inline),
        kept("blockquote", Role::Block),
        kept("ol", Role::Block),
        kept("ul", Role::Block),
        kept("li", Role::Item),
        kept("pre", Role::Preformatted),
        kept("h1", Role::Heading),
        kept("h2", Role::Heading),
        kept("h3", Role::Heading),
        kept("h4", Role::Heading),
        kept("h5", Role::Heading),
        kept("h6", Role::Heading),
        kept("hr", Role::Rule),
        kept("ruby", Role::Ruby),
        kept("rp", Role::RubyText),
        kept("rt", Role::RubyText),
        inline("acronym", "abbr"),
        inline("ins", "u"),
        inline("kbd", "code"),
        inline("samp", "code"),
        inline("strike", "s"),
        inline("tt", "code"),
        Element { name: "img", output: "a", role: Role::Image },
        Element { name: "td", output: "span", role: Role::Cell },
        Element { name: "th", output: "span", role: Role::Cell },
        paragraph("address"),
        paragraph("article"),
        paragraph("aside"),
        paragraph("caption"),
        paragraph("center"),
        paragraph("dd"),
        paragraph("details"),
        paragraph("div"),
        paragraph("dt"),
        paragraph("fieldset"),
        paragraph("figcaption"),
        paragraph("figure"),
        paragraph("footer"),
        paragraph("form"),
        paragraph("header"),
        paragraph("legend"),
        paragraph("main"),
        paragraph("nav"),
        paragraph("section"),
        paragraph("summary"),
        paragraph("table"),
        paragraph("tr"),
    ]
};

/// The element of that name, if it has a meaning.
pub(super) fn element(name: &str) -> Option<Element> {
    ELEMENTS.iter().copied().find(|element| element.name == name)
}

/// The URL as it may stand in an `href`: absolute, of a scheme that runs nothing.
pub(super) fn safe_url(url: &str) -> Option<Cow<'_, str>> {
    let url = url.trim();
    let url = match url.contains(['\n', '\t']) {
        true => Cow::Owned(url.replace(['\n', '\t'], "")),
        false => Cow::Borrowed(url),
    };
    let parsed = Url::parse(&url).ok()?;
    SCHEMES.contains(&parsed.scheme()).then_some(url)
}

/// The attributes of a link that leads to `url`. Hashtags and mentions are told by their classes and stay in
/// the reader's window; every other link gives nothing away to its target and no weight to spam.
pub(super) fn link_attributes<'v>(url: Cow<'v, str>, classes: &str) -> Attributes<'v> {
    let has = |class| classes.split(' ').any(|word| word == class);
    let mut attributes = vec![("href", url)];
    if !classes.is_empty() {
        attributes.push(("class", Cow::Owned(classes.to_owned())));
    }
    match (has("mention"), has("hashtag")) {
        (true, true) => attributes.push(("rel", HASHTAG_REL.into())),
        (true, false) => {}
        _ => attributes.extend([("rel", REL.into()), ("target", "_blank".into())]),
    }
    attributes
}

/// The allowed attributes of an element other than a link. Classes say what the server made of a text, so they
/// are kept (`keep_classes`) for text that a server made, and dropped from what an author writes.
pub(super) fn attributes<'v>(element: Element, tag: &'v StartTag<'_>, keep_classes: bool) -> Attributes<'v> {
    let mut attributes = Attributes::new();
    let mut keep = |name: &'static str, value: Option<Cow<'v, str>>| {
        attributes.extend(value.map(|value| (name, value)));
    };
    match element.output {
        "abbr" => keep("title", tag.attribute("title")),
        "ol" => {
            keep("start", number(tag, "start"));
            keep("reversed", tag.attribute("reversed").map(|_| Cow::Borrowed("")));
        }
        "li" => keep("value", number(tag, "value")),
        "p" | "span" if keep_classes => {
            let classes = classes(element, tag);
            keep("class", (!classes.is_empty()).then_some(Cow::Owned(classes)));
        }
        _ => {}
    }
    attributes
}

/// The allowed classes of a tag, one space between them.
pub(super) fn classes(element: Element, tag: &StartTag<'_>) -> String {
    let allowed: &[&str] = match element.output {
        "a" => &LINK_CLASSES,
        "span" => &SPAN_CLASSES,
        "p" => &PARAGRAPH_CLASSES,
        _ => &[],
    };
    let written = tag.attribute("class").unwrap_or_default();
    let mut kept: Vec<&str> = Vec::new();
    for class in written.split_ascii_whitespace() {
        if allowed.contains(&class) && !kept.contains(&class) {
            kept.push(class);
        }
    }
    kept.join(" ")
}

fn number<'v>(tag: &'v StartTag<'_>, name: &str) -> Option<Cow<'v, str>> {
    let number: i32 = tag.attribute(name)?.trim().parse().ok()?;
    Some(Cow::Owned(number.to_string()))
}

/// The sanitiser that everything passes last. It knows the same list, and nothing of how its input was made.
pub(super) static GATE: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut gate = Builder::empty();
    gate.tags(ELEMENTS.iter().map(|element| element.output).collect())
        .clean_content_tags(SWALLOWING.into_iter().chain(["svg", "math", "template"]).collect())
        .tag_attributes(HashMap::from([
            ("a", HashSet::from(["href"])),
            ("abbr", HashSet::from(["title"])),
            ("ol", HashSet::from(["start", "reversed"])),
            ("li", HashSet::from(["value"])),
        ]))
        .tag_attribute_values(HashMap::from([(
            "a",
            HashMap::from([
                ("rel", HashSet::from([REL, HASHTAG_REL])),
                ("target", HashSet::from(["_blank"])),
            ]),
        )]))
        .allowed_classes(HashMap::from([
            ("a", HashSet::from(LINK_CLASSES)),
            ("span", HashSet::from(SPAN_CLASSES)),
            ("p", HashSet::from(PARAGRAPH_CLASSES)),
        ]))
        .url_schemes(HashSet::from(SCHEMES))
        .url_relative(UrlRelative::Deny)
        .link_rel(None);
    gate
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_absolute_urls_of_harmless_schemes_are_safe() {
        for url in [
            "https://example.com/",
            " HTTP://example.com",
            "mailto:a@b.example",
            "xmpp:a@b.example",
            "magnet:?xt=urn:x",
        ] {
            assert!(safe_url(url).is_some(), "{url}");
        }
        for url in [
            "javascript:alert(1)",
            "java\nscript:alert(1)",
            "data:text/html,x",
            "//evil.example/",
            "/path",
            "#top",
            "",
            "vbscript:x",
            "file:///etc/passwd",
            "https://[bad",
        ] {
            assert!(safe_url(url).is_none(), "{url}");
        }
    }

    #[test]
    fn the_gate_alone_stops_what_runs() {
        let gate = |html: &str| GATE.clean(html).to_string();
        assert_eq!(gate("<script>x</script><svg><style>y</style></svg><math>z</math>ok"), "ok");
        assert_eq!(gate("<b onclick=x style=y id=z class=w>ok</b>"), "<b>ok</b>");
        assert_eq!(gate("<a href='javascript:x' rel=opener target=_top>ok</a>"), "<a>ok</a>");
        assert_eq!(gate("<img src=x onerror=y>ok"), "ok");
    }
}
