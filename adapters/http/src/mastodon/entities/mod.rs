//! What Mastodon clients are answered with: each entity borrows what the engine let through and writes itself as JSON.
//!
//! Fields and their nullability follow the entities of Mastodon 4.6; a field that a strict client requires is never
//! null. // R307

mod account;
mod attachment;
mod notification;
mod relationship;
mod rendered;
mod status;

pub(crate) use account::visibility;
pub(crate) use attachment::MediaAttachment;
pub(crate) use rendered::{RenderedAccount, Renderings};
pub(crate) use status::Status;

use koinon_engine::id::Flake;
use koinon_engine::model::StoredFile;
use koinon_engine::settings::Settings;

use crate::options::IdFormat;

/// What rendering depends on beside the thing rendered.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Renderer<'a> {
    pub(crate) settings: &'a Settings,
    pub(crate) ids: IdFormat,
    pub(crate) renderings: &'a Renderings,
}

impl Renderer<'_> {
    pub(crate) fn id(&self, id: Flake) -> String {
        self.ids.render(id)
    }

    /// Where a stored file is served.
    pub(crate) fn file_url(&self, file: &StoredFile) -> String {
        format!("{}/media/{}.{}", self.settings.base_url, file.blob, file.file_type.extension())
    }
}
