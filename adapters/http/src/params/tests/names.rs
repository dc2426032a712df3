use super::*;

fn error(query: &str, limits: ParamLimits) -> ParseError {
    Params::from_query(query, &limits).unwrap_err()
}

#[test]
fn plain_names_and_values_are_decoded() {
    assert_eq!(
        tree_of("status=Hello+w%C3%B6rld%21&visibility=unlisted&flag&empty="),
        json!({ "status": "Hello wörld!", "visibility": "unlisted", "flag": "", "empty": "" })
    );
    assert_eq!(tree_of(""), json!({}));
    assert_eq!(tree_of("&&=nameless&a=1&"), json!({ "a": "1" }));
    assert_eq!(tree_of("a=b=c"), json!({ "a": "b=c" }));
}

#[test] // R25
fn brackets_without_a_key_make_a_list() {
    assert_eq!(tree_of("media_ids[]=1&media_ids[]=2"), json!({ "media_ids": ["1", "2"] }));
    assert_eq!(tree_of("media_ids%5B%5D=1&media_ids%5b%5d=2"), json!({ "media_ids": ["1", "2"] }));
}

#[test]
fn brackets_with_a_key_make_an_object() {
    assert_eq!(
        tree_of(
            "source[privacy]=direct&source[sensitive]=true&data[alerts][follow]=1&data%5Balerts%5D%5Bpoll%5D=0"
        ),
        json!({
            "source": { "privacy": "direct", "sensitive": "true" },
            "data": { "alerts": { "follow": "1", "poll": "0" } }
        })
    );
    assert_eq!(
        tree_of("poll[options][]=a&poll[expires_in]=60&poll[options][]=b"),
        json!({ "poll": { "options": ["a", "b"], "expires_in": "60" } })
    );
}

#[test]
fn a_repeated_key_begins_the_next_object_of_a_list() {
    assert_eq!(
        tree_of("k[][keyword]=a&k[][whole_word]=1&k[][keyword]=b&k[][keyword]=c&k[][whole_word]=0"),
        json!({ "k": [
            { "keyword": "a", "whole_word": "1" },
            { "keyword": "b" },
            { "keyword": "c", "whole_word": "0" },
        ] })
    );
    assert_eq!(
        tree_of("k[][tags][]=1&k[][tags][]=2&k[][name]=x&k[][name]=y&k[][tags][]=3"),
        json!({ "k": [{ "tags": ["1", "2"], "name": "x" }, { "name": "y", "tags": ["3"] }] })
    );
    assert_eq!(
        tree_of("k[][a][b]=1&k[][a][c]=2&k[][a][b]=3"),
        json!({ "k": [{ "a": { "b": "1", "c": "2" } }, { "a": { "b": "3" } }] })
    );
}

#[test]
fn indexes_stay_keys() {
    assert_eq!(
        tree_of("f[0][name]=a&f[0][value]=b&f[1][name]=c"),
        json!({ "f": { "0": { "name": "a", "value": "b" }, "1": { "name": "c" } } })
    );
}

#[test]
fn a_plain_name_sent_twice_keeps_both() {
    assert_eq!(tree_of("id=1&id=2&id=3"), json!({ "id": { "repeated": ["1", "2", "3"] } }));
}

#[test]
fn names_whose_brackets_do_not_pair_are_ordinary_names() {
    for name in ["a[b", "a]", "a[b]c", "a[b]]", "[a]", "[]", "a[b[c]]", "a[]b"] {
        assert_eq!(tree_of(&format!("{name}=1")), json!({ name: "1" }), "{name}");
    }
}

#[test]
fn a_percent_sign_that_begins_no_byte_stands_for_itself() {
    assert_eq!(tree_of("q=100%&r=%zz%2&s=%25"), json!({ "q": "100%", "r": "%zz%2", "s": "%" }));
}

#[test]
fn text_that_is_not_utf8_is_refused() {
    for query in ["a=%FF", "%FF=a", "a=%E2%98", "a=%ED%A0%80"] {
        assert!(matches!(error(query, ParamLimits::default()), ParseError::InvalidUtf8), "{query}");
    }
    let raw = Params::from_urlencoded(b"a=\xe9t\xe9", &ParamLimits::default());
    assert!(matches!(raw, Err(ParseError::InvalidUtf8)));
}

#[test]
fn control_characters_are_text() {
    assert_eq!(tree_of("a=%00%0D%0A%7F"), json!({ "a": "\0\r\n\u{7f}" }));
}

#[test]
fn one_name_cannot_be_two_things() {
    for query in [
        "a=1&a[]=2",
        "a[]=1&a=2",
        "a[]=1&a[b]=2",
        "a[b]=1&a[]=2",
        "a[b]=1&a=2",
        "a=1&a=2&a[b]=3",
        "a[b]=1&a[b][c]=2",
    ] {
        let error = error(query, ParamLimits::default());
        assert!(matches!(error, ParseError::ConflictingNames { .. }), "{query}: {error:?}");
        assert_eq!(error.status(), 400);
    }
}

#[test]
fn each_limit_has_its_own_error_at_its_exact_size() {
    let limits =
        ParamLimits { parameters: 2, name_depth: 3, name_bytes: 10, text_bytes: 4, ..ParamLimits::default() };
    assert!(Params::from_query("a=1&b=2", &limits).is_ok());
    assert!(matches!(error("a=1&b=2&c=3", limits), ParseError::TooManyParameters { limit: 2 }));
    assert!(matches!(error("a[]=1&a[]=2&a[]=3", limits), ParseError::TooManyParameters { limit: 2 }));
    assert!(Params::from_query("a[b][c]=1", &limits).is_ok());
    assert!(matches!(error("a[][][]=1", limits), ParseError::NameTooDeep { limit: 3 }));
    assert!(Params::from_query("abcdefghij=1", &limits).is_ok());
    assert!(matches!(error("abcdefghijk=1", limits), ParseError::NameTooLong { limit: 10 }));
    assert!(Params::from_query("a=%41%41%41%41", &limits).is_ok());
    assert!(matches!(error("a=12345", limits), ParseError::TextTooLong { limit: 4 }));
}

#[test]
fn the_default_limits_hold_what_the_design_promises() {
    let names = |count| vec!["a[]=1"; count].join("&");
    assert!(Params::from_query(&names(1_000), &ParamLimits::default()).is_ok());
    assert!(matches!(
        error(&names(1_001), ParamLimits::default()),
        ParseError::TooManyParameters { limit: 1_000 }
    ));
    let deep = |levels: usize| format!("a{}=1", "[b]".repeat(levels - 1));
    assert!(Params::from_query(&deep(32), &ParamLimits::default()).is_ok());
    assert!(matches!(error(&deep(33), ParamLimits::default()), ParseError::NameTooDeep { limit: 32 }));
}
