//! The formats a text can be written in.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// How a source text is to be read. Named by its media type in the store and in every dialect.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Format {
    /// `text/plain`: characters stand for themselves, line breaks stay.
    #[default]
    #[serde(rename = "text/plain")]
    Plain,
    /// `text/markdown`: CommonMark with strikethrough; a line break in a paragraph stays a line break.
    #[serde(rename = "text/markdown")]
    Markdown,
    /// `text/html`: markup of which the allowed part is kept.
    #[serde(rename = "text/html")]
    Html,
}

impl Format {
    /// Every format, in the order they are offered to clients.
    pub const ALL: [Self; 3] = [Self::Plain, Self::Markdown, Self::Html];

    /// The media type.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Plain => "text/plain",
            Self::Markdown => "text/markdown",
            Self::Html => "text/html",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl FromStr for Format {
    type Err = UnknownFormat;

    /// Reads a media type without parameters, in any case.
    fn from_str(media_type: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|format| format.as_str().eq_ignore_ascii_case(media_type.trim()))
            .ok_or_else(|| UnknownFormat(media_type.to_owned()))
    }
}

/// The media type names none of the formats that can be rendered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a format a text can be written in")]
pub struct UnknownFormat(pub String);
