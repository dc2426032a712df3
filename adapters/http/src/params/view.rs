//! One value of the tree, looked at as what a type wants it to be.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::num::IntErrorKind;

use serde_json::Number;

use super::error::Problem;
use super::node::Node;

/// The way from one value to a value inside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    Key(String),
    Index(usize),
}

/// A borrowed [`Node`]; unlike it, a single text of [`Node::Repeated`] and the whole tree are views too.
#[derive(Debug, Clone, Copy)]
pub(crate) enum View<'t> {
    Null,
    Bool(bool),
    Number(&'t Number),
    Text(&'t str),
    Repeated(&'t [String]),
    List(&'t [Node]),
    Object(&'t BTreeMap<String, Node>),
}

impl<'t> From<&'t Node> for View<'t> {
    fn from(node: &'t Node) -> Self {
        match node {
            Node::Null => Self::Null,
            Node::Bool(value) => Self::Bool(*value),
            Node::Number(value) => Self::Number(value),
            Node::Text(value) => Self::Text(value),
            Node::Repeated(values) => Self::Repeated(values),
            Node::List(values) => Self::List(values),
            Node::Object(values) => Self::Object(values),
        }
    }
}

/// Whole numbers up to this size, and no larger ones, are exact in a 64-bit float.
const EXACT_IN_FLOAT: f64 = 9_007_199_254_740_992.0;

impl<'t> View<'t> {
    /// Whether clients send this for "nothing": where a type refuses it, it counts as not sent.
    pub(crate) fn is_void(self) -> bool {
        matches!(self, Self::Null) || self.literal() == Some("")
    }

    pub(crate) fn boolean(self) -> Result<bool, Problem> {
        const TRUE: [&str; 6] = ["true", "1", "on", "t", "yes", "y"];
        const FALSE: [&str; 6] = ["false", "0", "off", "f", "no", "n"];
        let is_among = |words: &[&str], text: &str| words.iter().any(|word| word.eq_ignore_ascii_case(text));
        match self {
            Self::Bool(value) => Ok(value),
            Self::Number(number) => match number.as_f64() {
                Some(1.0) => Ok(true),
                Some(0.0) => Ok(false),
                _ => Err(Problem::NotBoolean),
            },
            _ => match self.literal().map(str::trim) {
                Some(text) if is_among(&TRUE, text) => Ok(true),
                Some(text) if is_among(&FALSE, text) => Ok(false),
                _ => Err(Problem::NotBoolean),
            },
        }
    }

    pub(crate) fn integer(self) -> Result<i128, Problem> {
        if let Self::Number(number) = self {
            let whole = number.as_u64().map(i128::from).or_else(|| number.as_i64().map(i128::from));
            return whole.map_or_else(|| whole_float(number.as_f64()), Ok);
        }
        let text = self.literal().ok_or(Problem::NotNumber)?.trim();
        text.parse::<i128>().or_else(|error| match error.kind() {
            IntErrorKind::PosOverflow | IntErrorKind::NegOverflow => Err(Problem::OutOfRange),
            _ => whole_float(text.parse().ok()),
        })
    }

    pub(crate) fn float(self) -> Result<f64, Problem> {
        let number = match self {
            Self::Number(number) => number.as_f64(),
            _ => self.literal().and_then(|text| text.trim().parse().ok()),
        };
        number.filter(|number| number.is_finite()).ok_or(Problem::NotNumber)
    }

    pub(crate) fn text(self) -> Result<Cow<'t, str>, Problem> {
        match self {
            Self::Bool(value) => Ok(Cow::Borrowed(if value { "true" } else { "false" })),
            Self::Number(number) => Ok(Cow::Owned(number.to_string())),
            _ => self.literal().map(Cow::Borrowed).ok_or(Problem::NotText),
        }
    }

    pub(crate) fn object(self) -> Result<&'t BTreeMap<String, Node>, Problem> {
        match self {
            Self::Object(object) => Ok(object),
            _ => Err(Problem::NotObject),
        }
    }

    /// The elements, each with the step that leads to it; none leads to a single value that stands for a list
    /// of itself.
    pub(crate) fn elements(self) -> Result<Vec<(Option<Step>, Self)>, Problem> {
        match self {
            Self::Null => Err(Problem::NotList),
            Self::Text("") => Ok(Vec::new()),
            Self::List([Node::Text(only)]) if only.is_empty() => Ok(Vec::new()),
            Self::List(list) => Ok(indexed(list)),
            Self::Repeated(texts) => Ok(numbered_from_zero(texts.iter().map(|text| Self::Text(text)))),
            Self::Object(object) => Ok(ordered_by_key(object).unwrap_or_else(|| vec![(None, self)])),
            Self::Bool(_) | Self::Number(_) | Self::Text(_) => Ok(vec![(None, self)]),
        }
    }

    /// Text as it was sent.
    fn literal(self) -> Option<&'t str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Repeated(texts) => texts.last().map(String::as_str),
            _ => None,
        }
    }
}

fn whole_float(number: Option<f64>) -> Result<i128, Problem> {
    match number {
        Some(number) if !number.is_finite() || number.fract() != 0.0 => Err(Problem::NotNumber),
        Some(number) if number.abs() > EXACT_IN_FLOAT => Err(Problem::OutOfRange),
        // Lossless: whole and at most 2^53.
        Some(number) => Ok(number as i128),
        None => Err(Problem::NotNumber),
    }
}

/// The elements of a list as they are.
pub(crate) fn indexed(list: &[Node]) -> Vec<(Option<Step>, View<'_>)> {
    numbered_from_zero(list.iter().map(View::from))
}

fn numbered_from_zero<'t>(values: impl Iterator<Item = View<'t>>) -> Vec<(Option<Step>, View<'t>)> {
    values.enumerate().map(|(index, value)| (Some(Step::Index(index)), value)).collect()
}

/// The values of an object whose keys are all numbers, in the order of these.
fn ordered_by_key(object: &BTreeMap<String, Node>) -> Option<Vec<(Option<Step>, View<'_>)>> {
    let mut values = Vec::with_capacity(object.len());
    for (key, value) in object {
        let is_digits = key.bytes().all(|byte| byte.is_ascii_digit());
        let number: u64 = key.parse().ok().filter(|_| is_digits)?;
        values.push((number, (Some(Step::Key(key.clone())), View::from(value))));
    }
    values.sort_by_key(|(number, _)| *number);
    Some(values.into_iter().map(|(_, value)| value).collect())
}
