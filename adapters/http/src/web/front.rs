//! The front page, and what the instance says about itself.

use http::Method;
use koinon_engine::Error;
use koinon_engine::model::InstanceStats;
use koinon_engine::page::Page as Items;
use koinon_engine::timelines::{Origin, Replies, TimelineFilter};
use maud::{Markup, html};

use super::browser::Browser;
use super::page::Page;
use super::posts::{are_indexable, counted, list, profile_path, shown_name};
use super::refuse;
use super::register::is_open;
use super::welcome::clients;
use crate::call::Call;
use crate::endpoint::{Access, Answer, Endpoint, route};
use crate::router::Route;

/// Posts shown on the front page.
const POSTS: usize = 20;

pub(super) fn routes() -> Vec<Route<Endpoint>> {
    vec![
        route(Method::GET, "/", Access::Open, refuse, front),
        route(Method::GET, "/about", Access::Open, refuse, about),
    ]
}

async fn front(call: Call) -> Answer {
    let mut browser = Browser::of(&call).await?;
    let request = call.page(POSTS, POSTS)?;
    let (stats, posts) = call
        .engine()
        .query(browser.viewer(), move |query| {
            let posts = match query.public_timeline(&latest(), &request) {
                // An instance without visitors still has a front page.
                Err(Error::NotSignedIn) => Items::empty(),
                found => found?,
            };
            Ok((query.instance_stats()?, posts))
        })
        .await?;
    let settings = call.engine().settings();
    let content = html! {
        h1 { (settings.title) }
        @if !settings.description.is_empty() { p { (settings.description) } }
        (numbers(stats))
        @if browser.account().is_none() {
            p {
                @if is_open(settings) { a.button href="/register" { "Register" } " or " }
                a href="/login" { "sign in" }
            }
        }
        h2 { "Use it" }
        (clients(&settings.domain))
        h2 { "Latest posts" }
        (list(&call.renderer(), &posts, "/"))
    };
    let mut page = Page::new("Front page", content);
    page.indexable = are_indexable(&posts.items);
    page.show(&call, &mut browser)
}

/// What people here post to everyone, without their conversations.
fn latest() -> TimelineFilter {
    TimelineFilter { origin: Origin::Here, replies: Replies::Following, ..TimelineFilter::default() }
}

fn numbers(stats: InstanceStats) -> Markup {
    html! {
        ul.numbers {
            li { (counted(stats.users, "account", "accounts")) }
            li { (counted(stats.statuses, "post", "posts")) }
        }
    }
}

async fn about(call: Call) -> Answer {
    let mut browser = Browser::of(&call).await?;
    let (stats, staff) =
        call.engine().query(browser.viewer(), |query| Ok((query.instance_stats()?, query.staff()?))).await?;
    let settings = call.engine().settings();
    let content = html! {
        h1 { "About " (settings.title) }
        @if !settings.description.is_empty() { p { (settings.description) } }
        (numbers(stats))
        @if !settings.rules.is_empty() {
            h2 { "Rules" }
            ol { @for rule in &settings.rules { li { (rule) } } }
        }
        @if !settings.contact_email.is_empty() || !staff.is_empty() {
            h2 { "Who runs it" }
            ul {
                @for view in &staff {
                    li { a href=(profile_path(&view.account)) { (shown_name(&view.account)) } }
                }
                @if !settings.contact_email.is_empty() {
                    li { a href={ "mailto:" (settings.contact_email) } { (settings.contact_email) } }
                }
            }
        }
        h2 { "Software" }
        p {
            a href=(env!("CARGO_PKG_REPOSITORY")) rel="noreferrer" { "Koinon " (env!("CARGO_PKG_VERSION")) }
        }
    };
    let mut page = Page::new("About", content);
    page.indexable = true;
    page.show(&call, &mut browser)
}
