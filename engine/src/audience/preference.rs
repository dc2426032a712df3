//! What a viewer wants to be shown, of what they may see.

use super::Relation;
use crate::error::Error;
use crate::model::Account;
use crate::query::Query;

/// Where something would be shown. A stream shows what the surface it follows shows. // R249
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Surface {
    /// The home timeline, and the timelines of circles.
    Home,
    /// The public and tag timelines.
    Public,
    /// The posts of one account, asked for by name.
    Profile,
    /// Notifications.
    Notifications,
    /// The viewer's direct conversations.
    Conversations,
    /// The thread around a status.
    Context,
    /// Search results.
    Search,
    /// One thing asked for by its id, and the viewer's own lists of favourites and bookmarks.
    Direct,
    /// Lists of accounts: who follows, reblogged, favourited.
    Accounts,
}

/// Why the viewer does not want to be shown something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unwanted {
    /// The viewer blocks its author.
    Blocked,
    /// The viewer mutes its author.
    Muted,
    /// The viewer blocks the domain of its author and does not follow them.
    DomainBlocked,
    /// Its author is limited and the viewer does not follow them.
    Limited,
}

/// Whether something by an author who stands in `relation` to the viewer is wanted on `surface`.
///
/// Not to be asked about the viewer's own things: a viewer has no relation to themself, and being limited hides
/// nobody from themself. `with_muted` shows muted authors all the same, never blocked ones. // R96 R97
pub fn wanted(
    surface: Surface,
    relation: &Relation,
    limited: bool,
    with_muted: bool,
) -> Result<(), Unwanted> {
    use Surface::{Accounts, Context, Conversations, Direct, Home, Notifications, Profile, Public, Search};
    if matches!(surface, Direct | Profile) {
        return Ok(());
    }
    if relation.blocking {
        return Err(Unwanted::Blocked);
    }
    if matches!(surface, Accounts | Conversations) {
        return Ok(());
    }
    let following = relation.following.is_some();
    if relation.domain_blocking && !following {
        return Err(Unwanted::DomainBlocked);
    }
    let muted = relation.mute.as_ref().is_some_and(|mute| surface != Notifications || mute.notifications);
    if muted && !with_muted {
        return Err(Unwanted::Muted); // R98 R197
    }
    match surface {
        Public | Context | Search | Notifications if limited && !following => Err(Unwanted::Limited),
        Home | Public | Profile | Notifications | Conversations | Context | Search | Direct | Accounts => {
            Ok(())
        }
    }
}

impl Query<'_> {
    /// Whether the viewer wants to be shown things by `author` on `surface`. One's own are always wanted.
    pub(crate) fn wants(&self, surface: Surface, author: &Account, with_muted: bool) -> Result<bool, Error> {
        if self.viewer().is(author.id) {
            return Ok(true);
        }
        Ok(wanted(surface, &*self.relation(author)?, author.limited, with_muted).is_ok())
    }
}
