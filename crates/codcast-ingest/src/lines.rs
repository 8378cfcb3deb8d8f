//! Numbers of lines in CSV, which the reader of the `csv` crate counts otherwise than editors do.

use std::io::Read;

use csv::{ByteRecord, Position, Reader};

/// How many lines the reader's count is behind, asked when it has read the header: it ends a record at CR
/// and counts the LF with the next.
pub fn behind<R: Read>(reader: &Reader<R>) -> u64 {
    u64::from(reader.position().line() == 1)
}

/// The line on which the record that was read last starts, by the reader's count. The reader's own answer
/// is where it began to look, which is before any blank lines.
pub fn of<R: Read>(record: &ByteRecord, reader: &Reader<R>) -> u64 {
    let looked = record.position().map_or(1, Position::line);
    let end = reader.position().line();
    if end.saturating_sub(looked) <= 1 {
        return looked;
    }
    let within = record.as_slice().split(|byte| *byte == b'\n').count() as u64 - 1;
    end.saturating_sub(within + 1).max(looked)
}
