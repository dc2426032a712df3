//! Files sent with a request.

use std::fmt;

use bytes::Bytes;

/// A file of a multipart body, whole in memory.
///
/// Name and type are what the client claims; what the bytes really are is for the media rules to find out.
#[derive(Clone, PartialEq, Eq)]
pub struct Upload {
    /// The last component of the file's name, if the client told one.
    pub filename: Option<String>,
    /// The media type the client claims, without parameters, in lower case.
    pub content_type: Option<String>,
    /// The content.
    pub bytes: Bytes,
}

impl fmt::Debug for Upload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upload")
            .field("filename", &self.filename)
            .field("content_type", &self.content_type)
            .field("bytes", &self.bytes.len())
            .finish()
    }
}
