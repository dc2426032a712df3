//! From the tree to a route's own type: a serde deserializer that takes values as they are wanted.

use std::borrow::Cow;
use std::collections::{BTreeMap, btree_map};
use std::fmt;

use serde::de::value::{BorrowedStrDeserializer, MapAccessDeserializer, StringDeserializer};
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, Error as _, Expected, MapAccess, SeqAccess, Unexpected,
    Visitor,
};

use super::error::{ParamError, Problem};
use super::node::Node;
use super::view::{Step, View, indexed};

/// How many values that count as not sent are taken out before the next one is an error. Each costs one
/// reading of the tree.
const VOID_VALUES: usize = 64;

/// Reads a type from the tree. See [`Params::read`](super::Params::read).
///
/// Inside serde nobody knows whether a field is optional when its value is refused. So refused void values
/// are removed from a copy of the tree, one by one, and the type is read anew; then absence has the meaning
/// that the type gives it.
pub(crate) fn read<T: DeserializeOwned>(tree: &BTreeMap<String, Node>) -> Result<T, ParamError> {
    let mut error = match T::deserialize(Reader(View::Object(tree))) {
        Ok(value) => return Ok(value),
        Err(error) => error,
    };
    let mut remaining = Cow::Borrowed(tree);
    for _ in 0..VOID_VALUES {
        if !error.is_void || !remove(remaining.to_mut(), &error.path) {
            break;
        }
        error = match T::deserialize(Reader(View::Object(&remaining))) {
            Ok(value) => return Ok(value),
            Err(error) => error,
        };
    }
    Err(ParamError { name: name_of(&error.path), problem: error.problem })
}

/// Removes the value at the end of a path, which begins at its last element.
fn remove(tree: &mut BTreeMap<String, Node>, path: &[Step]) -> bool {
    let Some((Step::Key(outermost), inner)) = path.split_last() else {
        return false;
    };
    if inner.is_empty() {
        return tree.remove(outermost).is_some();
    }
    tree.get_mut(outermost).is_some_and(|node| remove_inside(node, inner))
}

fn remove_inside(node: &mut Node, path: &[Step]) -> bool {
    match (node, path.split_last()) {
        (Node::Object(object), Some((Step::Key(_), _))) => remove(object, path),
        (Node::List(list), Some((Step::Index(index), inner))) if *index < list.len() => {
            if inner.is_empty() {
                list.remove(*index);
                return true;
            }
            remove_inside(&mut list[*index], inner)
        }
        (Node::Repeated(texts), Some((Step::Index(index), []))) if *index < texts.len() => {
            texts.remove(*index);
            true
        }
        _ => false,
    }
}

fn name_of(path: &[Step]) -> String {
    let mut name = String::new();
    for step in path.iter().rev() {
        match step {
            Step::Key(key) if name.is_empty() => name.push_str(key),
            Step::Key(key) => name.push_str(&format!("[{key}]")),
            Step::Index(index) => name.push_str(&format!("[{index}]")),
        }
    }
    name
}

/// A problem on its way out of the tree.
#[derive(Debug)]
struct ReadError {
    /// From the value to the root.
    path: Vec<Step>,
    problem: Problem,
    /// The refused value is one that may as well not have been sent.
    is_void: bool,
}

impl ReadError {
    fn inside(mut self, step: Option<Step>) -> Self {
        self.path.extend(step);
        self
    }
}

impl From<Problem> for ReadError {
    fn from(problem: Problem) -> Self {
        Self { path: Vec::new(), problem, is_void: false }
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.problem.fmt(f)
    }
}

impl std::error::Error for ReadError {}

impl serde::de::Error for ReadError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Problem::Refused(message.to_string()).into()
    }

    fn invalid_value(unexpected: Unexpected<'_>, expected: &dyn Expected) -> Self {
        match unexpected {
            Unexpected::Unsigned(_) | Unexpected::Signed(_) | Unexpected::Float(_) => {
                Problem::OutOfRange.into()
            }
            _ => Self::custom(format_args!("not {expected}")),
        }
    }

    fn invalid_type(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::custom(format_args!("not {expected}"))
    }

    fn unknown_variant(_: &str, expected: &'static [&'static str]) -> Self {
        Problem::NotOneOf(expected).into()
    }

    fn missing_field(field: &'static str) -> Self {
        Self::from(Problem::Missing).inside(Some(Step::Key(field.to_owned())))
    }

    fn duplicate_field(field: &'static str) -> Self {
        Self::from(Problem::Duplicate).inside(Some(Step::Key(field.to_owned())))
    }
}

/// Deserializes one value.
#[derive(Debug, Clone, Copy)]
struct Reader<'t>(View<'t>);

impl<'t> Reader<'t> {
    /// Marks a refusal of this very value (not of one inside it) if the value is void.
    fn judged<T>(self, result: Result<T, ReadError>) -> Result<T, ReadError> {
        result.map_err(|mut error| {
            error.is_void |= error.path.is_empty() && self.0.is_void();
            error
        })
    }

    fn visit_text<V: Visitor<'t>>(self, visitor: V) -> Result<V::Value, ReadError> {
        match self.0.text()? {
            Cow::Borrowed(text) => visitor.visit_borrowed_str(text),
            Cow::Owned(text) => visitor.visit_string(text),
        }
    }

    fn visit_integer<V: Visitor<'t>>(self, visitor: V) -> Result<V::Value, ReadError> {
        let number = self.0.integer()?;
        match (u64::try_from(number), i64::try_from(number)) {
            (Ok(number), _) => visitor.visit_u64(number),
            (_, Ok(number)) => visitor.visit_i64(number),
            _ => Err(Problem::OutOfRange.into()),
        }
    }

    fn visit_elements<V: Visitor<'t>>(self, visitor: V) -> Result<V::Value, ReadError> {
        visitor.visit_seq(Elements { remaining: self.0.elements()?.into_iter() })
    }

    fn entries(self) -> Result<Entries<'t>, ReadError> {
        Ok(Entries { remaining: self.0.object()?.iter(), current: None })
    }

    fn visit_variant<V: Visitor<'t>>(self, visitor: V) -> Result<V::Value, ReadError> {
        match self.0 {
            View::Object(object) if object.len() == 1 => {
                visitor.visit_enum(MapAccessDeserializer::new(self.entries()?))
            }
            _ => match self.0.text()? {
                Cow::Borrowed(text) => visitor.visit_enum(BorrowedStrDeserializer::new(text)),
                Cow::Owned(text) => visitor.visit_enum(StringDeserializer::new(text)),
            },
        }
    }
}

macro_rules! integers {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'t>>(self, visitor: V) -> Result<V::Value, ReadError> {
            self.judged(self.visit_integer(visitor))
        }
    )*};
}

macro_rules! texts {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'t>>(self, visitor: V) -> Result<V::Value, ReadError> {
            self.judged(self.visit_text(visitor))
        }
    )*};
}

impl<'t> Deserializer<'t> for Reader<'t> {
    type Error = ReadError;

    integers! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64
    }

    texts! { deserialize_char deserialize_str deserialize_string deserialize_identifier }

    fn deserialize_any<V: Visitor<'t>>(self, visitor: V) -> Result<V::Value, ReadError> {
        self.judged(match self.0 {
            View::Null => visitor.visit_unit(),
            View::Bool(value) => visitor.visit_bool(value),
            View::Number(number) => match (number.as_u64(), number.as_i64(), number.as_f64()) {
                (Some(number), _, _) => visitor.visit_u64(number),
                (_, Some(number), _) => visitor.visit_i64(number),
                (_, _, Some(number)) => visitor.visit_f64(number),
                _ => Err(Problem::NotNumber.into()),
            },
            View::Text(_) | View::Repeated(_) => self.visit_text(visitor),
            View::List(list) => visitor.visit_seq(Elements { remaining: indexed(list).into_iter() }),
            View::Object(_) => visitor.visit_map(self.entries()?),
        })
    }

    fn deserialize_bool<V: Visitor<'t>>(self, visitor: V) -> Result<V::Value, ReadError> {
        let value = self.0.boolean().map_err(ReadError::from);
        self.judged(value.and_then(|value| visitor.visit_bool(value)))
    }

    fn deserialize_i128<V: Visitor<'t>>(self, visitor: V) -> Result<V::Value, ReadError> {
        let number = self.0.integer().map_err(ReadError::from);
        self.judged(number.and_then(|number| visitor.visit_i128(number)))
    }

    fn deserialize_u128<V: Visitor<'t>>(self, visitor: V) -> Result<V::Value, ReadError> {
        self.deserialize_i128(visitor)
    }

    fn deserialize_f32<V: Visitor<'t>>(self, visitor: V) -> Result<V::Value, ReadError> {
        self.deserialize_f64(visitor)
    }

    fn deserialize_f64<V: Visitor<'t>>(self, visitor: V) -> Result<V::Value, ReadError> {
        let number = self.0.float().map_err(ReadError::from);
        self.judged(number.and_then(|number| visitor.visit_f64(number)))
    }

    fn deserialize_bytes<V: Visitor<'t>>(self, visitor: V) -> Result<V::Value, ReadError> {
        let text = self.0.text().map_err(ReadError::from);
        self.judged(text.and_then(|text| visitor.visit_byte_buf(text.into_owned().into_bytes())))
    }

    fn deserialize_byte_buf<V: Visitor<'t>>(self, visitor: V) -> Result<V::Value, ReadError> {
        self.deserialize_bytes(visitor)
    }

    fn deserialize_option<V: Visitor<'t>>(self, visitor: V) -> Result<V::Value, ReadError> {
        match self.0 {
            View::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_unit<V: Visitor<'t>>(self, visitor: V) -> Result<V::Value, ReadError> {
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'t>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, ReadError> {
        visitor.visit_unit()
    }

    fn deserialize_ignored_any<V: Visitor<'t>>(self, visitor: V) -> Result<V::Value, ReadError> {
        visitor.visit_unit()
    }

    fn deserialize_newtype_struct<V: Visitor<'t>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, ReadError> {
        self.judged(visitor.visit_newtype_struct(self))
    }

    fn deserialize_seq<V: Visitor<'t>>(self, visitor: V) -> Result<V::Value, ReadError> {
        self.judged(self.visit_elements(visitor))
    }

    fn deserialize_tuple<V: Visitor<'t>>(self, _: usize, visitor: V) -> Result<V::Value, ReadError> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'t>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, ReadError> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_map<V: Visitor<'t>>(self, visitor: V) -> Result<V::Value, ReadError> {
        self.judged(self.entries().and_then(|entries| visitor.visit_map(entries)))
    }

    fn deserialize_struct<V: Visitor<'t>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ReadError> {
        self.deserialize_map(visitor)
    }

    fn deserialize_enum<V: Visitor<'t>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ReadError> {
        self.judged(self.visit_variant(visitor))
    }
}

/// The elements of a list that are still to be read.
#[derive(Debug, Default)]
struct Elements<'t> {
    remaining: std::vec::IntoIter<(Option<Step>, View<'t>)>,
}

impl<'t> SeqAccess<'t> for Elements<'t> {
    type Error = ReadError;

    fn next_element_seed<S: DeserializeSeed<'t>>(&mut self, seed: S) -> Result<Option<S::Value>, ReadError> {
        let Some((step, view)) = self.remaining.next() else {
            return Ok(None);
        };
        seed.deserialize(Reader(view)).map(Some).map_err(|error| error.inside(step))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.remaining.len())
    }
}

/// The entries of an object that are still to be read.
#[derive(Debug)]
struct Entries<'t> {
    remaining: btree_map::Iter<'t, String, Node>,
    current: Option<(&'t str, &'t Node)>,
}

impl<'t> MapAccess<'t> for Entries<'t> {
    type Error = ReadError;

    fn next_key_seed<S: DeserializeSeed<'t>>(&mut self, seed: S) -> Result<Option<S::Value>, ReadError> {
        self.current = self.remaining.next().map(|(key, node)| (key.as_str(), node));
        let Some((key, _)) = self.current else {
            return Ok(None);
        };
        let read = seed.deserialize(Reader(View::Text(key)));
        read.map(Some).map_err(|error| error.inside(Some(Step::Key(key.to_owned()))))
    }

    fn next_value_seed<S: DeserializeSeed<'t>>(&mut self, seed: S) -> Result<S::Value, ReadError> {
        let Some((key, node)) = self.current.take() else {
            return Err(ReadError::custom("a value without a key"));
        };
        seed.deserialize(Reader(node.into())).map_err(|error| error.inside(Some(Step::Key(key.to_owned()))))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.remaining.len())
    }
}
