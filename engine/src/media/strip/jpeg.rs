//! JPEG: a list of segments, some of them followed by entropy-coded data (ITU-T T.81, annex B).

use image::metadata::Orientation;

use super::{ByteReader, EXIF_MARKER, Stripped, orientation_of};
use crate::media::MediaError;
use crate::media::limits::Bounds;

pub(super) fn strip(bytes: &[u8], bounds: Bounds) -> Result<Stripped, MediaError> {
    let mut input = ByteReader::new(bytes);
    if input.array()? != START_OF_IMAGE {
        return Err(MediaError::Malformed("a JPEG starts with another marker"));
    }
    let mut output = Vec::with_capacity(bytes.len());
    output.extend(START_OF_IMAGE);
    let mut orientation = None;
    let mut frame_seen = false;
    let mut scans = 0;
    loop {
        let marker = next_marker(&mut input)?;
        if marker == END_OF_IMAGE {
            output.extend([0xFF, END_OF_IMAGE]);
            break;
        }
        if is_standalone(marker) {
            continue;
        }
        let content = segment_content(&mut input)?;
        match marker {
            0xC0..=0xC3 | 0xC5..=0xC7 | 0xC9..=0xCB | 0xCD..=0xCF => {
                if frame_seen {
                    return Err(MediaError::Malformed("a JPEG has two frame headers"));
                }
                frame_seen = true;
                check_frame_header(content, bounds)?;
                append(&mut output, marker, content);
            }
            DEFINE_HUFFMAN | DEFINE_ARITHMETIC | DEFINE_QUANTIZATION | DEFINE_RESTART_INTERVAL => {
                append(&mut output, marker, content)
            }
            START_OF_SCAN => {
                scans += 1;
                if scans > MAX_SCANS {
                    return Err(MediaError::Malformed("a JPEG has too many scans"));
                }
                append(&mut output, marker, content);
                output.extend(entropy_coded_data(&mut input)?);
            }
            APP0 => append_jfif(&mut output, content),
            APP1 if content.starts_with(EXIF_MARKER) => {
                orientation.get_or_insert_with(|| orientation_of(content));
            }
            APP2 if content.starts_with(b"ICC_PROFILE\0") => append(&mut output, marker, content),
            APP14 => append_adobe(&mut output, content),
            _ => {}
        }
    }
    if !frame_seen || scans == 0 {
        return Err(MediaError::Malformed("a JPEG has no picture"));
    }
    Ok(Stripped {
        bytes: output,
        orientation: orientation.unwrap_or(Orientation::NoTransforms),
        animated: false,
    })
}

const START_OF_IMAGE: [u8; 2] = [0xFF, 0xD8];
const END_OF_IMAGE: u8 = 0xD9;
const START_OF_SCAN: u8 = 0xDA;
const DEFINE_HUFFMAN: u8 = 0xC4;
const DEFINE_ARITHMETIC: u8 = 0xCC;
const DEFINE_QUANTIZATION: u8 = 0xDB;
const DEFINE_RESTART_INTERVAL: u8 = 0xDD;
const APP0: u8 = 0xE0;
const APP1: u8 = 0xE1;
const APP2: u8 = 0xE2;
const APP14: u8 = 0xEE;

/// Encoders use about ten. Each may cost the decoder a visit to every block for a handful of bytes, so
/// thousands of them in a small file would keep it busy for minutes.
const MAX_SCANS: u32 = 100;

/// The next marker; bytes that belong to no segment are skipped, as decoders do.
fn next_marker(input: &mut ByteReader<'_>) -> Result<u8, MediaError> {
    loop {
        while input.byte()? != 0xFF {}
        let mut code = input.byte()?;
        while code == 0xFF {
            code = input.byte()?;
        }
        if code != 0 {
            return Ok(code);
        }
    }
}

/// Markers without a segment: restarts, a second start, and one for temporary use.
fn is_standalone(marker: u8) -> bool {
    matches!(marker, 0x01 | 0xD0..=0xD8)
}

fn segment_content<'a>(input: &mut ByteReader<'a>) -> Result<&'a [u8], MediaError> {
    let length = usize::from(input.u16_big_endian()?);
    let content = length.checked_sub(2).ok_or(MediaError::Malformed("a JPEG segment is too short"))?;
    input.take(content)
}

fn append(output: &mut Vec<u8>, marker: u8, content: &[u8]) {
    let length = u16::try_from(content.len() + 2).expect("read from a segment of this length");
    output.extend([0xFF, marker]);
    output.extend(length.to_be_bytes());
    output.extend(content);
}

fn check_frame_header(content: &[u8], bounds: Bounds) -> Result<(), MediaError> {
    let mut header = ByteReader::new(content);
    let _precision = header.byte()?;
    let height = header.u16_big_endian()?;
    let width = header.u16_big_endian()?;
    bounds.check(u32::from(width), u32::from(height))
}

/// Data up to the next marker that is not part of it.
fn entropy_coded_data<'a>(input: &mut ByteReader<'a>) -> Result<&'a [u8], MediaError> {
    let data = input.rest();
    let mut length = 0;
    loop {
        let candidates = data.get(length..).ok_or(MediaError::Truncated)?;
        length += candidates.iter().position(|byte| *byte == 0xFF).ok_or(MediaError::Truncated)?;
        match data.get(length + 1) {
            None => return Err(MediaError::Truncated),
            // A stuffed 0xFF, or a restart.
            Some(0x00 | 0xD0..=0xD7) => length += 2,
            // Fill before a marker.
            Some(0xFF) => length += 1,
            Some(_) => return input.take(length),
        }
    }
}

/// The resolution of a JFIF header, without its preview picture.
fn append_jfif(output: &mut Vec<u8>, content: &[u8]) {
    if let (true, Some(facts)) = (content.starts_with(b"JFIF\0"), content.get(..12)) {
        append(output, APP0, &[facts, &[0, 0]].concat());
    }
}

/// Adobe's note on how colours are coded, without anything behind it.
fn append_adobe(output: &mut Vec<u8>, content: &[u8]) {
    if let (true, Some(facts)) = (content.starts_with(b"Adobe"), content.get(..12)) {
        append(output, APP14, facts);
    }
}
