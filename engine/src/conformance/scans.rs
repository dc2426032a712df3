//! Ranges in key order, both ways.

use std::ops::{Bound, RangeBounds};

use super::calls::{Row, collect, delete, everything, is_refusal, put, put_all, read, refusal, row, scan};
use super::{Factory, OTHERS, ROWS};
use crate::store::{Direction, KeyRange, Step, Store};

const BOTH_WAYS: [Direction; 2] = [Direction::Ascending, Direction::Descending];

/// No row, no visit, no error.
pub fn an_empty_table_has_no_rows(factory: &dyn Factory) {
    let store = factory.open();
    for direction in BOTH_WAYS {
        assert_eq!(scan(&*store, ROWS, &KeyRange::all(), direction), []);
        assert_eq!(scan(&*store, ROWS, &KeyRange::prefix(b"a"), direction), []);
    }
}

/// Unsigned bytes, shorter before longer, whatever the order of insertion.
pub fn rows_come_in_byte_order(factory: &dyn Factory) {
    let store = factory.open();
    let sorted = awkward_rows();
    let mut shuffled = sorted.clone();
    shuffled.reverse();
    shuffled.rotate_left(5);
    for (key, value) in &shuffled {
        put(&*store, ROWS, key, value);
    }
    assert_eq!(everything(&*store, ROWS), sorted);
}

/// The same rows, last first.
pub fn descending_is_the_exact_reverse(factory: &dyn Factory) {
    let (store, mut rows) = awkward_store(factory);
    rows.reverse();
    assert_eq!(scan(&*store, ROWS, &KeyRange::all(), Direction::Descending), rows);
}

/// Included, excluded and absent bounds on both sides, at every key and between keys.
pub fn every_kind_of_bounds_finds_what_lies_between(factory: &dyn Factory) {
    let (store, rows) = awkward_store(factory);
    let mut points: Vec<Vec<u8>> = rows.iter().map(|(key, _)| key.clone()).collect();
    points.push(b"absent".to_vec());
    let mut bounds = vec![Bound::Unbounded];
    bounds.extend(points.iter().cloned().map(Bound::Included));
    bounds.extend(points.into_iter().map(Bound::Excluded));
    let ranges: Vec<KeyRange> = bounds
        .iter()
        .flat_map(|start| bounds.iter().map(|end| KeyRange { start: start.clone(), end: end.clone() }))
        .collect();
    read(&*store, move |tx| {
        for range in &ranges {
            let expected: Vec<Row> = rows.iter().filter(|(key, _)| contains(range, key)).cloned().collect();
            let ascending = collect(tx, ROWS, range, Direction::Ascending, usize::MAX)?;
            assert_eq!(ascending, expected, "{range:?}");
            let mut descending = collect(tx, ROWS, range, Direction::Descending, usize::MAX)?;
            descending.reverse();
            assert_eq!(descending, expected, "{range:?} descending");
        }
        Ok(())
    })
    .unwrap();
}

/// Turned-around bounds are empty, not an error and not a panic.
pub fn a_range_whose_start_lies_behind_its_end_is_empty(factory: &dyn Factory) {
    let (store, _) = awkward_store(factory);
    let (low, high) = (b"a".to_vec(), b"b".to_vec());
    let ranges = [
        KeyRange { start: Bound::Included(high.clone()), end: Bound::Included(low.clone()) },
        KeyRange { start: Bound::Included(high.clone()), end: Bound::Excluded(low.clone()) },
        KeyRange { start: Bound::Excluded(high.clone()), end: Bound::Included(low.clone()) },
        KeyRange { start: Bound::Excluded(high), end: Bound::Excluded(low) },
    ];
    for range in &ranges {
        for direction in BOTH_WAYS {
            assert_eq!(scan(&*store, ROWS, range, direction), [], "{range:?}");
        }
    }
}

/// One point is a row only when both its bounds are included.
pub fn an_empty_range_visits_nothing(factory: &dyn Factory) {
    let (store, _) = awkward_store(factory);
    let key = || b"a".to_vec();
    let ranges = [
        (KeyRange { start: Bound::Included(key()), end: Bound::Included(key()) }, 1),
        (KeyRange { start: Bound::Included(key()), end: Bound::Excluded(key()) }, 0),
        (KeyRange { start: Bound::Excluded(key()), end: Bound::Included(key()) }, 0),
        (KeyRange { start: Bound::Excluded(key()), end: Bound::Excluded(key()) }, 0),
        (KeyRange::none(), 0),
    ];
    for (range, count) in &ranges {
        for direction in BOTH_WAYS {
            assert_eq!(scan(&*store, ROWS, range, direction).len(), *count, "{range:?}");
        }
    }
}

/// Every prefix of every key, and some that no key has.
pub fn a_prefix_finds_exactly_what_starts_with_it(factory: &dyn Factory) {
    let (store, rows) = awkward_store(factory);
    let mut prefixes: Vec<Vec<u8>> = vec![b"absent".to_vec(), b"aa\0\0".to_vec()];
    for (key, _) in &rows {
        prefixes.extend((0..=key.len()).map(|length| key[..length].to_vec()));
    }
    for prefix in &prefixes {
        let expected: Vec<Row> = rows.iter().filter(|(key, _)| key.starts_with(prefix)).cloned().collect();
        let found = scan(&*store, ROWS, &KeyRange::prefix(prefix), Direction::Ascending);
        assert_eq!(found, expected, "prefix {prefix:?}");
    }
}

/// There is no byte string that ends such a range.
pub fn a_prefix_of_ff_bytes_reaches_to_the_end(factory: &dyn Factory) {
    let store = factory.open();
    put_all(
        &*store,
        ROWS,
        &[
            (b"\xfe\xff".to_vec(), vec![]),
            (b"\xff".to_vec(), vec![]),
            (b"\xff\xff".to_vec(), vec![]),
            (b"\xff\xff\xff\xff".to_vec(), vec![]),
        ],
    );
    for direction in BOTH_WAYS {
        assert_eq!(scan(&*store, ROWS, &KeyRange::prefix(b"\xff"), direction).len(), 3);
        assert_eq!(scan(&*store, ROWS, &KeyRange::prefix(b"\xff\xff"), direction).len(), 2);
        assert_eq!(scan(&*store, ROWS, &KeyRange::prefix(b"\xff\xff\xff\xff\xff"), direction).len(), 0);
    }
}

/// A visitor that stops at its n-th row sees n rows, the first ones in the direction asked.
pub fn a_stopped_scan_visits_no_further_row(factory: &dyn Factory) {
    let (store, rows) = awkward_store(factory);
    for limit in 1..=rows.len() {
        let ascending =
            read(&*store, move |tx| collect(tx, ROWS, &KeyRange::all(), Direction::Ascending, limit));
        assert_eq!(ascending.unwrap(), rows[..limit]);
        let descending =
            read(&*store, move |tx| collect(tx, ROWS, &KeyRange::all(), Direction::Descending, limit));
        let expected: Vec<Row> = rows.iter().rev().take(limit).cloned().collect();
        assert_eq!(descending.unwrap(), expected);
    }
}

/// A stopped scan leaves nothing open that the next one trips over.
pub fn a_scan_can_follow_a_stopped_one(factory: &dyn Factory) {
    let (store, rows) = awkward_store(factory);
    read(&*store, move |tx| {
        for _ in 0..3 {
            assert_eq!(collect(tx, ROWS, &KeyRange::all(), Direction::Ascending, 1)?, rows[..1]);
            assert_eq!(collect(tx, ROWS, &KeyRange::all(), Direction::Ascending, usize::MAX)?, rows);
            assert_eq!(tx.get(ROWS, b"a")?.as_deref(), Some(&b"value of [97]"[..]));
        }
        Ok(())
    })
    .unwrap();
}

/// The visitor's error comes out unchanged; the transaction can be used further.
pub fn an_error_of_the_visitor_ends_the_scan_and_reaches_the_caller(factory: &dyn Factory) {
    let (store, _) = awkward_store(factory);
    read(&*store, |tx| {
        for direction in BOTH_WAYS {
            let mut visits = 0;
            let error = tx
                .scan(ROWS, &KeyRange::all(), direction, &mut |_, _| {
                    visits += 1;
                    if visits == 3 { Err(refusal()) } else { Ok(Step::Continue) }
                })
                .unwrap_err();
            assert!(is_refusal(&error), "{error}");
            assert_eq!(visits, 3);
        }
        assert!(tx.get(ROWS, b"a")?.is_some());
        Ok(())
    })
    .unwrap();
}

/// A scan delivers the values that point reads do.
pub fn a_scan_delivers_empty_and_large_values(factory: &dyn Factory) {
    let store = factory.open();
    let rows = [
        (b"a".to_vec(), vec![]),
        (b"b".to_vec(), vec![7; 300_000]),
        (b"c".to_vec(), vec![]),
        (b"d".to_vec(), vec![0; 9_000]),
        (b"e".to_vec(), b"text".to_vec()),
    ];
    put_all(&*store, ROWS, &rows);
    assert!(everything(&*store, ROWS) == rows, "a scanned value differs");
}

/// Neither a deleted row nor a trace of it.
pub fn a_deleted_row_is_not_visited(factory: &dyn Factory) {
    let (store, mut rows) = awkward_store(factory);
    while rows.len() > 1 {
        let (key, _) = rows.remove(rows.len() / 2);
        delete(&*store, ROWS, &key);
        assert_eq!(everything(&*store, ROWS), rows);
    }
}

/// However tables are kept, an unbounded scan ends with its table.
pub fn a_scan_stays_in_its_table(factory: &dyn Factory) {
    let (store, rows) = awkward_store(factory);
    put_all(&*store, OTHERS, &[row("", "other"), row("b", "other"), (vec![0xff; 40], b"other".to_vec())]);
    for direction in BOTH_WAYS {
        assert_eq!(scan(&*store, ROWS, &KeyRange::all(), direction).len(), rows.len());
        assert_eq!(scan(&*store, OTHERS, &KeyRange::all(), direction).len(), 3);
    }
}

/// Paging by the last key seen, in both directions, for several page sizes.
pub fn pages_by_cursor_visit_every_row_once(factory: &dyn Factory) {
    let store = factory.open();
    let rows: Vec<Row> =
        (0u16..500).map(|number| (number.to_be_bytes().to_vec(), number.to_string().into())).collect();
    put_all(&*store, ROWS, &rows);
    for direction in BOTH_WAYS {
        for limit in [1, 7, 499, 500, 501] {
            let mut found = paged(&*store, direction, limit);
            if direction == Direction::Descending {
                found.reverse();
            }
            assert_eq!(found, rows, "pages of {limit}, {direction:?}");
        }
    }
}

fn paged(store: &dyn Store, direction: Direction, limit: usize) -> Vec<Row> {
    read(store, move |tx| {
        let mut found: Vec<Row> = Vec::new();
        let mut range = KeyRange::all();
        loop {
            let page = collect(tx, ROWS, &range, direction, limit)?;
            let Some((cursor, _)) = page.last() else { return Ok(found) };
            match direction {
                Direction::Ascending => range.start = Bound::Excluded(cursor.clone()),
                Direction::Descending => range.end = Bound::Excluded(cursor.clone()),
            }
            found.extend(page);
        }
    })
    .unwrap()
}

/// Rows in byte order whose keys share prefixes and hold the bytes that sort wrongly when signed or padded.
fn awkward_rows() -> Vec<Row> {
    let keys: [&[u8]; 18] = [
        b"",
        b"\0",
        b"\0\0",
        b"\0\x01",
        b"\0\xff",
        b"\x01",
        b"A",
        b"a",
        b"a\0",
        b"a\0\0",
        b"aa",
        b"a\xff",
        b"b",
        b"\x7f",
        b"\x80",
        b"\xfe\xff",
        b"\xff",
        b"\xff\xff",
    ];
    keys.iter().map(|key| (key.to_vec(), format!("value of {key:?}").into())).collect()
}

fn awkward_store(factory: &dyn Factory) -> (std::sync::Arc<dyn Store>, Vec<Row>) {
    let store = factory.open();
    let rows = awkward_rows();
    put_all(&*store, ROWS, &rows);
    (store, rows)
}

/// What a range means, said by the standard library.
fn contains(range: &KeyRange, key: &[u8]) -> bool {
    let bounds: (Bound<&[u8]>, Bound<&[u8]>) =
        (range.start.as_ref().map(Vec::as_slice), range.end.as_ref().map(Vec::as_slice));
    RangeBounds::<[u8]>::contains(&bounds, key)
}
