//! One log as an importer sees it: its name, its bytes (decompressed), and ways to go through them.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::sync::Arc;

use bytes::Bytes;
use parquet::file::reader::{ChunkReader, Length};

use super::path::LogPath;
use crate::error::{At, Error, Result};
use crate::json::{self, Entry, Plan, Value};

pub use crate::json::MAX_LINE_BYTES;
/// A member of an archive that must be read out of order is held in memory up to this size.
const HELD_BYTES: u64 = 64 << 20;
/// Largest member of an archive that must be read out of order.
const SPOOLED_BYTES: u64 = 16 << 30;

/// Lines that are parsed by one thread.
const BLOCK_BYTES: usize = 1 << 20;
/// Bytes of blocks that are held at a time.
const BATCH_BYTES: usize = 16 << 20;

/// What came of filling a block.
enum Filled {
    /// Whole lines; there may be more.
    Lines,
    /// All that was left.
    Last,
    /// Part of a line over [`MAX_LINE_BYTES`], the rest of which was passed over.
    TooLong,
}

/// Takes a line with its number, or the error in its place.
pub type EachLine<'e> = dyn FnMut(u64, Result<&[u8]>) -> Result<()> + 'e;

/// Takes some blocks, and the errors of lines that were left out.
pub(crate) type EachBatch<'e> = dyn FnMut(&[Block], Vec<Error>) -> Result<()> + 'e;

/// Some whole lines.
#[derive(Default)]
pub(crate) struct Block {
    /// Number of the first one, from 1.
    first_line: u64,
    /// The lines, and behind them what is of no meaning.
    buffer: Vec<u8>,
    /// Where the lines end.
    end: usize,
}

impl Block {
    /// The lines that are not blank, with their numbers, without line ends.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (u64, &[u8])> {
        // A search for one byte at a time would cost more than parsing the lines.
        let mut start = 0;
        let bytes = &self.buffer[..self.end];
        let ends = memchr::memchr_iter(b'\n', bytes).chain([bytes.len()]);
        let lines = ends.map(move |end| {
            let line = &bytes[start..end];
            start = end + 1;
            line
        });
        lines.zip(self.first_line..).map(|(line, number)| (number, line.trim_ascii())).filter_map(
            |(number, line)| {
                let line = if number == 1 {
                    line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line)
                } else {
                    line
                };
                (!line.is_empty()).then_some((number, line))
            },
        )
    }
}

/// One log.
pub struct Input<'a> {
    /// Its name.
    pub path: LogPath,
    reader: Box<dyn BufRead + 'a>,
    /// The whole of it for random access, where that is at hand.
    access: Option<RandomAccess>,
}

impl std::fmt::Debug for Input<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Input").field("path", &self.path).finish_non_exhaustive()
    }
}

impl<'a> Input<'a> {
    pub(crate) fn new(path: LogPath, reader: impl Read + 'a, file: Option<File>) -> Self {
        let access = file.map(|file| RandomAccess::File(file.into()));
        Self { path, reader: Box::new(BufReader::with_capacity(1 << 18, reader)), access }
    }

    /// A log whose bytes are at hand.
    pub(crate) fn held(path: LogPath, access: RandomAccess) -> Self {
        let reader = Box::new(BufReader::new(access.seekable()));
        Self { path, reader, access: Some(access) }
    }

    /// A log held in memory, for tests and callers with bytes of their own.
    pub fn from_bytes(path: &str, bytes: &'a [u8]) -> Self {
        Self { path: LogPath::new(path), reader: Box::new(bytes), access: None }
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
        let mut number = 0;
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

    /// Hands out whole lines in blocks of about a megabyte, several at a time for reading in parallel.
    ///
    /// A line over [`MAX_LINE_BYTES`] is left out and handed out as an error, with its number.
    pub(crate) fn blocks(&mut self, each: &mut EachBatch<'_>) -> Result<()> {
        // Buffers are used again: memory that is new to the process has its price.
        let mut blocks: Vec<Block> = Vec::new();
        let mut carried = Vec::new();
        let mut first_line = 1;
        let mut at_end = false;
        while !at_end {
            let (mut n, mut bytes, mut errors) = (0, 0, Vec::new());
            while bytes < BATCH_BYTES && !at_end {
                if blocks.len() == n {
                    blocks.push(Block::default());
                }
                let block = &mut blocks[n];
                let read = self.block(block, &mut carried);
                at_end = match read.map_err(|error| read_error(self.path.as_str(), error))? {
                    Filled::Lines => false,
                    Filled::Last => true,
                    Filled::TooLong => {
                        let at = At::line(self.path.as_str(), first_line);
                        errors.push(Error::TooLarge { at, what: "a line", limit: "64 MB" });
                        first_line += 1;
                        continue;
                    }
                };
                block.first_line = first_line;
                first_line += memchr::memchr_iter(b'\n', &block.buffer[..block.end]).count() as u64;
                bytes += block.buffer.len();
                n += 1;
            }
            each(&blocks[..n], errors)?;
            for block in &mut blocks {
                // What a long line took is given back.
                block.buffer.truncate(2 * BLOCK_BYTES);
                block.buffer.shrink_to(2 * BLOCK_BYTES);
            }
        }
        Ok(())
    }

    /// Fills a block with `carried` and what is read, up to the last line end in it; `carried` becomes what
    /// is behind that.
    fn block(&mut self, block: &mut Block, carried: &mut Vec<u8>) -> io::Result<Filled> {
        let buffer = &mut block.buffer;
        let mut held = carried.len();
        buffer.resize(buffer.len().max(held), 0);
        buffer[..held].copy_from_slice(carried);
        carried.clear();
        loop {
            let from = held;
            buffer.resize(buffer.len().max(from + BLOCK_BYTES), 0);
            while held < from + BLOCK_BYTES {
                match self.reader.read(&mut buffer[held..from + BLOCK_BYTES]) {
                    Ok(0) => {
                        block.end = held;
                        return Ok(Filled::Last);
                    }
                    Ok(n) => held += n,
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(error) => return Err(error),
                }
            }
            if let Some(end) = memchr::memrchr(b'\n', &buffer[from..held]) {
                block.end = from + end + 1;
                carried.extend_from_slice(&buffer[block.end..held]);
                return Ok(Filled::Lines);
            }
            if held > MAX_LINE_BYTES {
                self.reader.skip_until(b'\n')?;
                return Ok(Filled::TooLong);
            }
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

/// Bytes that can be read at any position, from any thread.
#[derive(Clone, Debug)]
pub enum RandomAccess {
    /// A file, or an unnamed temporary one.
    File(Arc<File>),
    /// Held.
    Memory(Bytes),
}

impl RandomAccess {
    /// A reader with a position of its own, for the zip reader.
    pub fn seekable(&self) -> Position {
        Position { of: self.clone(), at: 0 }
    }

    /// Reads at a position, whoever else reads.
    fn read_at(&self, buffer: &mut [u8], at: u64) -> io::Result<usize> {
        match self {
            #[cfg(unix)]
            Self::File(file) => std::os::unix::fs::FileExt::read_at(&**file, buffer, at),
            #[cfg(windows)]
            Self::File(file) => std::os::windows::fs::FileExt::seek_read(&**file, buffer, at),
            Self::Memory(bytes) => {
                let start = usize::try_from(at).unwrap_or(usize::MAX).min(bytes.len());
                let n = buffer.len().min(bytes.len() - start);
                buffer[..n].copy_from_slice(&bytes[start..start + n]);
                Ok(n)
            }
        }
    }
}

/// A position in a [`RandomAccess`].
#[derive(Clone, Debug)]
pub struct Position {
    of: RandomAccess,
    at: u64,
}

impl Read for Position {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.of.read_at(buffer, self.at)?;
        self.at += n as u64;
        Ok(n)
    }
}

impl Seek for Position {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.of.len().checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = at.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}

impl Length for RandomAccess {
    fn len(&self) -> u64 {
        match self {
            Self::File(file) => file.metadata().map_or(0, |metadata| metadata.len()),
            Self::Memory(bytes) => bytes.len() as u64,
        }
    }
}

impl ChunkReader for RandomAccess {
    type T = BufReader<Position>;

    fn get_read(&self, start: u64) -> parquet::errors::Result<Self::T> {
        Ok(BufReader::new(Position { of: self.clone(), at: start }))
    }

    fn get_bytes(&self, start: u64, length: usize) -> parquet::errors::Result<Bytes> {
        if let Self::Memory(bytes) = self {
            return bytes.get_bytes(start, length);
        }
        let end = start.checked_add(length as u64).filter(|end| *end <= self.len());
        if end.is_none() {
            return Err(parquet::errors::ParquetError::EOF("a part lies behind the end".into()));
        }
        let mut bytes = vec![0; length];
        Position { of: self.clone(), at: start }.read_exact(&mut bytes)?;
        Ok(bytes.into())
    }
}
