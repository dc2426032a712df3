//! Consistent copies: out of a running store into one file, and back.
//!
//! A backup is `KOINON BACKUP` and a line feed, the version of the format, then records: 1, the length of
//! a name in two bytes and the name of the table that the following rows belong to; 2, the lengths of key and
//! value in eight bytes each, key, value; and at the end 3, the number of rows in eight bytes. Behind it
//! stand four bytes: the CRC-32 of everything before. Numbers are big-endian.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::Path;

use koinon_engine::store::{Backup, Direction, KeyRange, Step, StoreError};

use crate::catalog::Catalog;
use crate::create::{Builder, build_new, plain};
use crate::error::{file_error, unusable};
use crate::files::{Draft, refuse_existing};
use crate::options::SledOptions;
use crate::tables::{Table, is_name};
use crate::view::View;

const MAGIC: &[u8; 14] = b"KOINON BACKUP\n";
const FORMAT: u32 = 1;
const TABLE: u8 = 1;
const ROW: u8 = 2;
const END: u8 = 3;

/// Rows between two looks at whether anybody still wants the copy.
const ROWS_PER_LOOK: u64 = 1024;

/// Makes a store of `backup` in a new directory `target`, where it can be opened then.
///
/// The store is made beside `target` and moved there when the whole backup was read, every checksum was found
/// right and every row was read back; until then, and after an error, there is nothing at `target`. `backup` is
/// only read. Blocks the thread.
///
/// # Errors
/// [`StoreError::Exists`] when there is something at `target`, [`StoreError::Unusable`] when `backup` is no
/// backup, is cut off or damaged, [`StoreError::Newer`] when a newer program wrote it.
pub fn restore(backup: &Path, target: &Path) -> Result<Backup, StoreError> {
    refuse_existing(target)?;
    let target = plain(target)?;
    let metadata = fs::metadata(backup).map_err(|error| file_error(backup, &error))?;
    if !metadata.is_file() {
        return Err(unusable(backup, "not a file"));
    }
    let file = File::open(backup).map_err(|error| file_error(backup, &error))?;
    let mut input = Input { file: BufReader::new(file), path: backup, checksum: crc32fast::Hasher::new() };
    input.check_header()?;
    let settings = SledOptions::default().settings();
    build_new(&target, settings, |builder| input.read_rows(builder))?;
    Ok(Backup { bytes: metadata.len() })
}

/// Copies one state of the store at `path` to `target`; nothing is there before the copy is complete and
/// durable. `given_up` is asked now and then.
pub(crate) fn write(
    view: View<'_>,
    path: &Path,
    target: &Path,
    given_up: &dyn Fn() -> bool,
) -> Result<Backup, StoreError> {
    refuse_existing(target)?;
    let mut output = Output::beside(target)?;
    for (name, entry) in Catalog::read(view, path)?.tables {
        let table = Table::new(&name, entry.number);
        output.table(&name)?;
        view.scan(&table, &KeyRange::all(), Direction::Ascending, &mut |key, value| {
            output.row(key, value)?;
            if output.rows % ROWS_PER_LOOK == 0 && given_up() {
                return Err(StoreError::Busy("nobody waits for the copy any more".into()));
            }
            Ok(Step::Continue)
        })?;
    }
    output.finish(target)
}

/// A backup that is being written.
#[derive(Debug)]
pub(crate) struct Output {
    draft: Draft,
    file: BufWriter<File>,
    checksum: crc32fast::Hasher,
    bytes: u64,
    pub(crate) rows: u64,
}

impl Output {
    pub(crate) fn beside(target: &Path) -> Result<Self, StoreError> {
        let draft = Draft::file_beside(target)?;
        let file = OpenOptions::new().write(true).open(&draft.path);
        let file = BufWriter::new(file.map_err(|error| file_error(&draft.path, &error))?);
        let mut output = Self { draft, file, checksum: crc32fast::Hasher::new(), bytes: 0, rows: 0 };
        output.write(MAGIC)?;
        output.write(&FORMAT.to_be_bytes())?;
        Ok(output)
    }

    /// The rows that follow are of this table.
    pub(crate) fn table(&mut self, name: &str) -> Result<(), StoreError> {
        // Names are at most 255 bytes long.
        let length = name.len() as u16;
        self.write(&[&[TABLE][..], &length.to_be_bytes(), name.as_bytes()].concat())
    }

    pub(crate) fn row(&mut self, key: &[u8], value: &[u8]) -> Result<(), StoreError> {
        self.rows += 1;
        let [key_length, value_length] = [key, value].map(|part| (part.len() as u64).to_be_bytes());
        [&[ROW][..], &key_length, &value_length, key, value].into_iter().try_for_each(|part| self.write(part))
    }

    pub(crate) fn finish(mut self, target: &Path) -> Result<Backup, StoreError> {
        self.write(&[END])?;
        self.write(&self.rows.to_be_bytes())?;
        let sum = self.checksum.clone().finalize();
        self.write(&sum.to_be_bytes())?;
        self.file.flush().map_err(|error| file_error(&self.draft.path, &error))?;
        self.draft.place_file(target)?;
        Ok(Backup { bytes: self.bytes })
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        self.checksum.update(bytes);
        self.bytes += bytes.len() as u64;
        self.file.write_all(bytes).map_err(|error| file_error(&self.draft.path, &error))
    }
}

/// A backup that is being read.
struct Input<'a> {
    file: BufReader<File>,
    path: &'a Path,
    checksum: crc32fast::Hasher,
}

impl Input<'_> {
    fn check_header(&mut self) -> Result<(), StoreError> {
        let magic = self.bytes(MAGIC.len() as u64);
        if magic.is_err() || magic.is_ok_and(|magic| magic != MAGIC) {
            return Err(unusable(self.path, "not a backup of this program"));
        }
        match u32::from_be_bytes(self.array()?) {
            FORMAT => Ok(()),
            0 => Err(unusable(self.path, "the backup has no version")),
            found => Err(StoreError::Newer { found, known: FORMAT }),
        }
    }

    fn read_rows(&mut self, builder: &mut Builder) -> Result<(), StoreError> {
        let mut table = None;
        let mut rows = 0;
        loop {
            match (self.array()?, &table) {
                ([TABLE], _) => table = Some(builder.table(&self.name()?)?),
                ([ROW], Some(table)) => {
                    rows += 1;
                    let [key, value] = [self.array()?, self.array()?].map(u64::from_be_bytes);
                    let (key, value) = (self.bytes(key)?, self.bytes(value)?);
                    builder.put(table, &key, &value)?;
                }
                ([END], _) => return self.check_end(rows),
                _ => return Err(unusable(self.path, "the backup is damaged: no record where one must be")),
            }
        }
    }

    fn name(&mut self) -> Result<String, StoreError> {
        let length = u16::from_be_bytes(self.array()?);
        let name = String::from_utf8(self.bytes(length.into())?).ok().filter(|name| is_name(name));
        name.ok_or_else(|| unusable(self.path, "the backup is damaged: a table without a name"))
    }

    fn check_end(&mut self, rows: u64) -> Result<(), StoreError> {
        let count = u64::from_be_bytes(self.array()?);
        let sum = self.checksum.clone().finalize();
        let matches = u32::from_be_bytes(self.array()?) == sum && count == rows;
        let ends = self.file.read(&mut [0]).map_err(|error| file_error(self.path, &error))? == 0;
        if matches && ends {
            return Ok(());
        }
        Err(unusable(self.path, "the backup is damaged: it does not match its checksum"))
    }

    fn array<const LENGTH: usize>(&mut self) -> Result<[u8; LENGTH], StoreError> {
        let mut bytes = [0; LENGTH];
        match self.file.read_exact(&mut bytes) {
            Ok(()) => self.checksum.update(&bytes),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Err(self.cut_off()),
            Err(error) => return Err(file_error(self.path, &error)),
        }
        Ok(bytes)
    }

    /// No more is allocated than is there, whatever a damaged length says.
    fn bytes(&mut self, length: u64) -> Result<Vec<u8>, StoreError> {
        let mut bytes = Vec::new();
        let read = (&mut self.file).take(length).read_to_end(&mut bytes);
        if read.map_err(|error| file_error(self.path, &error))? as u64 != length {
            return Err(self.cut_off());
        }
        self.checksum.update(&bytes);
        Ok(bytes)
    }

    fn cut_off(&self) -> StoreError {
        unusable(self.path, "the backup is cut off")
    }
}
