//! The truth table of the contract row by row (`visibility.md`, section 2.2, the column "engine").
//!
//! Row 28 is about timelines and stands with them.

mod product;

use koinon_engine::audience::{
    Explanation, Reason, Relation, Situation, Stage, Surface, Unwanted, Verdict, ViewerKind, wanted,
};
use koinon_engine::model::Visibility::{self, Circle, Direct, Local, Mutuals, Private, Public, Unlisted};
use product::Product;

use Verdict::{Hidden, Shown};

#[test]
fn row_1_visitors_see_public_statuses_if_the_instance_admits_them() {
    assert_eq!(visitor(Public).verdict(), Shown(Reason::Open));
    let closed = Situation { open_to_visitors: false, ..visitor(Public) };
    assert_eq!(closed.verdict(), Hidden(Reason::VisitorsNotAdmitted));
}

#[test]
fn row_2_visitors_see_unlisted_statuses_if_the_instance_admits_them() {
    assert_eq!(visitor(Unlisted).verdict(), Shown(Reason::Open));
    let closed = Situation { open_to_visitors: false, ..visitor(Unlisted) };
    assert_eq!(closed.verdict(), Hidden(Reason::VisitorsNotAdmitted));
}

#[test]
fn row_3_visitors_see_nothing_else() {
    assert_eq!(visitor(Private).verdict(), Hidden(Reason::NotFollowing));
    assert_eq!(visitor(Direct).verdict(), Hidden(Reason::NotAddressed));
    assert_eq!(visitor(Circle).verdict(), Hidden(Reason::NotAddressed));
    assert_eq!(visitor(Local).verdict(), Hidden(Reason::NotOnThisInstance));
    assert_eq!(visitor(Mutuals).verdict(), Hidden(Reason::NotMutual));
}

#[test]
fn row_4_local_accounts_see_public_statuses() {
    assert_all(whatever_the_relation(local(Public)), Shown(Reason::Open));
    assert_eq!(
        Situation { open_to_visitors: false, ..local(Public) }.verdict(),
        Shown(Reason::Open),
        "accounts are no visitors"
    );
}

#[test]
fn row_5_whom_the_author_blocks_sees_no_public_status() {
    assert_all(
        whatever_the_relation(Situation { blocked_by: true, ..local(Public) }),
        Hidden(Reason::BlockedByAuthor),
    );
}

#[test]
fn row_6_unlisted_is_like_public_to_local_accounts() {
    assert_all(whatever_the_relation(local(Unlisted)), Shown(Reason::Open));
    assert_all(
        whatever_the_relation(Situation { blocked_by: true, ..local(Unlisted) }),
        Hidden(Reason::BlockedByAuthor),
    );
}

#[test]
fn row_7_strangers_see_no_private_status() {
    assert_eq!(local(Private).verdict(), Hidden(Reason::NotFollowing));
}

#[test]
fn row_8_followers_see_private_statuses() {
    assert_eq!(Situation { following: true, ..local(Private) }.verdict(), Shown(Reason::Follower));
}

#[test]
fn row_9_mentioned_accounts_see_private_statuses() {
    assert_eq!(Situation { addressed: true, ..local(Private) }.verdict(), Shown(Reason::Addressed));
}

#[test]
fn row_10_whom_the_author_blocks_sees_no_private_status_that_mentions_them() {
    let situation = Situation { addressed: true, blocked_by: true, ..local(Private) };
    assert_eq!(situation.verdict(), Hidden(Reason::BlockedByAuthor));
}

/// A request that was not accepted is not told to the truth table at all: `following` stays false, even where the
/// author follows the viewer.
#[test]
fn row_11_who_only_asks_to_follow_sees_no_private_status() {
    assert_eq!(local(Private).verdict(), Hidden(Reason::NotFollowing));
    let followed = Situation { followed_by: true, ..local(Private) };
    assert_eq!(followed.verdict(), Hidden(Reason::NotFollowing));
}

#[test]
fn row_12_followers_see_no_direct_status() {
    assert_eq!(Situation { following: true, ..local(Direct) }.verdict(), Hidden(Reason::NotAddressed));
}

#[test]
fn row_13_mentioned_accounts_see_direct_statuses() {
    assert_all(whatever_the_follow(Situation { addressed: true, ..local(Direct) }), Shown(Reason::Addressed));
}

#[test]
fn row_14_whom_the_author_blocks_sees_no_direct_status_that_mentions_them() {
    let situation = Situation { addressed: true, blocked_by: true, ..local(Direct) };
    assert_eq!(situation.verdict(), Hidden(Reason::BlockedByAuthor));
}

/// The members of the moment of posting are addressed by the status itself; later members are not.
#[test]
fn row_15_members_of_the_circle_see_its_statuses() {
    assert_all(whatever_the_follow(Situation { addressed: true, ..local(Circle) }), Shown(Reason::Addressed));
}

#[test]
fn row_16_followers_who_are_no_members_see_no_status_of_a_circle() {
    assert_eq!(Situation { following: true, ..local(Circle) }.verdict(), Hidden(Reason::NotAddressed));
}

#[test]
fn row_17_local_accounts_see_local_statuses() {
    assert_all(whatever_the_relation(local(Local)), Shown(Reason::LocalAccount));
    assert_all(whatever_the_relation(Situation { local_only: true, ..local(Public) }), Shown(Reason::Open));
}

#[test]
fn row_18_remote_accounts_see_no_local_status_even_if_mentioned() {
    assert_all(whatever_the_relation(remote(Local)), Hidden(Reason::NotOnThisInstance));
    for visibility in Visibility::ALL {
        assert_all(
            whatever_the_relation(Situation { local_only: true, ..remote(visibility) }),
            Hidden(Reason::LocalOnly),
        );
    }
}

#[test]
fn row_19_one_way_followers_see_no_status_for_mutuals() {
    assert_eq!(Situation { following: true, ..local(Mutuals) }.verdict(), Hidden(Reason::NotMutual));
    assert_eq!(Situation { followed_by: true, ..local(Mutuals) }.verdict(), Hidden(Reason::NotMutual));
}

#[test]
fn row_20_mutual_followers_see_statuses_for_mutuals() {
    let situation = Situation { following: true, followed_by: true, ..local(Mutuals) };
    assert_eq!(situation.verdict(), Shown(Reason::Mutual));
}

#[test]
fn row_21_accounts_on_a_domain_the_author_blocks_see_no_open_status() {
    for visibility in [Public, Unlisted] {
        assert_all(whatever_the_relation(remote(visibility)), Shown(Reason::Open));
        assert_all(
            whatever_the_relation(Situation { domain_blocked_by: true, ..remote(visibility) }),
            Hidden(Reason::DomainBlockedByAuthor),
        );
    }
}

#[test]
fn row_22_followers_on_a_domain_the_author_blocks_see_no_private_status() {
    let follower = Situation { following: true, ..remote(Private) };
    assert_eq!(follower.verdict(), Shown(Reason::Follower));
    let blocked = Situation { domain_blocked_by: true, ..follower };
    assert_eq!(blocked.verdict(), Hidden(Reason::DomainBlockedByAuthor));
}

/// A situation says nothing of the viewer's own blocks; they keep the status out of feeds, and a page or a status
/// that is asked for by name shows it.
#[test]
fn row_23_a_viewer_may_see_statuses_of_whom_they_block_but_does_not_want_them_in_feeds() {
    let blocking = Relation { blocking: true, ..Relation::default() };
    assert_eq!(local(Public).verdict(), Shown(Reason::Open));
    for surface in [Surface::Home, Surface::Public, Surface::Notifications, Surface::Context, Surface::Search]
    {
        assert_eq!(wanted(surface, &blocking, false, false), Err(Unwanted::Blocked), "{surface:?}");
    }
    for surface in [Surface::Profile, Surface::Direct] {
        assert_eq!(wanted(surface, &blocking, false, false), Ok(()), "{surface:?}");
    }
}

#[test]
fn row_24_nobody_sees_statuses_of_an_unavailable_author() {
    for visibility in Visibility::ALL {
        for viewer in [visitor(visibility), local(visibility), remote(visibility), own(visibility)] {
            assert_all(
                whatever_the_relation(Situation { author_available: false, ..viewer }),
                Hidden(Reason::AuthorUnavailable),
            );
        }
    }
}

#[test]
fn row_25_an_unavailable_viewer_sees_nothing() {
    for visibility in Visibility::ALL {
        for viewer in [local(visibility), remote(visibility), own(visibility)] {
            assert_all(
                whatever_the_relation(Situation { viewer_available: false, ..viewer }),
                Hidden(Reason::ViewerUnavailable),
            );
        }
    }
}

#[test]
fn row_26_authors_see_their_own_statuses() {
    for visibility in Visibility::ALL {
        for local_only in [false, true] {
            assert_eq!(Situation { local_only, ..own(visibility) }.verdict(), Shown(Reason::Own));
        }
        let unpublished = Situation { stage: Stage::Unpublished, ..own(visibility) };
        assert_eq!(unpublished.verdict(), Shown(Reason::Own));
        let deleted = Situation { stage: Stage::Deleted, ..own(visibility) };
        assert_eq!(deleted.verdict(), Hidden(Reason::Deleted));
    }
}

#[test]
fn row_27_what_awaits_approval_is_seen_by_its_author_and_who_has_to_approve_it() {
    for visibility in Visibility::ALL {
        let awaiting = |by_viewer, situation| Situation {
            stage: Stage::AwaitingApproval { by_viewer },
            addressed: true,
            ..situation
        };
        assert_eq!(awaiting(false, own(visibility)).verdict(), Shown(Reason::Own));
        assert!(awaiting(true, local(visibility)).verdict().is_shown());
        assert_eq!(awaiting(false, local(visibility)).verdict(), Hidden(Reason::Unpublished));
        assert_eq!(awaiting(false, visitor(visibility)).verdict(), Hidden(Reason::Unpublished));
    }
}

/// Approving is no way around a block, nor around an audience the approving account does not belong to.
#[test]
fn row_27_who_has_to_approve_sees_no_more_than_once_it_is_published() {
    let stage = Stage::AwaitingApproval { by_viewer: true };
    let blocked = Situation { stage, blocked_by: true, ..local(Public) };
    assert_eq!(blocked.verdict(), Hidden(Reason::BlockedByAuthor));
    assert_eq!(Situation { stage, ..local(Direct) }.verdict(), Hidden(Reason::NotAddressed));
}

#[test]
fn row_29_a_reblog_of_a_private_status_is_hidden_from_who_does_not_follow_its_author() {
    let wrapper = Situation { following: true, ..local(Private) };
    assert!(!reblog(wrapper, local(Private)).is_shown());
    assert!(reblog(wrapper, Situation { following: true, ..local(Private) }).is_shown());
    assert!(!reblog(local(Private), local(Public)).is_shown(), "the reblog itself has an audience too");
}

#[test]
fn row_30_a_reblog_is_hidden_from_whom_the_author_of_the_original_blocks() {
    assert!(reblog(local(Public), local(Public)).is_shown());
    assert!(!reblog(local(Public), Situation { blocked_by: true, ..local(Public) }).is_shown());
    let own_reblog = own(Public);
    assert!(!reblog(own_reblog, Situation { blocked_by: true, ..local(Public) }).is_shown());
}

// R59
#[test]
fn a_status_that_never_was_is_shown_no_more_than_a_hidden_one() {
    let unknown = Explanation { verdict: None, reblog: None };
    assert!(!unknown.is_shown());
    let verdict = Some(local(Public).verdict());
    assert!(!Explanation { verdict, reblog: Some(Box::new(unknown)) }.is_shown());
}

/// A published status of somebody else, in use, on an open instance, to whom the viewer has no relation.
fn stranger(viewer: ViewerKind, visibility: Visibility) -> Situation {
    Situation {
        viewer,
        viewer_available: true,
        is_author: false,
        author_available: true,
        stage: Stage::Published,
        visibility,
        local_only: false,
        addressed: false,
        following: false,
        followed_by: false,
        blocked_by: false,
        domain_blocked_by: false,
        open_to_visitors: true,
    }
}

fn visitor(visibility: Visibility) -> Situation {
    stranger(ViewerKind::Anonymous, visibility)
}

fn local(visibility: Visibility) -> Situation {
    stranger(ViewerKind::Local, visibility)
}

fn remote(visibility: Visibility) -> Situation {
    stranger(ViewerKind::Remote, visibility)
}

fn own(visibility: Visibility) -> Situation {
    Situation { is_author: true, ..local(visibility) }
}

fn reblog(wrapper: Situation, original: Situation) -> Explanation {
    let original = Explanation { verdict: Some(original.verdict()), reblog: None };
    Explanation { verdict: Some(wrapper.verdict()), reblog: Some(Box::new(original)) }
}

fn whatever_the_follow(situation: Situation) -> Vec<Situation> {
    Product::of(situation)
        .over(&[false, true], |situation, following| situation.following = following)
        .over(&[false, true], |situation, followed_by| situation.followed_by = followed_by)
        .all()
}

fn whatever_the_relation(situation: Situation) -> Vec<Situation> {
    [false, true]
        .into_iter()
        .flat_map(|addressed| whatever_the_follow(Situation { addressed, ..situation }))
        .collect()
}

fn assert_all(situations: Vec<Situation>, verdict: Verdict) {
    for situation in situations {
        assert_eq!(situation.verdict(), verdict, "{situation:?}");
    }
}
