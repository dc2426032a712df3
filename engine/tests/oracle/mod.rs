//! Who may see what, a second time: the contract's definition as two tables instead of a chain of rules.
//!
//! Written from the definition of `may` in the contract, not from `Situation::verdict`: a viewer sees a status if
//! none of the [`DENIALS`] holds, and if they wrote it or the [`AUDIENCE`] table has a place for them. The order of
//! neither table means anything, unlike in the engine, where the first rule that applies decides.

mod cell;

pub(crate) use cell::{Author, Block, Cell, Domain, Follow, Mention, Mute, everyday_cells, unusual_cells};

use koinon_engine::audience::{Stage, ViewerKind};
use koinon_engine::model::Visibility;

use cell::Role;

/// Whether the viewer may see the status.
pub(crate) fn may(cell: &Cell) -> bool {
    denials(cell).next().is_none() && (cell.role == Role::Author || audience_includes_viewer(cell))
}

/// The denials that hold, in the terms of the contract's definition.
pub(crate) fn denials(cell: &Cell) -> impl Iterator<Item = &'static str> {
    DENIALS.iter().filter(|(_, holds)| holds(cell)).map(|(term, _)| *term)
}

type Denial = (&'static str, fn(&Cell) -> bool);

/// What shuts a viewer out, whatever the audience of the status is.
pub(crate) const DENIALS: [Denial; 8] = [
    ("T(s), deleted", |cell| cell.stage == Stage::Deleted),
    ("T(s), unpublished and not the viewer's own", |cell| {
        cell.stage == Stage::Unpublished && cell.role == Role::Other
    }),
    ("T(s), not approved, neither the viewer's own nor theirs to approve", |cell| {
        cell.stage == Stage::AwaitingApproval { by_viewer: false } && cell.role == Role::Other
    }),
    ("S(a)", |cell| matches!(cell.author, Author::Suspended | Author::Deleted)),
    ("S(v)", |cell| !cell.viewer_available),
    ("B(a,v)", |cell| cell.role == Role::Other && matches!(cell.block, Block::AuthorBlocks | Block::Both)),
    ("D(a,dom v)", |cell| {
        cell.role == Role::Other && cell.viewer == ViewerKind::Remote && cell.domain == Domain::AuthorBlocks
    }),
    ("localOnly(s)", |cell| cell.role == Role::Other && cell.viewer != ViewerKind::Local && cell.local_only),
];

/// Who belongs to the audience of a visibility: the viewer without an account; then strangers, followers, mutual
/// followers and addressed accounts of this instance; then the same from elsewhere.
/// `+` belongs to it, `.` does not, `P` belongs to it where the instance is open to visitors.
const AUDIENCE: [(Visibility, &[u8; 11]); 7] = [
    (Visibility::Public, b"P ++++ ++++"),
    (Visibility::Unlisted, b"P ++++ ++++"),
    (Visibility::Local, b". ++++ ...."),
    (Visibility::Private, b". .+++ .+++"),
    (Visibility::Mutuals, b". ..++ ..++"),
    (Visibility::Circle, b". ...+ ...+"),
    (Visibility::Direct, b". ...+ ...+"),
];

fn audience_includes_viewer(cell: &Cell) -> bool {
    // No place in the table sees less than the one before it, so the last one that fits is the viewer's.
    let standing = match (cell.mention, cell.follow) {
        (Mention::Active | Mention::Silent, _) => 3,
        (Mention::None, Follow::Mutual) => 2,
        (Mention::None, Follow::Accepted) => 1,
        (Mention::None, Follow::None | Follow::Pending) => 0,
    };
    let place = match cell.viewer {
        ViewerKind::Anonymous => 0,
        ViewerKind::Local => 2 + standing,
        ViewerKind::Remote => 7 + standing,
    };
    let row = AUDIENCE.iter().find(|(visibility, _)| *visibility == cell.visibility);
    match row.map(|(_, places)| places[place]) {
        Some(b'+') => true,
        Some(b'P') => cell.open_to_visitors,
        Some(b'.') => false,
        other => panic!("the table has no such place: {other:?} for {cell:?}"),
    }
}
