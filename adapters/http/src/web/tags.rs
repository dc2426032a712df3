//! The page of a hashtag.

use http::Method;
use koinon_engine::timelines::{TagFilter, TimelineFilter};
use maud::html;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::browser::Browser;
use super::page::Page;
use super::posts::list;
use super::refuse;
use crate::call::Call;
use crate::endpoint::{Access, Answer, Endpoint, route};
use crate::router::Route;

pub(super) fn routes() -> Vec<Route<Endpoint>> {
    vec![route(Method::GET, "/tags/{name}", Access::Open, refuse, show)]
}

async fn show(call: Call) -> Answer {
    let mut browser = Browser::of(&call).await?;
    let name = call.params.text("name").unwrap_or_default().to_owned();
    let request = call.page(20, 40)?;
    let tag = name.clone();
    let posts = call
        .engine()
        .query(browser.viewer(), move |query| {
            query.tag_timeline(&tag, &TagFilter::default(), &TimelineFilter::default(), &request)
        })
        .await?;
    let here = format!("/tags/{}", utf8_percent_encode(&name, NON_ALPHANUMERIC));
    let content = html! { h1 { "#" (name) } (list(&call.renderer(), &posts, &here)) };
    Page::new(format!("#{name}"), content).show(&call, &mut browser)
}
