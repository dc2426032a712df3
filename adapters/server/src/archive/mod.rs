//! Backups: one file with everything an instance consists of.
//!
//! A backup is an uncompressed tar archive, which any tool can unpack:
//!
//! ```text
//! media/ab/cd/abcd...   uploaded files, named by the SHA-256 hash of their content
//! koinon.toml           the configuration, if it lies in the data folder
//! koinon.sqlite         the records, one consistent copy; what SQLite kept
//! koinon.sled-backup    or what sled kept, in the form of koinon-storage-sled for backups
//! manifest.json         last: how much there is of what, and the hashes of the two files above
//! ```
//!
//! With `koinon.sqlite` in it that is a data folder; the other form has to be restored.
//!
//! Uploaded files are copied before the records, and those that came meanwhile after them, so that every file a
//! record refers to is there. The manifest comes last, so that an archive that was cut off has none; the archive has
//! its name only when it is complete and on the medium.

mod error;
mod hashing;
mod manifest;
mod read;
#[cfg(test)]
mod tests;
mod write;

pub use error::ArchiveError;
pub use manifest::{Counted, Hashed, Manifest};
pub use read::unpack;
pub use write::{Written, write_archive};

/// The entry that ends an archive.
const MANIFEST: &str = "manifest.json";
