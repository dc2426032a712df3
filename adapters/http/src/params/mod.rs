//! Parameters: one reader for everything a client may send them in.
//!
//! Query strings, URL-encoded forms, JSON and `multipart/form-data` all become one tree of [`Node`]s, and the
//! tree becomes the route's own type by serde:
//!
//! ```
//! use koinon_http::params::{ParamLimits, Params};
//!
//! #[derive(serde::Deserialize)]
//! struct Poll { options: Vec<String>, expires_in: u32, #[serde(default)] multiple: bool }
//!
//! #[derive(serde::Deserialize)]
//! struct NewStatus { status: String, sensitive: Option<bool>, poll: Option<Poll> }
//!
//! let sent = "status=Tea?&sensitive=1&poll[options][]=yes&poll[options][]=no&poll%5Bexpires_in%5D=300";
//! let new: NewStatus = Params::from_query(sent, &ParamLimits::default())?.read()?;
//! assert_eq!(new.sensitive, Some(true));
//! assert_eq!(new.poll.map(|poll| (poll.options.len(), poll.expires_in, poll.multiple)), Some((2, 300, false)));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! **Names.** As Rack reads them: `a[]` is a list, `a[b]` an object, `a[][b]` a list of objects where a
//! repeated `b` begins the next one, `a[0]` an object with the key `0` that also reads as a list. Brackets
//! may be percent-encoded. A name whose brackets do not pair is an ordinary name. A plain name sent twice
//! reads as a list, or as its last value.
//!
//! **Sources.** The body wins over the query, and the path over both, name by outermost name; lists of two
//! sources never mix.
//!
//! **Encoding.** A percent sign that begins no byte stands for itself, as in browsers. Text that is not UTF-8
//! is refused, not repaired: a post with wrong letters is worse than an error. NUL and other control
//! characters are text.
//!
//! **Files.** Parts of a multipart body that are files stand beside the tree: [`Params::upload`].
//!
//! How lenient values are read is described at [`Params::read`].

mod content_type;
mod error;
mod json;
mod limits;
mod multipart;
mod names;
mod node;
mod read;
mod request;
mod upload;
mod view;

pub use error::{ParamError, ParseError, Problem};
pub use limits::ParamLimits;
pub use node::Node;
pub use request::{RequestParams, read_request};
pub use upload::Upload;

use std::collections::BTreeMap;
use std::fmt;

use serde::de::DeserializeOwned;

/// The parameters of a request: a tree of named values, and the files beside it.
///
/// `Debug` prints names only: values may be passwords and tokens, which have no place in a log.
#[derive(Clone, Default, PartialEq)]
pub struct Params {
    /// Values by outermost name.
    pub tree: BTreeMap<String, Node>,
    /// Files in the order they were sent, by name as it was sent (`avatar`, `media[file]`).
    pub uploads: Vec<(String, Upload)>,
}

impl Params {
    /// Reads a query string or the text of a URL-encoded form.
    pub fn from_query(query: &str, limits: &ParamLimits) -> Result<Self, ParseError> {
        Self::from_urlencoded(query.as_bytes(), limits)
    }

    /// Reads the bytes of a URL-encoded form.
    pub fn from_urlencoded(form: &[u8], limits: &ParamLimits) -> Result<Self, ParseError> {
        let mut tree = names::Builder::new(limits);
        for pair in names::pairs(form) {
            let (name, value) = pair?;
            tree.add(&name, value.into_owned())?;
        }
        Ok(Self { tree: tree.finish(), uploads: Vec::new() })
    }

    /// Reads the bytes of a JSON document: an object, or nothing (no bytes, or `null`) for no parameters.
    pub fn from_json(document: &[u8], limits: &ParamLimits) -> Result<Self, ParseError> {
        Ok(Self { tree: json::object(document, limits)?, uploads: Vec::new() })
    }

    /// Makes the route's own type out of the tree. Parameters the type does not know are ignored.
    ///
    /// Values are taken as the type wants them:
    ///
    /// | wanted | taken |
    /// |---|---|
    /// | boolean | `true false 1 0 on off t f yes no`, in any case, as text or JSON |
    /// | number | JSON numbers, digits as text, `5.0` for `5` |
    /// | text | text; JSON numbers and booleans as they are written (whole numbers beyond 64 bits lose digits) |
    /// | list | `a[]`, JSON arrays, objects with the keys `0`, `1`, ... in that order, a single value, an empty text for none |
    /// | object, struct, map | `a[b]`, JSON objects |
    /// | enum | its name as text; or an object with the name as its only key |
    /// | `Option` | JSON `null` and absence are `None` |
    ///
    /// An empty text or `null` that the wanted type refuses counts as not sent: `expires_in=` is `None` for
    /// `Option<u32>`, the default with `#[serde(default)]`, and missing for `u32`; but `spoiler_text=` is
    /// `Some("")` for `Option<String>`.
    ///
    /// `#[serde(flatten)]` and untagged enums hide from serde what is wanted, so their scalars are not read
    /// leniently. Instead of flattening a struct (paging, say), read it from the same `Params` by a second
    /// call.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, ParamError> {
        read::read(&self.tree)
    }

    /// The file sent under this name; the first of several. The brackets of `file[]` may be left out.
    pub fn upload(&self, name: &str) -> Option<&Upload> {
        let wanted = |sent: &str| sent == name || sent.strip_suffix("[]") == Some(name);
        self.uploads.iter().find(|(sent, _)| wanted(sent)).map(|(_, upload)| upload)
    }

    /// The value of an outermost name.
    pub fn get(&self, name: &str) -> Option<&Node> {
        self.tree.get(name)
    }

    /// The value of an outermost name as text, if it is text. Of several, the last.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(Node::as_text)
    }

    /// Sets a text, replacing what had this name: how path parameters get in.
    pub fn set(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.tree.insert(name.into(), Node::Text(value.into()));
    }

    /// Takes over everything of `stronger`; what both have is replaced, name by outermost name.
    pub fn override_with(&mut self, stronger: Self) {
        self.uploads.retain(|(name, _)| !stronger.tree.contains_key(name));
        for (name, _) in &stronger.uploads {
            self.tree.remove(name);
        }
        self.tree.extend(stronger.tree);
        self.uploads.extend(stronger.uploads);
    }
}

impl fmt::Debug for Params {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Params")
            .field("names", &self.tree.keys().collect::<Vec<_>>())
            .field("uploads", &self.uploads)
            .finish()
    }
}

#[cfg(test)]
mod tests;
