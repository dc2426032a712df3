//! The page of an account.

use http::Method;
use koinon_engine::audience::{AccountView, Visible};
use koinon_engine::statuses::AccountStatuses;
use maud::{Markup, PreEscaped, html};

use super::browser::Browser;
use super::page::{Page, go_to};
use super::posts::{are_indexable, avatar, counted, list, profile_path, shown_name};
use super::refuse;
use crate::call::Call;
use crate::endpoint::{Access, Answer, Endpoint, route};
use crate::mastodon::Renderer;
use crate::router::Route;

pub(super) fn routes() -> Vec<Route<Endpoint>> {
    vec![
        route(Method::GET, "/@{name}", Access::Open, refuse, show),
        // What an account is called on the network leads people to its page.
        route(Method::GET, "/users/{name}", Access::Open, refuse, redirect),
    ]
}

async fn show(call: Call) -> Answer {
    let mut browser = Browser::of(&call).await?;
    let name = call.params.text("name").unwrap_or_default().to_owned();
    let request = call.page(20, 40)?;
    let (view, posts) = call
        .engine()
        .query(browser.viewer(), move |query| {
            let view = query.account_by_name(&name)?;
            let posts = query.account_statuses(view.account.id, &AccountStatuses::default(), &request)?;
            Ok((view, posts))
        })
        .await?;
    let renderer = call.renderer();
    let here = profile_path(&view.account);
    let content = html! { (profile(&renderer, &view)) (list(&renderer, &posts, &here)) };
    let mut page = Page::new(format!("{} (@{})", shown_name(&view.account), view.account.acct()), content);
    page.indexable = view.account.profile.indexable && are_indexable(&posts.items);
    page.show(&call, &mut browser)
}

fn profile(renderer: &Renderer<'_>, view: &Visible<AccountView>) -> Markup {
    let account = &*view.account;
    let profile = &account.profile;
    let domain = account.domain.as_deref().unwrap_or(&renderer.settings.domain);
    html! {
        section.profile {
            @if profile.header.is_some() {
                img.banner src=(renderer.picture(profile.header.as_ref(), "headers").1) alt="";
            }
            (avatar(renderer, view))
            h1 { (shown_name(account)) }
            p.quiet { "@" (account.username) "@" (domain) }
            div.text { (PreEscaped(profile.note_html.as_str())) }
            @if !profile.fields.is_empty() {
                dl {
                    @for field in &profile.fields {
                        dt { (field.name) }
                        dd { (PreEscaped(field.value_html.as_str())) }
                    }
                }
            }
            ul.numbers {
                li { (counted(view.stats.statuses, "post", "posts")) }
                li { (counted(view.stats.following, "followed", "followed")) }
                li { (counted(view.stats.followers, "follower", "followers")) }
                @if profile.bot { li { "Posts by a program" } }
                @if profile.locked { li { "Chooses its followers" } }
            }
        }
    }
}

async fn redirect(call: Call) -> Answer {
    let browser = Browser::of(&call).await?;
    let name = call.params.text("name").unwrap_or_default().to_owned();
    let view = call.engine().query(browser.viewer(), move |query| query.account_by_name(&name)).await?;
    Ok(go_to(&profile_path(&view.account), &browser))
}
