//! GIF: a screen description and a list of blocks (CompuServe GIF89a).

use image::metadata::Orientation;

use super::{ByteReader, Stripped};
use crate::media::MediaError;
use crate::media::limits::Bounds;

pub(super) fn strip(bytes: &[u8], bounds: Bounds) -> Result<Stripped, MediaError> {
    let mut input = ByteReader::new(bytes);
    let mut output = Vec::with_capacity(bytes.len());
    copy_screen(&mut input, &mut output, bounds)?;
    let mut frames = 0_u32;
    let mut looped = false;
    // It describes the image that follows, and is dropped with a text that follows.
    let mut graphic_control: Option<[u8; 4]> = None;
    // Some encoders forget the trailer.
    while !input.is_empty() {
        match input.byte()? {
            TRAILER => break,
            // Surplus block terminators, which decoders skip.
            0 => {}
            IMAGE => {
                if let Some(control) = graphic_control.take() {
                    output.extend([EXTENSION, GRAPHIC_CONTROL, 4]);
                    output.extend(control);
                    output.push(0);
                }
                copy_image(&mut input, &mut output, bounds)?;
                frames += 1;
            }
            EXTENSION => match input.byte()? {
                GRAPHIC_CONTROL => {
                    graphic_control =
                        sub_blocks(&mut input)?.first().and_then(|block| (*block).try_into().ok());
                }
                PLAIN_TEXT => {
                    sub_blocks(&mut input)?;
                    graphic_control = None;
                }
                APPLICATION => {
                    if let Some(repetitions) = loop_count(&sub_blocks(&mut input)?)
                        && !looped
                    {
                        looped = true;
                        output.extend(b"\x21\xFF\x0BNETSCAPE2.0\x03\x01");
                        output.extend(repetitions);
                        output.push(0);
                    }
                }
                _ => {
                    sub_blocks(&mut input)?;
                }
            },
            _ => return Err(MediaError::Malformed("a GIF has an unknown block")),
        }
    }
    if frames == 0 {
        return Err(MediaError::Truncated);
    }
    output.push(TRAILER);
    Ok(Stripped { bytes: output, orientation: Orientation::NoTransforms, animated: frames > 1 })
}

const TRAILER: u8 = 0x3B;
const IMAGE: u8 = 0x2C;
const EXTENSION: u8 = 0x21;
const GRAPHIC_CONTROL: u8 = 0xF9;
const PLAIN_TEXT: u8 = 0x01;
const APPLICATION: u8 = 0xFF;

fn copy_screen(input: &mut ByteReader<'_>, output: &mut Vec<u8>, bounds: Bounds) -> Result<(), MediaError> {
    let signature: [u8; 6] = input.array()?;
    if signature != *b"GIF87a" && signature != *b"GIF89a" {
        return Err(MediaError::Malformed("a GIF has another signature"));
    }
    let descriptor: [u8; 7] = input.array()?;
    let mut fields = ByteReader::new(&descriptor);
    let width = fields.u16_little_endian()?;
    let height = fields.u16_little_endian()?;
    bounds.check(u32::from(width), u32::from(height))?;
    output.extend(signature);
    output.extend(descriptor);
    output.extend(color_table(input, fields.byte()?)?);
    Ok(())
}

fn copy_image(input: &mut ByteReader<'_>, output: &mut Vec<u8>, bounds: Bounds) -> Result<(), MediaError> {
    let descriptor: [u8; 9] = input.array()?;
    let mut fields = ByteReader::new(&descriptor[4..]);
    let width = fields.u16_little_endian()?;
    let height = fields.u16_little_endian()?;
    bounds.check(u32::from(width), u32::from(height))?;
    output.push(IMAGE);
    output.extend(descriptor);
    output.extend(color_table(input, fields.byte()?)?);
    output.push(input.byte()?);
    loop {
        let length = input.byte()?;
        output.push(length);
        if length == 0 {
            return Ok(());
        }
        output.extend(input.take(usize::from(length))?);
    }
}

/// The colour table that the flags of a descriptor announce, empty if there is none.
fn color_table<'a>(input: &mut ByteReader<'a>, flags: u8) -> Result<&'a [u8], MediaError> {
    if flags & 0x80 == 0 {
        return Ok(&[]);
    }
    input.take(3 << ((flags & 0x07) + 1))
}

fn sub_blocks<'a>(input: &mut ByteReader<'a>) -> Result<Vec<&'a [u8]>, MediaError> {
    let mut blocks = Vec::new();
    loop {
        match input.byte()? {
            0 => return Ok(blocks),
            length => blocks.push(input.take(usize::from(length))?),
        }
    }
}

/// How often the animation repeats, if that is what the application extension says.
fn loop_count(blocks: &[&[u8]]) -> Option<[u8; 2]> {
    match blocks {
        [b"NETSCAPE2.0" | b"ANIMEXTS1.0", [1, low, high], ..] => Some([*low, *high]),
        _ => None,
    }
}
