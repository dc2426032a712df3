//! How pages show a post.

use koinon_engine::audience::{AccountView, StatusView, Visible};
use koinon_engine::media::MediaKind;
use koinon_engine::model::{Account, Attachment, Status, Visibility};
use koinon_engine::page::Page as Items;
use maud::{Markup, PreEscaped, html};

use crate::mastodon::Renderer;

/// The address of an account's page.
pub(super) fn profile_path(account: &Account) -> String {
    match &account.domain {
        None => format!("/@{}", account.username),
        Some(domain) => format!("https://{domain}/@{}", account.username),
    }
}

/// The address of a post's page.
pub(super) fn post_path(author: &Account, status: &Status) -> String {
    format!("/@{}/{}", author.username, status.id)
}

/// What an account is called: the name it chose, or the one it has.
pub(super) fn shown_name(account: &Account) -> &str {
    let chosen = account.profile.display_name.as_str();
    if chosen.is_empty() { &account.username } else { chosen }
}

/// A number of things.
pub(super) fn counted(number: u64, one: &str, many: &str) -> Markup {
    html! { strong { (number) } " " @if number == 1 { (one) } @else { (many) } }
}

/// Whether search engines may list a page with these posts: all their authors have to agree.
pub(super) fn are_indexable<'v>(views: impl IntoIterator<Item = &'v Visible<StatusView>>) -> bool {
    views.into_iter().all(|view| {
        let shown = view.reblog.as_deref().unwrap_or(view);
        shown.author.account.profile.indexable && view.author.account.profile.indexable
    })
}

/// Posts, newest first, and the way to older ones.
pub(super) fn list(renderer: &Renderer<'_>, page: &Items<Visible<StatusView>>, here: &str) -> Markup {
    html! {
        @for view in &page.items { (post(renderer, view, false)) }
        @if page.items.is_empty() { p.quiet { "There are no posts here." } }
        @if let Some(next) = page.next {
            p { a.button href={ (here) "?max_id=" (next) } rel="next" { "Older posts" } }
        }
    }
}

/// A post; `chosen` when it is the one a page is about.
pub(super) fn post(renderer: &Renderer<'_>, view: &Visible<StatusView>, chosen: bool) -> Markup {
    let shown = view.reblog.as_deref().unwrap_or(view);
    let (author, status) = (&*shown.author.account, &*shown.status);
    let moment = status.created_at;
    html! {
        article.post.chosen[chosen] {
            @if view.reblog.is_some() {
                p.reblogged {
                    "Reblogged by "
                    a href=(profile_path(&view.author.account)) { (shown_name(&view.author.account)) }
                }
            }
            header {
                (avatar(renderer, &shown.author))
                a.who href=(profile_path(author)) {
                    span { strong { (shown_name(author)) } }
                    span.quiet { "@" (author.acct()) }
                }
                a.quiet href=(post_path(author, status)) {
                    time datetime=(moment) { (moment.utc().format("%Y-%m-%d %H:%M UTC")) }
                }
            }
            (body(renderer, status))
            footer {
                span { (counted(shown.stats.replies, "answer", "answers")) }
                span { (counted(shown.stats.reblogs, "reblog", "reblogs")) }
                span { (counted(shown.stats.favourites, "favourite", "favourites")) }
                @if let Some(label) = audience(view.status.visibility) { span { (label) } }
            }
        }
    }
}

/// The picture of an account. It says nothing that the name beside it does not.
pub(super) fn avatar(renderer: &Renderer<'_>, view: &Visible<AccountView>) -> Markup {
    let (_, still) = renderer.picture(view.account.profile.avatar.as_ref(), "avatars");
    html! { img.avatar src=(still) alt="" loading="lazy"; }
}

fn body(renderer: &Renderer<'_>, status: &Status) -> Markup {
    let text = html! { div.text lang=[status.language.as_deref()] { (PreEscaped(status.html.as_str())) } };
    let media = html! {
        @if !status.attachments.is_empty() {
            div.media { @for attachment in &status.attachments { (media(renderer, attachment)) } }
        }
    };
    html! {
        @if !status.spoiler_text.is_empty() {
            details { summary { (status.spoiler_text) } (text) (media) }
        } @else if status.sensitive && !status.attachments.is_empty() {
            (text)
            details { summary { "Sensitive media" } (media) }
        } @else {
            (text)
            (media)
        }
    }
}

fn media(renderer: &Renderer<'_>, attachment: &Attachment) -> Markup {
    let address = renderer.file_url(&attachment.file);
    let words = attachment.description.as_deref().unwrap_or_default();
    let preview = attachment.thumbnail.as_ref().map(|thumbnail| renderer.file_url(thumbnail));
    html! {
        @match attachment.kind {
            MediaKind::Image | MediaKind::Gifv => {
                a href=(address) {
                    img src=(preview.as_ref().unwrap_or(&address)) alt=(words) title=(words) loading="lazy";
                }
            }
            MediaKind::Video => {
                video controls preload="none" src=(address) poster=[preview] aria-label=(words) {}
            }
            MediaKind::Audio => audio controls preload="none" src=(address) aria-label=(words) {},
            _ => a href=(address) { @if words.is_empty() { "Attached file" } @else { (words) } },
        }
    }
}

/// Whom a post is meant for, where that is not everyone.
fn audience(visibility: Visibility) -> Option<&'static str> {
    match visibility {
        Visibility::Public | Visibility::Unlisted => None,
        Visibility::Local => Some("for accounts of this instance"),
        Visibility::Private => Some("for followers"),
        Visibility::Mutuals => Some("for mutual followers"),
        Visibility::Circle => Some("for a circle"),
        Visibility::Direct => Some("for the accounts it names"),
    }
}
