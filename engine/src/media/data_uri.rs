//! Files that clients send as text: `data:image/png;base64,...`.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// A decoded `data:` URI.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataUri {
    /// The media type the sender claims, lower-cased and without parameters; `None` if there is none.
    pub declared_type: Option<String>,
    /// The content. Never empty.
    pub bytes: Vec<u8>,
}

/// Why a text is not a usable `data:` URI.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DataUriError {
    /// It does not start with `data:` or has no comma.
    #[error("this is not a data URI")]
    NotADataUri,
    /// Its content is not marked as base64.
    #[error("only base64 data URIs are accepted")]
    NotBase64,
    /// Its content is not base64.
    #[error("the data URI holds invalid base64")]
    InvalidBase64(#[source] base64::DecodeError),
    /// It has no content.
    #[error("the data URI is empty")]
    Empty,
}

/// Decodes a base64 `data:` URI. White space within the content and missing padding are forgiven.
///
/// # Errors
/// See [`DataUriError`].
pub fn decode_data_uri(uri: &str) -> Result<DataUri, DataUriError> {
    let uri = uri.trim_ascii();
    let scheme = uri.get(..5).ok_or(DataUriError::NotADataUri)?;
    if !scheme.eq_ignore_ascii_case("data:") {
        return Err(DataUriError::NotADataUri);
    }
    let (header, content) = uri[5..].split_once(',').ok_or(DataUriError::NotADataUri)?;
    let mut header_parts = header.split(';').map(str::trim);
    let declared_type =
        header_parts.next().filter(|declared| !declared.is_empty()).map(str::to_ascii_lowercase);
    if !header_parts.next_back().is_some_and(|encoding| encoding.eq_ignore_ascii_case("base64")) {
        return Err(DataUriError::NotBase64);
    }
    let content: Vec<u8> = content.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let bytes = FORGIVING_BASE64.decode(content).map_err(DataUriError::InvalidBase64)?;
    if bytes.is_empty() {
        return Err(DataUriError::Empty);
    }
    Ok(DataUri { declared_type, bytes })
}

const FORGIVING_BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

#[cfg(test)]
mod tests {
    use super::*;

    // A10
    #[test]
    fn a_base64_data_uri_gives_its_bytes_and_its_declared_type() {
        let decoded = decode_data_uri("data:image/PNG;base64,iVBORw0KGgo=");
        assert_eq!(
            decoded,
            Ok(DataUri { declared_type: Some("image/png".to_owned()), bytes: b"\x89PNG\r\n\x1a\n".to_vec() })
        );
    }

    #[test]
    fn parameters_white_space_and_missing_padding_are_forgiven() {
        for uri in [
            "data:text/plain;charset=utf-8;base64,aGVsbG8",
            "DATA:text/plain;BASE64,aGVs\r\nbG8=",
            "  data:text/plain;base64,aGVsbG8=\n",
        ] {
            assert_eq!(decode_data_uri(uri).map(|it| it.bytes), Ok(b"hello".to_vec()));
        }
    }

    #[test]
    fn a_missing_type_is_none() {
        assert_eq!(decode_data_uri("data:;base64,aGVsbG8=").map(|it| it.declared_type), Ok(None));
    }

    #[test]
    fn everything_else_is_refused_by_its_own_kind() {
        for text in ["", "dat", "daté:", "https://example.org/a.png", "data:image/png;base64"] {
            assert_eq!(decode_data_uri(text), Err(DataUriError::NotADataUri), "{text}");
        }
        for text in
            ["data:,hello", "data:image/png,hello", "data:base64,hello", "data:image/png;base64;x,aGk="]
        {
            assert_eq!(decode_data_uri(text), Err(DataUriError::NotBase64), "{text}");
        }
        for text in ["data:image/png;base64,", "data:image/png;base64, \n"] {
            assert_eq!(decode_data_uri(text), Err(DataUriError::Empty), "{text}");
        }
        for text in ["data:image/png;base64,a", "data:image/png;base64,<b>!", "data:image/png;base64,%2B%2B"]
        {
            assert!(matches!(decode_data_uri(text), Err(DataUriError::InvalidBase64(_))), "{text}");
        }
    }
}
