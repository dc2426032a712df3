//! Picture files, with and without what must not be published.

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};

/// A text that the metadata of [`jpeg_of_a_place`] contain.
pub(crate) const SECRET: &[u8] = b"KOINON-SECRET-PLACE";

fn gradient(width: u32, height: u32) -> DynamicImage {
    RgbImage::from_fn(width, height, |x, y| Rgb([(x * 255 / width) as u8, (y * 255 / height) as u8, 90]))
        .into()
}

pub(crate) fn png(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    gradient(width, height).write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

/// A photograph whose EXIF block tells a secret.
pub(crate) fn jpeg_of_a_place(width: u32, height: u32) -> Vec<u8> {
    let mut jpeg = Vec::new();
    gradient(width, height).write_with_encoder(JpegEncoder::new_with_quality(&mut jpeg, 90)).unwrap();
    // A directory of one entry: the maker of the camera.
    let mut exif = b"Exif\0\0II\x2A\0\x08\0\0\0\x01\0\x0F\x01\x02\0".to_vec();
    exif.extend(u32::try_from(SECRET.len() + 1).unwrap().to_le_bytes());
    exif.extend(26_u32.to_le_bytes());
    exif.extend(0_u32.to_le_bytes());
    exif.extend(SECRET);
    exif.push(0);
    let mut bytes = jpeg[..2].to_vec();
    bytes.extend([0xFF, 0xE1]);
    bytes.extend(u16::try_from(exif.len() + 2).unwrap().to_be_bytes());
    bytes.extend(exif);
    bytes.extend(&jpeg[2..]);
    bytes
}

pub(crate) fn contains(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle)
}

/// Width and height of a picture file.
pub(crate) fn size(bytes: &[u8]) -> (u32, u32) {
    let picture = image::load_from_memory(bytes).unwrap();
    (picture.width(), picture.height())
}
