//! The one id of everything: 128 bits, ordered by time, rendered four ways.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Milliseconds between 1970-01-01 and 1990-01-01, the epoch of [`Flake::number`].
const NUMBER_EPOCH: u64 = 631_152_000_000;
const SEQUENCE_BITS: u32 = 12;
const RANDOM_BITS: u32 = 68;

/// An id in ULID layout: 48 bits of Unix milliseconds, a 12-bit sequence, 68 random bits.
///
/// The order of ids is the order of their creation, as values, as bytes and in each of the four renderings:
/// - `to_string()`: 26 characters of Crockford's base 32 (Mastodon and Pleroma dialects, the default);
/// - [`number`](Self::number): below 2^53 until 2059 (Friendica; Mastodon with `id_format = "snowflake"`);
/// - [`guid`](Self::guid): 32 lower-case hexadecimal digits (diaspora\*);
/// - [`to_bytes`](Self::to_bytes): big-endian (keys of the store).
///
/// ```
/// use koinon_engine::id::Flake;
///
/// let id = Flake::from_parts(1_790_000_000_000, 7, 42);
/// assert_eq!(id.to_string().parse(), Ok(id));
/// assert_eq!(id.number(), (1_790_000_000_000 - 631_152_000_000) << 12 | 7);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Flake(u128);

impl Flake {
    /// Smaller than every id.
    pub const MIN: Self = Self(0);
    /// Not smaller than any id.
    pub const MAX: Self = Self(u128::MAX);
    /// Largest sequence number within one millisecond.
    pub const MAX_SEQUENCE: u16 = (1 << SEQUENCE_BITS) - 1;

    /// An id of `milliseconds` since 1970 (48 bits), `sequence` (12 bits) and `random` (68 bits); higher bits are cut.
    pub const fn from_parts(milliseconds: u64, sequence: u16, random: u128) -> Self {
        let time = (milliseconds as u128 & ((1 << 48) - 1)) << 80;
        let sequence = (sequence as u128 & Self::MAX_SEQUENCE as u128) << RANDOM_BITS;
        Self(time | sequence | random & ((1 << RANDOM_BITS) - 1))
    }

    /// Milliseconds since 1970 at which it was made.
    pub const fn milliseconds(self) -> u64 {
        (self.0 >> 80) as u64
    }

    /// Its place among the ids of the same millisecond.
    pub const fn sequence(self) -> u16 {
        (self.0 >> RANDOM_BITS) as u16 & Self::MAX_SEQUENCE
    }

    /// Milliseconds since 1990-01-01 and sequence as one number; exact in every JSON reader until 2059.
    pub const fn number(self) -> u64 {
        (self.milliseconds().saturating_sub(NUMBER_EPOCH)) << SEQUENCE_BITS | self.sequence() as u64
    }

    /// 32 lower-case hexadecimal digits.
    pub fn guid(self) -> String {
        format!("{:032x}", self.0)
    }

    /// The 16 bytes, big-endian.
    pub const fn to_bytes(self) -> [u8; 16] {
        self.0.to_be_bytes()
    }

    /// From its 16 bytes.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(u128::from_be_bytes(bytes))
    }

    /// The largest id smaller than this one, if any.
    pub const fn predecessor(self) -> Option<Self> {
        match self.0.checked_sub(1) {
            Some(value) => Some(Self(value)),
            None => None,
        }
    }

    /// From a GUID in its canonical spelling.
    pub fn from_guid(text: &str) -> Result<Self, InvalidId> {
        let canonical =
            text.len() == 32 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if !canonical {
            return Err(InvalidId);
        }
        u128::from_str_radix(text, 16).map(Self).map_err(|_| InvalidId)
    }
}

impl fmt::Display for Flake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut buffer = [0; ulid::ULID_LEN];
        f.write_str(ulid::Ulid(self.0).array_to_str(&mut buffer))
    }
}

impl fmt::Debug for Flake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Flake {
    type Err = InvalidId;

    /// Only the canonical spelling: the `ulid` crate lets lower case, look-alike letters and overflow through,
    /// which would give one object several ids.
    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let id = ulid::Ulid::from_string(text).map(|id| Self(id.0)).map_err(|_| InvalidId)?;
        let mut buffer = [0; ulid::ULID_LEN];
        if ulid::Ulid(id.0).array_to_str(&mut buffer) == text { Ok(id) } else { Err(InvalidId) }
    }
}

impl Serialize for Flake {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut buffer = [0; ulid::ULID_LEN];
        serializer.serialize_str(ulid::Ulid(self.0).array_to_str(&mut buffer))
    }
}

impl<'de> Deserialize<'de> for Flake {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// The text is no id in any canonical spelling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an id")]
pub struct InvalidId;

/// An id as a client wrote it: one exact id, or a number that names the id made in that millisecond and sequence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdInput {
    /// A flake or GUID.
    Exact(Flake),
    /// A number, standing for the ids in [`IdInput::range`].
    Number(u64),
}

impl IdInput {
    /// The smallest and the largest id it can mean.
    pub fn range(self) -> (Flake, Flake) {
        match self {
            Self::Exact(id) => (id, id),
            Self::Number(number) => {
                let milliseconds = (number >> SEQUENCE_BITS) + NUMBER_EPOCH;
                let sequence = number as u16 & Flake::MAX_SEQUENCE;
                (
                    Flake::from_parts(milliseconds, sequence, 0),
                    Flake::from_parts(milliseconds, sequence, u128::MAX),
                )
            }
        }
    }
}

impl FromStr for IdInput {
    type Err = InvalidId;

    /// Accepts every form on every dialect: 26 characters of base 32, 32 hexadecimal digits, or a decimal
    /// number without leading zeros of at most 16 digits.
    fn from_str(text: &str) -> Result<Self, InvalidId> {
        match text.len() {
            26 => text.parse().map(Self::Exact),
            32 => Flake::from_guid(text).map(Self::Exact),
            1..=16
                if text.bytes().all(|byte| byte.is_ascii_digit())
                    && (text == "0" || !text.starts_with('0')) =>
            {
                text.parse().map(Self::Number).map_err(|_| InvalidId)
            }
            _ => Err(InvalidId),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// R1: string order is creation order, in each rendering.
        #[test]
        fn every_rendering_sorts_like_the_id(a in 631_152_000_000u64..1 << 42, b in 631_152_000_000u64..1 << 42, s in 0u16..4096, r: u128) {
            let (x, y) = (Flake::from_parts(a, s, r), Flake::from_parts(b, s / 2, r / 3));
            prop_assert_eq!(x.cmp(&y), x.to_string().cmp(&y.to_string()));
            prop_assert_eq!(x.cmp(&y), x.guid().cmp(&y.guid()));
            prop_assert_eq!(x.cmp(&y), x.to_bytes().cmp(&y.to_bytes()));
            if x.number() != y.number() {
                prop_assert_eq!(x.cmp(&y), x.number().cmp(&y.number()));
            }
        }

        #[test]
        fn every_form_is_read_back(ms in NUMBER_EPOCH..NUMBER_EPOCH + (1 << 41), s in 0u16..4096, r: u128) {
            let id = Flake::from_parts(ms, s, r);
            prop_assert_eq!(id.to_string().parse::<IdInput>(), Ok(IdInput::Exact(id)));
            prop_assert_eq!(id.guid().parse::<IdInput>(), Ok(IdInput::Exact(id)));
            let (low, high) = id.number().to_string().parse::<IdInput>().unwrap().range();
            prop_assert!(low <= id && id <= high);
            prop_assert!(id.number() < 1 << 53);
        }
    }

    #[test]
    fn only_the_canonical_spelling_is_an_id() {
        let id = Flake::from_parts(1_790_000_000_000, 1, 99);
        let text = id.to_string();
        assert!(text.to_lowercase().parse::<IdInput>().is_err(), "lower case");
        assert!("8ZZZZZZZZZZZZZZZZZZZZZZZZZ".parse::<IdInput>().is_err(), "overflow");
        assert!(text.replace('0', "O").parse::<IdInput>().is_err(), "look-alike");
        assert!(id.guid().to_uppercase().parse::<IdInput>().is_err(), "upper-case GUID");
        assert!("007".parse::<IdInput>().is_err(), "leading zeros");
        assert!("".parse::<IdInput>().is_err());
    }
}
