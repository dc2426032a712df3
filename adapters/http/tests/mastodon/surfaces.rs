//! Everything that shows statuses or accounts, as a list of addresses to ask.

use futures::executor::block_on;

use koinon_engine::audience::Viewer;
use koinon_engine::id::Flake;
use koinon_engine::{Engine, Error};

/// What there is to be seen, or not.
#[derive(Debug, Clone)]
pub(crate) struct Things {
    pub(crate) accounts: [Flake; 4],
    /// One list of each account.
    pub(crate) lists: [String; 4],
    pub(crate) statuses: Vec<Flake>,
}

/// Whether `viewer` may know of each status and account, by its id.
pub(crate) fn allowed(engine: &Engine, viewer: Viewer, things: &Things) -> Vec<(String, bool)> {
    let things = things.clone();
    let allowed = engine.query(viewer, move |query| {
        let mut allowed = Vec::new();
        for id in things.statuses {
            allowed.push((id.to_string(), query.explain(id)?.is_shown()));
        }
        for id in things.accounts {
            let may = match query.account(id) {
                Ok(_) => true,
                Err(Error::NotFound) => false,
                Err(error) => return Err(error),
            };
            allowed.push((id.to_string(), may));
        }
        Ok(allowed)
    });
    block_on(allowed).unwrap()
}

/// The addresses of all surfaces, for visitors those of the pages too.
pub(crate) fn surfaces(viewer: Viewer, things: &Things) -> Vec<String> {
    let mut paths: Vec<String> = [
        "/api/v1/timelines/home?limit=40",
        "/api/v1/timelines/home?limit=40&with_muted=1",
        "/api/v1/timelines/home?limit=40&reply_visibility=following",
        "/api/v1/timelines/public?limit=40",
        "/api/v1/timelines/public?limit=40&with_muted=1",
        "/api/v1/timelines/public?local=1",
        "/api/v1/timelines/tag/tag?limit=40",
        "/api/v1/timelines/tag/other?any[]=tag",
        "/api/v1/accounts/verify_credentials",
        "/api/v1/accounts/search?q=a",
        "/api/v2/search?q=word&limit=40",
        "/api/v1/search?q=anna",
        "/api/v1/notifications?limit=30",
        "/api/v1/favourites?limit=40",
        "/api/v1/bookmarks?limit=40",
        "/api/v1/blocks",
        "/api/v1/mutes",
        "/api/v1/follow_requests",
        "/api/v1/reports",
        "/api/v1/lists",
    ]
    .map(str::to_owned)
    .to_vec();
    let named = |name: &str, ids: &[Flake]| {
        ids.iter().map(|id| format!("{name}[]={id}")).collect::<Vec<_>>().join("&")
    };
    paths.push(format!("/api/v1/statuses?{}", named("ids", &things.statuses)));
    for list in ["relationships", "familiar_followers"] {
        paths.push(format!("/api/v1/accounts/{list}?{}", named("id", &things.accounts)));
    }
    for account in things.accounts {
        for part in ["", "/statuses?limit=40", "/statuses?pinned=1", "/followers", "/following", "/lists"] {
            paths.push(format!("/api/v1/accounts/{account}{part}"));
        }
    }
    for list in &things.lists {
        paths.push(format!("/api/v1/lists/{list}/accounts"));
        paths.push(format!("/api/v1/timelines/list/{list}?limit=40"));
    }
    for status in &things.statuses {
        for part in ["", "/context", "/source", "/favourited_by", "/reblogged_by"] {
            paths.push(format!("/api/v1/statuses/{status}{part}"));
        }
        paths.push(format!("/api/v2/search?q=https://koinon.example/@anna/{status}"));
    }
    if viewer == Viewer::Anonymous {
        paths.extend(["/", "/tags/tag", "/@anna", "/@ben", "/@carla", "/@dora"].map(str::to_owned));
        paths.extend(things.statuses.iter().map(|status| format!("/@anna/{status}")));
    }
    paths
}
