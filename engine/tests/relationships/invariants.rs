//! What holds after any history of these commands.

use koinon_engine::Error;
use koinon_engine::id::IdInput;
use koinon_engine::store::Scan;
use koinon_engine::store::schema::{
    BLOCKS, CIRCLES_OF, DOMAIN_BLOCKS, FOLLOW_REQUESTS, FOLLOWS, MUTES, NOTIFICATIONS,
};
use proptest::prelude::*;

use crate::four::{DOMAIN, Four, Step};
use crate::tables::check;

fn step() -> impl Strategy<Value = Step> {
    let pair = || (0..4usize, 0..4usize);
    prop_oneof![
        6 => (pair(), any::<bool>()).prop_map(|((a, b), notify)| Step::Follow(a, b, notify)),
        2 => pair().prop_map(|(a, b)| Step::Unfollow(a, b)),
        1 => pair().prop_map(|(a, b)| Step::RemoveFollower(a, b)),
        3 => pair().prop_map(|(a, b)| Step::Authorize(a, b)),
        1 => pair().prop_map(|(a, b)| Step::Reject(a, b)),
        1 => pair().prop_map(|(a, b)| Step::Block(a, b)),
        2 => pair().prop_map(|(a, b)| Step::Unblock(a, b)),
        1 => (pair(), 0..3u32).prop_map(|((a, b), hours)| Step::Mute(a, b, hours)),
        1 => pair().prop_map(|(a, b)| Step::Unmute(a, b)),
        1 => (0..4usize).prop_map(Step::BlockDomain),
        1 => (0..4usize).prop_map(Step::UnblockDomain),
        3 => pair().prop_map(|(a, b)| Step::Add(a, b)),
        1 => pair().prop_map(|(a, b)| Step::Remove(a, b)),
        1 => pair().prop_map(|(a, b)| Step::MuteThread(a, b)),
        1 => pair().prop_map(|(a, b)| Step::UnmuteThread(a, b)),
        2 => (0..3usize).prop_map(Step::Post),
        1 => (0..3usize).prop_map(Step::PostToCircle),
        1 => (0..3usize).prop_map(Step::PostPrivately),
        1 => Just(Step::Wait),
    ]
}

/// A step and what takes it back.
fn undoable() -> impl Strategy<Value = (Step, Step)> {
    let pair = || (0..4usize, 0..4usize);
    let open = prop::sample::select(vec![0usize, 2, 3]);
    prop_oneof![
        (pair(), any::<bool>()).prop_map(|((a, b), n)| (Step::Follow(a, b, n), Step::Unfollow(a, b))),
        (0..4usize, open, any::<bool>())
            .prop_map(|(a, b, n)| (Step::Follow(a, b, n), Step::RemoveFollower(b, a))),
        (0..4usize, any::<bool>()).prop_map(|(a, n)| (Step::Follow(a, 1, n), Step::Reject(1, a))),
        pair().prop_map(|(a, b)| (Step::Block(a, b), Step::Unblock(a, b))),
        (pair(), 0..3u32).prop_map(|((a, b), hours)| (Step::Mute(a, b, hours), Step::Unmute(a, b))),
        (0..4usize).prop_map(|a| (Step::BlockDomain(a), Step::UnblockDomain(a))),
        pair().prop_map(|(a, b)| (Step::Add(a, b), Step::Remove(a, b))),
        pair().prop_map(|(a, b)| (Step::MuteThread(a, b), Step::UnmuteThread(a, b))),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn tables_counters_feeds_and_notifications_stay_in_step(history in prop::collection::vec(step(), 1..60)) {
        let four = Four::new();
        for step in &history {
            let before = four.dump();
            match four.run(step) {
                Ok(()) => {}
                Err(Error::Store(error)) => panic!("{step:?}: {error}"),
                Err(_) => prop_assert_eq!(&before, &four.dump(), "a refused {:?} changes nothing", step),
            }
            check(&four)?;
        }
    }

    /// I10. Where a step ended nothing that was there before, taking it back leaves no trace in any answer.
    #[test]
    fn undoing_what_was_done_is_as_if_it_had_not_been_done(
        history in prop::collection::vec(step(), 0..40),
        (step, undo) in undoable(),
    ) {
        let four = Four::new();
        for step in &history {
            drop(four.run(step));
        }
        prop_assume!(ends_nothing(&four, step));
        let before = four.answers();
        if four.run(&step).is_ok() {
            prop_assert!(four.run(&undo).is_ok());
        }
        prop_assert_eq!(before, four.answers());
    }
}

/// Whether nothing stands between the accounts of `step` that it would replace or end.
fn ends_nothing(four: &Four, step: Step) -> bool {
    let of = |number: usize| four.accounts[number];
    let now = four.world.engine.now();
    let circles = four.circles;
    let posts = four.posts;
    let accounts = four.accounts;
    match step {
        Step::Follow(a, b, _) => {
            let pair = (of(a), of(b));
            four.world
                .read(move |tx| Ok(!FOLLOWS.contains(tx, &pair)? && !FOLLOW_REQUESTS.contains(tx, &pair)?))
        }
        Step::Block(a, b) => {
            let (there, back) = ((of(a), of(b)), (of(b), of(a)));
            four.world.read(move |tx| {
                let mut free = !BLOCKS.contains(tx, &there)?;
                for pair in [there, back] {
                    free &= !FOLLOWS.contains(tx, &pair)? && !FOLLOW_REQUESTS.contains(tx, &pair)?;
                }
                let told = NOTIFICATIONS.page(tx, &Scan::prefix(&(there.0,)), usize::MAX)?;
                Ok(free && told.iter().all(|(_, told)| told.from != there.1))
            })
        }
        Step::Mute(a, b, _) => {
            let pair = (of(a), of(b));
            four.world.read(move |tx| Ok(MUTES.get(tx, &pair)?.is_none_or(|mute| !mute.holds(now))))
        }
        Step::BlockDomain(a) => {
            let (actor, far) = (of(a), accounts[3]);
            four.world.read(move |tx| {
                let mut free = !DOMAIN_BLOCKS.contains(tx, &(actor, DOMAIN.to_owned()))?;
                for pair in [(actor, far), (far, actor)] {
                    free &= !FOLLOWS.contains(tx, &pair)? && !FOLLOW_REQUESTS.contains(tx, &pair)?;
                }
                Ok(free)
            })
        }
        Step::Add(a, b) => {
            let IdInput::Exact(circle) = circles[a] else { return false };
            let key = (of(b), of(a), circle);
            four.world.read(move |tx| Ok(!CIRCLES_OF.contains(tx, &key)?))
        }
        Step::MuteThread(a, b) => {
            let viewer = of(a);
            let muted = four
                .world
                .ask(viewer, move |query| Ok(query.status(posts[b])?.marks.is_some_and(|marks| marks.muted)));
            !muted.unwrap_or(false)
        }
        _ => false,
    }
}
