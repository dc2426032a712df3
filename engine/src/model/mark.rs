//! What an account did to a status without writing one.

use crate::store::{Key, KeyError, KeyReader};

/// The kinds of marks an account can put on a status, at most one of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum MarkKind {
    /// Liked, for everyone to see.
    Favourite,
    /// Kept for later, for nobody else to see.
    Bookmark,
    /// Shown on top of the author's own profile.
    Pin,
}

impl Key for MarkKind {
    fn encode(&self, out: &mut Vec<u8>) {
        out.push(match self {
            Self::Favourite => 0,
            Self::Bookmark => 1,
            Self::Pin => 2,
        });
    }

    fn decode(reader: &mut KeyReader<'_>) -> Result<Self, KeyError> {
        match reader.take(1)?[0] {
            0 => Ok(Self::Favourite),
            1 => Ok(Self::Bookmark),
            2 => Ok(Self::Pin),
            _ => Err(KeyError),
        }
    }
}
