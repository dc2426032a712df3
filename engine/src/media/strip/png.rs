//! PNG and APNG: a signature and a list of chunks (W3C PNG, third edition, section 5).

use image::metadata::Orientation;

use super::{ByteReader, Stripped, orientation_of};
use crate::media::MediaError;
use crate::media::limits::Bounds;

pub(super) fn strip(bytes: &[u8], bounds: Bounds) -> Result<Stripped, MediaError> {
    let mut input = ByteReader::new(bytes);
    if input.array()? != *SIGNATURE {
        return Err(MediaError::Malformed("a PNG has another signature"));
    }
    let mut output = Vec::with_capacity(bytes.len());
    output.extend(SIGNATURE);
    let mut orientation = None;
    let mut animated = false;
    let mut first = true;
    loop {
        let chunk = Chunk::read(&mut input)?;
        if first != (chunk.kind == *b"IHDR") {
            return Err(MediaError::Malformed("a PNG does not have one header"));
        }
        first = false;
        match &chunk.kind {
            b"IHDR" => check_size_at(chunk.content, 0, bounds)?,
            b"fcTL" => check_size_at(chunk.content, 4, bounds)?,
            b"acTL" => animated = ByteReader::new(chunk.content).u32_big_endian()? > 1,
            b"eXIf" => {
                orientation.get_or_insert_with(|| orientation_of(chunk.content));
            }
            _ => {}
        }
        if chunk.is_kept() {
            output.extend(chunk.whole);
        }
        if chunk.kind == *b"IEND" {
            if !chunk.content.is_empty() {
                return Err(MediaError::Malformed("a PNG ends with data in its end marker"));
            }
            break;
        }
    }
    Ok(Stripped { bytes: output, orientation: orientation.unwrap_or(Orientation::NoTransforms), animated })
}

const SIGNATURE: &[u8; 8] = b"\x89PNG\r\n\x1a\n";

/// Pixels, palette, colour, resolution and animation, each with the longest content it can have, in bytes.
/// Text, EXIF, time and everything private is not among them.
const KEPT_CHUNKS: [(&[u8; 4], usize); 18] = [
    (b"IHDR", 13),
    (b"PLTE", 768),
    (b"IDAT", usize::MAX),
    (b"IEND", 0),
    (b"tRNS", 256),
    (b"cHRM", 32),
    (b"gAMA", 4),
    (b"iCCP", usize::MAX),
    (b"sBIT", 4),
    (b"sRGB", 1),
    (b"cICP", 4),
    (b"mDCV", 24),
    (b"cLLI", 8),
    (b"bKGD", 6),
    (b"pHYs", 9),
    (b"acTL", 8),
    (b"fcTL", 26),
    (b"fdAT", usize::MAX),
];

struct Chunk<'a> {
    kind: [u8; 4],
    content: &'a [u8],
    /// With its length, kind and checksum.
    whole: &'a [u8],
}

impl<'a> Chunk<'a> {
    fn read(input: &mut ByteReader<'a>) -> Result<Self, MediaError> {
        let start = input.rest();
        let length = usize::try_from(input.u32_big_endian()?).map_err(|_| MediaError::Truncated)?;
        let kind = input.array()?;
        let content = input.take(length)?;
        let _checksum = input.take(4)?;
        Ok(Self { kind, content, whole: &start[..length + 12] })
    }

    fn is_kept(&self) -> bool {
        KEPT_CHUNKS.iter().any(|(kind, longest)| self.kind == **kind && self.content.len() <= *longest)
    }
}

fn check_size_at(content: &[u8], offset: usize, bounds: Bounds) -> Result<(), MediaError> {
    let mut fields = ByteReader::new(content);
    fields.take(offset)?;
    let width = fields.u32_big_endian()?;
    let height = fields.u32_big_endian()?;
    bounds.check(width, height)
}
