//! By whose authority a request comes: tokens and passwords, taken out of it but not yet judged.

use std::fmt;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use http::header::{AUTHORIZATION, SEC_WEBSOCKET_PROTOCOL};
use http::{HeaderMap, StatusCode};
use thiserror::Error;

use crate::params::{Node, RequestParams};

/// The parameter that may hold a token.
const TOKEN_PARAMETER: &str = "access_token";

/// Where a route looks for a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TokenPlaces {
    /// In the header `Authorization` or the body. A token in the query is not seen: URLs end up in logs and
    /// histories.
    #[default]
    Ordinary,
    /// In the query and in `Sec-WebSocket-Protocol` too, because browsers cannot set headers for streams.
    Streaming,
}

/// What authority a request claims.
#[derive(Clone, PartialEq, Eq)]
pub enum Credentials {
    /// None at all.
    Absent,
    /// A bearer token.
    Bearer(BearerToken),
    /// A name and a password: of an account, or of an app at the token endpoint.
    Basic(BasicCredentials),
    /// A scheme of the header `Authorization` that is not read here, such as `oauth` (1.0a).
    Other {
        /// The scheme in lower case.
        scheme: String,
        /// What follows it.
        value: String,
    },
}

/// A token, of sound syntax but unknown worth.
#[derive(Clone, PartialEq, Eq)]
pub struct BearerToken {
    /// The token.
    pub token: String,
    /// Where it stood.
    pub place: TokenPlace,
}

/// Where a token stood in a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenPlace {
    /// In the header `Authorization`.
    Header,
    /// In the parameter `access_token` of the body.
    Body,
    /// In the parameter `access_token` of the query.
    Query,
    /// In the header `Sec-WebSocket-Protocol`; the answer has to repeat it there, or browsers close the
    /// connection.
    Subprotocol,
}

/// A name and a password of HTTP Basic.
#[derive(Clone, PartialEq, Eq)]
pub struct BasicCredentials {
    /// What stands before the first colon.
    pub user: String,
    /// What stands after it, colons included.
    pub password: String,
}

/// Why credentials could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum CredentialError {
    /// They are in more than one place, which RFC 6750 forbids: whose authority would count?
    #[error("credentials are given in more than one place")]
    MoreThanOne,
    /// The header is no scheme, one space and a value.
    #[error("the Authorization header is malformed")]
    MalformedHeader,
    /// What should be a token has characters that no token has, or is no text.
    #[error("the token is malformed")]
    MalformedToken,
    /// What should be a name and a password is not Base64.
    #[error("the Basic credentials are not Base64")]
    BasicNotBase64,
    /// The name or the password is not UTF-8.
    #[error("the Basic credentials are not UTF-8")]
    BasicNotUtf8,
    /// There is no colon between name and password.
    #[error("the Basic credentials lack a colon")]
    BasicWithoutColon,
}

impl CredentialError {
    /// The status code that HTTP has for this.
    pub fn status(self) -> StatusCode {
        match self {
            Self::MoreThanOne => StatusCode::BAD_REQUEST,
            _ => StatusCode::UNAUTHORIZED,
        }
    }
}

/// Takes the credentials out of a request. An empty `access_token` is none.
pub fn read_credentials(
    headers: &HeaderMap,
    params: &RequestParams,
    places: TokenPlaces,
) -> Result<Credentials, CredentialError> {
    let mut found = vec![
        read_authorization(headers)?,
        bearer(parameter(params.body.get(TOKEN_PARAMETER))?, TokenPlace::Body)?,
    ];
    if places == TokenPlaces::Streaming {
        found.push(bearer(parameter(params.query.get(TOKEN_PARAMETER))?, TokenPlace::Query)?);
        found.push(bearer(subprotocol(headers)?, TokenPlace::Subprotocol)?);
    }
    let mut given = found.into_iter().filter(|credentials| *credentials != Credentials::Absent);
    match (given.next(), given.next()) {
        (None, _) => Ok(Credentials::Absent),
        (Some(credentials), None) => Ok(credentials),
        (Some(_), Some(_)) => Err(CredentialError::MoreThanOne),
    }
}

/// Reads the header `Authorization`. The scheme may be in any case; exactly one space follows it.
pub fn read_authorization(headers: &HeaderMap) -> Result<Credentials, CredentialError> {
    let mut lines = headers.get_all(AUTHORIZATION).iter();
    let Some(line) = lines.next() else {
        return Ok(Credentials::Absent);
    };
    if lines.next().is_some() {
        return Err(CredentialError::MoreThanOne);
    }
    let line = line.to_str().map_err(|_| CredentialError::MalformedHeader)?;
    let (scheme, value) = line.split_once(' ').ok_or(CredentialError::MalformedHeader)?;
    if scheme.is_empty() || value.is_empty() || value.starts_with(' ') {
        return Err(CredentialError::MalformedHeader);
    }
    match scheme.to_ascii_lowercase().as_str() {
        "bearer" => bearer(Some(value), TokenPlace::Header),
        "basic" => parse_basic(value).map(Credentials::Basic),
        other => Ok(Credentials::Other { scheme: other.to_owned(), value: value.to_owned() }),
    }
}

/// Decodes what follows the word `Basic`. Padding may be missing.
pub fn parse_basic(encoded: &str) -> Result<BasicCredentials, CredentialError> {
    const BASE64: GeneralPurpose = GeneralPurpose::new(
        &alphabet::STANDARD,
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
    );
    let bytes = BASE64.decode(encoded).map_err(|_| CredentialError::BasicNotBase64)?;
    let text = String::from_utf8(bytes).map_err(|_| CredentialError::BasicNotUtf8)?;
    let (user, password) = text.split_once(':').ok_or(CredentialError::BasicWithoutColon)?;
    Ok(BasicCredentials { user: user.to_owned(), password: password.to_owned() })
}

/// Several values of one name would be several tokens.
fn parameter(node: Option<&Node>) -> Result<Option<&str>, CredentialError> {
    match node {
        None | Some(Node::Null) => Ok(None),
        Some(Node::Text(text)) => Ok(Some(text.as_str()).filter(|text| !text.is_empty())),
        Some(Node::Repeated(_)) => Err(CredentialError::MoreThanOne),
        Some(_) => Err(CredentialError::MalformedToken),
    }
}

/// The first subprotocol that is offered; clients that use it offer no other.
fn subprotocol(headers: &HeaderMap) -> Result<Option<&str>, CredentialError> {
    let Some(line) = headers.get(SEC_WEBSOCKET_PROTOCOL) else {
        return Ok(None);
    };
    let line = line.to_str().map_err(|_| CredentialError::MalformedToken)?;
    Ok(line.split(',').map(str::trim).find(|offer| !offer.is_empty()))
}

fn bearer(token: Option<&str>, place: TokenPlace) -> Result<Credentials, CredentialError> {
    match token {
        None => Ok(Credentials::Absent),
        Some(token) if is_token(token) => {
            Ok(Credentials::Bearer(BearerToken { token: token.to_owned(), place }))
        }
        Some(_) => Err(CredentialError::MalformedToken),
    }
}

/// `b64token` of RFC 6750.
fn is_token(text: &str) -> bool {
    let body = text.trim_end_matches('=');
    !body.is_empty() && body.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte))
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent => f.write_str("Absent"),
            Self::Bearer(token) => f.debug_tuple("Bearer").field(token).finish(),
            Self::Basic(basic) => f.debug_tuple("Basic").field(basic).finish(),
            Self::Other { scheme, .. } => {
                f.debug_struct("Other").field("scheme", scheme).finish_non_exhaustive()
            }
        }
    }
}

impl fmt::Debug for BearerToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BearerToken").field("place", &self.place).finish_non_exhaustive()
    }
}

impl fmt::Debug for BasicCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BasicCredentials").field("user", &self.user).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
