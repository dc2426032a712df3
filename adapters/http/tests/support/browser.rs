//! A browser without scripts: it keeps cookies, follows the rules for them, and fills in forms.

use std::collections::BTreeMap;

use http::Request;
use http::header::{COOKIE, SET_COOKIE};
use http::request::Builder;
use koinon_http::Body;

use super::{Instance, Reply, form_request};

pub(crate) struct Browser<'i> {
    instance: &'i Instance,
    pub(crate) cookies: BTreeMap<String, String>,
}

/// A form of a page: where it goes, and what it already holds.
#[derive(Debug, Clone)]
pub(crate) struct Form {
    pub(crate) action: String,
    pub(crate) hidden: Vec<(String, String)>,
}

impl<'i> Browser<'i> {
    pub(crate) fn new(instance: &'i Instance) -> Self {
        Self { instance, cookies: BTreeMap::new() }
    }

    pub(crate) fn get(&mut self, path: &str) -> Reply {
        let request = self.with_cookies(Request::get(path)).body(Body::empty()).unwrap();
        self.send(request)
    }

    pub(crate) fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Reply {
        let request = form_request(self.with_cookies(Request::post(path)), fields);
        self.send(request)
    }

    /// Sends the form of a page with what a person filled in.
    pub(crate) fn submit(&mut self, page: &Reply, filled_in: &[(&str, &str)]) -> Reply {
        let form = form(page);
        let hidden = form.hidden.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let fields: Vec<(&str, &str)> = hidden.chain(filled_in.iter().copied()).collect();
        self.post(&form.action, &fields)
    }

    pub(crate) fn with_cookies(&self, request: Builder) -> Builder {
        if self.cookies.is_empty() {
            return request;
        }
        let pairs: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        request.header(COOKIE, pairs.join("; "))
    }

    pub(crate) fn send(&mut self, request: Request<Body>) -> Reply {
        let reply = self.instance.send(request);
        for cookie in reply.headers.get_all(SET_COOKIE) {
            let cookie = cookie.to_str().unwrap();
            let (pair, attributes) = cookie.split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            if attributes.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        reply
    }
}

/// The form of a page's main part; a page has one at most.
pub(crate) fn form(page: &Reply) -> Form {
    let text = page.text();
    let main = text.split("<main").nth(1).unwrap_or_else(|| panic!("no main part in {text}"));
    let form = main.split("<form").nth(1).unwrap_or_else(|| panic!("no form in {text}"));
    let form = form.split("</form>").next().unwrap();
    let hidden =
        form.split("<input").skip(1).filter(|input| attribute(input, "type") == Some("hidden".into()));
    Form {
        action: attribute(form, "action").unwrap(),
        hidden: hidden
            .map(|input| (attribute(input, "name").unwrap(), attribute(input, "value").unwrap()))
            .collect(),
    }
}

/// The token of a page's form.
pub(crate) fn form_token(page: &Reply) -> String {
    let hidden = form(page).hidden;
    hidden.into_iter().find(|(name, _)| name == "form_token").map(|(_, value)| value).unwrap()
}

/// An attribute of the tag that `html` begins in.
fn attribute(html: &str, name: &str) -> Option<String> {
    let tag = html.split('>').next().unwrap();
    let value = tag.split(&format!(" {name}=\"")).nth(1)?.split('"').next().unwrap();
    Some(value.replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))
}
