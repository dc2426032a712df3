use std::io;

use bytes::Bytes;
use futures::executor::block_on;
use futures::stream;

use super::super::multipart;
use super::*;
use crate::body::{Body, CollectError};

const TYPE: &str = "multipart/form-data; boundary=XyZ";

fn part(head: &str, content: &str) -> String {
    format!("--XyZ\r\nContent-Disposition: form-data; {head}\r\n\r\n{content}\r\n")
}

fn read_body(body: Body, limit: u64, limits: ParamLimits) -> Result<Params, ParseError> {
    block_on(multipart::read(TYPE, body, limit, &limits))
}

fn read_limited(text: &str, limits: ParamLimits) -> Result<Params, ParseError> {
    read_body(Body::from(text.to_owned()), 10 << 20, limits)
}

fn read(text: &str) -> Result<Params, ParseError> {
    read_limited(text, ParamLimits::default())
}

/// The parts with what ends them.
fn form(parts: &[String]) -> String {
    format!("{}--XyZ--\r\n", parts.concat())
}

#[test]
fn texts_become_the_same_tree_as_in_a_form() {
    let sent = form(&[
        part("name=\"status\"", "Hello\r\nwörld --XyZ"),
        part("name=\"media_ids[]\"", "1"),
        part("name=\"media_ids[]\"", "2"),
        part("name=\"fields_attributes[0][name]\"", "a"),
        part("name=\"empty\"", ""),
    ]);
    let params = read(&sent).unwrap();
    assert_eq!(
        to_json(&params),
        json!({
            "status": "Hello\r\nwörld --XyZ", "media_ids": ["1", "2"],
            "fields_attributes": { "0": { "name": "a" } }, "empty": ""
        })
    );
    assert!(params.uploads.is_empty());
}

#[test] // R308
fn files_stand_beside_the_tree() {
    let sent = form(&[
        part(
            "name=\"file\"; filename=\"C:\\fakepath\\cat.png\"\r\nContent-Type: Image/PNG; x=y",
            "\u{89}PNG\r\n\0",
        ),
        part("name=\"description\"", "A cat"),
        part("name=\"avatar[]\"; filename=\"a/b.gif\"", "GIF"),
    ]);
    let params = read(&sent).unwrap();
    assert_eq!(to_json(&params), json!({ "description": "A cat" }));
    let file = params.upload("file").unwrap();
    assert_eq!(file.filename.as_deref(), Some("cat.png"));
    assert_eq!(file.content_type.as_deref(), Some("image/png"));
    assert_eq!(file.bytes, "\u{89}PNG\r\n\0");
    let avatar = params.upload("avatar").unwrap();
    assert_eq!((avatar.filename.as_deref(), avatar.content_type.as_deref()), (Some("b.gif"), None));
    assert_eq!(params.upload("header"), None);
}

#[test]
fn the_type_decides_about_parts_without_a_file_name() {
    let sent = form(&[
        part("name=\"a\"\r\nContent-Type: image/jpeg", "JPEG"),
        part("name=\"b\"\r\nContent-Type: text/plain; charset=utf-8", "text"),
        part("name=\"c\"\r\nContent-Type: application/json", "{}"),
        part("name=\"d\"\r\nContent-Type: application/octet-stream", "bytes"),
    ]);
    let params = read(&sent).unwrap();
    assert_eq!(to_json(&params), json!({ "b": "text", "c": "{}" }));
    assert_eq!(params.uploads.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["a", "d"]);
    assert_eq!(params.upload("a").unwrap().filename, None);
}

#[test]
fn a_file_input_left_empty_is_no_file_but_an_empty_file_is() {
    let sent = form(&[
        part("name=\"a\"; filename=\"\"\r\nContent-Type: application/octet-stream", ""),
        part("name=\"b\"; filename=\"empty.txt\"", ""),
    ]);
    let params = read(&sent).unwrap();
    assert_eq!(params.upload("a"), None);
    assert!(params.upload("b").unwrap().bytes.is_empty());
}

#[test]
fn a_body_without_parts_or_bytes_is_no_parameters() {
    for text in ["", "--XyZ--", "--XyZ--\r\n", "\r\n--XyZ--\r\n"] {
        assert_eq!(read(text).unwrap(), Params::default(), "{text:?}");
    }
    let silent = Body::stream(stream::empty::<Result<Bytes, io::Error>>());
    assert_eq!(read_body(silent, 10, ParamLimits::default()).unwrap(), Params::default());
}

#[test]
fn parts_without_a_name_are_skipped() {
    let sent = form(&[part("filename=\"x\"", "lost"), part("name=\"\"", "lost"), part("name=\"a\"", "kept")]);
    assert_eq!(to_json(&read(&sent).unwrap()), json!({ "a": "kept" }));
}

#[test]
fn malformed_bodies_are_errors() {
    for text in [
        "nothing",
        "--Other--\r\n",
        "--XyZ\r\n",
        "--XyZ\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nunfinished",
        "--XyZ\r\nbad header\r\n\r\nx\r\n--XyZ--",
        "--XyZ\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx\r\n--XyZ?",
    ] {
        let error = read(text).unwrap_err();
        assert!(matches!(error, ParseError::MalformedMultipart(_)), "{text:?}: {error:?}");
        assert_eq!(error.status(), 400);
    }
    let no_boundary =
        block_on(multipart::read("multipart/form-data", Body::from("x"), 10, &ParamLimits::default()));
    assert!(matches!(no_boundary, Err(ParseError::MalformedMultipart(_))));
    let not_utf8 = Body::from(
        [b"--XyZ\r\nContent-Disposition: form-data; name=a\r\n\r\n\xff\r\n--XyZ--".as_slice()].concat(),
    );
    assert!(matches!(read_body(not_utf8, 1_000, ParamLimits::default()), Err(ParseError::InvalidUtf8)));
}

#[test]
fn the_whole_body_is_limited_whether_its_length_is_declared_or_not() {
    let sent = form(&[part("name=\"file\"; filename=\"f\"", &"x".repeat(100_000))]);
    let length = sent.len() as u64;
    let streamed = || Body::stream(stream::iter([Ok::<_, io::Error>(Bytes::from(sent.clone()))]));
    for body in [Body::from(sent.clone()), streamed()] {
        let params = read_body(body, length, ParamLimits::default()).unwrap();
        assert_eq!(params.upload("file").unwrap().bytes.len(), 100_000);
    }
    for body in [Body::from(sent.clone()), streamed()] {
        let limit = length - 3;
        let error = read_body(body, limit, ParamLimits::default()).unwrap_err();
        assert!(
            matches!(error, ParseError::Body(CollectError::TooLarge { limit: l }) if l == limit),
            "{error:?}"
        );
        assert_eq!(error.status(), 413);
    }
}

#[test]
fn each_limit_has_its_own_error_at_its_exact_size() {
    let limits =
        ParamLimits { parameters: 2, text_bytes: 4, uploads: 1, name_bytes: 5, ..ParamLimits::default() };
    let text = |name: &str, value: &str| part(&format!("name=\"{name}\""), value);
    let file = |name: &str| part(&format!("name=\"{name}\"; filename=\"f\""), "longer than a text may be");
    let read = |parts: &[String]| read_limited(&form(parts), limits);
    assert!(read(&[text("a", "1234"), text("b", "2"), file("c")]).is_ok());
    let error = |parts: &[String]| read(parts).unwrap_err();
    assert!(matches!(error(&[text("a", "12345")]), ParseError::TextTooLong { limit: 4 }));
    assert!(matches!(error(&vec![text("a", ""); 3]), ParseError::TooManyParameters { limit: 2 }));
    assert!(matches!(error(&[file("a"), file("b")]), ParseError::TooManyUploads { limit: 1 }));
    assert!(matches!(error(&[text("abcdef", "")]), ParseError::NameTooLong { limit: 5 }));
    assert!(matches!(error(&[file("abcdef")]), ParseError::NameTooLong { limit: 5 }));
}

#[test]
fn a_text_may_not_grow_to_the_size_of_a_file() {
    let sent = form(&[part("name=\"status\"", &"x".repeat((1 << 20) + 1))]);
    assert!(matches!(read(&sent).unwrap_err(), ParseError::TextTooLong { limit: 1_048_576 }));
}

#[test]
fn a_part_that_never_begins_is_given_up_early() {
    let endless = "x".repeat(1 << 20);
    let header = format!("--XyZ\r\nX-Endless: {endless}");
    let second = format!("{}--XyZ\r\nX-Endless: {endless}", part("name=\"a\"", &"y".repeat(200_000)));
    for text in [endless, header, second] {
        let error = read(&text).unwrap_err();
        assert!(matches!(error, ParseError::PartHeadTooLong { limit: 65_536 }), "{error:?}");
    }
}

#[test]
fn a_transfer_that_breaks_off_is_told_from_a_malformed_body() {
    let items = vec![Ok(Bytes::from(part("name=\"a\"", "1"))), Err(io::Error::other("reset"))];
    let error = read_body(Body::stream(stream::iter(items)), 1_000, ParamLimits::default()).unwrap_err();
    assert!(matches!(error, ParseError::Body(CollectError::Broken(_))), "{error:?}");
}

#[test]
fn it_does_not_matter_how_the_body_is_cut_into_chunks() {
    let sent = form(&[
        part("name=\"a\"", "one\r\n--Xy\r"),
        part("name=\"f\"; filename=\"f\"", "\r\n\r\n--XyZ-ish"),
        part("name=\"b\"", ""),
    ]);
    let whole = read(&sent.replace("--XyZ-ish", "--Xy-ish")).unwrap();
    let sent = sent.replace("--XyZ-ish", "--Xy-ish");
    for size in [1, 2, 3, 7, 64, 1_000] {
        let chunks: Vec<_> = sent
            .as_bytes()
            .chunks(size)
            .map(|chunk| Ok::<_, io::Error>(Bytes::copy_from_slice(chunk)))
            .collect();
        let cut = read_body(Body::stream(stream::iter(chunks)), 10_000, ParamLimits::default()).unwrap();
        assert_eq!(cut, whole, "chunks of {size}");
    }
    assert_eq!(whole.text("a"), Some("one\r\n--Xy\r"));
}
