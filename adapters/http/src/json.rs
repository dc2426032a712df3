//! Writing entities as JSON, with parts that were written before copied as they are.
//!
//! What is the same in many answers is kept as [`Text`]; serde would take it apart into fields again, and that
//! is most of what an answer costs.

use std::sync::Arc;

use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

/// An entity that writes itself, at the end of what is there already.
pub(crate) trait WriteJson {
    /// Appends one JSON value.
    fn write_json(&self, out: &mut Vec<u8>);
}

/// Plain data, written by serde.
#[derive(Debug)]
pub(crate) struct Plain<T>(pub(crate) T);

/// A JSON value that was written before; entities of serde take it too.
pub(crate) type Text = Arc<RawValue>;

/// The fields of an object, without its braces, that were written before.
#[derive(Debug)]
pub(crate) struct FieldsText(Box<[u8]>);

/// An object that is being written.
#[derive(Debug)]
pub(crate) struct Object<'o> {
    out: &'o mut Vec<u8>,
    is_empty: bool,
}

/// `value`, written.
pub(crate) fn text(value: &impl Serialize) -> Text {
    // Entities are plain data with text keys, which always can be written.
    let text = to_raw_value(value).unwrap_or_else(|error| {
        tracing::error!(%error, "an entity could not be written");
        RawValue::NULL.to_owned()
    });
    text.into()
}

impl FieldsText {
    /// The fields of `value`, which has to be a structure.
    pub(crate) fn of(value: &impl Serialize) -> Self {
        let mut out = Vec::new();
        write_value(value, &mut out);
        let fields = out.strip_prefix(b"{").and_then(|rest| rest.strip_suffix(b"}"));
        Self(fields.unwrap_or_default().into())
    }
}

impl<'o> Object<'o> {
    /// Begins an object.
    pub(crate) fn begin(out: &'o mut Vec<u8>) -> Self {
        out.push(b'{');
        Self { out, is_empty: true }
    }

    /// Adds a field; `name` needs no escaping.
    pub(crate) fn field(mut self, name: &'static str, value: &impl WriteJson) -> Self {
        self.separate();
        self.out.push(b'"');
        self.out.extend_from_slice(name.as_bytes());
        self.out.extend_from_slice(b"\":");
        value.write_json(self.out);
        self
    }

    /// Adds a field if there is a value.
    pub(crate) fn field_if_some(self, name: &'static str, value: Option<&impl WriteJson>) -> Self {
        match value {
            Some(value) => self.field(name, value),
            None => self,
        }
    }

    /// Adds fields that were written before.
    pub(crate) fn fields(mut self, fields: &FieldsText) -> Self {
        if !fields.0.is_empty() {
            self.separate();
            self.out.extend_from_slice(&fields.0);
        }
        self
    }

    /// Ends the object.
    pub(crate) fn end(self) {
        self.out.push(b'}');
    }

    fn separate(&mut self) {
        if !self.is_empty {
            self.out.push(b',');
        }
        self.is_empty = false;
    }
}

impl WriteJson for Text {
    fn write_json(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.get().as_bytes());
    }
}

impl<T: Serialize> WriteJson for Plain<T> {
    fn write_json(&self, out: &mut Vec<u8>) {
        write_value(&self.0, out);
    }
}

impl WriteJson for bool {
    fn write_json(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(if *self { b"true" } else { b"false" });
    }
}

impl<T: WriteJson + ?Sized> WriteJson for &T {
    fn write_json(&self, out: &mut Vec<u8>) {
        (**self).write_json(out);
    }
}

impl WriteJson for u64 {
    fn write_json(&self, out: &mut Vec<u8>) {
        write_value(self, out);
    }
}

impl WriteJson for str {
    fn write_json(&self, out: &mut Vec<u8>) {
        write_value(self, out);
    }
}

impl<T: WriteJson> WriteJson for Option<T> {
    fn write_json(&self, out: &mut Vec<u8>) {
        match self {
            Some(value) => value.write_json(out),
            None => out.extend_from_slice(b"null"),
        }
    }
}

impl<T: WriteJson + ?Sized> WriteJson for Box<T> {
    fn write_json(&self, out: &mut Vec<u8>) {
        (**self).write_json(out);
    }
}

impl<T: WriteJson> WriteJson for Vec<T> {
    fn write_json(&self, out: &mut Vec<u8>) {
        out.push(b'[');
        for (place, value) in self.iter().enumerate() {
            if place > 0 {
                out.push(b',');
            }
            value.write_json(out);
        }
        out.push(b']');
    }
}

fn write_value(value: &(impl Serialize + ?Sized), out: &mut Vec<u8>) {
    let begin = out.len();
    // Entities are plain data with text keys, which always can be written.
    if let Err(error) = serde_json::to_writer(&mut *out, value) {
        tracing::error!(%error, "an entity could not be written");
        out.truncate(begin);
        out.extend_from_slice(b"null");
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn written(value: &impl WriteJson) -> Value {
        let mut out = Vec::new();
        value.write_json(&mut out);
        serde_json::from_slice(&out).unwrap()
    }

    struct Pair {
        first: FieldsText,
        second: Option<Text>,
    }

    impl WriteJson for Pair {
        fn write_json(&self, out: &mut Vec<u8>) {
            Object::begin(out)
                .fields(&self.first)
                .field("list", &vec![true, false])
                .field("second", &self.second)
                .field_if_some("number", Some(&7_u64))
                .field_if_some("missing", None::<&bool>)
                .end();
        }
    }

    #[test]
    fn parts_that_were_written_before_make_one_value_with_the_rest() {
        let first = FieldsText::of(&json!({"a": "\"quoted\"", "b": [1, {"c": null}]}));
        let pair = Pair { first, second: Some(text(&json!({"d": "é"}))) };
        let expected = json!({"a": "\"quoted\"", "b": [1, {"c": null}], "list": [true, false], "second": {"d": "é"}, "number": 7});
        assert_eq!(written(&pair), expected);
        assert_eq!(written(&vec![pair]), json!([expected]));
    }

    #[test]
    fn fields_are_separated_whichever_of_them_are_there() {
        let none = || FieldsText::of(&json!({}));
        let pair = Pair { first: none(), second: None };
        assert_eq!(written(&pair), json!({"list": [true, false], "second": null, "number": 7}));
        let mut out = Vec::new();
        Object::begin(&mut out).fields(&none()).end();
        assert_eq!(out, b"{}");
    }
}
