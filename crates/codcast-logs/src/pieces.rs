//! One large file of lines, read in pieces by several machines.
//!
//! The pieces are put together only where that gives, to the bit, what reading the file in one go gives:
//! no record had a problem, and no score of one (run, metric, sample) came from two pieces, since the
//! order of a sum, and a second result for one repeat, would be lost. Whoever gets `None` reads the file
//! in one go.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _, Seek as _, SeekFrom};
use std::path::Path;

use hashbrown::HashMap;

use crate::error::{Error, Result};
use crate::formats::{Format, Index, Probe, lines_stand_alone};
use crate::partials::{Cell, Checks, Fate, FileReport, Partials, RunScores, Series};
use crate::read::{hash_of, recognise};
use crate::sink::{Reading, Sink};
use crate::source::{Answer, Input, Passed, Top, tops, visit};

/// Bytes that are looked through for the end of a sample's rows.
const MAX_SAMPLE_BYTES: u64 = 16 << 20;

/// Reads the lines of a file in a range of bytes. An end within the file is moved to the end of the sample
/// whose row follows it. Ranges that follow one another have every line once.
///
/// `None` where the file's format cannot be read so: only JSON Lines of a generic table can, and not
/// compressed.
///
/// # Errors
/// Where the file cannot be read, or with [`Reading::strict`] a record.
pub fn partials_of_lines(
    path: &Path,
    bytes: std::ops::Range<u64>,
    reading: &Reading,
) -> Result<Option<Partials>> {
    let Some(top) = top(path)? else { return Ok(None) };
    let failed = |error| Error::read(top.name.as_str(), error);
    let mut format = None;
    visit(&top, &Passed::counting(None), &mut |name, found| {
        // Members of archives and what is compressed have another name or no bytes of their own.
        let Ok(found) = found else { return Ok(Answer::Taken) };
        let probe = Probe {
            path: name,
            head: found.head,
            outline: found.outline,
            members: found.members,
            columns: &reading.columns,
        };
        if *name == top.name && found.members.is_empty() && found.input.is_plain() {
            format = recognise(name, &found, reading)
                .map(|(format, _)| format)
                .filter(|format| lines_stand_alone(format, &probe));
        }
        Ok(Answer::Taken)
    })?;
    let Some(format) = format else { return Ok(None) };
    let mut file = File::open(&top.path).map_err(failed)?;
    let mut cut = |at| cut(&mut file, at, |line| key(line, &top, format, reading)).map_err(failed);
    let (from, to) = (cut(bytes.start)?, cut(bytes.end)?);
    file.seek(SeekFrom::Start(from)).map_err(failed)?;
    let mut input = Input::new(top.name.clone(), file.take(to.saturating_sub(from)), None);
    if to <= from {
        return Ok(Some(Partials::default()));
    }
    // What begins otherwise would be taken for another kind of table; and a mark of the encoding is
    // nothing at a file's beginning, but an error elsewhere.
    if (from > 0 && input.looks_at(b"\xef\xbb\xbf")?) || !input.starts_with(b'{')? {
        return Ok(None);
    }
    let mut sink = Sink::new(reading);
    sink.begin(top.name.clone(), format.name);
    let outcome = (format.read)(input, &Index::default(), &mut sink);
    sink.end(outcome)?;
    Ok(Some(sink.finish()))
}

/// What was read of all pieces of a file, in the order of the file; `None` where the file must be read in
/// one go.
///
/// # Errors
/// Where the file cannot be read: its hash is taken here.
pub fn whole_of_pieces(path: &Path, pieces: Vec<Partials>) -> Result<Option<Partials>> {
    let Some(top) = top(path)? else { return Ok(None) };
    let mut format = None;
    let mut joined: Vec<Joined> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for piece in pieces {
        let odd = !piece.problems.is_empty() || !piece.notes.is_empty();
        if odd {
            return Ok(None);
        }
        for file in piece.files {
            match file.fate {
                Fate::Read { format: name, .. } => format = Some(name),
                // A piece within one long line.
                Fate::Skipped(_) => {}
                Fate::Partial { .. } | Fate::Context(_) | Fate::Refused(_) => return Ok(None),
            }
        }
        for run in piece.runs {
            let Ok(key) = serde_json::to_string(&run.run) else { return Ok(None) };
            let place = *places.entry(key).or_insert(joined.len());
            if place == joined.len() {
                joined.push(Joined::new(&run, &top));
            }
            let checked = run.checks != Checks::default();
            if !run.whole || checked || !joined[place].add(run) {
                return Ok(None);
            }
        }
    }
    let Some(format) = format else { return Ok(None) };
    let hash = hash_of(&top, &Passed::counting(None))?;
    let mut whole = Partials::default();
    let (mut samples, mut trials) = (0, 0);
    for Joined { mut scores, .. } in joined {
        scores.hash.clone_from(&hash);
        samples += scores.samples.len() as u64;
        trials += scores.trials();
        whole.runs.push(scores);
    }
    let mut report = FileReport::new(&top.name, Fate::Read { format, samples, trials });
    report.blake3 = Some(hash);
    whole.files.push(report);
    Ok(Some(whole))
}

/// The file itself, without those beside it.
fn top(path: &Path) -> Result<Option<Top>> {
    Ok(tops(&[path.to_owned()])?.into_iter().find(|top| !top.context && top.path == path))
}

/// Where a piece begins that should begin at `at`: between the rows of two samples, so that the repeats
/// of one stay together. The same for the piece that ends there.
fn cut(
    file: &mut File,
    at: u64,
    key: impl Fn(&[u8]) -> Option<(String, Box<str>)>,
) -> std::io::Result<u64> {
    let end = file.metadata()?.len();
    if at == 0 || at >= end {
        return Ok(at.min(end));
    }
    file.seek(SeekFrom::Start(at - 1))?;
    let mut reader = BufReader::with_capacity(1 << 16, file);
    let mut place = at - 1 + reader.skip_until(b'\n')? as u64;
    let (mut line, mut first) = (Vec::new(), None);
    while place < at.saturating_add(MAX_SAMPLE_BYTES) {
        line.clear();
        let read = (&mut reader).take(MAX_SAMPLE_BYTES).read_until(b'\n', &mut line)?;
        if read == 0 {
            break;
        }
        if line.trim_ascii().is_empty() {
            place += read as u64;
            continue;
        }
        let key = key(&line);
        if key.is_none() || first.as_ref().is_some_and(|first| Some(first) != key.as_ref()) {
            break;
        }
        first = key;
        place += read as u64;
    }
    Ok(place.min(end))
}

/// The run and sample of a row; `None` where it has none.
fn key(line: &[u8], top: &Top, format: &Format, reading: &Reading) -> Option<(String, Box<str>)> {
    let mut sink = Sink::new(reading);
    sink.begin(top.name.clone(), format.name);
    (format.read)(Input::from_bytes(top.name.as_str(), line), &Index::default(), &mut sink).ok()?;
    sink.end(Ok(())).ok()?;
    let run = sink.finish().runs.pop()?;
    Some((serde_json::to_string(&run.run).ok()?, run.samples.into_iter().next()?))
}

/// A run on its way.
struct Joined {
    scores: RunScores,
    /// Places of the samples.
    places: BTreeMap<Box<str>, usize>,
}

impl Joined {
    fn new(run: &RunScores, top: &Top) -> Self {
        let scores = RunScores::new(run.run.clone(), top.name.as_str());
        Self { scores, places: BTreeMap::new() }
    }

    /// Adds a piece; false where a score was there.
    fn add(&mut self, piece: RunScores) -> bool {
        let Self { scores, places } = self;
        let numbers: Vec<usize> = piece
            .samples
            .into_iter()
            .map(|id| {
                let next = scores.samples.len();
                let place = *places.entry(id.clone()).or_insert(next);
                if place == next {
                    scores.samples.push(id);
                }
                place
            })
            .collect();
        for series in piece.series {
            let known = scores.series.iter().position(|known| known.name == series.name);
            let place = known.unwrap_or_else(|| {
                scores.series.push(Series::new(series.name.clone()));
                scores.series.len() - 1
            });
            let into = &mut scores.series[place];
            into.widen(&series);
            for (cell, number) in series.cells.into_iter().zip(&numbers) {
                if cell == Cell::default() {
                    continue;
                }
                if into.cells.len() <= *number {
                    into.cells.resize(number + 1, Cell::default());
                }
                if into.cells[*number] != Cell::default() {
                    return false;
                }
                into.cells[*number] = cell;
            }
        }
        true
    }
}
