//! How far timelines were read.
#![allow(clippy::unwrap_used)]

mod world;

use std::time::Duration;

use futures::executor::block_on;
use koinon_engine::Error;
use koinon_engine::id::IdInput;
use koinon_engine::markers::MarkedTimeline::{self, Home, Notifications};

use world::{World, exact};

#[test]
fn markers_are_ones_own_and_grow_their_version_by_one() {
    let world = World::new();
    let (anna, ben) = (world.account("anna"), world.account("ben"));
    let (old, new) = (world.fresh_id(), world.fresh_id());
    let set = |timeline, id| block_on(world.engine.set_markers(anna, vec![(timeline, exact(id))])).unwrap();
    let first = set(Home, new)[0].1.clone();
    assert_eq!((first.last_read_id, first.version, first.updated_at), (new, 1, world.engine.now()));
    world.advance(Duration::from_secs(1));
    let second = set(Home, old)[0].1.clone();
    assert_eq!((second.last_read_id, second.version), (old, 2), "a client may go back"); // I18
    assert!(second.updated_at > first.updated_at);
    assert_eq!(set(Notifications, new)[0].1.version, 1, "each timeline has its own");

    let asked = |viewer, timelines: &'static [MarkedTimeline]| {
        let markers = world.ask(viewer, move |query| query.markers(timelines)).unwrap();
        markers.into_iter().map(|(timeline, marker)| (timeline, marker.last_read_id)).collect::<Vec<_>>()
    };
    assert_eq!(asked(anna, &[Notifications, Home]), [(Notifications, new), (Home, old)]);
    assert_eq!(asked(anna, &[Home]), [(Home, old)]);
    assert_eq!(asked(ben, &[Home, Notifications]), []);
    assert!(matches!(world.ask_anonymously(|query| query.markers(&[Home])), Err(Error::NotSignedIn)));
}

#[test]
fn several_markers_are_set_at_once_also_by_number() {
    let world = World::new();
    let anna = world.account("anna");
    let id = world.fresh_id();
    let set = vec![(Home, exact(id)), (Notifications, IdInput::Number(id.number()))];
    let markers = block_on(world.engine.set_markers(anna, set)).unwrap();
    assert_eq!(markers[0].1.last_read_id, id);
    let by_number = markers[1].1.last_read_id;
    assert!(by_number >= id && by_number.number() == id.number(), "what has that number is read");
}

#[test]
fn only_home_and_notifications_have_markers() {
    for timeline in MarkedTimeline::ALL {
        assert_eq!(timeline.to_string().parse(), Ok(timeline));
    }
    for other in ["", "Home", "public", "home "] {
        assert!(other.parse::<MarkedTimeline>().is_err());
    }
}
