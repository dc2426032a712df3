//! What can be wrong with parameters: with the request as a whole, or with one value.

use http::StatusCode;
use thiserror::Error;

use crate::body::{BoxError, CollectError};

/// Why the parameters of a request could not be read at all.
#[derive(Debug, Error)]
pub enum ParseError {
    /// The body could not be had, or is too large.
    #[error(transparent)]
    Body(#[from] CollectError),
    /// There is a body, of a media type that holds no parameters.
    #[error("cannot read parameters from a body of this media type")]
    UnsupportedContentType,
    /// A name or value is not UTF-8.
    #[error("the parameters are not UTF-8")]
    InvalidUtf8,
    /// The body is not JSON.
    #[error("the body is not valid JSON (line {line}, column {column})")]
    MalformedJson {
        /// Line of the mistake, from 1.
        line: usize,
        /// Column of the mistake in bytes, from 1.
        column: usize,
    },
    /// The body is JSON, but a list or a scalar, which gives its values no names.
    #[error("the JSON document is not an object")]
    JsonNotObject,
    /// The body is not what a `multipart/form-data` body looks like, or its boundary is not declared.
    #[error("the multipart body is malformed")]
    MalformedMultipart(#[source] BoxError),
    /// The header lines of a part, or what stands before the first one, are too long.
    #[error("a part of the multipart body does not begin within {limit} bytes")]
    PartHeadTooLong {
        /// The limit in bytes.
        limit: usize,
    },
    /// One name is used for a scalar as well as a list, or for a list as well as an object.
    #[error("{name} conflicts with another parameter")]
    ConflictingNames {
        /// The name that does not fit those before it.
        name: String,
    },
    /// There are too many names.
    #[error("there are more than {limit} parameters")]
    TooManyParameters {
        /// The greatest number.
        limit: usize,
    },
    /// There are too many values in the JSON document.
    #[error("there are more than {limit} values in the JSON document")]
    TooManyJsonValues {
        /// The greatest number.
        limit: usize,
    },
    /// There are too many files.
    #[error("there are more than {limit} files")]
    TooManyUploads {
        /// The greatest number.
        limit: usize,
    },
    /// A name has too many brackets.
    #[error("a parameter name is nested deeper than {limit} levels")]
    NameTooDeep {
        /// The greatest number of levels.
        limit: usize,
    },
    /// The JSON document is nested too deeply.
    #[error("the JSON document is nested deeper than {limit} levels")]
    JsonTooDeep {
        /// The greatest number of levels.
        limit: usize,
    },
    /// A name or a JSON key is too long.
    #[error("a parameter name is longer than {limit} bytes")]
    NameTooLong {
        /// The limit in bytes.
        limit: usize,
    },
    /// A text is too long.
    #[error("a text is longer than {limit} bytes")]
    TextTooLong {
        /// The limit in bytes.
        limit: usize,
    },
}

impl ParseError {
    /// The status code that HTTP has for this.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Body(CollectError::TooLarge { .. })
            | Self::TooManyParameters { .. }
            | Self::TooManyJsonValues { .. }
            | Self::TooManyUploads { .. }
            | Self::NameTooLong { .. }
            | Self::TextTooLong { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedContentType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Body(CollectError::Broken(_))
            | Self::InvalidUtf8
            | Self::MalformedJson { .. }
            | Self::JsonNotObject
            | Self::MalformedMultipart(_)
            | Self::PartHeadTooLong { .. }
            | Self::ConflictingNames { .. }
            | Self::NameTooDeep { .. }
            | Self::JsonTooDeep { .. } => StatusCode::BAD_REQUEST,
        }
    }
}

/// One parameter that is not what its route wants. Which status that is depends on the dialect.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{name} {problem}")]
pub struct ParamError {
    /// The parameter, in the spelling of a form: `poll[options][0]`. Empty if the problem is with all of them
    /// together.
    pub name: String,
    /// What is wrong with it.
    pub problem: Problem,
}

/// What can be wrong with a parameter. Displayed, it continues a sentence that begins with the name.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Problem {
    /// It is needed and was not sent.
    #[error("is missing")]
    Missing,
    /// It was sent under two names that mean the same.
    #[error("is given twice")]
    Duplicate,
    /// It should be text.
    #[error("is not a text")]
    NotText,
    /// It should be a boolean.
    #[error("is not a boolean")]
    NotBoolean,
    /// It should be a number; a whole one, where the type says so.
    #[error("is not a number")]
    NotNumber,
    /// It is a number, but too large or too small.
    #[error("is out of range")]
    OutOfRange,
    /// It should be a list.
    #[error("is not a list")]
    NotList,
    /// It should be an object with named values.
    #[error("is not an object")]
    NotObject,
    /// It should be one of a few words.
    #[error("is not one of {}", .0.join(", "))]
    NotOneOf(&'static [&'static str]),
    /// The wanted type refuses it, in its own words.
    #[error("is invalid: {0}")]
    Refused(String),
}
