//! The tree that every source of parameters is read into.

use std::collections::BTreeMap;

use serde_json::Number;

/// A value: a scalar as it was sent, or a container of values.
///
/// Names and multipart fields only ever make [`Text`](Self::Text), [`Repeated`](Self::Repeated) and
/// containers; the other kinds come from JSON.
#[derive(Debug, Clone, PartialEq)]
pub enum Node {
    /// JSON `null`.
    Null,
    /// A JSON boolean.
    Bool(bool),
    /// A JSON number.
    Number(Number),
    /// Text.
    Text(String),
    /// A plain name sent more than once (`id=1&id=2`): a list where a list is wanted, else the last. At least
    /// two.
    Repeated(Vec<String>),
    /// A list.
    List(Vec<Self>),
    /// Values by name.
    Object(BTreeMap<String, Self>),
}

impl Node {
    /// The text, of several the last; `None` for everything that is not text.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Repeated(texts) => texts.last().map(String::as_str),
            _ => None,
        }
    }
}
