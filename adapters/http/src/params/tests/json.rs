use super::*;

fn error(document: &str, limits: ParamLimits) -> ParseError {
    Params::from_json(document.as_bytes(), &limits).unwrap_err()
}

#[test] // R309
fn a_document_becomes_the_tree_it_is() {
    let document = json!({
        "status": "Hi", "sensitive": true, "n": -1, "big": u64::MAX, "f": 1.5, "none": null,
        "media_ids": ["1", 2], "poll": { "options": ["a"], "expires_in": 60 }
    });
    assert_eq!(to_json(&from_json(&document.to_string())), document);
}

#[test]
fn brackets_in_json_keys_mean_nothing() {
    assert_eq!(to_json(&from_json(r#"{"a[]":["1"]}"#)), json!({ "a[]": ["1"] }));
}

#[test]
fn nothing_and_null_are_no_parameters() {
    for document in ["", " \r\n", "null", " null ", "{}", "\u{feff}{}", "\u{feff}"] {
        assert_eq!(from_json(document), Params::default(), "{document:?}");
    }
}

#[test]
fn a_document_that_is_no_object_is_its_own_error() {
    for document in ["[]", "[{}]", "1", "true", "\"a\""] {
        assert!(matches!(error(document, ParamLimits::default()), ParseError::JsonNotObject), "{document}");
    }
}

#[test]
fn malformed_documents_tell_where() {
    assert!(matches!(
        error("{\n  \"a\": x}", ParamLimits::default()),
        ParseError::MalformedJson { line: 2, column: 8 }
    ));
    for document in [
        "{",
        "{\"a\":1",
        "{\"a\":1}}",
        "{} {}",
        "{'a':1}",
        "{\"a\":NaN}",
        "{\"a\":01}",
        "{\"a\":1e999}",
        "{,}",
    ] {
        let error = error(document, ParamLimits::default());
        assert!(matches!(error, ParseError::MalformedJson { .. }), "{document}: {error:?}");
        assert_eq!(error.status(), 400);
    }
}

#[test]
fn half_a_surrogate_pair_is_malformed_and_nul_is_text() {
    for document in [r#"{"a":"\ud83d"}"#, r#"{"a":"\ude00\ud83d"}"#, r#"{"\ud83d":1}"#] {
        assert!(
            matches!(error(document, ParamLimits::default()), ParseError::MalformedJson { .. }),
            "{document}"
        );
    }
    assert_eq!(
        to_json(&from_json(r#"{"a\u0000":"\u0000b","c":"\ud83d\ude00"}"#)),
        json!({ "a\0": "\0b", "c": "😀" })
    );
}

#[test]
fn bytes_that_are_not_utf8_are_refused() {
    let refused = Params::from_json(b"{\"a\":\"\xff\"}", &ParamLimits::default());
    assert!(matches!(refused, Err(ParseError::InvalidUtf8)));
}

#[test]
fn of_a_key_that_is_repeated_the_last_counts() {
    assert_eq!(to_json(&from_json(r#"{"a":1,"a":2}"#)), json!({ "a": 2 }));
}

#[test]
fn depth_64_passes_and_one_level_more_does_not() {
    let nested = |levels: usize| format!("{}1{}", "{\"a\":".repeat(levels), "}".repeat(levels));
    assert!(Params::from_json(nested(64).as_bytes(), &ParamLimits::default()).is_ok());
    assert!(matches!(error(&nested(65), ParamLimits::default()), ParseError::JsonTooDeep { limit: 64 }));
    let lists = format!("{{\"a\":{}", "[".repeat(100_000));
    assert!(matches!(error(&lists, ParamLimits::default()), ParseError::JsonTooDeep { limit: 64 }));
}

#[test]
fn each_limit_has_its_own_error_at_its_exact_size() {
    let limits = ParamLimits { json_values: 4, name_bytes: 3, text_bytes: 4, ..ParamLimits::default() };
    let passes = |document: &str| Params::from_json(document.as_bytes(), &limits).is_ok();
    assert!(passes(r#"{"a":[1,2]}"#));
    assert!(matches!(error(r#"{"a":[1,2,3]}"#, limits), ParseError::TooManyJsonValues { limit: 4 }));
    assert!(passes(r#"{"abc":1}"#));
    assert!(matches!(error(r#"{"abcd":1}"#, limits), ParseError::NameTooLong { limit: 3 }));
    assert!(matches!(error(r#"{"a":{"abcd":1}}"#, limits), ParseError::NameTooLong { limit: 3 }));
    assert!(passes(r#"{"a":"1234"}"#));
    assert!(matches!(error(r#"{"a":"12345"}"#, limits), ParseError::TextTooLong { limit: 4 }));
}
