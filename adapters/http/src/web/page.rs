//! What all pages have in common: the frame around their content, and the headers they are sent with.

use http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION, REFERRER_POLICY, X_FRAME_OPTIONS};
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use maud::{DOCTYPE, Markup, html};

use super::browser::{Browser, FORM_TOKEN};
use crate::body::Body;
use crate::call::Call;
use crate::endpoint::Answer;

/// Where the style sheet is; the version makes browsers fetch a new one.
const STYLE_SHEET: &str = concat!("/assets/koinon.css?", env!("CARGO_PKG_VERSION"));

/// A page that is still without its frame.
#[derive(Debug)]
pub(crate) struct Page {
    /// What the browser calls it; the name of the instance is added.
    pub(crate) title: String,
    /// What is in it.
    pub(crate) content: Markup,
    /// Its status code.
    pub(crate) status: StatusCode,
    /// Whether search engines may list it.
    pub(crate) indexable: bool,
    /// Where its forms may lead beside this instance, as a source of a content security policy.
    pub(crate) form_target: Option<String>,
}

impl Page {
    /// An ordinary page that search engines leave alone.
    pub(crate) fn new(title: impl Into<String>, content: Markup) -> Self {
        Self { title: title.into(), content, status: StatusCode::OK, indexable: false, form_target: None }
    }

    /// The same page with a status code.
    #[must_use]
    pub(crate) fn with_status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    /// The page in its frame, as the browser gets it.
    pub(crate) fn show(self, call: &Call, browser: &mut Browser) -> Answer {
        let settings = call.engine().settings();
        let instance = settings.title.as_str();
        let name = browser.account().map(|view| view.account.username.clone());
        let nav = match name {
            None => html! {
                a href="/login" { "Sign in" }
                @if super::register::is_open(settings) { a href="/register" { "Register" } }
            },
            Some(name) => html! {
                a href={ "/@" (name) } { "@" (name) }
                form method="post" action="/logout" {
                    (hidden_token(&browser.form_token(call)))
                    button.quiet type="submit" { "Sign out" }
                }
            },
        };
        let markup = frame(
            &format!("{} · {instance}", self.title),
            self.indexable,
            &html! {
                header.site {
                    a.home href="/" { (instance) }
                    nav aria-label="Account" { (nav) }
                }
                main { (self.content) }
                footer.site { a href="/about" { "About " (instance) } }
            },
        );
        let mut response = respond(self.status, markup);
        let policy = policy(&settings.base_url, self.form_target.as_deref());
        response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
        browser.remember(&mut response);
        Ok(response)
    }
}

/// A page for someone of whom nothing is known, on an instance of which nothing is known: for errors.
pub(super) fn bare(status: StatusCode, title: &str, text: &str) -> Response<Body> {
    let markup = frame(
        title,
        false,
        &html! {
            main {
                h1 { (title) }
                p { (text) }
                p { a href="/" { "To the front page" } }
            }
        },
    );
    let mut response = respond(status, markup);
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy("", None));
    response
}

/// Sends the browser to another page of this instance. It asks for it with `GET`. // B12
pub(crate) fn go_to(path: &str, browser: &Browser) -> Response<Body> {
    let mut response = see_other(HeaderValue::try_from(path).unwrap_or(HeaderValue::from_static("/")));
    browser.remember(&mut response);
    response
}

/// Sends the browser somewhere else, whatever it asked with.
pub(crate) fn see_other(location: HeaderValue) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SEE_OTHER;
    harden(response.headers_mut());
    response.headers_mut().insert(LOCATION, location);
    response
}

/// The field that proves where a form comes from.
pub(crate) fn hidden_token(token: &str) -> Markup {
    html! { input type="hidden" name=(FORM_TOKEN) value=(token); }
}

fn frame(title: &str, indexable: bool, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                @if !indexable { meta name="robots" content="noindex"; }
                title { (title) }
                link rel="stylesheet" href=(STYLE_SHEET);
                link rel="icon" type="image/svg+xml" href="/assets/koinon.svg";
            }
            body { (body) }
        }
    }
}

fn respond(status: StatusCode, markup: Markup) -> Response<Body> {
    let mut response = Response::new(Body::full(markup.into_string()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    harden(headers);
    response
}

/// Nobody frames a page, and nobody it links to learns of it. // B7
fn harden(headers: &mut HeaderMap) {
    headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
}

/// No scripts, nothing from elsewhere; pictures may come from the public address of the instance.
fn policy(base_url: &str, form_target: Option<&str>) -> HeaderValue {
    let form_target = form_target.unwrap_or_default();
    let policy = format!(
        "default-src 'none'; style-src 'self'; img-src 'self' {base_url}; media-src 'self' {base_url}; \
         form-action 'self' {form_target}; base-uri 'none'; frame-ancestors 'none'"
    );
    HeaderValue::try_from(policy)
        .unwrap_or(HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"))
}
