//! Lines in blocks, for reading in parallel.

use std::io::{self, BufRead};

use rayon::prelude::*;

use super::input::{MAX_LINE_BYTES, read_error};
use crate::error::{At, Error, Result};

/// Lines that are parsed by one thread.
const BLOCK_BYTES: usize = 1 << 18;
/// Bytes of blocks that are handed out at a time.
const BATCH_BYTES: usize = 4 << 20;

/// Takes some blocks, and the errors of lines that were left out.
pub(crate) type EachBatch<'e> = dyn FnMut(&[Block], Vec<Error>) -> Result<()> + Send + 'e;

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

/// What each block gives, by all threads that are free, in the blocks' order. One block at a time: else a
/// thread that comes from reading ahead would find none left to help with.
pub(crate) fn of_each<'b, T: Send>(
    blocks: &'b [Block],
    of: impl Fn(&'b Block) -> T + Send + Sync,
) -> Vec<T> {
    blocks.par_iter().with_max_len(1).map(of).collect()
}

/// Hands out one batch after the other; `line`: the number of the first line that comes.
pub(super) fn in_turn(
    reader: impl BufRead,
    line: u64,
    name: &str,
    each: &mut EachBatch<'_>,
) -> Result<()> {
    let mut lines = Lines { line, ..Lines::new(reader) };
    let mut batch = Batch::default();
    loop {
        lines.read(&mut batch).map_err(|error| read_error(name, error))?;
        if batch.is_empty() {
            return Ok(());
        }
        each(batch.blocks(), batch.errors(name))?;
    }
}

/// The same from the first line on, reading a batch while the one before is taken.
pub(super) fn ahead(
    reader: impl BufRead + Send,
    name: &str,
    each: &mut EachBatch<'_>,
) -> Result<()> {
    let mut lines = Lines::new(reader);
    let (mut now, mut next) = (Batch::default(), Batch::default());
    let mut read = lines.read(&mut now);
    loop {
        read.map_err(|error| read_error(name, error))?;
        if now.is_empty() {
            return Ok(());
        }
        let taken;
        (taken, read) =
            rayon::join(|| each(now.blocks(), now.errors(name)), || lines.read(&mut next));
        taken?;
        std::mem::swap(&mut now, &mut next);
    }
}

/// Blocks that are handed out together. Buffers are used again: memory that is new to the process has its
/// price.
#[derive(Default)]
struct Batch {
    blocks: Vec<Block>,
    /// Those in use.
    n: usize,
    /// Numbers of lines that are too long.
    too_long: Vec<u64>,
}

impl Batch {
    fn is_empty(&self) -> bool {
        self.n == 0 && self.too_long.is_empty()
    }

    fn blocks(&self) -> &[Block] {
        &self.blocks[..self.n]
    }

    fn errors(&self, name: &str) -> Vec<Error> {
        let error = |line: &u64| Error::TooLarge {
            at: At::line(name, *line),
            what: "a line",
            limit: "64 MB",
        };
        self.too_long.iter().map(error).collect()
    }
}

/// What came of filling a block.
enum Filled {
    /// Whole lines; there may be more.
    Lines,
    /// All that was left.
    Last,
    /// Part of a line over [`MAX_LINE_BYTES`], the rest of which was passed over.
    TooLong,
}

/// A text on its way in.
struct Lines<R> {
    reader: R,
    /// The beginning of a line whose end was not read yet.
    carried: Vec<u8>,
    /// Number of the line that comes, from 1.
    line: u64,
    at_end: bool,
}

impl<R: BufRead> Lines<R> {
    fn new(reader: R) -> Self {
        Self { reader, carried: Vec::new(), line: 1, at_end: false }
    }

    /// Fills a batch anew; with nothing at the end.
    fn read(&mut self, batch: &mut Batch) -> io::Result<()> {
        batch.n = 0;
        batch.too_long.clear();
        for block in &mut batch.blocks {
            // What a long line took is given back.
            block.buffer.truncate(2 * BLOCK_BYTES);
            block.buffer.shrink_to(2 * BLOCK_BYTES);
        }
        let mut bytes = 0;
        while bytes < BATCH_BYTES && !self.at_end {
            if batch.blocks.len() == batch.n {
                batch.blocks.push(Block::default());
            }
            let block = &mut batch.blocks[batch.n];
            match self.block(block)? {
                Filled::Lines => {}
                Filled::Last => self.at_end = true,
                Filled::TooLong => {
                    batch.too_long.push(self.line);
                    self.line += 1;
                    continue;
                }
            }
            block.first_line = self.line;
            self.line += memchr::memchr_iter(b'\n', &block.buffer[..block.end]).count() as u64;
            bytes += block.buffer.len();
            batch.n += 1;
        }
        Ok(())
    }

    /// Fills a block with what was carried and what is read, up to the last line end in it; what is behind
    /// that is carried on.
    fn block(&mut self, block: &mut Block) -> io::Result<Filled> {
        let Self { reader, carried, .. } = self;
        let buffer = &mut block.buffer;
        let mut held = carried.len();
        buffer.resize(buffer.len().max(held), 0);
        buffer[..held].copy_from_slice(carried);
        carried.clear();
        loop {
            let from = held;
            buffer.resize(buffer.len().max(from + BLOCK_BYTES), 0);
            while held < from + BLOCK_BYTES {
                match reader.read(&mut buffer[held..from + BLOCK_BYTES]) {
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
                reader.skip_until(b'\n')?;
                return Ok(Filled::TooLong);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The lines that are handed out, with their numbers, and the errors.
    fn handed_out(text: &[u8], in_advance: bool) -> (Vec<(u64, Vec<u8>)>, Vec<String>) {
        let (mut lines, mut errors) = (Vec::new(), Vec::new());
        let mut each = |blocks: &[Block], wrong: Vec<Error>| {
            for block in blocks {
                lines.extend(block.lines().map(|(number, line)| (number, line.to_vec())));
            }
            errors.extend(wrong.iter().map(ToString::to_string));
            Ok(())
        };
        if in_advance {
            ahead(text, "t", &mut each).unwrap();
        } else {
            in_turn(text, 1, "t", &mut each).unwrap();
        }
        (lines, errors)
    }

    #[test]
    fn lines_have_their_numbers_however_they_are_read() {
        let mut text = b"\xef\xbb\xbf{1}\n\n  {3}\r\n".to_vec();
        for n in 4..200_000_u32 {
            text.extend(
                format!("{{\"n\": {n}, \"text\": \"{}\"}}\n", "x".repeat(n as usize % 300)).bytes(),
            );
        }
        // Longer than a block.
        text.extend(std::iter::repeat_n(b'y', 3 * BLOCK_BYTES));
        text.extend(b"\nlast, without an end");
        let expected: Vec<(u64, Vec<u8>)> = text[3..]
            .split(|byte| *byte == b'\n')
            .zip(1..)
            .map(|(line, number)| (number, line.trim_ascii().to_vec()))
            .filter(|(_, line)| !line.is_empty())
            .collect();
        assert!(text.len() > BATCH_BYTES, "several batches");
        for in_advance in [false, true] {
            let (lines, errors) = handed_out(&text, in_advance);
            assert!(lines == expected && errors.is_empty(), "{} lines", lines.len());
        }
    }

    #[test]
    fn a_line_that_is_too_long_is_an_error_in_its_place() {
        let mut text = b"a\n".to_vec();
        text.extend(std::iter::repeat_n(b'y', MAX_LINE_BYTES + 2 * BLOCK_BYTES));
        text.extend(b"\nb\n");
        for in_advance in [false, true] {
            let (lines, errors) = handed_out(&text, in_advance);
            assert_eq!(lines, [(1, b"a".to_vec()), (3, b"b".to_vec())]);
            assert!(matches!(&errors[..], [error] if error.contains("line 2")), "{errors:?}");
        }
    }
}
