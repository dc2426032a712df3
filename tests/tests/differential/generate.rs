//! Histories at random.

use koinon_engine::model::{MarkKind, RepliesPolicy, Visibility};
use proptest::collection::vec;
use proptest::option::{of, weighted};
use proptest::prelude::{Just, Strategy, any};
use proptest::prop_oneof;
use proptest::sample::select;
use proptest::strategy::{BoxedStrategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use super::step::{Post, Profile, Step, To};

/// The history that belongs to `seed`.
pub(crate) fn of_seed(seed: u64) -> Result<Vec<Step>, String> {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let random = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let tree = history().new_tree(&mut TestRunner::new_with_rng(Config::default(), random));
    Ok(tree.map_err(|reason| reason.to_string())?.current())
}

/// Most histories are short, a few long.
fn history() -> impl Strategy<Value = Vec<Step>> {
    let scenes = prop_oneof![
        14 => vec(scene(), 1..15),
        5 => vec(scene(), 15..32),
        1 => vec(scene(), 50..80),
    ];
    scenes.prop_map(|scenes| scenes.concat())
}

/// One step, or a few that belong together: by themselves they would seldom come in an order in which all are possible.
fn scene() -> impl Strategy<Value = Vec<Step>> {
    prop_oneof![
        30 => step().prop_map(|step| vec![step]),
        1 => asking(),
        2 => circle_of_friends(),
        2 => talking(),
        1 => passing_on(),
        4 => taking_back(),
    ]
}

/// Something is done, then something else, then the first is undone.
fn taking_back() -> BoxedStrategy<Vec<Step>> {
    let pair = prop_oneof![
        (few(), whom(), any::<bool>(), of(seconds())).prop_map(|(by, target, notifications, seconds)| {
            (Step::Mute { by, target, notifications, seconds }, Step::Unmute { by, target })
        }),
        (few(), whom()).prop_map(|(by, target)| (Step::Block { by, target }, Step::Unblock { by, target })),
        (few(), whom()).prop_map(|(by, target)| {
            let follow = Step::Follow { by, target, reblogs: None, notify: Some(true), only_german: false };
            (follow, Step::Unfollow { by, target })
        }),
        (few(), kind(), status()).prop_map(|(by, kind, status)| (
            Step::Mark { by, kind, status },
            Step::Unmark { by, kind, status }
        )),
        (few(), status(), of(seconds())).prop_map(|(by, status, seconds)| {
            (Step::MuteThread { by, status, seconds }, Step::UnmuteThread { by, status })
        }),
        (few(), 0..2u8, 0..2u8).prop_map(|(by, domain, undone)| {
            (Step::BlockDomain { by, domain }, Step::UnblockDomain { by, domain: undone })
        }),
        (few(), post())
            .prop_map(|(by, post)| (Step::Post(Post { by, ..post }), Step::Delete { by, status: 0 })),
        few().prop_map(|by| {
            let circle = Step::NewCircle { by, title: 2, replies: RepliesPolicy::Followed, exclusive: true };
            (circle, Step::DeleteCircle { by, circle: 0 })
        }),
        (whom(), few()).prop_map(|(target, by)| {
            (Step::Suspend { by: Some(by), target }, Step::Unsuspend { by: None, target })
        }),
    ];
    (pair, weighted(0.7, step()))
        .prop_map(|((done, undone), between)| [done].into_iter().chain(between).chain([undone]).collect())
        .boxed()
}

/// Somebody asks to follow a locked account, and is let in or not.
fn asking() -> BoxedStrategy<Vec<Step>> {
    let answer = select(vec![true, true, false]);
    (few(), few(), answer)
        .prop_map(|(target, by, accepted)| {
            vec![
                Step::ChangeProfile { by: target, change: Profile::Locked(true) },
                Step::Follow { by, target, reblogs: None, notify: None, only_german: false },
                if accepted {
                    Step::Accept { by: target, target: by }
                } else {
                    Step::Reject { by: target, target: by }
                },
            ]
        })
        .boxed()
}

/// Somebody follows another, puts them into a circle, writes to it, and changes it.
fn circle_of_friends() -> BoxedStrategy<Vec<Step>> {
    (few(), few(), any::<bool>(), post(), 0..5u8)
        .prop_map(|(by, target, exclusive, post, end)| {
            let mut steps = vec![
                Step::Follow { by, target, reblogs: Some(true), notify: None, only_german: false },
                Step::NewCircle { by, title: 1, replies: RepliesPolicy::List, exclusive },
                Step::AddToCircle { by, circle: 0, targets: vec![target] },
                Step::Post(Post { by, to: To::Circle(0), ..post }),
            ];
            match end {
                0 => steps.push(Step::RemoveFromCircle { by, circle: 0, target }),
                1 => {
                    let exclusive = Some(!exclusive);
                    steps.push(Step::ChangeCircle { by, circle: 0, title: Some(3), exclusive });
                }
                2 => steps.push(Step::Unfollow { by, target }),
                _ => {}
            }
            steps
        })
        .boxed()
}

/// One posts a picture and the other answers; they follow each other.
fn talking() -> BoxedStrategy<Vec<Step>> {
    (few(), few(), post(), post())
        .prop_map(|(by, other, post, answer)| {
            let follow = |by, target| Step::Follow {
                by,
                target,
                reblogs: None,
                notify: Some(true),
                only_german: false,
            };
            vec![
                follow(by, other),
                follow(other, by),
                Step::Upload { by, described: true },
                Step::Caption { by, upload: 0 },
                Step::Post(Post { by, upload: Some(0), ..post }),
                Step::Post(Post { by: other, answers: Some(0), ..answer }),
                Step::Mark { by: other, kind: MarkKind::Favourite, status: 1 },
                Step::Report { by: other, target: by, statuses: vec![1] },
            ]
        })
        .boxed()
}

/// A post is passed on, and perhaps taken back, and the one or the other has enough of it.
fn passing_on() -> BoxedStrategy<Vec<Step>> {
    let end = prop_oneof![Just((true, 0u8)), Just((true, 1u8)), Just((false, 0u8)),];
    (few(), few(), few(), post(), end)
        .prop_map(|(by, other, reader, post, (undone, end))| {
            let mut steps = vec![
                Step::Follow { by: reader, target: other, reblogs: None, notify: None, only_german: false },
                Step::Post(Post { by, to: To::These(Visibility::Public), ..post }),
                Step::Reblog { by: other, status: 0, visibility: None },
            ];
            if undone {
                steps.push(Step::Unreblog { by: other, status: end });
            } else {
                steps.push(Step::Block { by: reader, target: by });
            }
            steps
        })
        .boxed()
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![24 => writing(), 15 => following(), 8 => avoiding(), 7 => circles(), 6 => own(), 2 => ruling(), 7 => running()]
}

fn writing() -> BoxedStrategy<Step> {
    prop_oneof![
        10 => post().prop_map(Step::Post),
        2 => (who(), status()).prop_map(|(by, status)| Step::Delete { by, status }),
        3 => (who(), status(), weighted(0.3, visibility()))
            .prop_map(|(by, status, visibility)| Step::Reblog { by, status, visibility }),
        1 => (who(), status()).prop_map(|(by, status)| Step::Unreblog { by, status }),
        8 => (who(), kind(), status()).prop_map(|(by, kind, status)| Step::Mark { by, kind, status }),
        2 => (who(), kind(), status()).prop_map(|(by, kind, status)| Step::Unmark { by, kind, status }),
        2 => (who(), any::<bool>()).prop_map(|(by, described)| Step::Upload { by, described }),
        1 => (who(), 0..3u8).prop_map(|(by, upload)| Step::Caption { by, upload }),
    ]
    .boxed()
}

fn post() -> impl Strategy<Value = Post> {
    let to = prop_oneof![
        3 => Just(To::Usual),
        9 => visibility().prop_map(To::These),
        2 => (0..3u8).prop_map(To::Circle),
    ];
    let text = (0..5u8, vec(whom(), 0..3), vec(0..4u8, 0..3), weighted(0.12, 0..2u8));
    let rest = (rarely(), rarely(), rarely(), weighted(0.15, 0..3u8));
    (who(), to, text, weighted(0.45, status()), rest).prop_map(|(by, to, text, answers, rest)| {
        let (word, mentions, tags, upload) = text;
        let (local_only, spoiler, german, key) = rest;
        Post { by, to, local_only, word, mentions, tags, answers, upload, spoiler, german, key }
    })
}

fn following() -> BoxedStrategy<Step> {
    let follow = (follower(), whom(), of(any::<bool>()), of(any::<bool>()), rarely());
    prop_oneof![
        8 => follow.prop_map(|(by, target, reblogs, notify, only_german)| {
            Step::Follow { by, target, reblogs, notify, only_german }
        }),
        2 => (follower(), whom()).prop_map(|(by, target)| Step::Unfollow { by, target }),
        1 => (who(), whom()).prop_map(|(by, target)| Step::RemoveFollower { by, target }),
        2 => (who(), whom()).prop_map(|(by, target)| Step::Accept { by, target }),
        1 => (who(), whom()).prop_map(|(by, target)| Step::Reject { by, target }),
    ]
    .boxed()
}

fn avoiding() -> BoxedStrategy<Step> {
    prop_oneof![
        3 => (who(), whom()).prop_map(|(by, target)| Step::Block { by, target }),
        2 => (who(), whom()).prop_map(|(by, target)| Step::Unblock { by, target }),
        1 => (who(), 0..4u8).prop_map(|(by, domain)| Step::BlockDomain { by, domain }),
        1 => (who(), 0..4u8).prop_map(|(by, domain)| Step::UnblockDomain { by, domain }),
        3 => (who(), whom(), any::<bool>(), of(seconds()))
            .prop_map(|(by, target, notifications, seconds)| Step::Mute { by, target, notifications, seconds }),
        1 => (who(), whom()).prop_map(|(by, target)| Step::Unmute { by, target }),
        2 => (who(), status(), of(seconds()))
            .prop_map(|(by, status, seconds)| Step::MuteThread { by, status, seconds }),
        1 => (who(), status()).prop_map(|(by, status)| Step::UnmuteThread { by, status }),
    ]
    .boxed()
}

fn circles() -> BoxedStrategy<Step> {
    let replies = select(vec![RepliesPolicy::Followed, RepliesPolicy::List, RepliesPolicy::None]);
    prop_oneof![
        3 => (who(), 0..4u8, replies, any::<bool>())
            .prop_map(|(by, title, replies, exclusive)| Step::NewCircle { by, title, replies, exclusive }),
        1 => (who(), 0..2u8, of(0..4u8), of(any::<bool>()))
            .prop_map(|(by, circle, title, exclusive)| Step::ChangeCircle { by, circle, title, exclusive }),
        1 => (who(), 0..2u8).prop_map(|(by, circle)| Step::DeleteCircle { by, circle }),
        5 => (who(), 0..2u8, vec(whom(), 0..3))
            .prop_map(|(by, circle, targets)| Step::AddToCircle { by, circle, targets }),
        1 => (who(), 0..2u8, whom())
            .prop_map(|(by, circle, target)| Step::RemoveFromCircle { by, circle, target }),
    ]
    .boxed()
}

fn own() -> BoxedStrategy<Step> {
    let change = prop_oneof![
        4 => any::<bool>().prop_map(Profile::Locked),
        1 => (0..4u8).prop_map(Profile::Name),
        1 => (0..4u8).prop_map(Profile::Note),
        1 => any::<bool>().prop_map(Profile::HideCollections),
        1 => visibility().prop_map(Profile::Usual),
    ];
    prop_oneof![
        4 => (who(), change).prop_map(|(by, change)| Step::ChangeProfile { by, change }),
        1 => who().prop_map(|by| Step::ClearNotifications { by }),
        1 => (who(), 0..4u8).prop_map(|(by, notification)| Step::Dismiss { by, notification }),
        2 => (who(), any::<bool>(), status())
            .prop_map(|(by, home, status)| Step::SetMarker { by, home, status }),
        1 => (who(), whom(), vec(status(), 0..3))
            .prop_map(|(by, target, statuses)| Step::Report { by, target, statuses }),
    ]
    .boxed()
}

fn ruling() -> BoxedStrategy<Step> {
    let by = || prop_oneof![2 => Just(None), 2 => Just(Some(0)), 1 => (1..5u8).prop_map(Some)];
    prop_oneof![
        4 => (6..8u8).prop_map(|who| Step::Register { who }),
        4 => (by(), whom()).prop_map(|(by, target)| Step::Suspend { by, target }),
        4 => (by(), whom()).prop_map(|(by, target)| Step::Unsuspend { by, target }),
        1 => (by(), whom()).prop_map(|(by, target)| Step::DeleteAccount { by, target }),
        1 => (1..8u8).prop_map(|who| Step::DeleteAccount { by: Some(who), target: who }),
    ]
    .boxed()
}

fn running() -> BoxedStrategy<Step> {
    prop_oneof![
        4 => seconds().prop_map(|seconds| Step::Advance { seconds }),
        2 => seconds().prop_map(|seconds| Step::TurnBack { seconds }),
        2 => prop_oneof![Just(1u8), Just(100)].prop_map(|limit| Step::RunDue { limit }),
        1 => Just(Step::Reopen),
    ]
    .boxed()
}

fn who() -> impl Strategy<Value = u8> + Clone {
    prop_oneof![16 => few(), 8 => 3..5u8, 1 => 6..8u8]
}

fn whom() -> impl Strategy<Value = u8> + Clone {
    prop_oneof![16 => few(), 8 => 3..5u8, 3 => 5..8u8]
}

/// Those who meet often.
fn few() -> impl Strategy<Value = u8> + Clone {
    0..3u8
}

fn follower() -> impl Strategy<Value = u8> + Clone {
    prop_oneof![10 => who(), 1 => Just(5u8)]
}

fn status() -> impl Strategy<Value = u8> + Clone {
    prop_oneof![6 => 0..3u8, 2 => 3..12u8]
}

fn kind() -> impl Strategy<Value = MarkKind> {
    select(vec![MarkKind::Favourite, MarkKind::Bookmark, MarkKind::Pin])
}

fn visibility() -> impl Strategy<Value = Visibility> {
    // A circle has to be named; without one this is refused.
    prop_oneof![20 => select(Visibility::ALL.into_iter().filter(|v| *v != Visibility::Circle).collect::<Vec<_>>()), 1 => Just(Visibility::Circle)]
}

fn seconds() -> impl Strategy<Value = u32> + Clone {
    select(vec![1, 60, 3_600, 100_000])
}

fn rarely() -> impl Strategy<Value = bool> {
    proptest::bool::weighted(0.12)
}
