//! A second opinion on what is safe HTML: a strict scanner that shares nothing with the module under test. It
//! knows one spelling of a tag and takes everything else for a hole.

const ELEMENTS: [&str; 32] = [
    "a",
    "abbr",
    "b",
    "blockquote",
    "br",
    "code",
    "del",
    "em",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "li",
    "ol",
    "p",
    "pre",
    "rp",
    "rt",
    "ruby",
    "s",
    "small",
    "span",
    "strong",
    "sub",
    "sup",
    "u",
    "ul",
    "",
];
const ATTRIBUTES: [&str; 9] = ["class", "href", "rel", "reversed", "start", "target", "title", "value", ""];
const CLASSES: [&str; 7] = ["mention", "hashtag", "u-url", "h-card", "invisible", "ellipsis", "quote-inline"];
const SCHEMES: [&str; 6] = ["http:", "https:", "mailto:", "gemini:", "xmpp:", "magnet:"];

/// Reads the text of safe HTML.
///
/// # Panics
///
/// When the HTML is not safe, well-nested and spelled in the one canonical way.
pub(crate) fn read(html: &str) -> String {
    let mut text = String::new();
    let mut open: Vec<&str> = Vec::new();
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        push_text(&mut text, &rest[..start], html);
        let tag = &rest[start + 1..];
        let end = tag_end(tag).unwrap_or_else(|| panic!("a tag without end in {html:?}"));
        rest = &tag[end + 1..];
        let tag = &tag[..end];
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name), "wrong nesting in {html:?}");
            continue;
        }
        let (name, attributes) = tag.split_once(' ').unwrap_or((tag, ""));
        assert!(ELEMENTS.contains(&name), "<{name}> in {html:?}");
        check_attributes(name, attributes, html);
        if !matches!(name, "br" | "hr") {
            open.push(name);
            assert!(
                name != "a" || open.iter().filter(|&&outer| outer == "a").count() == 1,
                "link in link: {html:?}"
            );
        }
    }
    push_text(&mut text, rest, html);
    assert!(open.is_empty(), "{open:?} stay open in {html:?}");
    text
}

fn tag_end(tag: &str) -> Option<usize> {
    let mut in_value = false;
    for (position, character) in tag.char_indices() {
        match character {
            '"' => in_value = !in_value,
            '>' if !in_value => return Some(position),
            '<' if !in_value => return None,
            _ => {}
        }
    }
    None
}

fn check_attributes(element: &str, attributes: &str, html: &str) {
    let mut rest = attributes;
    while !rest.is_empty() {
        let (name, after) = rest.split_once("=\"").unwrap_or_else(|| panic!("{rest:?} in {html:?}"));
        let (value, after) = after.split_once('"').unwrap_or_else(|| panic!("{rest:?} in {html:?}"));
        rest = after.strip_prefix(' ').unwrap_or(after);
        assert!(!name.is_empty() && ATTRIBUTES.contains(&name), "attribute {name} in {html:?}");
        let value = decode(value, html);
        match name {
            "class" => {
                assert!(
                    value.split(' ').all(|class| CLASSES.contains(&class)),
                    "class {value:?} in {html:?}"
                );
            }
            "href" => {
                assert_eq!(element, "a", "href in {html:?}");
                let url = value.to_lowercase();
                assert!(SCHEMES.iter().any(|scheme| url.starts_with(scheme)), "link {value:?} in {html:?}");
                assert!(!url.contains(char::is_control), "link {value:?} in {html:?}");
            }
            "rel" => assert!(["tag", "nofollow noopener noreferrer"].contains(&&*value), "rel in {html:?}"),
            "target" => {
                assert_eq!(value, "_blank", "target in {html:?}");
                assert!(attributes.contains("noopener"), "target without rel in {html:?}");
            }
            _ => {}
        }
    }
}

fn push_text(text: &mut String, escaped: &str, html: &str) {
    assert!(!escaped.contains('>'), "stray > in {html:?}");
    text.push_str(&decode(escaped, html));
}

fn decode(escaped: &str, html: &str) -> String {
    let mut decoded = String::new();
    let mut rest = escaped;
    while let Some(start) = rest.find('&') {
        decoded.push_str(&rest[..start]);
        let (entity, after) =
            rest[start + 1..].split_once(';').unwrap_or_else(|| panic!("stray & in {html:?}"));
        decoded.push(match entity {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            "nbsp" => '\u{A0}',
            _ => panic!("&{entity}; in {html:?}"),
        });
        rest = after;
    }
    decoded.push_str(rest);
    decoded
}
