//! WebP: a RIFF file of chunks (RFC 9649).

use image::metadata::Orientation;

use super::{ByteReader, Stripped, orientation_of};
use crate::media::MediaError;
use crate::media::limits::Bounds;

pub(super) fn strip(bytes: &[u8], bounds: Bounds) -> Result<Stripped, MediaError> {
    let mut input = ByteReader::new(bytes);
    let riff = Chunk::read(&mut input)?;
    let mut input = ByteReader::new(riff.content);
    if riff.kind != *b"RIFF" || input.array()? != *b"WEBP" {
        return Err(MediaError::Malformed("a WebP has another signature"));
    }
    let mut output = b"RIFF\0\0\0\0WEBP".to_vec();
    output.reserve(riff.content.len());
    let mut orientation = None;
    let mut extended = false;
    let mut frames = 0_u32;
    let mut pictures = 0_u32;
    while !input.is_empty() {
        let chunk = Chunk::read(&mut input)?;
        match &chunk.kind {
            b"VP8X" if !extended && output.len() == 12 => {
                extended = true;
                append(&mut output, *b"VP8X", &canvas(chunk.content, bounds)?);
            }
            b"VP8 " | b"VP8L" if pictures == 0 => {
                pictures += 1;
                check_bitstream(&chunk, bounds)?;
                append(&mut output, chunk.kind, chunk.content);
                if !extended {
                    // In the simple format the file consists of this chunk alone.
                    break;
                }
            }
            b"ANMF" if extended => {
                frames += 1;
                append(&mut output, *b"ANMF", &frame(chunk.content, bounds)?);
            }
            b"ICCP" | b"ANIM" | b"ALPH" if extended => {
                append(&mut output, chunk.kind, chunk.content);
            }
            b"EXIF" => {
                orientation.get_or_insert_with(|| orientation_of(chunk.content));
            }
            _ => {}
        }
    }
    if frames + pictures == 0 {
        return Err(MediaError::Malformed("a WebP has no picture"));
    }
    let size = u32::try_from(output.len() - 8).map_err(|_| MediaError::Malformed(TOO_LONG))?;
    output[4..8].copy_from_slice(&size.to_le_bytes());
    Ok(Stripped {
        bytes: output,
        orientation: orientation.unwrap_or(Orientation::NoTransforms),
        animated: frames > 1,
    })
}

const TOO_LONG: &str = "a WebP chunk is too long";

struct Chunk<'a> {
    kind: [u8; 4],
    content: &'a [u8],
}

impl<'a> Chunk<'a> {
    fn read(input: &mut ByteReader<'a>) -> Result<Self, MediaError> {
        let kind = input.array()?;
        let length = usize::try_from(input.u32_little_endian()?).map_err(|_| MediaError::Truncated)?;
        let content = input.take(length)?;
        if length % 2 == 1 && !input.is_empty() {
            input.byte()?;
        }
        Ok(Self { kind, content })
    }
}

fn append(output: &mut Vec<u8>, kind: [u8; 4], content: &[u8]) {
    let length = u32::try_from(content.len()).expect("part of a RIFF file, whose length has 32 bits");
    output.extend(kind);
    output.extend(length.to_le_bytes());
    output.extend(content);
    if content.len() % 2 == 1 {
        output.push(0);
    }
}

/// The header of the extended format, no longer announcing metadata.
fn canvas(content: &[u8], bounds: Bounds) -> Result<[u8; 10], MediaError> {
    let mut header: [u8; 10] = ByteReader::new(content).array()?;
    let mut fields = ByteReader::new(&header[4..]);
    let width = fields.u24_little_endian()? + 1;
    let height = fields.u24_little_endian()? + 1;
    bounds.check(width, height)?;
    header[0] &= !(HAS_EXIF | HAS_XMP);
    Ok(header)
}

const HAS_EXIF: u8 = 0x08;
const HAS_XMP: u8 = 0x04;

/// A frame of an animation: its place and duration, and the chunks of its picture.
fn frame(content: &[u8], bounds: Bounds) -> Result<Vec<u8>, MediaError> {
    let mut input = ByteReader::new(content);
    let header: [u8; 16] = input.array()?;
    let mut fields = ByteReader::new(&header[6..]);
    let width = fields.u24_little_endian()? + 1;
    let height = fields.u24_little_endian()? + 1;
    bounds.check(width, height)?;
    let mut output = header.to_vec();
    while !input.is_empty() {
        let chunk = Chunk::read(&mut input)?;
        match &chunk.kind {
            b"ALPH" => append(&mut output, chunk.kind, chunk.content),
            b"VP8 " | b"VP8L" => {
                check_bitstream(&chunk, bounds)?;
                append(&mut output, chunk.kind, chunk.content);
                return Ok(output);
            }
            _ => {}
        }
    }
    Err(MediaError::Malformed("a WebP frame has no picture"))
}

/// Checks the size in the picture data itself, which decoders obey before they compare it with the canvas.
fn check_bitstream(chunk: &Chunk<'_>, bounds: Bounds) -> Result<(), MediaError> {
    let mut fields = ByteReader::new(chunk.content);
    if chunk.kind == *b"VP8L" {
        let _signature = fields.byte()?;
        let sizes = fields.u32_little_endian()?;
        return bounds.check((sizes & 0x3FFF) + 1, ((sizes >> 14) & 0x3FFF) + 1);
    }
    let _frame_tag_and_start_code = fields.take(6)?;
    let width = fields.u16_little_endian()? & 0x3FFF;
    let height = fields.u16_little_endian()? & 0x3FFF;
    bounds.check(u32::from(width), u32::from(height))
}
