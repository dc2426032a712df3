//! How large a request may be, as data, and the check of its head.
//!
//! | part | default | beyond it |
//! |---|---|---|
//! | URI | 8 KiB | 414 |
//! | header lines together | 16 KiB, 100 lines | 431 |
//! | JSON, form or query parameters | 1 MiB | 413 |
//! | body of a route that takes files | 40 MiB | 413 |
//!
//! What parameters may look like inside these bytes is limited by
//! [`ParamLimits`](crate::params::ParamLimits).

use http::StatusCode;
use http::request::Parts;
use thiserror::Error;

/// The sizes a request may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestLimits {
    /// Longest request target (path and query), in bytes.
    pub uri_bytes: usize,
    /// All header names and values together, in bytes, each line counted with its four bytes of punctuation.
    pub header_bytes: usize,
    /// Number of header lines.
    pub header_count: usize,
    /// Longest body of parameters, in bytes: JSON, URL-encoded, and multipart on routes that take no files.
    pub parameter_bytes: u64,
    /// Longest multipart body on routes that take files, in bytes, everything included.
    pub upload_bytes: u64,
}

impl Default for RequestLimits {
    fn default() -> Self {
        Self {
            uri_bytes: 8 << 10,
            header_bytes: 16 << 10,
            header_count: 100,
            parameter_bytes: 1 << 20,
            upload_bytes: 40 << 20,
        }
    }
}

/// What a route takes in its body; decides which limit applies to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BodyKind {
    /// Parameters only.
    #[default]
    Parameters,
    /// Parameters and files.
    Files,
}

impl RequestLimits {
    /// The longest multipart body a route of this kind takes, in bytes. Other media types are parameters
    /// everywhere.
    pub fn multipart_bytes(&self, kind: BodyKind) -> u64 {
        match kind {
            BodyKind::Parameters => self.parameter_bytes,
            BodyKind::Files => self.upload_bytes,
        }
    }

    /// Checks the request line and the headers. To be asked before anything else looks at the request.
    pub fn check_head(&self, head: &Parts) -> Result<(), HeadError> {
        let uri_bytes = match (head.uri.path_and_query(), head.uri.authority()) {
            (Some(target), None) => target.as_str().len(),
            // Absolute form. Longer than what was sent by at most a scheme.
            (target, authority) => {
                target.map_or(0, |target| target.as_str().len())
                    + authority.map_or(0, |authority| authority.as_str().len())
            }
        };
        if uri_bytes > self.uri_bytes {
            return Err(HeadError::UriTooLong { limit: self.uri_bytes });
        }
        if head.headers.len() > self.header_count {
            return Err(HeadError::TooManyHeaders { limit: self.header_count });
        }
        let header_bytes: usize =
            head.headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
        if header_bytes > self.header_bytes {
            return Err(HeadError::HeadersTooLarge { limit: self.header_bytes });
        }
        Ok(())
    }
}

/// Which part of a request's head is too large.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum HeadError {
    /// The request target is too long.
    #[error("the URI is longer than {limit} bytes")]
    UriTooLong {
        /// The limit in bytes.
        limit: usize,
    },
    /// There are too many header lines.
    #[error("there are more than {limit} header lines")]
    TooManyHeaders {
        /// The greatest number of lines.
        limit: usize,
    },
    /// The header lines are too long together.
    #[error("the headers are longer than {limit} bytes")]
    HeadersTooLarge {
        /// The limit in bytes.
        limit: usize,
    },
}

impl HeadError {
    /// The status code that HTTP has for this.
    pub fn status(self) -> StatusCode {
        match self {
            Self::UriTooLong { .. } => StatusCode::URI_TOO_LONG,
            Self::TooManyHeaders { .. } | Self::HeadersTooLarge { .. } => {
                StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::Request;

    fn head(uri: &str, headers: &[(String, String)]) -> Parts {
        let mut builder = Request::builder().uri(uri);
        for (name, value) in headers {
            builder = builder.header(name, value);
        }
        builder.body(()).unwrap().into_parts().0
    }

    fn check(uri: &str, headers: &[(String, String)]) -> Result<(), HeadError> {
        RequestLimits::default().check_head(&head(uri, headers))
    }

    #[test]
    fn an_ordinary_head_passes() {
        let headers = [("authorization".to_owned(), "Bearer abc".to_owned())];
        assert_eq!(check("/api/v1/timelines/home?limit=20", &headers), Ok(()));
    }

    #[test]
    fn the_uri_may_have_8_kib_and_no_byte_more() {
        let longest = format!("/?{}", "a".repeat(8190));
        assert_eq!(check(&longest, &[]), Ok(()));
        assert_eq!(check(&format!("{longest}a"), &[]), Err(HeadError::UriTooLong { limit: 8192 }));
    }

    #[test]
    fn the_absolute_form_counts_its_host() {
        let uri = format!("http://host.example/?{}", "a".repeat(8190));
        assert_eq!(check(&uri, &[]), Err(HeadError::UriTooLong { limit: 8192 }));
    }

    #[test]
    fn a_hundred_header_lines_pass_and_one_more_does_not() {
        let lines = |count| (0..count).map(|n| (format!("x-{n}"), String::new())).collect::<Vec<_>>();
        assert_eq!(check("/", &lines(100)), Ok(()));
        assert_eq!(check("/", &lines(101)), Err(HeadError::TooManyHeaders { limit: 100 }));
    }

    #[test]
    fn a_header_repeated_counts_each_time() {
        let lines = vec![("x-same".to_owned(), "v".to_owned()); 101];
        assert_eq!(check("/", &lines), Err(HeadError::TooManyHeaders { limit: 100 }));
    }

    #[test]
    fn header_lines_may_have_16_kib_together() {
        let line = |bytes: usize| [("a".to_owned(), "v".repeat(bytes - 5))];
        assert_eq!(check("/", &line(16384)), Ok(()));
        assert_eq!(check("/", &line(16385)), Err(HeadError::HeadersTooLarge { limit: 16384 }));
    }

    #[test]
    fn each_error_has_its_status() {
        assert_eq!(HeadError::UriTooLong { limit: 1 }.status(), 414);
        assert_eq!(HeadError::TooManyHeaders { limit: 1 }.status(), 431);
        assert_eq!(HeadError::HeadersTooLarge { limit: 1 }.status(), 431);
    }

    #[test]
    fn only_routes_for_files_take_large_multipart_bodies() {
        let limits = RequestLimits { parameter_bytes: 10, upload_bytes: 1000, ..RequestLimits::default() };
        assert_eq!(limits.multipart_bytes(BodyKind::Parameters), 10);
        assert_eq!(limits.multipart_bytes(BodyKind::Files), 1000);
    }
}
