//! WebFinger: from the name of an account to its addresses; and host-meta, from the domain to WebFinger.

use http::header::CONTENT_TYPE;
use http::{HeaderValue, Method, Response, StatusCode};
use koinon_engine::Error;
use koinon_engine::audience::Viewer;
use koinon_engine::settings::Settings;
use maud::{PreEscaped, html};
use serde::Serialize;

use crate::answer::{json, json_with_status};
use crate::body::Body;
use crate::call::Call;
use crate::endpoint::{Access, Answer, Endpoint, route};
use crate::mastodon::refuse;
use crate::router::Route;

pub(super) fn routes() -> Vec<Route<Endpoint>> {
    vec![
        route(Method::GET, "/.well-known/webfinger", Access::Open, refuse, webfinger),
        route(Method::GET, "/.well-known/host-meta", Access::Open, refuse, host_meta),
    ]
}

/// A JSON resource descriptor, RFC 7033.
#[derive(Serialize)]
struct Descriptor {
    subject: String,
    aliases: [String; 2],
    links: Vec<Link>,
}

#[derive(Serialize)]
struct Link {
    rel: &'static str,
    #[serde(rename = "type")]
    media_type: &'static str,
    href: String,
}

#[derive(Serialize)]
struct Refusal {
    error: &'static str,
}

async fn webfinger(call: Call) -> Answer {
    let Some(resource) = call.params.text("resource").filter(|text| !text.is_empty()) else {
        let refusal = Refusal { error: "The parameter resource is missing" };
        return Ok(json_with_status(StatusCode::BAD_REQUEST, &refusal));
    };
    let settings = call.engine().settings();
    let name = local_name(resource, settings).ok_or(Error::NotFound)?.to_owned();
    let view = call.engine().query(Viewer::Anonymous, move |query| query.account_by_name(&name)).await?;
    let (username, profile) = (&view.account.username, &view.account.profile);
    let page = settings.profile_url(username);
    let mut links = vec![Link {
        rel: "http://webfinger.net/rel/profile-page",
        media_type: "text/html",
        href: page.clone(),
    }];
    if let Some(avatar) = &profile.avatar {
        links.push(Link {
            rel: "http://webfinger.net/rel/avatar",
            media_type: avatar.still.file_type.mime(),
            href: call.renderer().file_url(&avatar.still),
        });
    }
    let descriptor = Descriptor {
        subject: format!("acct:{username}@{}", settings.domain),
        aliases: [page, settings.account_uri(username)],
        links,
    };
    Ok(with_type(json(&descriptor)?, "application/jrd+json; charset=utf-8"))
}

/// The name of the local account that a resource names: `acct:name@domain`, or one of its addresses.
fn local_name<'r>(resource: &'r str, settings: &Settings) -> Option<&'r str> {
    let name = if let Some(address) = resource.strip_prefix(settings.base_url.as_str()) {
        address.strip_prefix("/@").or_else(|| address.strip_prefix("/users/"))?
    } else {
        let address = resource.strip_prefix("acct:").unwrap_or(resource);
        let (name, domain) = address.strip_prefix('@').unwrap_or(address).split_once('@')?;
        domain.eq_ignore_ascii_case(&settings.domain).then_some(name)?
    };
    (!name.contains(['@', '/'])).then_some(name)
}

async fn host_meta(call: Call) -> Answer {
    let template = format!("{}/.well-known/webfinger?resource={{uri}}", call.engine().settings().base_url);
    let document = html! {
        (PreEscaped(r#"<?xml version="1.0" encoding="UTF-8"?>"#))
        XRD xmlns="http://docs.oasis-open.org/ns/xri/xrd-1.0" {
            Link rel="lrdd" template=(template) {}
        }
    };
    Ok(with_type(Response::new(Body::full(document.into_string())), "application/xrd+xml; charset=utf-8"))
}

fn with_type(mut response: Response<Body>, media_type: &'static str) -> Response<Body> {
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_resources_of_this_instance_name_an_account() {
        let settings = Settings {
            domain: "koinon.example".into(),
            base_url: "https://social.koinon.example".into(),
            ..Settings::default()
        };
        for (resource, name) in [
            ("acct:alice@koinon.example", Some("alice")),
            ("acct:Alice@KOINON.example", Some("Alice")),
            ("alice@koinon.example", Some("alice")),
            ("@alice@koinon.example", Some("alice")),
            ("https://social.koinon.example/@alice", Some("alice")),
            ("https://social.koinon.example/users/alice", Some("alice")),
            ("acct:alice", None),
            ("acct:alice@other.example", None),
            ("acct:alice@koinon.example@other.example", None),
            ("acct:alice@koinon.example/x", None),
            ("https://social.koinon.example/@alice/1", None),
            ("https://social.koinon.example/@alice@other.example", None),
            ("https://social.koinon.example.evil.example/@alice", None),
            ("https://other.example/@alice", None),
            ("", None),
        ] {
            assert_eq!(local_name(resource, &settings), name, "{resource}");
        }
    }
}
