//! Keys whose byte order is the order of their values.

use crate::id::Flake;

/// A key cannot be decoded: the row is damaged or belongs to another table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("undecodable key")]
pub struct KeyError;

/// A value with an order-preserving encoding: `a < b` exactly when `encode(a) < encode(b)` byte by byte.
///
/// Encodings are prefix-free within a tuple, so a shorter tuple is a prefix of every longer one that starts alike.
pub trait Key: Sized {
    /// Appends the encoding to `out`.
    fn encode(&self, out: &mut Vec<u8>);
    /// Reads one value back.
    fn decode(reader: &mut KeyReader<'_>) -> Result<Self, KeyError>;

    /// The encoding as bytes of its own.
    fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(40);
        self.encode(&mut out);
        out
    }
}

/// Reads encoded values from the front of a key.
#[derive(Debug)]
pub struct KeyReader<'a> {
    rest: &'a [u8],
}

impl<'a> KeyReader<'a> {
    /// Reads from `bytes`.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// The next `count` bytes.
    pub fn take(&mut self, count: usize) -> Result<&'a [u8], KeyError> {
        let (head, rest) = self.rest.split_at_checked(count).ok_or(KeyError)?;
        self.rest = rest;
        Ok(head)
    }

    /// Whether every byte was read.
    pub fn is_at_end(&self) -> bool {
        self.rest.is_empty()
    }
}

/// The smallest byte string greater than every string that starts with `prefix`; none for an all-`0xff` prefix.
pub fn successor(prefix: &[u8]) -> Option<Vec<u8>> {
    let end = prefix.iter().rposition(|byte| *byte != u8::MAX)?;
    let mut next = prefix[..=end].to_vec();
    next[end] += 1;
    Some(next)
}

macro_rules! big_endian_key {
    ($($number:ty),*) => {$(
        impl Key for $number {
            fn encode(&self, out: &mut Vec<u8>) {
                out.extend_from_slice(&self.to_be_bytes());
            }
            fn decode(reader: &mut KeyReader<'_>) -> Result<Self, KeyError> {
                let bytes = reader.take(size_of::<Self>())?;
                Ok(Self::from_be_bytes(bytes.try_into().map_err(|_| KeyError)?))
            }
        }
    )*};
}
big_endian_key!(u8, u32, u64);

impl Key for Flake {
    fn encode(&self, out: &mut Vec<u8>) {
        // Not `self.to_bytes()`: on a reference that is the method of this trait, which calls `encode`.
        out.extend_from_slice(&Self::to_bytes(*self));
    }
    fn decode(reader: &mut KeyReader<'_>) -> Result<Self, KeyError> {
        let bytes = reader.take(16)?;
        Ok(Self::from_bytes(bytes.try_into().map_err(|_| KeyError)?))
    }
}

impl Key for [u8; 32] {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self);
    }
    fn decode(reader: &mut KeyReader<'_>) -> Result<Self, KeyError> {
        reader.take(32)?.try_into().map_err(|_| KeyError)
    }
}

/// UTF-8 bytes, each NUL written as `00 ff`, ended by `00 00`: order of the texts, and no text is a prefix of another.
impl Key for String {
    fn encode(&self, out: &mut Vec<u8>) {
        encode_text(self, out);
        out.extend_from_slice(&[0, 0]);
    }
    fn decode(reader: &mut KeyReader<'_>) -> Result<Self, KeyError> {
        let mut bytes = Vec::new();
        loop {
            match reader.take(1)?[0] {
                0 => match reader.take(1)?[0] {
                    0 => break,
                    u8::MAX => bytes.push(0),
                    _ => return Err(KeyError),
                },
                byte => bytes.push(byte),
            }
        }
        Self::from_utf8(bytes).map_err(|_| KeyError)
    }
}

/// The encoding of a text without its end mark: the prefix shared by every text that starts with `text`.
pub(super) fn encode_text(text: &str, out: &mut Vec<u8>) {
    for byte in text.bytes() {
        out.push(byte);
        if byte == 0 {
            out.push(u8::MAX);
        }
    }
}

macro_rules! tuple_key {
    ($($name:ident),*) => {
        impl<$($name: Key),*> Key for ($($name,)*) {
            #[allow(non_snake_case)]
            fn encode(&self, out: &mut Vec<u8>) {
                let ($($name,)*) = self;
                $($name.encode(out);)*
            }
            fn decode(reader: &mut KeyReader<'_>) -> Result<Self, KeyError> {
                Ok(($($name::decode(reader)?,)*))
            }
        }
    };
}
tuple_key!(A);
tuple_key!(A, B);
tuple_key!(A, B, C);
tuple_key!(A, B, C, D);

/// Nothing: the prefix of every key.
impl Key for () {
    fn encode(&self, _out: &mut Vec<u8>) {}
    fn decode(_reader: &mut KeyReader<'_>) -> Result<Self, KeyError> {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
