//! One log as an importer sees it: its name, its bytes (decompressed), and ways to go through them.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};

use super::access::RandomAccess;
use super::blocks::{self, EachBatch};
use super::limit::{Counted, Passed};
use super::path::LogPath;
use crate::error::{At, Error, Result};
use crate::json::{self, Entry, Plan, Value};

pub use crate::json::MAX_LINE_BYTES;
/// A member of an archive that must be read out of order is held in memory up to this size.
const HELD_BYTES: u64 = 64 << 20;
/// Largest member of an archive that must be read out of order.
const SPOOLED_BYTES: u64 = 16 << 30;

/// Takes a line with its number, or the error in its place.
pub type EachLine<'e> = dyn FnMut(u64, Result<&[u8]>) -> Result<()> + 'e;

/// One log.
pub struct Input<'a> {
    /// Its name.
    pub path: LogPath,
    reader: Box<dyn BufRead + 'a>,
    /// Lines that were taken away as space.
    blank_lines: u64,
    /// The whole of it for random access, where that is at hand.
    access: Option<RandomAccess>,
    /// What of the file was read, where these are its own bytes.
    passed: Option<Passed>,
}

impl std::fmt::Debug for Input<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Input").field("path", &self.path).finish_non_exhaustive()
    }
}

impl<'a> Input<'a> {
    /// `file`: where the reader gives nothing but a file's bytes, that file and what of it was read.
    pub(crate) fn new(path: LogPath, reader: impl Read + 'a, file: Option<(File, Passed)>) -> Self {
        let (file, passed) = file.unzip();
        let access = file.map(|file| RandomAccess::File(file.into()));
        let reader = Box::new(BufReader::with_capacity(1 << 18, reader));
        Self { path, reader, blank_lines: 0, access, passed }
    }

    /// A log whose bytes are at hand.
    pub(crate) fn held(path: LogPath, access: RandomAccess) -> Self {
        let reader = Box::new(BufReader::new(access.seekable()));
        Self { path, reader, blank_lines: 0, access: Some(access), passed: None }
    }

    /// A log held in memory, for tests and callers with bytes of their own.
    pub fn from_bytes(path: &str, bytes: &'a [u8]) -> Self {
        let (path, reader) = (LogPath::new(path), Box::new(bytes));
        Self { path, reader, blank_lines: 0, access: None, passed: None }
    }

    /// The name as errors show it.
    pub fn name(&self) -> &str {
        self.path.as_str()
    }

    /// Whether these are a file's own bytes: neither decompressed nor a member of an archive.
    pub(crate) fn is_plain(&self) -> bool {
        matches!(self.access, Some(RandomAccess::File(_)))
    }

    /// The decompressed bytes, once.
    pub fn reader(&mut self) -> &mut (dyn BufRead + 'a) {
        &mut *self.reader
    }

    /// Hands out the lines with their numbers from 1, without line ends; blank lines are passed over.
    ///
    /// A line over [`MAX_LINE_BYTES`] is handed out as an error, and reading goes on behind it. An
    /// error of `each` ends the reading.
    pub fn lines(&mut self, each: &mut EachLine<'_>) -> Result<()> {
        let mut line = Vec::new();
        let mut number = self.blank_lines;
        loop {
            number += 1;
            line.clear();
            let limit = MAX_LINE_BYTES as u64 + 1;
            let read = (&mut self.reader).take(limit).read_until(b'\n', &mut line);
            let read = read.map_err(|error| read_error(self.path.as_str(), error))?;
            if read == 0 {
                return Ok(());
            }
            if line.len() > MAX_LINE_BYTES && line.last() != Some(&b'\n') {
                line = Vec::new();
                let skipped = self.reader.skip_until(b'\n');
                skipped.map_err(|error| read_error(self.path.as_str(), error))?;
                let at = At::line(self.path.as_str(), number);
                each(number, Err(Error::TooLarge { at, what: "a line", limit: "64 MB" }))?;
                continue;
            }
            let mut content = line.trim_ascii();
            if number == 1 {
                content = content.strip_prefix(b"\xef\xbb\xbf").unwrap_or(content);
            }
            if !content.is_empty() {
                each(number, Ok(content))?;
            }
        }
    }

    /// Hands out whole lines in blocks, several at a time for reading in parallel. Of a file's own bytes the
    /// next blocks are read meanwhile.
    ///
    /// A line over [`MAX_LINE_BYTES`] is left out and handed out as an error, with its number.
    pub(crate) fn blocks(&mut self, each: &mut EachBatch<'_>) -> Result<()> {
        match (&self.access, &self.passed) {
            (Some(access @ RandomAccess::File(_)), Some(passed)) => {
                // From the beginning: nothing but space was taken away.
                let reader = BufReader::new(Counted::new(access.seekable(), passed.clone()));
                blocks::ahead(reader, self.path.as_str(), each)
            }
            _ => blocks::in_turn(&mut self.reader, self.blank_lines + 1, self.path.as_str(), each),
        }
    }

    /// Hands out the records of JSON Lines, or of one JSON array, whichever it is, without the keys in
    /// `skip`. A line that does not parse is handed out as an error; an array that does not parse ends
    /// with one.
    pub fn records(
        &mut self,
        skip: &[&str],
        each: &mut dyn FnMut(At, Result<Value>) -> Result<()>,
    ) -> Result<()> {
        let name = self.path.as_str().to_owned();
        if self.starts_with(b'[')? {
            let plan = Plan { items: &[], skip };
            return self
                .items(&plan, &mut |entry| each(At::row(&name, entry.index + 1), Ok(entry.value)))
                .map(|_| ());
        }
        self.lines(&mut |number, line| {
            let at = At::line(&name, number);
            let value = line.and_then(|line| {
                json::parse(line, skip).map_err(|error| Error::damaged(at.clone(), "JSON", error))
            });
            each(at, value)
        })
    }

    /// Goes through one JSON document: see [`json::stream`].
    pub fn items(
        &mut self,
        plan: &Plan<'_>,
        each: &mut dyn FnMut(Entry) -> Result<()>,
    ) -> Result<Value> {
        json::stream(&mut self.reader, self.path.as_str(), plan, each)
    }

    /// One JSON document as a whole, without the keys in `skip`; for small files.
    pub fn document(&mut self, skip: &[&str]) -> Result<Value> {
        // A path that no document has: nothing is handed out.
        let plan = Plan { items: &["\0"], skip };
        self.items(&plan, &mut |_| Ok(()))
    }

    /// Whether the first byte that is not space is this one. Reads nothing away but space.
    pub fn starts_with(&mut self, byte: u8) -> Result<bool> {
        loop {
            let block = self.reader.fill_buf();
            let block = block.map_err(|error| read_error(self.path.as_str(), error))?;
            if block.is_empty() {
                return Ok(false);
            }
            let mark = if block.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
            let space = block[mark..].iter().take_while(|b| b.is_ascii_whitespace()).count() + mark;
            let found = block.get(space).copied();
            self.blank_lines += memchr::memchr_iter(b'\n', &block[..space]).count() as u64;
            self.reader.consume(space);
            if let Some(found) = found {
                return Ok(found == byte);
            }
        }
    }

    /// The bytes that come next, as far as they are at hand; at most 64 KB are promised at the start.
    pub(crate) fn peek(&mut self) -> Result<&[u8]> {
        let block = self.reader.fill_buf();
        block.map_err(|error| read_error(self.path.as_str(), error))
    }

    /// Whether these bytes come next.
    pub(crate) fn looks_at(&mut self, bytes: &[u8]) -> Result<bool> {
        Ok(self.peek()?.starts_with(bytes))
    }

    /// The bytes for readers that jump about (Parquet, zip). A member of an archive is held in memory,
    /// or above 64 MB in an unnamed temporary file.
    pub fn random_access(mut self) -> Result<RandomAccess> {
        let name = self.path.as_str().to_owned();
        if let Some(access) = self.access.take() {
            return Ok(access);
        }
        let failed = |error| read_error(&name, error);
        let mut held = Vec::new();
        (&mut self.reader).take(HELD_BYTES).read_to_end(&mut held).map_err(failed)?;
        if (held.len() as u64) < HELD_BYTES {
            return Ok(RandomAccess::Memory(held.into()));
        }
        let mut file = tempfile::tempfile().map_err(|error| Error::write(&name, error))?;
        let mut rest = (&held[..]).chain(self.reader.take(SPOOLED_BYTES));
        let copied = io::copy(&mut rest, &mut file).map_err(failed)?;
        if copied >= SPOOLED_BYTES {
            let at = At::whole(&name);
            return Err(Error::TooLarge { at, what: "a member of an archive", limit: "16 GB" });
        }
        Ok(RandomAccess::File(file.into()))
    }
}

/// What reading said: damage, where the decoder complains; else the system's error.
pub(crate) fn read_error(name: &str, error: io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput | io::ErrorKind::UnexpectedEof => {
            Error::damaged(At::whole(name), "a complete file", error)
        }
        // zlib and zstd report damage so.
        io::ErrorKind::Other => Error::damaged(At::whole(name), "a complete file", error),
        _ => Error::read(name, error),
    }
}
