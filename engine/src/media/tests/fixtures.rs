//! Picture files with and without things that must not be published.

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageFormat, Rgb, RgbImage, RgbaImage};

use crate::media::{MediaError, MediaLimits, PreparedMedia, prepare};

/// A text that every kind of planted metadata contains.
pub(super) const SECRET: &str = "KOINON-SECRET-PLACE";

pub(super) fn prepare_with_defaults(bytes: &[u8]) -> Result<PreparedMedia, MediaError> {
    prepare(bytes.to_vec(), &MediaLimits::default())
}

/// A picture whose pixels all differ a little, so that a wrong turn or crop shows.
pub(super) fn gradient(width: u32, height: u32) -> DynamicImage {
    RgbImage::from_fn(width, height, |x, y| {
        Rgb([(x * 255 / width) as u8, (y * 255 / height) as u8, ((x + y) % 64) as u8])
    })
    .into()
}

/// A picture that fades out to the right.
pub(super) fn fading(width: u32, height: u32) -> DynamicImage {
    RgbaImage::from_fn(width, height, |x, y| {
        image::Rgba([200, (y * 255 / height) as u8, 20, (255 - x * 255 / width) as u8])
    })
    .into()
}

pub(super) fn encode(pixels: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    pixels.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

pub(super) fn jpeg(pixels: &DynamicImage) -> Vec<u8> {
    let mut bytes = Vec::new();
    pixels.write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, 95)).unwrap();
    bytes
}

pub(super) fn decoded(bytes: &[u8]) -> DynamicImage {
    image::load_from_memory(bytes).unwrap()
}

pub(super) fn contains(haystack: &[u8], needle: &str) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle.as_bytes())
}

/// Nothing of what the fixtures plant is left.
pub(super) fn assert_clean(bytes: &[u8]) {
    for needle in ["Exif", "EXIF", "eXIf", "XMP", "adobe.com", "<script", SECRET] {
        assert!(!contains(bytes, needle), "{needle} is left in the file");
    }
}

/// An EXIF block as a camera writes it: orientation, maker, and a GPS position.
pub(super) fn exif(orientation: u16) -> Vec<u8> {
    let mut tiff = b"II\x2A\0\x08\0\0\0".to_vec();
    let maker = format!("{SECRET}\0");
    // Three entries of 12 bytes after the count, then the offset of the next directory.
    let directory_end = 8 + 2 + 3 * 12 + 4;
    let gps_directory = directory_end + maker.len() as u32;
    tiff.extend(3_u16.to_le_bytes());
    tiff.extend(entry(0x010F, 2, maker.len() as u32, directory_end));
    tiff.extend(entry(0x0112, 3, 1, u32::from(orientation)));
    tiff.extend(entry(0x8825, 4, 1, gps_directory));
    tiff.extend(0_u32.to_le_bytes());
    tiff.extend(maker.as_bytes());
    let latitude = gps_directory + 2 + 2 * 12 + 4;
    tiff.extend(2_u16.to_le_bytes());
    tiff.extend(entry(0x0001, 2, 2, u32::from(b'N')));
    tiff.extend(entry(0x0002, 5, 3, latitude));
    tiff.extend(0_u32.to_le_bytes());
    for part in [52_u32, 1, 30, 1, 59, 1] {
        tiff.extend(part.to_le_bytes());
    }
    tiff
}

fn entry(tag: u16, kind: u16, count: u32, value: u32) -> Vec<u8> {
    let mut entry = tag.to_le_bytes().to_vec();
    entry.extend(kind.to_le_bytes());
    entry.extend(count.to_le_bytes());
    entry.extend(value.to_le_bytes());
    entry
}

/// Puts segments right behind the start of a JPEG.
pub(super) fn with_segments(jpeg: &[u8], segments: &[(u8, &[u8])]) -> Vec<u8> {
    let mut bytes = jpeg[..2].to_vec();
    for (marker, content) in segments {
        bytes.extend([0xFF, *marker]);
        bytes.extend((content.len() as u16 + 2).to_be_bytes());
        bytes.extend(*content);
    }
    bytes.extend(&jpeg[2..]);
    bytes
}

pub(super) fn jpeg_with_orientation(pixels: &DynamicImage, orientation: u16) -> Vec<u8> {
    let content = [b"Exif\0\0", exif(orientation).as_slice()].concat();
    with_segments(&jpeg(pixels), &[(0xE1, &content)])
}

pub(super) fn png_chunk(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let mut chunk = (content.len() as u32).to_be_bytes().to_vec();
    chunk.extend(kind);
    chunk.extend(content);
    let checksum = crc32(&chunk[4..]);
    chunk.extend(checksum.to_be_bytes());
    chunk
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xEDB8_8320 * (crc & 1)))
    })
}

/// Puts chunks behind the header of a PNG.
pub(super) fn with_chunks(png: &[u8], chunks: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
    let header_end = 8 + 25;
    let mut bytes = png[..header_end].to_vec();
    for (kind, content) in chunks {
        bytes.extend(png_chunk(kind, content));
    }
    bytes.extend(&png[header_end..]);
    bytes
}

/// A PNG with this header and pixel data, without any doubt about its sense.
pub(super) fn raw_png(width: u32, height: u32, pixel_data: &[u8]) -> Vec<u8> {
    let mut header = width.to_be_bytes().to_vec();
    header.extend(height.to_be_bytes());
    header.extend([8, 2, 0, 0, 0]);
    let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
    bytes.extend(png_chunk(b"IHDR", &header));
    bytes.extend(png_chunk(b"IDAT", pixel_data));
    bytes.extend(png_chunk(b"IEND", b""));
    bytes
}

/// A GIF of `frames` frames of one colour each, with the blocks given before the first frame.
pub(super) fn gif(width: u16, height: u16, frames: usize, blocks: &[&[u8]]) -> Vec<u8> {
    let mut bytes = b"GIF89a".to_vec();
    bytes.extend(width.to_le_bytes());
    bytes.extend(height.to_le_bytes());
    // A table of two colours, 0 red and 1 blue.
    bytes.extend([0x80, 0, 0, 255, 0, 0, 0, 0, 255]);
    for block in blocks {
        bytes.extend(*block);
    }
    for _ in 0..frames {
        bytes.extend(GRAPHIC_CONTROL);
        bytes.extend(gif_image(width, height));
    }
    bytes.push(0x3B);
    bytes
}

/// Ten hundredths of a second.
pub(super) const GRAPHIC_CONTROL: [u8; 8] = [0x21, 0xF9, 4, 0, 10, 0, 0, 0];

/// An image block of the second colour: each pixel a code of three bits, with a clear code before every
/// second one so that the codes do not grow.
fn gif_image(width: u16, height: u16) -> Vec<u8> {
    let mut block = vec![0x2C, 0, 0, 0, 0];
    block.extend(width.to_le_bytes());
    block.extend(height.to_le_bytes());
    block.extend([0, 2]);
    let pixels = usize::from(width) * usize::from(height);
    let codes = (0..pixels).flat_map(|_| [CLEAR, 1]).chain([END_OF_INFORMATION]);
    let bits: Vec<bool> = codes.flat_map(|code| (0..3).map(move |bit| code >> bit & 1 == 1)).collect();
    let data: Vec<u8> = bits
        .chunks(8)
        .map(|bits| bits.iter().enumerate().fold(0, |byte, (bit, set)| byte | u8::from(*set) << bit))
        .collect();
    for sub_block in data.chunks(255) {
        block.push(sub_block.len() as u8);
        block.extend(sub_block);
    }
    block.push(0);
    block
}

const CLEAR: u8 = 4;
const END_OF_INFORMATION: u8 = 5;

pub(super) fn riff(chunks: &[(&[u8; 4], Vec<u8>)]) -> Vec<u8> {
    let mut content = b"WEBP".to_vec();
    content.extend(webp_chunks(chunks));
    let mut bytes = b"RIFF".to_vec();
    bytes.extend((content.len() as u32).to_le_bytes());
    bytes.extend(content);
    bytes
}

fn webp_chunks(chunks: &[(&[u8; 4], Vec<u8>)]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (kind, content) in chunks {
        bytes.extend(*kind);
        bytes.extend((content.len() as u32).to_le_bytes());
        bytes.extend(content);
        if content.len() % 2 == 1 {
            bytes.push(0);
        }
    }
    bytes
}

/// The content of the one chunk of a simple lossless WebP.
pub(super) fn lossless(pixels: &DynamicImage) -> Vec<u8> {
    let file = encode(pixels, ImageFormat::WebP);
    assert_eq!(&file[12..16], b"VP8L");
    let length = u32::from_le_bytes(file[16..20].try_into().unwrap()) as usize;
    file[20..20 + length].to_vec()
}

/// The header of the extended format.
pub(super) fn canvas(flags: u8, width: u32, height: u32) -> Vec<u8> {
    let mut content = vec![flags, 0, 0, 0];
    content.extend(&(width - 1).to_le_bytes()[..3]);
    content.extend(&(height - 1).to_le_bytes()[..3]);
    content
}

/// A frame that fills the canvas, with the chunks given beside its picture.
pub(super) fn animation_frame(pixels: &DynamicImage, beside: &[(&[u8; 4], Vec<u8>)]) -> Vec<u8> {
    let mut content = vec![0; 6];
    content.extend(&(pixels.width() - 1).to_le_bytes()[..3]);
    content.extend(&(pixels.height() - 1).to_le_bytes()[..3]);
    content.extend([100, 0, 0, 0]);
    content.extend(webp_chunks(beside));
    content.extend(webp_chunks(&[(b"VP8L", lossless(pixels))]));
    content
}

pub(super) const ICC_FLAG: u8 = 0x20;
pub(super) const ALPHA_FLAG: u8 = 0x10;
pub(super) const EXIF_FLAG: u8 = 0x08;
pub(super) const XMP_FLAG: u8 = 0x04;
pub(super) const ANIMATION_FLAG: u8 = 0x02;

/// As much of an ICC profile as is looked at here.
pub(super) fn color_profile(color_space: &[u8; 4]) -> Vec<u8> {
    let mut profile = vec![0; 132];
    profile[3] = 132;
    profile[16..20].copy_from_slice(color_space);
    profile
}
