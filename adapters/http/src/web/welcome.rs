//! What to do next: for people who have just joined.

use http::Method;
use koinon_engine::model::Role;
use maud::{Markup, html};

use super::browser::Browser;
use super::page::{Page, go_to};
use super::refuse;
use crate::call::Call;
use crate::endpoint::{Access, Answer, Endpoint, route};
use crate::router::Route;

pub(super) fn routes() -> Vec<Route<Endpoint>> {
    vec![route(Method::GET, "/welcome", Access::Open, refuse, welcome)]
}

async fn welcome(call: Call) -> Answer {
    let mut browser = Browser::of(&call).await?;
    let Some(view) = browser.account() else { return Ok(go_to("/login", &browser)) };
    let settings = call.engine().settings();
    let username = &view.account.username;
    let content = html! {
        h1 { "Welcome, " (username) }
        p { "Your address is " strong { "@" (username) "@" (settings.domain) } "." }
        h2 { "Use it" }
        (clients(&settings.domain))
        @if view.account.role == Role::Admin {
            h2 { "Run the instance" }
            p {
                "Title, description, rules and who may register stand in the configuration of the server. "
                a href="/about" { "See what visitors learn about it" } "."
            }
        }
    };
    Page::new("Welcome", content).show(&call, &mut browser)
}

/// How to get from here to a program one can post with.
pub(super) fn clients(domain: &str) -> Markup {
    /// Programs that ask for the name of the instance first.
    const CLIENTS: &[(&str, &str)] = &[
        ("Phanpy", "https://phanpy.social"),
        ("Elk", "https://elk.zone"),
        ("Pinafore", "https://pinafore.social"),
        ("Tusky", "https://tusky.app"),
        ("Ice Cubes", "https://icecubesapp.com"),
        ("Fedilab", "https://fedilab.app"),
    ];
    html! {
        p {
            "Any program for Mastodon or Pleroma will do, such as "
            @for (position, (name, address)) in CLIENTS.iter().enumerate() {
                @if position > 0 { ", " }
                a href=(address) rel="noreferrer" { (name) }
            }
            ". Where it asks for your instance or server, type:"
        }
        code.copy { (domain) }
    }
}
