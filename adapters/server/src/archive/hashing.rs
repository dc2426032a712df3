//! Reading that counts and hashes what it reads.

use std::fmt::Write;
use std::io::{self, Read};

use sha2::{Digest, Sha256};

use super::manifest::Hashed;

/// Passes the bytes of another reader on.
#[derive(Debug)]
pub(super) struct HashingReader<R> {
    reader: R,
    bytes: u64,
    hash: Sha256,
}

impl<R: Read> HashingReader<R> {
    pub(super) fn new(reader: R) -> Self {
        Self { reader, bytes: 0, hash: Sha256::new() }
    }

    /// What was read.
    pub(super) fn finish(self) -> Hashed {
        let mut sha256 = String::with_capacity(64);
        for byte in self.hash.finalize() {
            // Writing to a string cannot fail.
            let _ = write!(sha256, "{byte:02x}");
        }
        Hashed { bytes: self.bytes, sha256 }
    }
}

impl<R: Read> Read for HashingReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.reader.read(buffer)?;
        self.bytes += count as u64;
        self.hash.update(&buffer[..count]);
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_is_counted_and_hashed() {
        let mut reader = HashingReader::new(&b"abc"[..]);
        assert_eq!(io::copy(&mut reader, &mut io::sink()).unwrap(), 3);
        // The example of FIPS 180-2.
        let sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad".to_owned();
        assert_eq!(reader.finish(), Hashed { bytes: 3, sha256 });
    }
}
