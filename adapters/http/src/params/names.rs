//! From `name=value` pairs to a tree, by the brackets in the names.

use std::borrow::Cow;
use std::collections::BTreeMap;

use percent_encoding::percent_decode;

use super::error::ParseError;
use super::limits::ParamLimits;
use super::node::Node;

/// The pairs of a query string or URL-encoded form, decoded. Pairs without a name are left out.
pub(crate) fn pairs(
    encoded: &[u8],
) -> impl Iterator<Item = Result<(Cow<'_, str>, Cow<'_, str>), ParseError>> {
    encoded.split(|byte| *byte == b'&').filter_map(|pair| {
        let equals = pair.iter().position(|byte| *byte == b'=');
        let (name, value) = equals.map_or((pair, &[][..]), |at| (&pair[..at], &pair[at + 1..]));
        if name.is_empty() {
            return None;
        }
        Some(decode(name).and_then(|name| Ok((name, decode(value)?))))
    })
}

fn decode(encoded: &[u8]) -> Result<Cow<'_, str>, ParseError> {
    let plain: Cow<'_, [u8]> = if encoded.contains(&b'+') {
        let spaced: Vec<u8> = encoded.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
        Cow::Owned(percent_decode(&spaced).collect())
    } else {
        percent_decode(encoded).into()
    };
    match plain {
        Cow::Borrowed(bytes) => {
            std::str::from_utf8(bytes).map(Cow::Borrowed).map_err(|_| ParseError::InvalidUtf8)
        }
        Cow::Owned(bytes) => String::from_utf8(bytes).map(Cow::Owned).map_err(|_| ParseError::InvalidUtf8),
    }
}

/// A tree that grows pair by pair, within limits.
#[derive(Debug)]
pub(crate) struct Builder<'l> {
    limits: &'l ParamLimits,
    tree: BTreeMap<String, Node>,
    count: usize,
}

impl<'l> Builder<'l> {
    pub(crate) fn new(limits: &'l ParamLimits) -> Self {
        Self { limits, tree: BTreeMap::new(), count: 0 }
    }

    /// Adds a value under its decoded name.
    pub(crate) fn add(&mut self, name: &str, value: String) -> Result<(), ParseError> {
        self.count += 1;
        if self.count > self.limits.parameters {
            return Err(ParseError::TooManyParameters { limit: self.limits.parameters });
        }
        if name.len() > self.limits.name_bytes {
            return Err(ParseError::NameTooLong { limit: self.limits.name_bytes });
        }
        if value.len() > self.limits.text_bytes {
            return Err(ParseError::TextTooLong { limit: self.limits.text_bytes });
        }
        let (outermost, path) = split(name);
        if path.len() + 1 > self.limits.name_depth {
            return Err(ParseError::NameTooDeep { limit: self.limits.name_depth });
        }
        let slot = self.tree.entry(outermost.to_owned()).or_insert(Node::Null);
        place(slot, &path, value).map_err(|Conflict| ParseError::ConflictingNames { name: name.to_owned() })
    }

    pub(crate) fn finish(self) -> BTreeMap<String, Node> {
        self.tree
    }
}

/// One pair of brackets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step<'n> {
    /// `[name]`
    Key(&'n str),
    /// `[]`
    Next,
}

/// Takes a name apart: `a[b][]` is `a`, then `b`, then the next element of a list. A name that is not built
/// like that stays whole.
fn split(name: &str) -> (&str, Vec<Step<'_>>) {
    let whole = (name, Vec::new());
    let Some(open) = name.find('[').filter(|open| *open > 0) else {
        return whole;
    };
    let (outermost, mut brackets) = name.split_at(open);
    let mut steps = Vec::new();
    while !brackets.is_empty() {
        let Some((key, after)) = brackets.strip_prefix('[').and_then(|inner| inner.split_once(']')) else {
            return whole;
        };
        steps.push(if key.is_empty() { Step::Next } else { Step::Key(key) });
        brackets = after;
    }
    (outermost, steps)
}

/// A name that needs a value to be two things at once.
#[derive(Debug)]
struct Conflict;

/// Puts a value at a path below `slot`. While the tree grows, [`Node::Null`] is a place that is still free.
fn place(slot: &mut Node, path: &[Step<'_>], value: String) -> Result<(), Conflict> {
    let Some((step, rest)) = path.split_first() else {
        return place_text(slot, value);
    };
    match step {
        Step::Key(key) => {
            if matches!(slot, Node::Null) {
                *slot = Node::Object(BTreeMap::new());
            }
            let Node::Object(object) = slot else {
                return Err(Conflict);
            };
            place(object.entry((*key).to_owned()).or_insert(Node::Null), rest, value)
        }
        Step::Next => {
            if matches!(slot, Node::Null) {
                *slot = Node::List(Vec::new());
            }
            let Node::List(list) = slot else {
                return Err(Conflict);
            };
            match list.last_mut().filter(|last| !rest.is_empty() && is_free(last, rest)) {
                Some(last) => place(last, rest, value),
                None => {
                    let mut element = Node::Null;
                    place(&mut element, rest, value)?;
                    list.push(element);
                    Ok(())
                }
            }
        }
    }
}

fn place_text(slot: &mut Node, value: String) -> Result<(), Conflict> {
    match slot {
        Node::Null => *slot = Node::Text(value),
        Node::Text(first) => *slot = Node::Repeated(vec![std::mem::take(first), value]),
        Node::Repeated(values) => values.push(value),
        _ => return Err(Conflict),
    }
    Ok(())
}

/// Whether an element of a list still lacks what the path names, so that the value belongs to it and not to a
/// next element.
fn is_free(node: &Node, path: &[Step<'_>]) -> bool {
    match (path.split_first(), node) {
        (_, Node::Null) => true,
        (None, _) => false,
        (Some((Step::Key(key), rest)), Node::Object(object)) => {
            object.get(*key).is_none_or(|inner| is_free(inner, rest))
        }
        (Some((Step::Next, _)), Node::List(_)) => true,
        _ => false,
    }
}
