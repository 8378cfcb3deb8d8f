//! Lines in blocks, for reading in parallel.

use std::io::{self, BufRead as _, Read as _};

use super::input::{Input, MAX_LINE_BYTES, read_error};
use crate::error::{At, Error, Result};

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

impl Input<'_> {
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
}
