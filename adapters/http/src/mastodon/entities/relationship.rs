//! Relationship.

use koinon_engine::audience::Visible;
use koinon_engine::relationships::RelationshipView;
use serde::Serialize;

use super::Renderer;

/// How the viewer and an account stand to each other.
#[derive(Debug, Serialize)]
pub(crate) struct Relationship<'a> {
    id: String,
    following: bool,
    showing_reblogs: bool,
    notifying: bool,
    languages: Option<&'a [String]>,
    followed_by: bool,
    blocking: bool,
    blocked_by: bool,
    muting: bool,
    muting_notifications: bool,
    muting_expires_at: Option<String>,
    requested: bool,
    requested_by: bool,
    domain_blocking: bool,
    endorsed: bool,
    note: &'a str,
    subscribing: bool,
}

impl Renderer<'_> {
    /// How the viewer and an account stand to each other.
    pub(crate) fn relationship<'a>(&self, view: &'a Visible<RelationshipView>) -> Relationship<'a> {
        Relationship {
            id: self.id(view.id),
            following: view.following,
            showing_reblogs: view.showing_reblogs,
            notifying: view.notifying,
            languages: Some(view.languages.as_slice()).filter(|languages| !languages.is_empty()),
            followed_by: view.followed_by,
            blocking: view.blocking,
            blocked_by: view.blocked_by,
            muting: view.muting,
            muting_notifications: view.muting_notifications,
            muting_expires_at: view.muting_expires_at.map(|moment| moment.to_string()),
            requested: view.requested,
            requested_by: view.requested_by,
            domain_blocking: view.domain_blocking,
            endorsed: view.endorsed,
            note: &view.note,
            subscribing: view.notifying, // R129
        }
    }
}
