//! How far an account has read its timelines, kept so that its clients agree.

use std::fmt;
use std::str::FromStr;

use crate::engine::Engine;
use crate::error::Error;
use crate::id::IdInput;
use crate::model::{AccountId, Marker};
use crate::query::Query;
use crate::store::schema::MARKERS;

/// A timeline that has a marker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum MarkedTimeline {
    /// The home timeline.
    Home,
    /// The notifications.
    Notifications,
}

impl MarkedTimeline {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Home, Self::Notifications];

    /// The name clients use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Home => "home",
            Self::Notifications => "notifications",
        }
    }
}

impl fmt::Display for MarkedTimeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for MarkedTimeline {
    type Err = UnmarkedTimeline;

    fn from_str(text: &str) -> Result<Self, UnmarkedTimeline> {
        Self::ALL.into_iter().find(|timeline| timeline.as_str() == text).ok_or(UnmarkedTimeline)
    }
}

/// The text names no timeline that has a marker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a timeline with a marker")]
pub struct UnmarkedTimeline;

impl Engine {
    /// Moves markers of `account`, all at once, forwards or back as the client says; each grows its version by one.
    /// Answers the new ones in the order given.
    ///
    /// The id need not be that of something that exists: it may have been deleted since it was read.
    pub async fn set_markers(
        &self,
        account: AccountId,
        last_read: Vec<(MarkedTimeline, IdInput)>,
    ) -> Result<Vec<(MarkedTimeline, Marker)>, Error> {
        self.command(move |command| {
            command.acting(account)?;
            let mut markers = Vec::with_capacity(last_read.len());
            for &(timeline, id) in &last_read {
                let key = (account, timeline.as_str().to_owned());
                let before = MARKERS.get(command.read(), &key)?.map_or(0, |marker| marker.version);
                // A number names everything up to the last id that renders as it.
                let (_, last_read_id) = id.range();
                let marker = Marker { last_read_id, version: before + 1, updated_at: command.now() };
                MARKERS.put(command.tx(), &key, &marker)?;
                markers.push((timeline, marker));
            }
            Ok(markers)
        })
        .await
    }
}

impl Query<'_> {
    /// The viewer's markers of these timelines, in the order asked; those never set are left out.
    ///
    /// # Errors
    /// [`Error::NotSignedIn`] for anonymous viewers.
    pub fn markers(&self, timelines: &[MarkedTimeline]) -> Result<Vec<(MarkedTimeline, Marker)>, Error> {
        let viewer = self.asking()?;
        let mut markers = Vec::with_capacity(timelines.len());
        for &timeline in timelines {
            let marker = MARKERS.get(self.tx(), &(viewer, timeline.as_str().to_owned()))?;
            markers.extend(marker.map(|marker| (timeline, marker)));
        }
        Ok(markers)
    }
}
