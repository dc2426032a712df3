//! From a whole request to its parameters.

use bytes::Buf;
use http::request::Parts;

use super::content_type::ContentType;
use super::error::ParseError;
use super::limits::ParamLimits;
use super::{Params, multipart};
use crate::body::{self, BoxError};
use crate::limits::{BodyKind, RequestLimits};

/// The parameters of a request by where they came from, which matters for tokens and page links.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RequestParams {
    /// From the query string.
    pub query: Params,
    /// From the body, whatever its media type.
    pub body: Params,
}

impl RequestParams {
    /// All parameters in one: the body wins over the query, and those of the path win over both.
    pub fn merge(self, path: impl IntoIterator<Item = (impl Into<String>, String)>) -> Params {
        let mut merged = self.query;
        merged.override_with(self.body);
        for (name, value) in path {
            merged.set(name, value);
        }
        merged
    }
}

/// Reads query and body of a request of any method; `GET` and `DELETE` may have a body like all others.
///
/// A body without bytes is no parameters, whatever its media type is said to be.
pub async fn read_request<B>(
    head: &Parts,
    body: B,
    kind: BodyKind,
    request_limits: &RequestLimits,
    param_limits: &ParamLimits,
) -> Result<RequestParams, ParseError>
where
    B: http_body::Body + Send,
    B::Data: Buf + Send,
    B::Error: Into<BoxError>,
{
    let query = Params::from_query(head.uri.query().unwrap_or_default(), param_limits)?;
    let limit = request_limits.parameter_bytes;
    let body = match ContentType::of(&head.headers) {
        ContentType::Urlencoded => Params::from_urlencoded(&body::collect(body, limit).await?, param_limits)?,
        ContentType::Json => Params::from_json(&body::collect(body, limit).await?, param_limits)?,
        ContentType::Multipart(content_type) => {
            multipart::read(&content_type, body, request_limits.multipart_bytes(kind), param_limits).await?
        }
        ContentType::Other if body.is_end_stream() || body::collect(body, limit).await?.is_empty() => {
            Params::default()
        }
        ContentType::Other => return Err(ParseError::UnsupportedContentType),
    };
    Ok(RequestParams { query, body })
}
