//! Byte order of keys is the order of their values.

use proptest::collection::vec;
use proptest::prelude::*;

use super::{Key, KeyReader, encode_text, successor};
use crate::id::Flake;
use crate::store::KeyRange;

fn flake() -> impl Strategy<Value = Flake> {
    prop_oneof![any::<[u8; 16]>().prop_map(Flake::from_bytes), Just(Flake::MIN), Just(Flake::MAX)]
}

/// Texts that collide and share prefixes, with the bytes that the encoding treats specially.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        vec(prop::sample::select(&['\0', '\u{1}', 'a', 'b', 'ÿ', '\u{10ffff}'][..]), 0..5)
            .prop_map(|letters| letters.into_iter().collect()),
        any::<String>(),
    ]
}

fn number() -> impl Strategy<Value = u64> {
    prop_oneof![any::<u64>(), 0..3u64, Just(u64::MAX), Just(255), Just(256)]
}

fn decode<K: Key>(bytes: &[u8]) -> Option<K> {
    let mut reader = KeyReader::new(bytes);
    K::decode(&mut reader).ok().filter(|_| reader.is_at_end())
}

proptest! {
    #[test]
    fn tuples_sort_like_their_values(
        a in (flake(), text(), number(), 0..3u8),
        b in (flake(), text(), number(), 0..3u8),
        alike in 0..4usize,
    ) {
        // Random parts seldom agree, so some of the front is made equal.
        let mut b = b;
        if alike > 0 { b.0 = a.0; }
        if alike > 1 { b.1.clone_from(&a.1); }
        if alike > 2 { b.2 = a.2; }
        prop_assert_eq!(a.cmp(&b), a.to_bytes().cmp(&b.to_bytes()));
        prop_assert_eq!(a.1.cmp(&b.1), a.1.to_bytes().cmp(&b.1.to_bytes()));
        let turned = |key: &(Flake, String, u64, u8)| (key.1.clone(), key.2, key.0);
        prop_assert_eq!(turned(&a).cmp(&turned(&b)), turned(&a).to_bytes().cmp(&turned(&b).to_bytes()));
    }

    #[test]
    fn every_key_is_read_back(key in (flake(), text(), number(), any::<[u8; 32]>()), small: (u8, u32)) {
        prop_assert_eq!(decode(&key.to_bytes()), Some(key.clone()));
        prop_assert_eq!(decode(&small.to_bytes()), Some(small));
        prop_assert_eq!(decode(&(key.1.clone(),).to_bytes()), Some((key.1,)));
    }

    #[test]
    fn a_front_is_a_prefix_of_exactly_the_keys_that_start_with_it(
        a in (text(), flake(), text()),
        b in (text(), flake(), text()),
        alike in 0..3usize,
    ) {
        let mut b = b;
        if alike > 0 { b.0.clone_from(&a.0); }
        if alike > 1 { b.1 = a.1; }
        let (one, two) = ((a.0.clone(),).to_bytes(), (a.0.clone(), a.1).to_bytes());
        prop_assert!(a.to_bytes().starts_with(&one) && a.to_bytes().starts_with(&two));
        prop_assert_eq!(b.to_bytes().starts_with(&one), b.0 == a.0);
        prop_assert_eq!(b.to_bytes().starts_with(&two), (&b.0, b.1) == (&a.0, a.1));
    }

    #[test]
    fn the_front_of_a_text_is_a_prefix_of_exactly_the_texts_that_start_with_it(a in text(), b in text()) {
        for length in (0..=a.len()).filter(|length| a.is_char_boundary(*length)) {
            let mut prefix = Vec::new();
            encode_text(&a[..length], &mut prefix);
            prop_assert!(a.to_bytes().starts_with(&prefix));
            prop_assert_eq!(b.to_bytes().starts_with(&prefix), b.starts_with(&a[..length]));
        }
    }

    #[test]
    fn the_successor_ends_a_prefix(prefix in vec(prop::sample::select(&[0, 1, 0xfe, 0xff][..]), 0..4), key in vec(prop::sample::select(&[0, 1, 0xfe, 0xff][..]), 0..5)) {
        let inside = key >= prefix && successor(&prefix).is_none_or(|end| key < end);
        prop_assert_eq!(inside, key.starts_with(&prefix));
        prop_assert!(!KeyRange::prefix(&prefix).is_empty());
    }

    #[test]
    fn bytes_that_are_no_key_are_an_error_and_never_a_panic(bytes in vec(any::<u8>(), 0..40)) {
        if let Some(key) = decode::<(Flake, String, u64)>(&bytes) {
            prop_assert_eq!(key.to_bytes(), bytes, "one value has one encoding");
        }
    }
}

#[test]
fn a_nul_in_a_text_is_no_end_of_it() {
    let key = ("a\0b".to_owned(), 1u64);
    assert_eq!(key.to_bytes(), b"a\0\xffb\0\0\0\0\0\0\0\0\0\x01");
    assert!(("a".to_owned(), u64::MAX).to_bytes() < ("a\0".to_owned(), 0u64).to_bytes());
}

#[test]
fn cut_keys_are_undecodable() {
    let bytes = (Flake::MAX, "text".to_owned(), 7u64).to_bytes();
    for length in 0..bytes.len() {
        assert_eq!(decode::<(Flake, String, u64)>(&bytes[..length]), None);
    }
    assert_eq!(decode::<String>(b"a\0\x07\0\0"), None, "an unknown escape");
    assert_eq!(decode::<String>(b"\xff\0\0"), None, "no UTF-8");
}
