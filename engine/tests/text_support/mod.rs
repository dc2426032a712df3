//! What the tests of the text module share.

#![allow(dead_code)] // each test binary uses its part

pub(crate) mod oracle;

use std::path::PathBuf;

use koinon_engine::text::{Links, MentionName, ProfileLink};

/// A file of the shared data folder; `None` where the folder is absent, with a word about it.
pub(crate) fn shared_file(path: &str) -> Option<String> {
    let shared = std::env::var_os("KOINON_SHARED")
        .map_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared")), PathBuf::from);
    let path = shared.join("data").join(path);
    let text = std::fs::read_to_string(&path).ok();
    if text.is_none() {
        println!("skipped: no {}", path.display());
    }
    text
}

/// Resolves every mention and every hashtag.
pub(crate) struct Everyone;

impl Links for Everyone {
    fn profile(&self, name: &MentionName) -> Option<ProfileLink> {
        let host = name.domain.as_deref().unwrap_or("local.example");
        Some(ProfileLink { url: format!("https://{host}/@{}", name.username), name: name.username.clone() })
    }

    fn hashtag(&self, tag: &str) -> String {
        format!("https://local.example/tags/{tag}")
    }
}

/// Resolves no mention; hashtags lead to a page that must never be linked.
pub(crate) struct Nobody;

impl Links for Nobody {
    fn profile(&self, _: &MentionName) -> Option<ProfileLink> {
        None
    }

    fn hashtag(&self, tag: &str) -> String {
        format!("javascript:show('{tag}')")
    }
}
