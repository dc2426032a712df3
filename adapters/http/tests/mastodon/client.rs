//! A client of the instance under test: sends requests as real ones do, and keeps what came back.

use futures::executor::block_on;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, Method, Request};
use http_body_util::BodyExt;
use koinon_engine::id::Flake;
use koinon_engine::model::AccountId;
use koinon_http::{Api, Body};
use serde_json::{Value, json};

const BOUNDARY: &str = "a-boundary-that-stands-in-no-text";

/// A program that asks the instance, in the name of an account where it has a token.
#[derive(Clone)]
pub(crate) struct Client {
    pub(crate) api: Api,
    pub(crate) token: Option<String>,
    pub(crate) account: AccountId,
}

/// A part of a multipart form.
pub(crate) enum Part<'a> {
    Text(&'a str, &'a str),
    /// Name, file name, media type, bytes.
    File(&'a str, &'a str, &'a str, &'a [u8]),
}

impl Client {
    /// A client without any token.
    pub(crate) fn visitor(api: &Api) -> Self {
        Self { api: api.clone(), token: None, account: Flake::MIN }
    }

    /// The same account with another token.
    pub(crate) fn with_token(&self, token: impl Into<String>) -> Self {
        Self { token: Some(token.into()), ..self.clone() }
    }

    /// The id of the account, as the API writes it.
    pub(crate) fn id(&self) -> String {
        self.api.options().id_format.render(self.account)
    }

    pub(crate) fn send(&self, method: Method, path: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if let Some(token) = &self.token {
            request = request.header(AUTHORIZATION, format!("Bearer {token}"));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        block_on(async {
            let answer = self.api.handle(request.body(Body::full(body)).unwrap()).await;
            let (head, body) = answer.into_parts();
            let bytes = body.collect().await.unwrap().to_bytes().to_vec();
            Answer { request: path.to_owned(), status: head.status.as_u16(), headers: head.headers, bytes }
        })
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, &[], Vec::new())
    }

    /// A request without a body.
    pub(crate) fn ask(&self, method: Method, path: &str) -> Answer {
        self.send(method, path, &[], Vec::new())
    }

    pub(crate) fn post(&self, path: &str) -> Answer {
        self.ask(Method::POST, path)
    }

    pub(crate) fn delete(&self, path: &str) -> Answer {
        self.ask(Method::DELETE, path)
    }

    pub(crate) fn post_json(&self, path: &str, body: &Value) -> Answer {
        self.send_json(Method::POST, path, body)
    }

    pub(crate) fn send_json(&self, method: Method, path: &str, body: &Value) -> Answer {
        let body = serde_json::to_vec(body).unwrap();
        self.send(method, path, &[(CONTENT_TYPE.as_str(), "application/json")], body)
    }

    /// A URL-encoded form, as it stands.
    pub(crate) fn post_form(&self, path: &str, form: &str) -> Answer {
        self.send_form(Method::POST, path, form)
    }

    pub(crate) fn send_form(&self, method: Method, path: &str, form: &str) -> Answer {
        let kind = "application/x-www-form-urlencoded";
        self.send(method, path, &[(CONTENT_TYPE.as_str(), kind)], form.into())
    }

    pub(crate) fn post_multipart(&self, path: &str, parts: &[Part<'_>]) -> Answer {
        self.send_multipart(Method::POST, path, parts)
    }

    pub(crate) fn send_multipart(&self, method: Method, path: &str, parts: &[Part<'_>]) -> Answer {
        let mut body = Vec::new();
        for part in parts {
            body.extend(format!("--{BOUNDARY}\r\nContent-Disposition: form-data; ").bytes());
            match part {
                Part::Text(name, text) => body.extend(format!("name=\"{name}\"\r\n\r\n{text}").bytes()),
                Part::File(name, file, kind, bytes) => {
                    let head =
                        format!("name=\"{name}\"; filename=\"{file}\"\r\nContent-Type: {kind}\r\n\r\n");
                    body.extend(head.bytes());
                    body.extend(*bytes);
                }
            }
            body.extend(b"\r\n");
        }
        body.extend(format!("--{BOUNDARY}--\r\n").bytes());
        let kind = format!("multipart/form-data; boundary={BOUNDARY}");
        self.send(method, path, &[(CONTENT_TYPE.as_str(), &kind)], body)
    }

    /// Posts a status with these parameters.
    pub(crate) fn publish(&self, parameters: &Value) -> Value {
        self.post_json("/api/v1/statuses", parameters).ok()
    }

    /// Posts a text; answers the id.
    pub(crate) fn say(&self, text: &str) -> String {
        id(&self.publish(&json!({ "status": text })))
    }

    /// Posts a text of some visibility; answers the id.
    pub(crate) fn say_to(&self, visibility: &str, text: &str) -> String {
        id(&self.publish(&json!({ "status": text, "visibility": visibility })))
    }

    /// Answers a status with what the account usually posts; the id of the answer.
    pub(crate) fn reply(&self, parent: &str, text: &str) -> String {
        id(&self.publish(&json!({ "status": text, "in_reply_to_id": parent })))
    }

    /// Does something to a status: `favourite`, `reblog`, `pin`, …
    pub(crate) fn act(&self, action: &str, status: &str) -> Value {
        self.post(&format!("/api/v1/statuses/{status}/{action}")).ok()
    }

    /// Does something to an account: `follow`, `block`, `mute`, …
    pub(crate) fn relate(&self, action: &str, to: &Self) -> Value {
        self.post(&format!("/api/v1/accounts/{}/{action}", to.id())).ok()
    }

    /// How the account stands to `other`.
    pub(crate) fn relationship(&self, other: &Self) -> Value {
        let found = self.get(&format!("/api/v1/accounts/relationships?id[]={}", other.id())).ok();
        found[0].clone()
    }

    /// The ids on a page.
    #[track_caller]
    pub(crate) fn ids(&self, path: &str) -> Ids {
        ids(&self.get(path).ok())
    }

    /// The status as this client sees it.
    pub(crate) fn see(&self, status: &str) -> Answer {
        self.get(&format!("/api/v1/statuses/{status}"))
    }

    /// What the account was told, newest first: what happened and who did it.
    pub(crate) fn told(&self) -> Vec<(String, String)> {
        let notifications = self.get("/api/v1/notifications?limit=30").ok();
        let told = notifications.as_array().unwrap().iter();
        told.map(|told| (text(&told["type"]), text(&told["account"]["acct"]))).collect()
    }
}

/// What came back.
#[derive(Clone)]
pub(crate) struct Answer {
    pub(crate) request: String,
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) bytes: Vec<u8>,
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} for {}: {:?} {}", self.status, self.request, self.headers, self.text())
    }
}

impl Answer {
    /// The JSON of a 200.
    #[track_caller]
    pub(crate) fn ok(&self) -> Value {
        assert_eq!(self.status, 200, "{}: {}", self.request, self.text());
        self.json()
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        let kind = self.header("content-type");
        assert!(kind.is_some_and(|kind| kind.starts_with("application/json")), "{}: {kind:?}", self.request);
        serde_json::from_slice(&self.bytes).unwrap()
    }

    /// What a refusal with this status says. // R26
    #[track_caller]
    pub(crate) fn refused(&self, status: u16) -> String {
        assert_eq!(self.status, status, "{}: {}", self.request, self.text());
        let body = self.json();
        let text = body["error"].as_str().unwrap_or_default();
        assert!(!text.is_empty(), "{}: {body}", self.request);
        text.to_owned()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// The path and query that the header `Link` gives for a relation.
    pub(crate) fn link(&self, relation: &str) -> Option<String> {
        let header = self.header("link")?;
        let wanted = format!("; rel=\"{relation}\"");
        let link = header.split(", ").find(|link| link.ends_with(&wanted))?;
        let url = link.strip_suffix(&wanted)?.strip_prefix('<')?.strip_suffix('>')?;
        Some(url.strip_prefix(crate::world::BASE).expect("links lead to the public address").to_owned())
    }

    /// Everything a client can tell one refusal from another by.
    pub(crate) fn appearance(&self) -> (u16, Vec<(String, String)>, String) {
        let headers = self.headers.iter();
        let headers = headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
        (self.status, headers.collect(), self.text())
    }
}

/// The id of an entity.
#[track_caller]
pub(crate) fn id(entity: &Value) -> String {
    text(&entity["id"])
}

/// The ids of a list of entities.
#[track_caller]
pub(crate) fn ids(entities: &Value) -> Ids {
    Ids(entities.as_array().unwrap_or_else(|| panic!("not a list: {entities}")).iter().map(id).collect())
}

/// Ids in their order, to be compared with lists of whatever is a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ids(pub(crate) Vec<String>);

impl std::ops::Deref for Ids {
    type Target = [String];

    fn deref(&self) -> &[String] {
        &self.0
    }
}

impl<T: AsRef<str>, const N: usize> PartialEq<[T; N]> for Ids {
    fn eq(&self, other: &[T; N]) -> bool {
        *self == other[..]
    }
}

impl<T: AsRef<str>> PartialEq<[T]> for Ids {
    fn eq(&self, other: &[T]) -> bool {
        self.0.iter().map(String::as_str).eq(other.iter().map(AsRef::as_ref))
    }
}

impl<T: AsRef<str>> PartialEq<Vec<T>> for Ids {
    fn eq(&self, other: &Vec<T>) -> bool {
        *self == other[..]
    }
}

#[track_caller]
pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("not a text: {value}")).to_owned()
}
