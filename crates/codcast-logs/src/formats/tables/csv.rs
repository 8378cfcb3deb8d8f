//! CSV, with commas, semicolons or tabs: long, or wide with a column per model.

use std::cell::Cell;
use std::io::{self, Read};

use codcast_ingest::lines;
use csv::{ByteRecord, ReaderBuilder};

use super::roles::{Roles, ValueColumns, place};
use super::rows::{EXPECTED, Row, Runs, counts, row, score};
use crate::error::{At, Error, Result, shown};
use crate::record::Score;
use crate::sink::Sink;
use crate::source::{Input, MAX_LINE_BYTES};

/// The names of the columns, of a text that begins like a table.
pub(super) fn header(head: &[u8]) -> Option<Vec<String>> {
    let end = memchr::memchr(b'\n', head).unwrap_or(head.len());
    let line = std::str::from_utf8(&head[..end]).ok()?;
    let line = line.strip_prefix('\u{feff}').unwrap_or(line).trim_end();
    if line.len() > 32 << 10 || line.chars().any(|c| c.is_control() && c != '\t') {
        return None;
    }
    let mut reader = builder(delimiter(line)).from_reader(line.as_bytes());
    let mut record = ByteRecord::new();
    reader.read_byte_record(&mut record).ok()?;
    let names: Vec<String> =
        record.iter().map(|name| String::from_utf8_lossy(name).trim().to_owned()).collect();
    (names.len() > 1).then_some(names)
}

/// The delimiter of which the header has most.
fn delimiter(line: &str) -> u8 {
    let count = |delimiter: u8| line.bytes().filter(|byte| *byte == delimiter).count();
    [b',', b'\t', b';'].into_iter().rev().max_by_key(|d| count(*d)).unwrap_or(b',')
}

fn builder(delimiter: u8) -> ReaderBuilder {
    let mut builder = ReaderBuilder::new();
    builder.delimiter(delimiter).has_headers(false).flexible(true);
    builder
}

/// Whether a table has a column of ids, none of models or scores, and numbers in the others.
pub(super) fn is_wide(names: &[String], head: &[u8], mapping: &[(String, String)]) -> bool {
    let find = |role| place(names, role, mapping).ok().flatten();
    let Some(sample_id) = find("sample_id") else { return false };
    if find("model").is_some() || find("score").is_some() {
        return false;
    }
    let task = find("task");
    let mut lines = head.split(|byte| *byte == b'\n');
    let first = lines.next().map(String::from_utf8_lossy).unwrap_or_default();
    let Some(line) = lines.next() else { return false };
    let mut record = ByteRecord::new();
    if !builder(delimiter(&first)).from_reader(line).read_byte_record(&mut record).unwrap_or(false)
    {
        return false;
    }
    let is_score = |cell: &[u8]| std::str::from_utf8(cell).ok().and_then(score).is_some();
    let mut cells = record.iter().enumerate();
    record.len() == names.len()
        && cells.all(|(at, cell)| at == sample_id || Some(at) == task || is_score(cell))
}

pub(super) fn read(mut input: Input<'_>, sink: &mut Sink<'_>) -> Result<()> {
    let path = input.path.clone();
    let file = path.as_str();
    let head = input.peek()?.to_vec();
    let names = header(&head)
        .ok_or_else(|| Error::refused(At::whole(file), "its first line names no columns"))?;
    let mapping = sink.reading().columns.clone();
    let first =
        String::from_utf8_lossy(&head[..memchr::memchr(b'\n', &head).unwrap_or(head.len())]);
    let since = Cell::new(0);
    let ended = Cell::new(b'\n');
    let limited = Limited { inner: input.reader(), since: &since, last: &ended };
    let mut reader = builder(delimiter(&first)).from_reader(limited);
    let mut record = ByteRecord::new();
    // The header.
    reader.read_byte_record(&mut record).map_err(|error| damaged(file, 0, &error))?;
    let behind = lines::behind(&reader);
    let wide = is_wide(&names, &head, &mapping);
    let roles = if wide { None } else { Some(Roles::required(&names, &mapping, file)?) };
    let wide = Wide::of(&names, &mapping);
    let mut rows = Rows { file, names: &names, roles, wide, runs: Runs::new(&path) };
    // One row behind, since only the end of the file tells whether the last row has an end.
    let mut next = ByteRecord::new();
    let mut read = |record: &mut ByteRecord| {
        let more = reader.read_byte_record(record);
        let more = more.map_err(|error| damaged(file, behind, &error))?;
        Ok::<_, Error>(more.then(|| lines::of(record, &reader) + behind))
    };
    let mut line = read(&mut record)?;
    while let Some(of_record) = line {
        since.set(0);
        line = read(&mut next)?;
        let cut = line.is_none() && ended.get() != b'\n';
        rows.add(&record, of_record, cut, sink)?;
        std::mem::swap(&mut record, &mut next);
    }
    rows.runs.finish(sink);
    Ok(())
}

/// Takes the rows of a table.
struct Rows<'p> {
    file: &'p str,
    names: &'p [String],
    /// `None`: a wide table.
    roles: Option<Roles>,
    wide: Wide,
    runs: Runs<'p>,
}

impl Rows<'_> {
    /// Adds a row, which begins on a line. `cut`: it is the last one, and has no end.
    fn add(
        &mut self,
        record: &ByteRecord,
        line: u64,
        cut: bool,
        sink: &mut Sink<'_>,
    ) -> Result<()> {
        let file = self.file;
        let at = || At::line(file, line);
        if record.len() != self.names.len() {
            let found = format!("{} cells", record.len());
            let error = Error::field(at(), "the row", &found, "as many cells as the header has");
            return sink.problem(error);
        }
        let texts: Option<Vec<&str>> =
            record.iter().map(|cell| std::str::from_utf8(cell).ok().map(str::trim)).collect();
        let Some(texts) = texts else {
            return sink.problem(Error::damaged(at(), "text in UTF-8", "other bytes"));
        };
        if cut {
            let last = texts.len() - 1;
            let ends_in_a_name = self.roles.as_ref().is_some_and(|roles| !roles.matters(last));
            if !ends_in_a_name {
                let message = "the last line has no end, so that its last cell may be cut; it is left \
                               out: end the file with a line break if it is complete";
                return sink.problem(Error::refused(at(), message));
            }
            sink.note("the last line has no end: is the file complete?");
        }
        match &self.roles {
            Some(roles) => long_row(roles, &texts, &mut self.runs, &at, sink),
            None => wide_row(&self.wide, self.names, &texts, &mut self.runs, &at, sink),
        }
    }
}

/// Ends where one record is longer than any: an open quote would otherwise be followed to the end.
struct Limited<'c, R> {
    inner: R,
    /// Bytes since the last record.
    since: &'c Cell<usize>,
    /// The last byte.
    last: &'c Cell<u8>,
}

impl<R: Read> Read for Limited<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.since.get() > MAX_LINE_BYTES {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "a row of more than 64 MB"));
        }
        let n = self.inner.read(buffer)?;
        self.since.set(self.since.get() + n);
        if let Some(last) = n.checked_sub(1) {
            self.last.set(buffer[last]);
        }
        Ok(n)
    }
}

/// `behind`: lines that the reader does not count.
fn damaged(file: &str, behind: u64, error: &csv::Error) -> Error {
    let at = match error.position() {
        Some(position) => At::line(file, position.line() + behind),
        None => At::whole(file),
    };
    Error::damaged(at, "CSV", error)
}

fn long_row(
    roles: &Roles,
    cells: &[&str],
    runs: &mut Runs<'_>,
    at: &impl Fn() -> At,
    sink: &mut Sink<'_>,
) -> Result<()> {
    let (column, found, read) = match roles.value {
        ValueColumns::Score(place) => ("score", cells[place].to_owned(), score(cells[place])),
        ValueColumns::Counts(n, c) => {
            ("n and c", format!("{} and {}", cells[n], cells[c]), counts(cells[n], cells[c]))
        }
    };
    match read {
        Some(score) => runs.add(row(roles, |place| cells[place]), &[score], at, sink),
        None => sink.problem(Error::field(at(), column, &found, EXPECTED)),
    }
}

/// The columns of a table with one per model.
struct Wide {
    sample_id: Option<usize>,
    task: Option<usize>,
}

impl Wide {
    fn of(names: &[String], mapping: &[(String, String)]) -> Self {
        let find = |role| place(names, role, mapping).ok().flatten();
        Self { sample_id: find("sample_id"), task: find("task") }
    }
}

fn wide_row(
    wide: &Wide,
    names: &[String],
    cells: &[&str],
    runs: &mut Runs<'_>,
    at: &impl Fn() -> At,
    sink: &mut Sink<'_>,
) -> Result<()> {
    let Some(sample_id) = wide.sample_id else { return Ok(()) };
    for (place, (model, cell)) in names.iter().zip(cells).enumerate() {
        if place == sample_id || Some(place) == wide.task {
            continue;
        }
        // A cell is a pass rate over a number of trials that the table does not say.
        let measured = match score(cell) {
            Some(Score::Trial(rate)) => Score::Measured(rate),
            Some(other) => other,
            None => {
                sink.problem(Error::field(at(), &shown(model, 60), cell, EXPECTED))?;
                continue;
            }
        };
        let task = wide.task.map(|task| cells[task]);
        let row = Row { model, task, sample_id: cells[sample_id], ..Row::default() };
        runs.add(row, &[measured], at, sink)?;
    }
    Ok(())
}
