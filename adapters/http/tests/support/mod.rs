//! An instance to ask over HTTP without a network: in memory, with a clock that stands still and a seeded source of
//! randomness.
#![allow(dead_code, unused_imports, reason = "every test program uses another part of it")]

mod browser;
mod reply;

pub(crate) use browser::{Browser, form_token};
pub(crate) use reply::Reply;

use std::sync::Arc;
use std::time::Duration;

use futures::executor::block_on;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::request::Builder;
use http::{Method, Request};
use koinon_engine::accounts::NewAccount;
use koinon_engine::entropy::SeededEntropy;
use koinon_engine::media::MemoryBlobs;
use koinon_engine::memory::MemoryStore;
use koinon_engine::model::{AccountId, Role, Visibility};
use koinon_engine::settings::{PasswordHashing, Registrations, Settings};
use koinon_engine::statuses::{Audience, Draft};
use koinon_engine::store::schema::TABLES;
use koinon_engine::time::{ManualClock, Timestamp};
use koinon_engine::{Engine, Surroundings};
use koinon_http::{Api, Body, Options};
use serde_json::{Value, json};

/// The password of every account that [`Instance::account`] makes.
pub(crate) const PASSWORD: &str = "correct horse battery";

/// Where the program of [`Instance::app`] wants its codes sent.
pub(crate) const CALLBACK: &str = "https://client.example/callback";

pub(crate) struct Instance {
    pub(crate) api: Api,
    pub(crate) clock: Arc<ManualClock>,
}

/// A registered program.
#[derive(Debug, Clone)]
pub(crate) struct App {
    pub(crate) id: String,
    pub(crate) secret: String,
}

impl Instance {
    pub(crate) fn new() -> Self {
        Self::with(settings(), Options::default())
    }

    pub(crate) fn with(settings: Settings, options: Options) -> Self {
        let clock = Arc::new(ManualClock::new(Timestamp::from_milliseconds(1_790_000_000_000)));
        let store = Arc::new(MemoryStore::new(TABLES));
        let surroundings =
            Surroundings { clock: Arc::clone(&clock) as Arc<_>, entropy: Arc::new(SeededEntropy::new(1)) };
        let engine = Engine::open(store, Arc::new(MemoryBlobs::new()), settings, surroundings);
        let api = Api::new(block_on(engine).unwrap(), options).unwrap();
        Self { api, clock }
    }

    pub(crate) fn engine(&self) -> &Engine {
        self.api.engine()
    }

    pub(crate) fn advance(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    /// An account that may do nothing in particular.
    pub(crate) fn account(&self, username: &str) -> AccountId {
        self.account_with_role(username, Role::User)
    }

    pub(crate) fn account_with_role(&self, username: &str, role: Role) -> AccountId {
        let account = NewAccount {
            username: username.into(),
            email: format!("{username}@mail.example"),
            password: PASSWORD.into(),
            role,
        };
        block_on(self.engine().create_account(account)).unwrap()
    }

    /// A post; its id as the API renders it.
    pub(crate) fn post_as(&self, author: AccountId, text: &str, visibility: Visibility) -> String {
        let draft =
            Draft { text: text.into(), audience: Some(Audience::Visibility(visibility)), ..Draft::default() };
        block_on(self.engine().post(author, draft)).unwrap().status.id.to_string()
    }

    pub(crate) fn send(&self, request: Request<Body>) -> Reply {
        Reply::of(block_on(self.api.handle(request)))
    }

    pub(crate) fn get(&self, path: &str) -> Reply {
        self.send(Request::get(path).body(Body::empty()).unwrap())
    }

    pub(crate) fn get_as(&self, path: &str, token: &str) -> Reply {
        self.send(bearer(Request::get(path), token).body(Body::empty()).unwrap())
    }

    pub(crate) fn post_json(&self, path: &str, body: &Value) -> Reply {
        self.send(json_request(Request::post(path), body))
    }

    pub(crate) fn post_form(&self, path: &str, fields: &[(&str, &str)]) -> Reply {
        self.send(form_request(Request::post(path), fields))
    }

    pub(crate) fn post_multipart(&self, path: &str, fields: &[(&str, &str)]) -> Reply {
        self.send(multipart_request(Request::post(path), fields))
    }

    /// A code with which alice lets `app` in, for the request that has these parameters beside the usual ones.
    pub(crate) fn code(&self, app: &App, scope: &str, more: &[(&str, &str)]) -> String {
        let mut fields = vec![
            ("response_type", "code"),
            ("client_id", app.id.as_str()),
            ("redirect_uri", CALLBACK),
            ("scope", scope),
        ];
        fields.extend(more);
        let mut browser = Browser::new(self);
        let page = browser.get(&url("/oauth/authorize", &fields)).expect(200);
        let answer = browser.submit(&page, &[("username", "alice"), ("password", PASSWORD)]).expect(303);
        answer.redirect_parameter("code").unwrap()
    }

    /// A program that may have everything.
    pub(crate) fn app(&self) -> App {
        self.app_with("read write follow push profile", CALLBACK)
    }

    pub(crate) fn app_with(&self, scopes: &str, redirect_uris: &str) -> App {
        let wanted =
            json!({ "client_name": "Test client", "redirect_uris": redirect_uris, "scopes": scopes });
        let app = self.post_json("/api/v1/apps", &wanted).expect(200).json();
        App {
            id: app["client_id"].as_str().unwrap().to_owned(),
            secret: app["client_secret"].as_str().unwrap().to_owned(),
        }
    }

    /// What the token endpoint answers to a program that asks with a person's password.
    pub(crate) fn password_grant(&self, app: &App, username: &str, password: &str, scope: &str) -> Reply {
        let fields = [
            ("grant_type", "password"),
            ("client_id", app.id.as_str()),
            ("client_secret", app.secret.as_str()),
            ("username", username),
            ("password", password),
            ("scope", scope),
        ];
        self.post_form("/oauth/token", &fields)
    }

    /// An access token of `username` with `scope`, got the way a client gets one.
    pub(crate) fn sign_in(&self, username: &str, scope: &str) -> String {
        let reply = self.password_grant(&self.app(), username, PASSWORD, scope).expect(200);
        reply.json()["access_token"].as_str().unwrap().to_owned()
    }
}

/// Settings with a password hash that costs next to nothing.
pub(crate) fn settings() -> Settings {
    Settings {
        domain: "koinon.example".into(),
        base_url: "https://koinon.example".into(),
        title: "Koinon <Test>".into(),
        description: "A place & its people".into(),
        registrations: Registrations::Open,
        password_hashing: PasswordHashing { memory_kib: 8, passes: 1, lanes: 1 },
        ..Settings::default()
    }
}

pub(crate) fn bearer(request: Builder, token: &str) -> Builder {
    request.header(AUTHORIZATION, format!("Bearer {token}"))
}

pub(crate) fn json_request(request: Builder, body: &Value) -> Request<Body> {
    request.header(CONTENT_TYPE, "application/json").body(Body::from(body.to_string())).unwrap()
}

pub(crate) fn form_request(request: Builder, fields: &[(&str, &str)]) -> Request<Body> {
    request
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(encode(fields)))
        .unwrap()
}

pub(crate) fn multipart_request(request: Builder, fields: &[(&str, &str)]) -> Request<Body> {
    let mut body = String::new();
    for (name, value) in fields {
        body += &format!("--boundary\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
    }
    body += "--boundary--\r\n";
    request.header(CONTENT_TYPE, "multipart/form-data; boundary=boundary").body(Body::from(body)).unwrap()
}

/// `path?name=value&…`.
pub(crate) fn url(path: &str, fields: &[(&str, &str)]) -> String {
    format!("{path}?{}", encode(fields))
}

fn encode(fields: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

/// A request without a body.
pub(crate) fn bare(method: Method, path: &str) -> Request<Body> {
    Request::builder().method(method).uri(path).body(Body::empty()).unwrap()
}
