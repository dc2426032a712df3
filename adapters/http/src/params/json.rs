//! From a JSON document to a tree, within limits.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fmt;

use serde::de::{DeserializeSeed, MapAccess, SeqAccess, Visitor};
use serde_json::Number;

use super::error::ParseError;
use super::limits::ParamLimits;
use super::node::Node;

/// Reads a document that is an object. No bytes and `null` are no parameters: clients send both with requests
/// that have none.
pub(crate) fn object(document: &[u8], limits: &ParamLimits) -> Result<BTreeMap<String, Node>, ParseError> {
    let text = std::str::from_utf8(document).map_err(|_| ParseError::InvalidUtf8)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.trim_ascii().is_empty() {
        return Ok(BTreeMap::new());
    }
    match value(text, limits)? {
        Node::Object(object) => Ok(object),
        Node::Null => Ok(BTreeMap::new()),
        _ => Err(ParseError::JsonNotObject),
    }
}

fn value(text: &str, limits: &ParamLimits) -> Result<Node, ParseError> {
    let reading = Reading { limits, values: Cell::new(0), exceeded: RefCell::new(None) };
    let mut json = serde_json::Deserializer::from_str(text);
    let read = Seed { reading: &reading, depth: 1 }.deserialize(&mut json);
    let read = read.and_then(|node| json.end().map(|()| node));
    read.map_err(|error| {
        let malformed = ParseError::MalformedJson { line: error.line(), column: error.column() };
        reading.exceeded.take().unwrap_or(malformed)
    })
}

/// What is known of the document so far. An exceeded limit is kept here, because serde_json's errors hold
/// text only.
#[derive(Debug)]
struct Reading<'l> {
    limits: &'l ParamLimits,
    values: Cell<usize>,
    exceeded: RefCell<Option<ParseError>>,
}

impl Reading<'_> {
    fn exceed<T, E: serde::de::Error>(&self, limit: ParseError) -> Result<T, E> {
        self.exceeded.replace(Some(limit));
        Err(E::custom("limit exceeded"))
    }

    fn check_container<E: serde::de::Error>(&self, depth: usize) -> Result<(), E> {
        let limit = self.limits.json_depth;
        if depth > limit { self.exceed(ParseError::JsonTooDeep { limit }) } else { Ok(()) }
    }

    fn check_text<E: serde::de::Error>(&self, text: &str) -> Result<(), E> {
        let limit = self.limits.text_bytes;
        if text.len() > limit { self.exceed(ParseError::TextTooLong { limit }) } else { Ok(()) }
    }

    fn check_key<E: serde::de::Error>(&self, key: &str) -> Result<(), E> {
        let limit = self.limits.name_bytes;
        if key.len() > limit { self.exceed(ParseError::NameTooLong { limit }) } else { Ok(()) }
    }

    fn count<E: serde::de::Error>(&self) -> Result<(), E> {
        let limit = self.limits.json_values;
        self.values.set(self.values.get() + 1);
        if self.values.get() > limit { self.exceed(ParseError::TooManyJsonValues { limit }) } else { Ok(()) }
    }
}

/// Reads one value; `depth` is the level it would have as a container.
#[derive(Debug, Clone, Copy)]
struct Seed<'r, 'l> {
    reading: &'r Reading<'l>,
    depth: usize,
}

impl<'de> DeserializeSeed<'de> for Seed<'_, '_> {
    type Value = Node;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        self.reading.count()?;
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_, '_> {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
        Ok(Node::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Node, E> {
        Ok(Node::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Node, E> {
        Ok(Node::Number(value.into()))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Node, E> {
        Number::from_f64(value).map(Node::Number).ok_or_else(|| E::custom("not a finite number"))
    }

    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<Node, E> {
        self.reading.check_text(value)?;
        Ok(Node::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Node, A::Error> {
        self.reading.check_container(self.depth)?;
        let inner = Self { depth: self.depth + 1, ..self };
        let mut list = Vec::new();
        while let Some(element) = elements.next_element_seed(inner)? {
            list.push(element);
        }
        Ok(Node::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Node, A::Error> {
        self.reading.check_container(self.depth)?;
        let inner = Self { depth: self.depth + 1, ..self };
        let mut object = BTreeMap::new();
        while let Some(key) = entries.next_key::<String>()? {
            self.reading.check_key::<A::Error>(&key)?;
            object.insert(key, entries.next_value_seed(inner)?);
        }
        Ok(Node::Object(object))
    }
}
