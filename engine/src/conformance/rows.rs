//! One row at a time: get, put, delete.

use super::calls::{Answer, delete, everything, get, put, read, write};
use super::{Factory, OTHERS, ROWS, UNKNOWN};
use crate::store::{Direction, KeyRange, Step, StoreError};

/// A key that was never stored has no value.
pub fn an_absent_key_has_no_value(factory: &dyn Factory) {
    let store = factory.open();
    assert_eq!(get(&*store, ROWS, b"key"), None);
    put(&*store, ROWS, b"key", b"value");
    assert_eq!(get(&*store, ROWS, b"ke"), None);
    assert_eq!(get(&*store, ROWS, b"keys"), None);
}

/// What was stored is read.
pub fn a_stored_value_is_read_back(factory: &dyn Factory) {
    let store = factory.open();
    put(&*store, ROWS, b"key", b"value");
    assert_eq!(get(&*store, ROWS, b"key").as_deref(), Some(&b"value"[..]));
}

/// A key has one value, the one stored last.
pub fn a_second_put_replaces_the_first(factory: &dyn Factory) {
    let store = factory.open();
    for value in ["first", "", "a much longer third value", "4"] {
        put(&*store, ROWS, b"key", value.as_bytes());
        assert_eq!(everything(&*store, ROWS), [(b"key".to_vec(), value.into())]);
    }
}

/// A deleted row is gone, its neighbours are not.
pub fn a_deleted_key_has_no_value(factory: &dyn Factory) {
    let store = factory.open();
    for key in ["a", "b", "c"] {
        put(&*store, ROWS, key.as_bytes(), b"value");
    }
    delete(&*store, ROWS, b"b");
    assert_eq!(get(&*store, ROWS, b"b"), None);
    assert_eq!(everything(&*store, ROWS).len(), 2);
}

/// Deleting is about the state after it.
pub fn deleting_an_absent_key_is_no_error(factory: &dyn Factory) {
    let store = factory.open();
    delete(&*store, ROWS, b"key");
    put(&*store, ROWS, b"key", b"value");
    delete(&*store, ROWS, b"key");
    delete(&*store, ROWS, b"key");
    assert_eq!(everything(&*store, ROWS), []);
}

/// Deleting leaves nothing behind that hides a later value.
pub fn a_deleted_key_can_be_stored_again(factory: &dyn Factory) {
    let store = factory.open();
    put(&*store, ROWS, b"key", b"old");
    delete(&*store, ROWS, b"key");
    put(&*store, ROWS, b"key", b"new");
    assert_eq!(get(&*store, ROWS, b"key").as_deref(), Some(&b"new"[..]));
}

/// Index rows have no value; they are there nevertheless.
pub fn an_empty_value_is_not_an_absent_one(factory: &dyn Factory) {
    let store = factory.open();
    put(&*store, ROWS, b"key", b"");
    assert_eq!(get(&*store, ROWS, b"key").as_deref(), Some(&b""[..]));
    assert_eq!(everything(&*store, ROWS), [(b"key".to_vec(), vec![])]);
}

/// The key of no bytes can be stored, read, visited and deleted, and sorts first.
pub fn the_empty_key_is_a_key(factory: &dyn Factory) {
    let store = factory.open();
    put(&*store, ROWS, b"\0", b"second");
    put(&*store, ROWS, b"", b"first");
    assert_eq!(get(&*store, ROWS, b"").as_deref(), Some(&b"first"[..]));
    assert_eq!(everything(&*store, ROWS)[0], (vec![], b"first".to_vec()));
    delete(&*store, ROWS, b"");
    assert_eq!(everything(&*store, ROWS), [(b"\0".to_vec(), b"second".to_vec())]);
}

/// No byte ends or pads a key.
pub fn keys_with_nul_and_ff_bytes_are_distinct(factory: &dyn Factory) {
    let store = factory.open();
    let keys: [&[u8]; 8] = [
        b"",
        b"\0",
        b"\0\0",
        b"\0\xff",
        b"a\0",
        b"a\0\xffb",
        b"\xff",
        b"\xff\xff\xff\xff\xff\xff\xff\xff\xff",
    ];
    for (number, key) in keys.iter().enumerate() {
        put(&*store, ROWS, key, &[number as u8]);
    }
    for (number, key) in keys.iter().enumerate() {
        assert_eq!(get(&*store, ROWS, key), Some(vec![number as u8]), "{key:?}");
    }
    assert_eq!(everything(&*store, ROWS).len(), keys.len());
}

/// Values are bytes: text, text with NUL, no text at all.
pub fn values_of_any_bytes_are_read_back(factory: &dyn Factory) {
    let store = factory.open();
    let all: Vec<u8> = (0..=u8::MAX).collect();
    let values: [&[u8]; 6] =
        ["{\"text\":\"größe 日本語\"}".as_bytes(), b"a\0b", b"\0", b"\xff\xfe", b"12", &all];
    for (number, value) in values.iter().enumerate() {
        put(&*store, ROWS, &[number as u8], value);
        assert_eq!(get(&*store, ROWS, &[number as u8]).as_deref(), Some(*value));
    }
}

/// A megabyte, alone and beside small neighbours.
pub fn a_value_of_one_mebibyte_is_read_back(factory: &dyn Factory) {
    let store = factory.open();
    let large: Vec<u8> =
        (0..1 << 20).map(|place: u32| (place.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    put(&*store, ROWS, b"a", b"small");
    put(&*store, ROWS, b"b", &large);
    put(&*store, ROWS, b"c", b"small");
    assert!(get(&*store, ROWS, b"b") == Some(large), "the large value differs");
    put(&*store, ROWS, b"b", b"small again");
    assert_eq!(get(&*store, ROWS, b"b").as_deref(), Some(&b"small again"[..]));
    assert_eq!(everything(&*store, ROWS).len(), 3);
}

/// Keys that differ only at their end, a thousand bytes in.
pub fn a_key_of_one_kibibyte_is_read_back(factory: &dyn Factory) {
    let store = factory.open();
    let keys: Vec<Vec<u8>> = (0..3).map(|end| [vec![b'k'; 1023], vec![end]].concat()).collect();
    for key in &keys {
        put(&*store, ROWS, key, &key[1023..]);
    }
    for key in &keys {
        assert_eq!(get(&*store, ROWS, key).as_deref(), Some(&key[1023..]));
    }
}

/// The same key in two tables is two rows.
pub fn tables_do_not_share_keys(factory: &dyn Factory) {
    let store = factory.open();
    put(&*store, ROWS, b"key", b"here");
    assert_eq!(get(&*store, OTHERS, b"key"), None);
    put(&*store, OTHERS, b"key", b"there");
    assert_eq!(get(&*store, ROWS, b"key").as_deref(), Some(&b"here"[..]));
    delete(&*store, ROWS, b"key");
    assert_eq!(get(&*store, OTHERS, b"key").as_deref(), Some(&b"there"[..]));
}

/// One answer per key asked: unsorted, twice, absent.
pub fn get_many_answers_in_the_order_asked(factory: &dyn Factory) {
    let store = factory.open();
    for key in ["a", "b", "c"] {
        put(&*store, ROWS, key.as_bytes(), key.to_uppercase().as_bytes());
    }
    let keys: Vec<Vec<u8>> = ["c", "absent", "a", "c", ""].map(|key| key.into()).into();
    let expected: Vec<Option<Vec<u8>>> =
        [Some("C"), None, Some("A"), Some("C"), None].map(|value| value.map(Into::into)).into();
    let asked = keys.clone();
    assert_eq!(read(&*store, move |tx| tx.get_many(ROWS, &asked)).unwrap(), expected);
    assert_eq!(write(&*store, move |tx| tx.get_many(ROWS, &keys)).unwrap(), expected);
}

/// Nothing asked, nothing answered.
pub fn get_many_of_no_keys_answers_nothing(factory: &dyn Factory) {
    let store = factory.open();
    assert_eq!(read(&*store, |tx| tx.get_many(ROWS, &[])).unwrap(), []);
}

/// A table the store was not opened with is a mistake of the program, not an empty table.
pub fn get_of_an_unknown_table_is_an_error(factory: &dyn Factory) {
    let store = factory.open();
    expect_unknown(read(&*store, |tx| tx.get(UNKNOWN, b"key")));
    expect_unknown(write(&*store, |tx| tx.get(UNKNOWN, b"key")));
}

/// The same for several keys.
pub fn get_many_of_an_unknown_table_is_an_error(factory: &dyn Factory) {
    let store = factory.open();
    expect_unknown(read(&*store, |tx| tx.get_many(UNKNOWN, &[b"key".to_vec()])));
}

/// The same for scans, whose visitor is never called.
pub fn scan_of_an_unknown_table_is_an_error(factory: &dyn Factory) {
    let store = factory.open();
    expect_unknown(read(&*store, |tx| {
        tx.scan(UNKNOWN, &KeyRange::all(), Direction::Ascending, &mut |_, _| Ok(Step::Continue))
    }));
}

/// Writing there writes nothing.
pub fn put_to_an_unknown_table_is_an_error(factory: &dyn Factory) {
    let store = factory.open();
    expect_unknown(write(&*store, |tx| tx.put(UNKNOWN, b"key", b"value")));
    put(&*store, ROWS, b"key", b"the store goes on");
}

/// Deleting there is as wrong as writing.
pub fn delete_from_an_unknown_table_is_an_error(factory: &dyn Factory) {
    let store = factory.open();
    expect_unknown(write(&*store, |tx| tx.delete(UNKNOWN, b"key")));
}

fn expect_unknown<T: std::fmt::Debug>(answer: Answer<T>) {
    let error = answer.unwrap_err();
    assert!(matches!(&error, StoreError::Backend(text) if text.contains(UNKNOWN.name)), "{error}");
}
