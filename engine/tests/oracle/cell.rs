//! The cells of the product that the contract enumerates, and what the engine is told of each.

use koinon_engine::audience::{Situation, Stage, ViewerKind};
use koinon_engine::model::Visibility;

use crate::product::Product;

/// One combination of all that might matter to who sees what, whether it can occur or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cell {
    pub(crate) visibility: Visibility,
    pub(crate) viewer: ViewerKind,
    pub(crate) mention: Mention,
    pub(crate) follow: Follow,
    pub(crate) block: Block,
    pub(crate) mute: Mute,
    pub(crate) author: Author,
    pub(crate) local_only: bool,
    pub(crate) domain: Domain,
    pub(crate) role: Role,
    pub(crate) stage: Stage,
    pub(crate) viewer_available: bool,
    pub(crate) open_to_visitors: bool,
}

macro_rules! dimension {
    ($(#[$doc:meta])* $name:ident: $($value:ident)*) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum $name { $($value),* }

        impl $name {
            pub(crate) const ALL: &[Self] = &[$(Self::$value),*];
        }
    };
}

dimension! {
    /// How the status addresses the viewer. Members of the circle of a status are addressed silently.
    Mention: None Active Silent
}
dimension! {
    /// Whether the viewer follows the author.
    Follow: None Pending Accepted Mutual
}
dimension! {
    /// Which of the two blocks the other.
    Block: None ViewerBlocks AuthorBlocks Both
}
dimension! {
    /// Whether the viewer mutes the author.
    Mute: None Active Expired NotificationsOnly
}
dimension! {
    /// The state of the author.
    Author: Active Limited Suspended Deleted
}
dimension! {
    /// Which of the two blocks the domain of the other.
    Domain: None ViewerBlocks AuthorBlocks
}
dimension! {
    /// Whether the viewer wrote the status.
    Role: Author Other
}

/// The full product of the contract: a published status, an available viewer, an instance open to visitors.
pub(crate) fn everyday_cells() -> Vec<Cell> {
    Product::of(FIRST)
        .over(&Visibility::ALL, |cell, visibility| cell.visibility = visibility)
        .over(&VIEWERS, |cell, viewer| cell.viewer = viewer)
        .over(Mention::ALL, |cell, mention| cell.mention = mention)
        .over(Follow::ALL, |cell, follow| cell.follow = follow)
        .over(Block::ALL, |cell, block| cell.block = block)
        .over(Mute::ALL, |cell, mute| cell.mute = mute)
        .over(Author::ALL, |cell, author| cell.author = author)
        .over(&EITHER, |cell, local_only| cell.local_only = local_only)
        .over(Domain::ALL, |cell, domain| cell.domain = domain)
        .over(Role::ALL, |cell, role| cell.role = role)
        .all()
}

/// The stages of a status, the availability of the viewer and the openness of the instance, with one value for
/// each answer that the other dimensions can make a difference by.
pub(crate) fn unusual_cells() -> Vec<Cell> {
    Product::of(FIRST)
        .over(&STAGES, |cell, stage| cell.stage = stage)
        .over(&EITHER, |cell, available| cell.viewer_available = available)
        .over(&EITHER, |cell, open| cell.open_to_visitors = open)
        .over(&Visibility::ALL, |cell, visibility| cell.visibility = visibility)
        .over(&VIEWERS, |cell, viewer| cell.viewer = viewer)
        .over(&[Mention::None, Mention::Active], |cell, mention| cell.mention = mention)
        .over(Follow::ALL, |cell, follow| cell.follow = follow)
        .over(&[Block::None, Block::AuthorBlocks], |cell, block| cell.block = block)
        .over(&[Author::Active, Author::Suspended], |cell, author| cell.author = author)
        .over(&EITHER, |cell, local_only| cell.local_only = local_only)
        .over(&[Domain::None, Domain::AuthorBlocks], |cell, domain| cell.domain = domain)
        .over(Role::ALL, |cell, role| cell.role = role)
        .all()
}

const FIRST: Cell = Cell {
    visibility: Visibility::Public,
    viewer: ViewerKind::Anonymous,
    mention: Mention::None,
    follow: Follow::None,
    block: Block::None,
    mute: Mute::None,
    author: Author::Active,
    local_only: false,
    domain: Domain::None,
    role: Role::Other,
    stage: Stage::Published,
    viewer_available: true,
    open_to_visitors: true,
};

const VIEWERS: [ViewerKind; 3] = [ViewerKind::Anonymous, ViewerKind::Local, ViewerKind::Remote];

const STAGES: [Stage; 5] = [
    Stage::Published,
    Stage::Unpublished,
    Stage::AwaitingApproval { by_viewer: false },
    Stage::AwaitingApproval { by_viewer: true },
    Stage::Deleted,
];

const EITHER: [bool; 2] = [false, true];

impl Cell {
    /// What the engine is told. The viewer's own blocks, domain blocks and mutes are not part of it, nor is a
    /// follow that is not accepted.
    pub(crate) fn situation(&self) -> Situation {
        Situation {
            viewer: self.viewer,
            viewer_available: self.viewer_available,
            is_author: self.role == Role::Author,
            author_available: matches!(self.author, Author::Active | Author::Limited),
            stage: self.stage,
            visibility: self.visibility,
            local_only: self.local_only,
            addressed: self.mention != Mention::None,
            following: matches!(self.follow, Follow::Accepted | Follow::Mutual),
            followed_by: self.follow == Follow::Mutual,
            blocked_by: matches!(self.block, Block::AuthorBlocks | Block::Both),
            domain_blocked_by: self.domain == Domain::AuthorBlocks,
            open_to_visitors: self.open_to_visitors,
        }
    }

    /// Whether the combination can occur.
    ///
    /// - Nobody in particular wrote nothing, and has no relation to anyone.
    /// - Nobody has a relation to themself: no mention, follow, block, mute or domain block.
    /// - A block in either direction has removed every follow and every request.
    /// - An account of this instance is on no domain that an author could block.
    ///
    /// A domain block removes no follow here: row 22 of the truth table is about a follower whose domain the
    /// author blocks. Visibility, local-only and the state of the author combine with everything.
    pub(crate) fn is_consistent(&self) -> bool {
        let alone = self.mention == Mention::None
            && self.follow == Follow::None
            && self.block == Block::None
            && self.mute == Mute::None
            && self.domain == Domain::None;
        match (self.viewer, self.role) {
            (ViewerKind::Anonymous, Role::Author) => false,
            (ViewerKind::Anonymous, Role::Other) | (_, Role::Author) => alone,
            (kind, Role::Other) => {
                (self.block == Block::None || self.follow == Follow::None)
                    && (kind != ViewerKind::Local || self.domain != Domain::AuthorBlocks)
            }
        }
    }
}
