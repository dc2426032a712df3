//! Typed tables: tuples as keys, cursors, and what damage looks like.

use super::Factory;
use super::calls::{Answer, everything, get, put, read, write};
use crate::id::Flake;
use crate::store::{Key, Scan, Step, Store, StoreError, Table};

/// Keys of three parts, of fixed and of variable length.
pub(super) const EVENTS: Table<(Flake, String, u64), u32> = Table::new("events");
/// An index: the key is everything.
pub(super) const MEMBERS: Table<(String, Flake), ()> = Table::new("members");
/// Keys that reach to the largest byte string of their length.
pub(super) const BYTES: Table<u8, String> = Table::new("bytes");

type Event = (Flake, String, u64);

/// Stored in any order, they come back in the order of the tuples.
pub fn tuples_sort_like_their_values(factory: &dyn Factory) {
    let (store, sorted) = events(factory);
    let found = read(&*store, |tx| EVENTS.page(tx, &Scan::all(), usize::MAX)).unwrap();
    assert_eq!(found.into_iter().map(|(key, _)| key).collect::<Vec<_>>(), sorted);
    let found = read(&*store, |tx| EVENTS.page(tx, &Scan::all().descending(), usize::MAX)).unwrap();
    assert!(found.into_iter().map(|(key, _)| key).eq(sorted.into_iter().rev()));
}

/// `after`, `from`, `before` and `through` with whole keys and with the front of one.
pub fn cursors_bound_a_scan_on_the_right_side(factory: &dyn Factory) {
    let (store, sorted) = events(factory);
    read(&*store, move |tx| {
        let keys = |scan: Scan| -> Answer<Vec<Event>> {
            Ok(EVENTS.page(tx, &scan, usize::MAX)?.into_iter().map(|(key, _)| key).collect())
        };
        for (place, key) in sorted.iter().enumerate() {
            assert_eq!(keys(Scan::all().after(key))?, sorted[place + 1..]);
            assert_eq!(keys(Scan::all().from(key))?, sorted[place..]);
            assert_eq!(keys(Scan::all().before(key))?, sorted[..place]);
            assert_eq!(keys(Scan::all().through(key))?, sorted[..=place]);
            let front = (key.0,);
            let first = sorted.iter().position(|other| other.0 == key.0).unwrap();
            let last = sorted.iter().rposition(|other| other.0 == key.0).unwrap();
            assert_eq!(keys(Scan::all().after(&front))?, sorted[last + 1..]);
            assert_eq!(keys(Scan::all().from(&front))?, sorted[first..]);
            assert_eq!(keys(Scan::all().before(&front))?, sorted[..first]);
            assert_eq!(keys(Scan::all().through(&front))?, sorted[..=last]);
        }
        Ok(())
    })
    .unwrap();
}

/// A cursor from somewhere else opens no other owner's rows.
pub fn a_bound_never_leaves_the_prefix(factory: &dyn Factory) {
    let (store, sorted) = events(factory);
    read(&*store, move |tx| {
        let owner = (flake(2),);
        let own: Vec<&Event> = sorted.iter().filter(|key| key.0 == owner.0).collect();
        let count = |scan: Scan| -> Answer<usize> {
            let rows = EVENTS.page(tx, &scan, usize::MAX)?;
            assert!(rows.iter().all(|(key, _)| key.0 == owner.0), "{scan:?} left its prefix");
            Ok(rows.len())
        };
        let (below, above) = ((flake(1),), (flake(3),));
        assert_eq!(count(Scan::prefix(&owner).after(&below))?, own.len());
        assert_eq!(count(Scan::prefix(&owner).from(&below))?, own.len());
        assert_eq!(count(Scan::prefix(&owner).before(&above))?, own.len());
        assert_eq!(count(Scan::prefix(&owner).through(&above))?, own.len());
        assert_eq!(count(Scan::prefix(&owner).after(&above))?, 0);
        assert_eq!(count(Scan::prefix(&owner).before(&below))?, 0);
        assert_eq!(count(Scan::prefix(&owner).through(&below).descending())?, 0);
        Ok(())
    })
    .unwrap();
}

/// Two bounds on one side: the tighter one holds.
pub fn bounds_narrow_in_any_order(factory: &dyn Factory) {
    let (store, sorted) = events(factory);
    read(&*store, move |tx| {
        let (low, high) = (&sorted[2], &sorted[5]);
        for scan in [
            Scan::all().from(low).after(&sorted[0]).before(high).through(sorted.last().unwrap()),
            Scan::all().through(sorted.last().unwrap()).before(high).after(&sorted[0]).from(low),
        ] {
            let rows = EVENTS.page(tx, &scan, usize::MAX)?;
            assert!(rows.iter().map(|(key, _)| key).eq(&sorted[2..5]));
        }
        Ok(())
    })
    .unwrap();
}

/// The largest key has no successor; that is no reason to start again at the front.
pub fn nothing_comes_after_the_largest_key(factory: &dyn Factory) {
    let store = factory.open();
    write(&*store, |tx| (0..=u8::MAX).try_for_each(|key| BYTES.put(tx, &key, &key.to_string()))).unwrap();
    read(&*store, |tx| {
        assert_eq!(BYTES.page(tx, &Scan::all().after(&u8::MAX), 10)?, []);
        assert_eq!(BYTES.page(tx, &Scan::all().after(&u8::MAX).from(&0u8).before(&9u8), 10)?, []);
        assert_eq!(BYTES.page(tx, &Scan::all().from(&u8::MAX), 10)?, [(u8::MAX, "255".to_owned())]);
        assert_eq!(BYTES.page(tx, &Scan::all().through(&u8::MAX), usize::MAX)?.len(), 256);
        assert_eq!(BYTES.page(tx, &Scan::all().before(&0u8), 10)?, []);
        Ok(())
    })
    .unwrap();
}

/// One part, two parts, all parts.
pub fn a_prefix_of_a_tuple_finds_its_rows(factory: &dyn Factory) {
    let (store, sorted) = events(factory);
    read(&*store, move |tx| {
        for key in &sorted {
            let rows = EVENTS.page(tx, &Scan::prefix(&(key.0,)), usize::MAX)?;
            assert!(rows.iter().map(|row| &row.0).eq(sorted.iter().filter(|other| other.0 == key.0)));
            let front = (key.0, key.1.clone());
            let rows = EVENTS.page(tx, &Scan::prefix(&front), usize::MAX)?;
            assert!(
                rows.iter()
                    .map(|row| &row.0)
                    .eq(sorted.iter().filter(|other| other.0 == front.0 && other.1 == front.1))
            );
            assert_eq!(EVENTS.page(tx, &Scan::prefix(key), usize::MAX)?.len(), 1);
        }
        Ok(())
    })
    .unwrap();
}

/// Completion of names: texts that begin alike, the text itself among them.
pub fn a_text_prefix_finds_the_texts_that_start_with_it(factory: &dyn Factory) {
    let store = factory.open();
    let names = ["", "a", "ad", "ada", "adam", "adä", "b", "größe", "groß"];
    write(&*store, move |tx| {
        names.iter().try_for_each(|name| EVENTS.put(tx, &(flake(1), (*name).to_owned(), 1), &0))
    })
    .unwrap();
    read(&*store, move |tx| {
        for prefix in ["", "a", "ad", "ada", "grö", "z"] {
            let found = EVENTS.page(tx, &Scan::text_prefix(&(flake(1),), prefix), usize::MAX)?;
            let expected = names.iter().filter(|name| name.starts_with(prefix)).count();
            assert_eq!(found.len(), expected, "{prefix}");
            assert!(found.iter().all(|((_, name, _), _)| name.starts_with(prefix)));
            assert_eq!(EVENTS.page(tx, &Scan::text_prefix(&(flake(2),), prefix), usize::MAX)?, []);
        }
        Ok(())
    })
    .unwrap();
}

/// No row more than asked for, and none of zero.
pub fn a_page_ends_at_its_limit(factory: &dyn Factory) {
    let (store, sorted) = events(factory);
    read(&*store, move |tx| {
        for limit in 0..sorted.len() + 2 {
            let page = EVENTS.page(tx, &Scan::all(), limit)?;
            assert_eq!(page.len(), limit.min(sorted.len()));
        }
        Ok(())
    })
    .unwrap();
}

/// The smallest ascending, the largest descending, none of nothing.
pub fn first_is_the_first_in_the_direction_asked(factory: &dyn Factory) {
    let (store, sorted) = events(factory);
    read(&*store, move |tx| {
        let first = |scan: Scan| -> Answer<Option<Event>> { Ok(EVENTS.first(tx, &scan)?.map(|row| row.0)) };
        assert_eq!(first(Scan::all())?.as_ref(), sorted.first());
        assert_eq!(first(Scan::all().descending())?.as_ref(), sorted.last());
        assert_eq!(first(Scan::prefix(&(flake(99),)))?, None);
        Ok(())
    })
    .unwrap();
}

/// Index rows cost no value bytes and still read as there.
pub fn a_unit_value_is_stored_as_an_empty_one(factory: &dyn Factory) {
    let store = factory.open();
    let key = ("ada".to_owned(), flake(1));
    let stored = key.clone();
    write(&*store, move |tx| MEMBERS.put(tx, &stored, &())).unwrap();
    assert_eq!(get(&*store, MEMBERS.definition(), &key.to_bytes()), Some(vec![]));
    assert_eq!(read(&*store, move |tx| MEMBERS.get(tx, &key)).unwrap(), Some(()));
}

/// As for bytes: one answer per key, in order.
pub fn typed_get_many_answers_in_the_order_asked(factory: &dyn Factory) {
    let store = factory.open();
    let found = write(&*store, |tx| {
        for key in [1, 2, 3] {
            BYTES.put(tx, &key, &format!("value {key}"))?;
        }
        BYTES.get_many(tx, &[3, 9, 1, 3])
    });
    let text = |number: u8| Some(format!("value {number}"));
    assert_eq!(found.unwrap(), [text(3), None, text(1), text(3)]);
}

/// Without decoding what stands there.
pub fn contains_tells_whether_a_key_is_there(factory: &dyn Factory) {
    let store = factory.open();
    put(&*store, BYTES.definition(), &[1], b"no JSON");
    read(&*store, |tx| {
        assert!(BYTES.contains(tx, &1)?);
        assert!(!BYTES.contains(tx, &2)?);
        Ok(())
    })
    .unwrap();
}

/// The report names table, key and reason; the rows beside it are served.
pub fn an_undecodable_value_is_reported_as_damaged(factory: &dyn Factory) {
    let store = factory.open();
    write(&*store, |tx| BYTES.put(tx, &0x1f, &"sound".to_owned())).unwrap();
    for value in ["no JSON", "17", "[\"of another shape\"]", "\"cut", ""] {
        put(&*store, BYTES.definition(), &[0x2a], value.as_bytes());
        let damaged = |answer: Answer<()>| expect_damaged(answer, "bytes", "2a");
        damaged(read(&*store, |tx| BYTES.get(tx, &0x2a).map(drop)));
        damaged(read(&*store, |tx| BYTES.get_many(tx, &[0x1f, 0x2a]).map(drop)));
        damaged(read(&*store, |tx| BYTES.page(tx, &Scan::all(), 10).map(drop)));
        damaged(write(&*store, |tx| BYTES.get(tx, &0x2a).map(drop)));
        assert_eq!(read(&*store, |tx| BYTES.get(tx, &0x1f)).unwrap().as_deref(), Some("sound"));
    }
}

/// A scan does not skip it silently.
pub fn an_undecodable_key_is_reported_as_damaged(factory: &dyn Factory) {
    let store = factory.open();
    put(&*store, MEMBERS.definition(), b"a\0\x01", b"");
    expect_damaged(scan_members(&*store), "members", "610001");
}

/// Two keys that decode to the same value would be one row too many.
pub fn a_key_with_bytes_left_over_is_reported_as_damaged(factory: &dyn Factory) {
    let store = factory.open();
    let key = ("a".to_owned(), flake(1));
    let stored = key.clone();
    write(&*store, move |tx| MEMBERS.put(tx, &stored, &())).unwrap();
    scan_members(&*store).unwrap();
    put(&*store, MEMBERS.definition(), &[key.to_bytes(), vec![0]].concat(), b"");
    assert!(matches!(scan_members(&*store), Err(StoreError::Damaged { .. })));
}

fn scan_members(store: &dyn Store) -> Answer<()> {
    read(store, |tx| MEMBERS.scan(tx, &Scan::all(), |_, ()| Ok(Step::Continue)))
}

fn expect_damaged(answer: Answer<()>, in_table: &str, at_key: &str) {
    match answer {
        Err(StoreError::Damaged { table, key, reason }) => {
            assert_eq!((&*table, &*key), (in_table, at_key));
            assert!(!reason.is_empty());
        }
        other => panic!("expected a damaged record, got {other:?}"),
    }
}

fn flake(milliseconds: u64) -> Flake {
    Flake::from_parts(milliseconds, 0, 0)
}

/// A store with events whose parts sort wrongly when encoded carelessly, and their keys in order.
fn events(factory: &dyn Factory) -> (std::sync::Arc<dyn Store>, Vec<Event>) {
    let mut keys: Vec<Event> = Vec::new();
    for id in [flake(1), flake(2), flake(256), Flake::MIN, Flake::MAX] {
        for name in ["", "a", "a\0", "a\0b", "a\u{1}", "ab", "ä", "\u{10ffff}"] {
            for number in [0, 1, 255, 256, u64::MAX] {
                keys.push((id, name.to_owned(), number));
            }
        }
    }
    let store = factory.open();
    let shuffled: Vec<Event> = keys.iter().skip(77).chain(keys.iter().take(77).rev()).cloned().collect();
    write(&*store, move |tx| shuffled.iter().try_for_each(|key| EVENTS.put(tx, key, &7))).unwrap();
    assert_eq!(everything(&*store, EVENTS.definition()).len(), keys.len());
    keys.sort();
    (store, keys)
}
