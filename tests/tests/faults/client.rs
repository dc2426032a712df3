//! One account and what it asks of a server.

use std::collections::BTreeMap;
use std::path::Path;

use koinon_tests::backend::Backend;
use koinon_tests::{http, koinon};
use serde_json::Value;

/// An account with a token. Clones share connections.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    http: ureq::Agent,
    base: String,
    bearer: String,
}

/// What a server said.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Value,
}

impl Answer {
    pub(crate) fn id(&self) -> String {
        self.body["id"].as_str().unwrap_or_else(|| panic!("{self:?}")).to_owned()
    }

    /// Whether it did what was asked.
    ///
    /// # Panics
    /// If it neither did nor says that the storage failed, in words.
    pub(crate) fn succeeded(&self) -> bool {
        match self.status {
            200 => true,
            503 | 507 => {
                assert!(self.body["error"].as_str().is_some_and(|text| !text.is_empty()), "{self:?}");
                false
            }
            _ => panic!("{self:?}"),
        }
    }
}

/// Makes the account `name` and a token in a folder, which a server may be serving. Without a store yet, it gets one of
/// this backend.
pub(crate) fn make_account(backend: Backend, name: &str, data: &Path) -> String {
    let email = format!("{name}@example.org");
    let mut account = vec!["account", "create", name, "--email", &email];
    account.extend(["--password", "correct horse battery", "--store", backend.name()]);
    let made = koinon(&account, data);
    assert!(made.succeeded, "{made:?}");
    let issued = koinon(&["token", "create", name, "--scopes", "read write follow"], data);
    assert!(issued.succeeded, "{issued:?}");
    issued.output.lines().last().unwrap().trim().to_owned()
}

impl Client {
    pub(crate) fn new(base: &str, token: &str) -> Self {
        Self { http: http(), base: base.to_owned(), bearer: format!("Bearer {token}") }
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        read(self.http.get(self.url(path)).header("authorization", &self.bearer).call())
    }

    pub(crate) fn delete(&self, path: &str) -> Answer {
        read(self.http.delete(self.url(path)).header("authorization", &self.bearer).call())
    }

    pub(crate) fn post(&self, path: &str) -> Answer {
        read(self.http.post(self.url(path)).header("authorization", &self.bearer).send_empty())
    }

    /// Posts a status, under an idempotency key where there is one.
    pub(crate) fn post_status(&self, text: &str, key: Option<&str>) -> Answer {
        let mut request = self.http.post(self.url("/api/v1/statuses")).header("authorization", &self.bearer);
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        read(request.send_form([("status", text)]))
    }

    /// Answers the status `parent`.
    pub(crate) fn reply(&self, text: &str, parent: &str) -> Answer {
        let request = self.http.post(self.url("/api/v1/statuses")).header("authorization", &self.bearer);
        read(request.send_form([("status", text), ("in_reply_to_id", parent)]))
    }

    /// Uploads a file.
    pub(crate) fn upload(&self, bytes: &[u8]) -> Answer {
        let mut body = b"--border\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.gif\"\r\n\
            Content-Type: image/gif\r\n\r\n"
            .to_vec();
        body.extend(bytes);
        body.extend(b"\r\n--border--\r\n");
        let request = self.http.post(self.url("/api/v1/media")).header("authorization", &self.bearer);
        read(request.header("content-type", "multipart/form-data; boundary=border").send(&body[..]))
    }

    /// The texts of all of the account's statuses and their ids, as its pages show them; the counter beside them is
    /// right and no text is there twice.
    pub(crate) fn statuses(&self) -> BTreeMap<String, String> {
        let me = self.get("/api/v1/accounts/verify_credentials");
        let account = me.id();
        let mut shown = BTreeMap::new();
        let mut before = String::new();
        loop {
            let page = self.get(&format!("/api/v1/accounts/{account}/statuses?limit=40{before}"));
            let page = page.body.as_array().unwrap_or_else(|| panic!("{page:?}")).clone();
            let Some(last) = page.last() else { break };
            before = format!("&max_id={}", last["id"].as_str().unwrap());
            for status in page {
                let text = status["content"].as_str().unwrap();
                let text = text.trim_start_matches("<p>").trim_end_matches("</p>").to_owned();
                let twice = shown.insert(text, status["id"].as_str().unwrap().to_owned());
                assert_eq!(twice, None, "the same text twice: {status}");
            }
        }
        assert_eq!(me.body["statuses_count"], shown.len(), "the counter differs from what is there");
        shown
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }
}

fn read(answered: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Answer {
    let mut response = answered.unwrap_or_else(|error| panic!("no answer: {error}"));
    let status = response.status().as_u16();
    let text = response.body_mut().read_to_string().unwrap_or_else(|error| panic!("half an answer: {error}"));
    let body = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{status} without JSON: {text}"));
    Answer { status, body }
}
