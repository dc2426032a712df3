//! The page of a post, with what stands around it.

use http::Method;
use koinon_engine::Error;
use koinon_engine::audience::{StatusView, Viewer, Visible};
use koinon_engine::id::IdInput;
use koinon_engine::query::Query;
use koinon_engine::statuses::Context;
use maud::html;

use super::browser::Browser;
use super::page::{Page, go_to};
use super::posts::{are_indexable, post, post_path, shown_name};
use super::refuse;
use crate::call::Call;
use crate::endpoint::{Access, Answer, Endpoint, route};
use crate::failure::Failure;
use crate::router::Route;

/// Posts shown above and below at most; a program shows the rest.
const AROUND: usize = 100;

pub(super) fn routes() -> Vec<Route<Endpoint>> {
    vec![
        route(Method::GET, "/@{name}/{id}", Access::Open, refuse, show),
        // What a post is called on the network leads people to its page.
        route(Method::GET, "/users/{name}/statuses/{id}", Access::Open, refuse, redirect),
    ]
}

async fn show(call: Call) -> Answer {
    let mut browser = Browser::of(&call).await?;
    let (view, context) = find(&call, browser.viewer(), |query, id| query.context(id)).await?;
    if let Some(original) = &view.reblog {
        return Ok(go_to(&post_path(&original.author.account, &original.status), &browser));
    }
    let renderer = call.renderer();
    let Context { ancestors, descendants } = &context;
    let above = &ancestors[ancestors.len().saturating_sub(AROUND)..];
    let below = &descendants[..descendants.len().min(AROUND)];
    let hidden = ancestors.len() + descendants.len() - above.len() - below.len();
    let content = html! {
        @for view in above { (post(&renderer, view, false)) }
        (post(&renderer, &view, true))
        @for view in below { (post(&renderer, view, false)) }
        @if hidden > 0 { p.quiet { "The thread has " (hidden) " more posts." } }
    };
    let mut page = Page::new(format!("Post by {}", shown_name(&view.author.account)), content);
    page.indexable = are_indexable(above.iter().chain([&view]).chain(below));
    page.show(&call, &mut browser)
}

async fn redirect(call: Call) -> Answer {
    let browser = Browser::of(&call).await?;
    let (view, ()) = find(&call, browser.viewer(), |_, _| Ok(())).await?;
    let shown = view.reblog.as_deref().unwrap_or(&view);
    Ok(go_to(&post_path(&shown.author.account, &shown.status), &browser))
}

/// The post that the path names, and what else is asked about it. Under another name than its author's there is none.
async fn find<T: Send + 'static>(
    call: &Call,
    viewer: Viewer,
    more: impl FnOnce(&Query<'_>, IdInput) -> Result<T, Error> + Send + 'static,
) -> Result<(Visible<StatusView>, T), Failure> {
    let id = call.id("id")?;
    let name = call.params.text("name").unwrap_or_default().to_owned();
    let found = call.engine().query(viewer, move |query| {
        let view = query.status_by_input(id)?;
        if !view.author.account.acct().eq_ignore_ascii_case(&name) {
            return Err(Error::NotFound);
        }
        Ok((view, more(query, id)?))
    });
    Ok(found.await?)
}
