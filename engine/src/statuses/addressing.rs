//! Whom a status reaches.

use super::draft::Audience;
use crate::circles::members_of;
use crate::command::Command;
use crate::error::{Error, Invalid};
use crate::model::{Account, AccountId, CircleId, Status, Visibility};

/// Whom a status reaches, as it is stored with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Address {
    pub(super) visibility: Visibility,
    /// Reached without being named in the text; sorted.
    pub(super) addressed: Vec<AccountId>,
    pub(super) circle: Option<CircleId>,
}

/// Decides whom a status of `author` reaches, as an answer to `parent` where there is one.
///
/// What an author asks for is done. Without a wish, an answer is never wider than what it answers, and where
/// that leaves nobody who is named, the author of the parent is addressed.
pub(super) fn address(
    command: &Command<'_>,
    author: &Account,
    wish: Option<Audience>,
    parent: Option<&Status>,
) -> Result<Address, Error> {
    match wish {
        Some(Audience::Visibility(Visibility::Circle)) => Err(Invalid::UnknownCircle.into()),
        Some(Audience::Visibility(visibility)) => {
            Ok(Address { visibility, addressed: Vec::new(), circle: None })
        }
        Some(Audience::Circle(input)) => {
            // The members as they are now: who joins later does not see what was posted before. // R53
            let (circle, mut addressed) =
                members_of(command.read(), author.id, input)?.ok_or(Invalid::UnknownCircle)?;
            addressed.sort_unstable();
            addressed.dedup();
            Ok(Address { visibility: Visibility::Circle, addressed, circle: Some(circle) })
        }
        None => {
            let usual = author.posting.visibility;
            let Some(parent) = parent.filter(|parent| parent.visibility > usual) else {
                return Ok(Address { visibility: usual, addressed: Vec::new(), circle: None });
            };
            let visibility = match parent.visibility {
                // The circle is its owner's; an answer goes to the one who wrote.
                Visibility::Circle => Visibility::Direct,
                visibility => visibility,
            };
            let addressed = if parent.author == author.id || visibility.is_open() {
                Vec::new()
            } else {
                vec![parent.author]
            };
            Ok(Address { visibility, addressed, circle: None })
        }
    }
}
