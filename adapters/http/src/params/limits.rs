//! What parameters may look like inside a body of permitted length.

/// Bounds on the shape of parameters. Exceeding each has its own kind of [`ParseError`](super::ParseError).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ParamLimits {
    /// Names in a query, form or multipart body, repeated ones counted each time.
    pub parameters: usize,
    /// Values in a JSON document: every scalar, list and object.
    pub json_values: usize,
    /// Levels of a bracketed name: `a` has one, `a[b][]` three.
    pub name_depth: usize,
    /// Levels of a JSON document: `{}` has one, `{"a":[]}` two. Above 120, the JSON reader's own bound of 128
    /// comes first.
    pub json_depth: usize,
    /// Bytes of a name with its brackets, and of a key in JSON.
    pub name_bytes: usize,
    /// Bytes of a text.
    pub text_bytes: usize,
    /// Files in a multipart body.
    pub uploads: usize,
}

impl Default for ParamLimits {
    fn default() -> Self {
        Self {
            parameters: 1_000,
            json_values: 10_000,
            name_depth: 32,
            json_depth: 64,
            name_bytes: 1_024,
            text_bytes: 1 << 20,
            uploads: 16,
        }
    }
}
