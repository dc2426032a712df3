use bytes::Bytes;
use futures::executor::block_on;
use futures::stream;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use serde::Deserialize;

use super::super::multipart;
use super::*;
use crate::body::Body;

/// A type with something of everything.
#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "only ever read into")]
struct Everything {
    a: Option<bool>,
    b: Option<u32>,
    c: Option<String>,
    #[serde(default)]
    d: Vec<u8>,
    e: Option<Inner>,
    #[serde(default)]
    f: Vec<Inner>,
    g: Option<Value>,
    h: Option<Word>,
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "only ever read into")]
struct Inner {
    a: Option<f64>,
    b: Option<(i8, char)>,
    c: Option<BTreeMap<u8, Option<bool>>>,
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "only ever read into")]
enum Word {
    A,
    B(u8),
}

fn read_everything(params: Result<Params, ParseError>) {
    if let Ok(params) = params {
        let _ = params.read::<Everything>();
        let _ = params.read::<Value>();
        let _ = params.read::<Vec<BTreeMap<String, u8>>>();
        let _ = format!("{params:?}");
    }
}

fn read_multipart(body: Vec<u8>, chunk: usize) -> Result<Params, ParseError> {
    let chunks: Vec<_> =
        body.chunks(chunk).map(|chunk| Ok::<_, std::io::Error>(Bytes::copy_from_slice(chunk))).collect();
    let body = Body::stream(stream::iter(chunks));
    block_on(multipart::read("multipart/form-data; boundary=b", body, 1 << 20, &ParamLimits::default()))
}

/// Bytes that look enough like one of the formats to get past its first check.
fn likely_bytes(pieces: &'static [&'static str]) -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        6 => proptest::sample::select(pieces).prop_map(|piece| piece.as_bytes().to_vec()),
        1 => vec(any::<u8>(), 0..4),
    ];
    vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

const FORM_PIECES: &[&str] = &[
    "a", "b", "c", "d", "e", "f", "g", "h", "[", "]", "[]", "[a]", "[0]", "&", "=", "%5B", "%5D", "%", "%F",
    "%00", "+", "1", "true", "A",
];
const JSON_PIECES: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"a\":",
    "\"b\":",
    "\"d\":",
    "\"e\":",
    "\"f\":",
    "\"g\":",
    "\"h\":",
    "\"\"",
    "\"\\ud800\"",
    "\"\\u0000\"",
    "null",
    "true",
    "1",
    "-1e9",
    "1e400",
    "{\"a\":",
    "\"",
];
const MULTIPART_PIECES: &[&str] = &[
    "--b",
    "--b\r\n",
    "\r\n",
    "\r",
    "\n",
    "--",
    "--b--",
    "Content-Disposition: form-data; ",
    "name=\"a\"",
    "name=\"f[][a]\"",
    "filename=\"x\"",
    "filename=\"",
    "; ",
    "\\\"",
    "Content-Type: image/png",
    "Content-Type: text/plain;charset=x",
    "\r\n\r\n",
    "text",
];

/// A tree that names can spell: lists hold texts, or objects that all have the same keys.
fn spellable() -> impl Strategy<Value = Value> {
    let key = "[^\\[\\]\\pC]{1,6}";
    let text = any::<String>().prop_map(Value::from);
    let texts = vec(any::<String>(), 1..4).prop_map(Value::from);
    let objects =
        (btree_map(key, Just(()), 1..3), vec(vec(any::<String>(), 3), 1..4)).prop_map(|(keys, rows)| {
            let object = |row: Vec<String>| {
                keys.keys().cloned().zip(row).map(|(key, text)| (key, Value::from(text))).collect::<Value>()
            };
            rows.into_iter().map(object).collect::<Value>()
        });
    let leaf = prop_oneof![text, texts, objects];
    let node = leaf.prop_recursive(4, 24, 4, move |inner| {
        btree_map(key, inner, 1..4).prop_map(|object| object.into_iter().collect::<Value>())
    });
    btree_map(key, node, 0..5).prop_map(|object| object.into_iter().collect::<Value>())
}

/// Spells a tree as a client does.
fn spell(prefix: &str, value: &Value, pairs: &mut Vec<(String, String)>) {
    match value {
        Value::Object(object) => {
            for (key, inner) in object {
                let name = if prefix.is_empty() { key.clone() } else { format!("{prefix}[{key}]") };
                spell(&name, inner, pairs);
            }
        }
        Value::Array(list) => list.iter().for_each(|inner| spell(&format!("{prefix}[]"), inner, pairs)),
        text => pairs.push((prefix.to_owned(), text.as_str().unwrap().to_owned())),
    }
}

fn spelled(tree: &Value) -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    spell("", tree, &mut pairs);
    pairs
}

proptest! {
    #[test]
    fn no_bytes_make_any_reader_panic(bytes in vec(any::<u8>(), 0..300), chunk in 1_usize..50) {
        let limits = ParamLimits::default();
        read_everything(Params::from_urlencoded(&bytes, &limits));
        read_everything(Params::from_json(&bytes, &limits));
        read_everything(read_multipart(bytes, chunk));
    }

    #[test]
    fn no_likely_form_makes_the_reader_panic(bytes in likely_bytes(FORM_PIECES)) {
        read_everything(Params::from_urlencoded(&bytes, &ParamLimits::default()));
    }

    #[test]
    fn no_likely_json_makes_the_reader_panic(bytes in likely_bytes(JSON_PIECES)) {
        read_everything(Params::from_json(&bytes, &ParamLimits::default()));
    }

    #[test]
    fn no_likely_multipart_makes_the_reader_panic(bytes in likely_bytes(MULTIPART_PIECES), chunk in 1_usize..50) {
        read_everything(read_multipart(bytes, chunk));
    }

    #[test]
    fn a_tree_spelled_as_names_is_the_same_tree(tree in spellable()) {
        let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let pair = |(name, value): &(String, String)| format!("{}={}", encode(name), encode(value));
        let query: Vec<String> = spelled(&tree).iter().map(pair).collect();
        prop_assert_eq!(tree_of(&query.join("&")), tree);
    }

    #[test]
    fn a_tree_spelled_by_the_url_standard_is_the_same_tree(tree in spellable()) {
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(spelled(&tree)).finish();
        prop_assert_eq!(tree_of(&query), tree);
    }

    #[test]
    fn a_tree_sent_as_json_reads_as_what_was_sent(tree in spellable()) {
        let params = from_json(&tree.to_string());
        prop_assert_eq!(&to_json(&params), &tree);
        prop_assert_eq!(params.read::<Value>(), Ok(tree));
    }

    #[test]
    fn multipart_texts_are_the_same_however_they_are_cut(values in vec("[^b]{0,40}", 1..5), chunk in 1_usize..50) {
        let mut body = String::new();
        for value in &values {
            body.push_str(&format!("--b\r\nContent-Disposition: form-data; name=\"v[]\"\r\n\r\n{value}\r\n"));
        }
        body.push_str("--b--\r\n");
        let params = read_multipart(body.into_bytes(), chunk).unwrap();
        prop_assert_eq!(to_json(&params), json!({ "v": values }));
    }
}
