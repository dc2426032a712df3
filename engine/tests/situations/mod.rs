//! Every situation there can be: all the input the truth table takes.

use koinon_engine::audience::{Situation, Stage, ViewerKind};
use koinon_engine::model::Visibility;

use crate::product::Product;

/// All 107,520 combinations.
pub(crate) fn every_situation() -> Vec<Situation> {
    Product::of(FIRST)
        .over(&STAGES, |situation, stage| situation.stage = stage)
        .over(&Visibility::ALL, |situation, visibility| situation.visibility = visibility)
        .over(&VIEWERS, |situation, viewer| situation.viewer = viewer)
        .over(&EITHER, |situation, available| situation.viewer_available = available)
        .over(&EITHER, |situation, author| situation.is_author = author)
        .over(&EITHER, |situation, available| situation.author_available = available)
        .over(&EITHER, |situation, local_only| situation.local_only = local_only)
        .over(&EITHER, |situation, addressed| situation.addressed = addressed)
        .over(&EITHER, |situation, following| situation.following = following)
        .over(&EITHER, |situation, followed_by| situation.followed_by = followed_by)
        .over(&EITHER, |situation, blocked_by| situation.blocked_by = blocked_by)
        .over(&EITHER, |situation, blocked_by| situation.domain_blocked_by = blocked_by)
        .over(&EITHER, |situation, open| situation.open_to_visitors = open)
        .all()
}

const FIRST: Situation = Situation {
    viewer: ViewerKind::Anonymous,
    viewer_available: true,
    is_author: false,
    author_available: true,
    stage: Stage::Published,
    visibility: Visibility::Public,
    local_only: false,
    addressed: false,
    following: false,
    followed_by: false,
    blocked_by: false,
    domain_blocked_by: false,
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
