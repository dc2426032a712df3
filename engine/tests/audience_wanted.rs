//! What a viewer wants to be shown (`visibility.md`, section 2.3): one table per column, and what holds in all.
//!
//! The rules here are those about the author. Those about accounts a status mentions, about reblogs, languages,
//! threads, keywords and circles stand with the timelines.

mod product;

use koinon_engine::audience::{Relation, Surface, Unwanted, wanted};
use koinon_engine::id::Flake;
use koinon_engine::model::{Follow, FollowOptions, Mute};
use koinon_engine::time::Timestamp;
use product::Product;

use Unwanted::{Blocked, DomainBlocked, Limited, Muted};

#[test]
fn home_list_and_their_streams() {
    assert_column(
        Surface::Home,
        [
            (STRANGER, Ok(())),
            (FOLLOWED, Ok(())),
            (MUTED, Err(Muted)),
            (MUTED_BUT_NOTIFIED, Err(Muted)),
            (BLOCKED, Err(Blocked)),
            (DOMAIN_BLOCKED, Err(DomainBlocked)),
            (DOMAIN_BLOCKED_BUT_FOLLOWED, Ok(())),
            (LIMITED, Ok(())), // reached by a reblog of someone followed
            (LIMITED_BUT_FOLLOWED, Ok(())),
        ],
    );
}

#[test]
fn public_and_tag_timelines() {
    assert_column(
        Surface::Public,
        [
            (STRANGER, Ok(())),
            (FOLLOWED, Ok(())),
            (MUTED, Err(Muted)),
            (MUTED_BUT_NOTIFIED, Err(Muted)),
            (BLOCKED, Err(Blocked)),
            (DOMAIN_BLOCKED, Err(DomainBlocked)),
            (DOMAIN_BLOCKED_BUT_FOLLOWED, Ok(())),
            (LIMITED, Err(Limited)),
            (LIMITED_BUT_FOLLOWED, Ok(())),
        ],
    );
}

/// Row 23: asked for by name, the posts of a blocked account are shown.
#[test]
fn account_page() {
    assert_column(Surface::Profile, ROWS.map(|row| (row, Ok(()))));
}

#[test]
fn notifications() {
    assert_column(
        Surface::Notifications,
        [
            (STRANGER, Ok(())),
            (FOLLOWED, Ok(())),
            (MUTED, Err(Muted)), // R197
            (MUTED_BUT_NOTIFIED, Ok(())),
            (BLOCKED, Err(Blocked)),
            (DOMAIN_BLOCKED, Err(DomainBlocked)),
            (DOMAIN_BLOCKED_BUT_FOLLOWED, Ok(())),
            (LIMITED, Err(Limited)),
            (LIMITED_BUT_FOLLOWED, Ok(())),
        ],
    );
}

#[test]
fn conversations() {
    assert_column(
        Surface::Conversations,
        ROWS.map(|row| (row, if row == BLOCKED { Err(Blocked) } else { Ok(()) })),
    );
}

#[test]
fn context() {
    assert_column(
        Surface::Context,
        [
            (STRANGER, Ok(())),
            (FOLLOWED, Ok(())),
            (MUTED, Err(Muted)),
            (MUTED_BUT_NOTIFIED, Err(Muted)),
            (BLOCKED, Err(Blocked)),
            (DOMAIN_BLOCKED, Err(DomainBlocked)),
            (DOMAIN_BLOCKED_BUT_FOLLOWED, Ok(())),
            (LIMITED, Err(Limited)),
            (LIMITED_BUT_FOLLOWED, Ok(())),
        ],
    );
}

#[test]
fn search() {
    assert_column(
        Surface::Search,
        [
            (STRANGER, Ok(())),
            (FOLLOWED, Ok(())),
            (MUTED, Err(Muted)),
            (MUTED_BUT_NOTIFIED, Err(Muted)),
            (BLOCKED, Err(Blocked)),
            (DOMAIN_BLOCKED, Err(DomainBlocked)),
            (DOMAIN_BLOCKED_BUT_FOLLOWED, Ok(())),
            (LIMITED, Err(Limited)),
            (LIMITED_BUT_FOLLOWED, Ok(())),
        ],
    );
}

#[test]
fn direct_lookup_bookmarks_and_favourites() {
    assert_column(Surface::Direct, ROWS.map(|row| (row, Ok(()))));
}

/// Section 2.1, counts: no list of accounts names someone the viewer blocks.
#[test]
fn lists_of_accounts() {
    assert_column(
        Surface::Accounts,
        ROWS.map(|row| (row, if row == BLOCKED { Err(Blocked) } else { Ok(()) })),
    );
}

#[test]
fn r96_r98_with_muted_adds_what_is_missing_for_a_mute() {
    for surface in SURFACES {
        for standing in [MUTED, MUTED_BUT_NOTIFIED] {
            assert_eq!(standing.on(surface, true), Ok(()), "{standing:?} on {surface:?}");
        }
    }
    assert_eq!(MUTED.on(Surface::Home, false), Err(Muted));
}

#[test]
fn r97_with_muted_shows_exactly_what_is_shown_of_an_author_who_is_not_muted() {
    for (surface, standing) in every_question() {
        let unmuted = Standing { mute: None, ..standing };
        assert_eq!(standing.on(surface, true), unmuted.on(surface, false), "{standing:?} on {surface:?}");
    }
    let both = Standing { mute: MUTED.mute, ..BLOCKED };
    assert_eq!(both.on(Surface::Home, true), Err(Blocked));
}

#[test]
fn blocking_muting_and_limiting_never_show_more() {
    for (surface, standing) in every_question() {
        for stricter in [
            Standing { blocking: true, ..standing },
            Standing { mute: Some(Hold::WithNotifications), ..standing },
            Standing { domain_blocking: true, ..standing },
            Standing { limited: true, ..standing },
        ] {
            if stricter.on(surface, false).is_ok() {
                assert_eq!(standing.on(surface, false), Ok(()), "{standing:?} on {surface:?}");
            }
        }
    }
}

#[test]
fn following_never_shows_less_and_asking_to_follow_shows_nothing() {
    for (surface, standing) in every_question() {
        let answer = Standing { requested: false, ..standing }.on(surface, false);
        assert_eq!(Standing { requested: true, ..standing }.on(surface, false), answer);
        if answer.is_ok() {
            assert_eq!(Standing { following: true, ..standing }.on(surface, false), Ok(()));
        }
    }
}

/// Whether the author blocks the viewer or their domain is permission, and decided before.
#[test]
fn what_the_author_does_is_no_preference_of_the_viewer() {
    for (surface, standing) in every_question() {
        let relation = standing.relation();
        let reversed = Relation {
            followed_by: true,
            requested_by: true,
            blocked_by: true,
            domain_blocked_by: true,
            ..relation.clone()
        };
        assert_eq!(
            wanted(surface, &reversed, standing.limited, false),
            wanted(surface, &relation, standing.limited, false),
            "{standing:?} on {surface:?}"
        );
    }
}

#[test]
fn every_unwanted_names_something_that_applies() {
    for (surface, standing) in every_question() {
        let applies = match standing.on(surface, false) {
            Ok(()) => true,
            Err(Blocked) => standing.blocking,
            Err(Muted) => standing.mute.is_some(),
            Err(DomainBlocked) => standing.domain_blocking && !standing.following,
            Err(Limited) => standing.limited && !standing.following,
        };
        assert!(applies, "{standing:?} on {surface:?}");
    }
}

// R125 R127
#[test]
fn a_mute_ends_at_its_moment_without_a_job_and_never_if_it_has_none() {
    let end = Timestamp::from_milliseconds(1_790_000_000_000);
    let before = Timestamp::from_milliseconds(end.milliseconds() - 1);
    let far = Timestamp::from_milliseconds(i64::MAX);
    let temporary = mute(true, Some(end));
    assert_eq!([before, end, far].map(|now| temporary.holds(now)), [true, false, false]);
    let permanent = mute(true, None);
    assert_eq!([before, end, far].map(|now| permanent.holds(now)), [true, true, true]);
}

/// All that preference depends on. Blocks here are the viewer's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Standing {
    following: bool,
    requested: bool,
    blocking: bool,
    mute: Option<Hold>,
    domain_blocking: bool,
    limited: bool,
}

/// What a mute holds back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hold {
    WithNotifications,
    PostsAlone,
}

const STRANGER: Standing = Standing {
    following: false,
    requested: false,
    blocking: false,
    mute: None,
    domain_blocking: false,
    limited: false,
};
const FOLLOWED: Standing = Standing { following: true, ..STRANGER };
const MUTED: Standing = Standing { mute: Some(Hold::WithNotifications), ..STRANGER };
const MUTED_BUT_NOTIFIED: Standing = Standing { mute: Some(Hold::PostsAlone), ..STRANGER };
const BLOCKED: Standing = Standing { blocking: true, ..STRANGER };
const DOMAIN_BLOCKED: Standing = Standing { domain_blocking: true, ..STRANGER };
const DOMAIN_BLOCKED_BUT_FOLLOWED: Standing = Standing { following: true, ..DOMAIN_BLOCKED };
const LIMITED: Standing = Standing { limited: true, ..STRANGER };
const LIMITED_BUT_FOLLOWED: Standing = Standing { following: true, ..LIMITED };

/// The rows every column answers.
const ROWS: [Standing; 9] = [
    STRANGER,
    FOLLOWED,
    MUTED,
    MUTED_BUT_NOTIFIED,
    BLOCKED,
    DOMAIN_BLOCKED,
    DOMAIN_BLOCKED_BUT_FOLLOWED,
    LIMITED,
    LIMITED_BUT_FOLLOWED,
];

const SURFACES: [Surface; 9] = [
    Surface::Home,
    Surface::Public,
    Surface::Profile,
    Surface::Notifications,
    Surface::Conversations,
    Surface::Context,
    Surface::Search,
    Surface::Direct,
    Surface::Accounts,
];

const EITHER: [bool; 2] = [false, true];

impl Standing {
    fn on(self, surface: Surface, with_muted: bool) -> Result<(), Unwanted> {
        wanted(surface, &self.relation(), self.limited, with_muted)
    }

    fn relation(self) -> Relation {
        let follow =
            Follow { id: Flake::MIN, created_at: Timestamp::default(), options: FollowOptions::default() };
        Relation {
            following: self.following.then_some(follow),
            requested: self.requested,
            blocking: self.blocking,
            mute: self.mute.map(|hold| mute(hold == Hold::WithNotifications, None)),
            domain_blocking: self.domain_blocking,
            ..Relation::default()
        }
    }
}

fn mute(notifications: bool, expires_at: Option<Timestamp>) -> Mute {
    Mute { id: Flake::MIN, created_at: Timestamp::default(), notifications, expires_at }
}

fn every_question() -> Vec<(Surface, Standing)> {
    Product::of((Surface::Home, STRANGER))
        .over(&SURFACES, |question, surface| question.0 = surface)
        .over(&EITHER, |question, following| question.1.following = following)
        .over(&EITHER, |question, requested| question.1.requested = requested)
        .over(&EITHER, |question, blocking| question.1.blocking = blocking)
        .over(&[None, Some(Hold::PostsAlone), Some(Hold::WithNotifications)], |question, mute| {
            question.1.mute = mute;
        })
        .over(&EITHER, |question, domain_blocking| question.1.domain_blocking = domain_blocking)
        .over(&EITHER, |question, limited| question.1.limited = limited)
        .all()
}

fn assert_column(surface: Surface, column: [(Standing, Result<(), Unwanted>); ROWS.len()]) {
    assert_eq!(column.map(|(standing, _)| standing), ROWS, "a column answers every row, in order");
    for (standing, expected) in column {
        assert_eq!(standing.on(surface, false), expected, "{standing:?} on {surface:?}");
    }
}
