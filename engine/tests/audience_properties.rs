//! What holds of the audience whatever the situation is, tried on every situation there can be.

mod product;
mod situations;

use std::collections::HashSet;

use koinon_engine::audience::{Reason, Situation, Stage, Verdict, ViewerKind};
use koinon_engine::model::Visibility;
use situations::every_situation;

#[test]
fn every_situation_is_tried_once() {
    let situations: HashSet<String> =
        every_situation().iter().map(|situation| format!("{situation:?}")).collect();
    assert_eq!(situations.len(), 5 * 7 * 3 * (1 << 10));
}

// Monotonicity.

#[test]
fn an_authors_block_never_shows_more() {
    assert_never_shows_more(|situation| situation.blocked_by = true);
}

#[test]
fn an_authors_domain_block_never_shows_more() {
    assert_never_shows_more(|situation| situation.domain_blocked_by = true);
}

#[test]
fn suspending_the_author_never_shows_more() {
    assert_never_shows_more(|situation| situation.author_available = false);
}

#[test]
fn suspending_the_viewer_never_shows_more() {
    assert_never_shows_more(|situation| situation.viewer_available = false);
}

#[test]
fn deleting_a_status_never_shows_more() {
    assert_never_shows_more(|situation| situation.stage = Stage::Deleted);
}

#[test]
fn keeping_a_status_on_the_instance_never_shows_more() {
    assert_never_shows_more(|situation| situation.local_only = true);
}

#[test]
fn closing_the_instance_to_visitors_never_shows_more() {
    assert_never_shows_more(|situation| situation.open_to_visitors = false);
}

#[test]
fn an_accepted_follow_never_shows_less() {
    assert_never_shows_less(|situation| situation.following = true);
}

#[test]
fn being_followed_never_shows_less() {
    assert_never_shows_less(|situation| situation.followed_by = true);
}

#[test]
fn being_addressed_never_shows_less() {
    assert_never_shows_less(|situation| situation.addressed = true);
}

#[test]
fn publishing_a_status_never_shows_less_unless_it_is_deleted() {
    assert_never_shows_less(|situation| {
        if situation.stage != Stage::Deleted {
            situation.stage = Stage::Published;
        }
    });
}

/// `local` has no place in this order: it shows strangers of this instance what it hides from addressed accounts
/// elsewhere.
#[test]
fn a_wider_visibility_never_shows_less() {
    let widening = [
        Visibility::Direct,
        Visibility::Mutuals,
        Visibility::Private,
        Visibility::Unlisted,
        Visibility::Public,
    ];
    for situation in every_situation() {
        let shown = widening.map(|visibility| Situation { visibility, ..situation }.verdict().is_shown());
        assert!(shown.is_sorted(), "{shown:?} for {situation:?}");
    }
}

// What never counts, and what always does.

#[test]
fn r50_unlisted_is_seen_by_exactly_those_who_see_public() {
    for situation in every_situation() {
        let verdicts = [Visibility::Public, Visibility::Unlisted]
            .map(|visibility| Situation { visibility, ..situation }.verdict());
        assert_eq!(verdicts[0], verdicts[1], "{situation:?}");
    }
}

#[test]
fn r51_what_is_local_never_leaves_the_instance() {
    for situation in every_situation() {
        let local = situation.local_only || situation.visibility == Visibility::Local;
        if local && !situation.is_author && situation.viewer != ViewerKind::Local {
            assert_hidden(&situation);
        }
    }
}

#[test]
fn r52_a_circle_status_is_seen_by_its_author_and_the_members_it_was_addressed_to() {
    assert_seen_by_exactly(Visibility::Circle, |situation| situation.is_author || situation.addressed);
}

#[test]
fn r54_a_private_status_is_seen_by_its_author_followers_and_mentioned_accounts() {
    assert_seen_by_exactly(Visibility::Private, |situation| {
        situation.is_author || situation.following || situation.addressed
    });
}

#[test]
fn r55_a_direct_status_is_seen_by_its_author_and_the_addressed_accounts() {
    assert_seen_by_exactly(Visibility::Direct, |situation| situation.is_author || situation.addressed);
}

#[test]
fn r58_addressing_adds_the_addressed_to_the_audience_and_changes_nothing_else() {
    for situation in every_situation() {
        let [without, with] = [false, true].map(|addressed| Situation { addressed, ..situation }.verdict());
        let added = with == Verdict::Shown(Reason::Addressed)
            && !matches!(situation.visibility, Visibility::Public | Visibility::Unlisted | Visibility::Local);
        assert!(with == without || added, "{without:?} became {with:?} for {situation:?}");
    }
}

/// A request that nobody accepted leaves `following` false, so this is all that keeps it from counting.
/// CVE-2025-30741
#[test]
fn without_an_accepted_follow_nobody_sees_what_is_meant_for_followers() {
    for situation in every_situation() {
        let for_followers = matches!(situation.visibility, Visibility::Private | Visibility::Mutuals);
        if for_followers && !situation.following && !situation.addressed && !situation.is_author {
            assert_hidden(&situation);
        }
    }
}

#[test]
fn being_followed_without_following_back_counts_for_nothing() {
    for situation in every_situation() {
        if !situation.following {
            let other = Situation { followed_by: !situation.followed_by, ..situation };
            assert_eq!(situation.verdict(), other.verdict(), "{situation:?}");
        }
    }
}

#[test]
fn an_authors_block_beats_mention_and_follow() {
    for situation in every_situation() {
        if situation.blocked_by && !situation.is_author {
            assert_hidden(&situation);
        }
    }
}

#[test]
fn visitors_see_open_statuses_of_an_open_instance_and_nothing_else() {
    for situation in every_situation() {
        if situation.viewer == ViewerKind::Anonymous
            && !situation.is_author
            && !(situation.visibility.is_open() && situation.open_to_visitors)
        {
            assert_hidden(&situation);
        }
    }
}

#[test]
fn what_is_not_published_is_seen_by_its_author_and_who_has_to_approve_it() {
    for situation in every_situation() {
        let visible_at_all = match situation.stage {
            Stage::Published => true,
            Stage::Unpublished | Stage::AwaitingApproval { by_viewer: false } => situation.is_author,
            Stage::AwaitingApproval { by_viewer: true } => {
                Situation { stage: Stage::Published, ..situation }.verdict().is_shown()
            }
            Stage::Deleted => false,
        };
        if !visible_at_all {
            assert_hidden(&situation);
        }
    }
}

// Reasons.

#[test]
fn every_verdict_names_a_rule_of_its_own_kind_that_applies() {
    for situation in every_situation() {
        let verdict = situation.verdict();
        let (Verdict::Shown(reason) | Verdict::Hidden(reason)) = verdict;
        let (shows, applies) = meaning(reason, &situation);
        assert_eq!(verdict.is_shown(), shows, "{verdict:?} for {situation:?}");
        assert!(applies, "{verdict:?} for {situation:?}");
    }
}

#[test]
fn every_reason_decides_somewhere_and_says_what_no_other_of_its_kind_says() {
    let mut given = HashSet::new();
    let mut texts = HashSet::new();
    for situation in every_situation() {
        let verdict = situation.verdict();
        let (Verdict::Shown(reason) | Verdict::Hidden(reason)) = verdict;
        if given.insert(reason) {
            assert!(texts.insert((verdict.is_shown(), reason.to_string())), "{reason:?}: {reason}");
        }
    }
    assert_eq!(given.len(), 18);
}

/// Whether a reason is one for showing, and whether it applies.
fn meaning(reason: Reason, situation: &Situation) -> (bool, bool) {
    let Situation { viewer, visibility, .. } = *situation;
    let known = viewer != ViewerKind::Anonymous;
    match reason {
        Reason::Own => (true, situation.is_author),
        Reason::Open => (true, visibility.is_open()),
        Reason::LocalAccount => (true, visibility == Visibility::Local && viewer == ViewerKind::Local),
        Reason::Follower => (true, visibility == Visibility::Private && known && situation.following),
        Reason::Mutual => {
            (true, visibility == Visibility::Mutuals && known && situation.following && situation.followed_by)
        }
        Reason::Addressed => (true, known && situation.addressed),
        Reason::Deleted => (false, situation.stage == Stage::Deleted),
        Reason::Unpublished => (
            false,
            !situation.is_author
                && matches!(
                    situation.stage,
                    Stage::Unpublished | Stage::AwaitingApproval { by_viewer: false }
                ),
        ),
        Reason::AuthorUnavailable => (false, !situation.author_available),
        Reason::ViewerUnavailable => (false, !situation.viewer_available),
        Reason::BlockedByAuthor => (false, situation.blocked_by),
        Reason::DomainBlockedByAuthor => (false, viewer == ViewerKind::Remote && situation.domain_blocked_by),
        Reason::LocalOnly => (false, situation.local_only && viewer != ViewerKind::Local),
        Reason::VisitorsNotAdmitted => (false, !known && !situation.open_to_visitors),
        Reason::NotOnThisInstance => (false, visibility == Visibility::Local && viewer != ViewerKind::Local),
        Reason::NotFollowing => (false, visibility == Visibility::Private && !(known && situation.following)),
        Reason::NotMutual => (
            false,
            visibility == Visibility::Mutuals && !(known && situation.following && situation.followed_by),
        ),
        Reason::NotAddressed => (
            false,
            matches!(visibility, Visibility::Circle | Visibility::Direct) && !(known && situation.addressed),
        ),
    }
}

fn assert_hidden(situation: &Situation) {
    let verdict = situation.verdict();
    assert!(!verdict.is_shown(), "{verdict:?} for {situation:?}");
}

fn assert_never_shows_more(change: fn(&mut Situation)) {
    for before in every_situation() {
        let mut after = before;
        change(&mut after);
        if after.verdict().is_shown() {
            assert!(before.verdict().is_shown(), "{after:?} is shown, {before:?} is not");
        }
    }
}

fn assert_never_shows_less(change: fn(&mut Situation)) {
    for before in every_situation() {
        let mut after = before;
        change(&mut after);
        if before.verdict().is_shown() {
            assert!(after.verdict().is_shown(), "{before:?} is shown, {after:?} is not");
        }
    }
}

/// Where nothing else stands in the way, `audience` tells who sees statuses of `visibility`.
fn assert_seen_by_exactly(visibility: Visibility, audience: fn(&Situation) -> bool) {
    for situation in every_situation() {
        let in_the_way = situation.stage != Stage::Published
            || !situation.author_available
            || !situation.viewer_available
            || situation.viewer == ViewerKind::Anonymous
            || situation.blocked_by
            || situation.domain_blocked_by
            || situation.local_only;
        if situation.visibility == visibility && !in_the_way {
            assert_eq!(situation.verdict().is_shown(), audience(&situation), "{situation:?}");
        }
    }
}
