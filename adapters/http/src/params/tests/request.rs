use bytes::Bytes;
use futures::executor::block_on;
use futures::stream;
use http::{Method, Request};

use super::*;
use crate::body::{Body, CollectError};
use crate::limits::{BodyKind, RequestLimits};

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";
const MULTIPART: &str = "multipart/form-data; boundary=b";

fn request(
    method: Method,
    uri: &str,
    content_type: &str,
    body: Body,
    kind: BodyKind,
) -> Result<RequestParams, ParseError> {
    let request =
        Request::builder().method(method).uri(uri).header("content-type", content_type).body(()).unwrap();
    let limits = RequestLimits { parameter_bytes: 100, upload_bytes: 1_000, ..RequestLimits::default() };
    block_on(read_request(&request.into_parts().0, body, kind, &limits, &ParamLimits::default()))
}

fn post(uri: &str, content_type: &str, body: impl Into<Body>) -> Result<RequestParams, ParseError> {
    request(Method::POST, uri, content_type, body.into(), BodyKind::Parameters)
}

fn merged(params: RequestParams) -> Value {
    to_json(&params.merge([] as [(&str, String); 0]))
}

#[test]
fn every_media_type_gives_the_same_parameters() {
    let multipart = "--b\r\nContent-Disposition: form-data; name=\"a[]\"\r\n\r\n1\r\n--b--";
    for (content_type, body) in [(FORM, "a[]=1"), (JSON, r#"{"a":["1"]}"#), (MULTIPART, multipart)] {
        let params = post("/", content_type, body).unwrap();
        assert_eq!(merged(params), json!({ "a": ["1"] }), "{content_type}");
    }
}

#[test]
fn bodies_of_every_method_are_read() {
    for method in [Method::GET, Method::DELETE, Method::PATCH, Method::PUT, Method::POST] {
        for (content_type, body) in [(FORM, "ids[]=1"), (JSON, r#"{"ids":["1"]}"#)] {
            let params =
                request(method.clone(), "/", content_type, body.into(), BodyKind::Parameters).unwrap();
            assert_eq!(merged(params), json!({ "ids": ["1"] }), "{method}");
        }
    }
}

#[test]
fn the_body_wins_over_the_query_name_by_name_and_lists_do_not_mix() {
    let params = post("/?a=q&b=q&ids[]=1&ids[]=2&o[x]=1", FORM, "b=b&c=b&ids[]=3&o[y]=2").unwrap();
    assert_eq!(params.query.text("b"), Some("q"));
    assert_eq!(params.body.text("b"), Some("b"));
    assert_eq!(merged(params), json!({ "a": "q", "b": "b", "c": "b", "ids": ["3"], "o": { "y": "2" } }));
    let other_shape = post("/?a=1", JSON, r#"{"a":[1]}"#).unwrap();
    assert_eq!(merged(other_shape), json!({ "a": [1] }));
}

#[test]
fn the_path_wins_over_both() {
    let params = post("/?id=q", FORM, "id=b&x=1").unwrap();
    assert_eq!(to_json(&params.merge([("id", "p".to_owned())])), json!({ "id": "p", "x": "1" }));
}

#[test]
fn a_file_in_the_body_replaces_a_text_in_the_query() {
    let body = "--b\r\nContent-Disposition: form-data; name=\"avatar\"; filename=\"a\"\r\n\r\n1\r\n--b--";
    let params = post("/?avatar=x", MULTIPART, body).unwrap().merge([("id", "1".to_owned())]);
    assert_eq!(params.text("avatar"), None);
    assert!(params.upload("avatar").is_some());
}

#[test]
fn a_body_without_bytes_is_no_parameters_whatever_its_type() {
    let silent = || Body::stream(stream::empty::<Result<Bytes, std::io::Error>>());
    for content_type in [FORM, JSON, MULTIPART, "multipart/form-data", "text/html", "garbage"] {
        assert_eq!(post("/", content_type, "").unwrap(), RequestParams::default(), "{content_type}");
    }
    for content_type in [FORM, JSON, MULTIPART, "text/html"] {
        assert_eq!(post("/", content_type, silent()).unwrap(), RequestParams::default(), "{content_type}");
    }
}

#[test]
fn a_body_of_another_type_is_refused() {
    let refused = post("/", "text/plain", "a=1").unwrap_err();
    assert!(matches!(refused, ParseError::UnsupportedContentType));
    assert_eq!(refused.status(), 415);
}

#[test]
fn only_multipart_on_routes_for_files_may_be_large() {
    let text = "x".repeat(200);
    let multipart = || {
        let body =
            format!("--b\r\nContent-Disposition: form-data; name=f; filename=f\r\n\r\n{text}\r\n--b--");
        Body::from(body)
    };
    let refused = |result: Result<RequestParams, ParseError>| {
        matches!(result, Err(ParseError::Body(CollectError::TooLarge { limit: 100 })))
    };
    for kind in [BodyKind::Parameters, BodyKind::Files] {
        assert!(refused(request(Method::POST, "/", FORM, Body::from(format!("a={text}")), kind)));
        assert!(refused(request(Method::POST, "/", JSON, Body::from(format!("{{\"a\":\"{text}\"}}")), kind)));
    }
    assert!(refused(request(Method::POST, "/", MULTIPART, multipart(), BodyKind::Parameters)));
    assert!(request(Method::POST, "/", MULTIPART, multipart(), BodyKind::Files).is_ok());
}

#[test]
fn a_wrong_query_is_an_error_like_a_wrong_body() {
    assert!(matches!(post("/?a=%FF", FORM, ""), Err(ParseError::InvalidUtf8)));
    assert!(matches!(post("/", JSON, "{"), Err(ParseError::MalformedJson { .. })));
}

#[test]
fn reading_can_cross_threads() {
    fn is_send<T: Send>(_: &T) {}
    let head = Request::new(()).into_parts().0;
    let (request_limits, param_limits) = (RequestLimits::default(), ParamLimits::default());
    is_send(&read_request(&head, Body::empty(), BodyKind::Files, &request_limits, &param_limits));
}

#[test]
fn debugging_shows_names_and_no_values() {
    let body = "--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a\"\r\n\r\nSECRET\r\n--b--";
    let params = post("/?password=SECRET&o[token]=SECRET", MULTIPART, body).unwrap();
    let shown = format!("{params:?}");
    assert!(shown.contains("password") && !shown.contains("SECRET"), "{shown}");
}
