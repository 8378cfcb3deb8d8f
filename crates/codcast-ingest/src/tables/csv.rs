//! CSV tables of samples: comma-separated, with a header; empty cells are missing values.

use std::borrow::Cow;

use ::csv::{ByteRecord, ErrorKind, ReaderBuilder};

use super::text::{Key, ROW_TOO_LONG, Rows, open, read_error};
use super::{EXPECTED_COLUMNS, bad_at, missing_answer_column, missing_key};
use crate::chunk::Chunk;
use crate::error::{Error, Place, Result};
use crate::lines;
use crate::manifest::Manifest;
use crate::note::Note;
use crate::row::{Bad, Number, Numbers};
use crate::source::{Compression, Source};
use crate::text::{quoted, shown};

pub(crate) fn read(
    source: &Source,
    compression: Compression,
    manifest: &Manifest,
    notes: &mut Vec<Note>,
) -> Result<Vec<Chunk>> {
    let (reader, meter) = open(source, compression)?;
    let mut reader = ReaderBuilder::new().from_reader(reader);
    let mut rows = Rows::new(&source.name, manifest);
    let header = reader.byte_headers();
    let header = header.map_err(|error| csv_error(&rows, compression, 0, error))?.clone();
    let behind = lines::behind(&reader);
    let failed = |rows: &Rows<'_>, error| csv_error(rows, compression, behind, error);
    let columns = Columns::new(&source.name, &header)?;
    let mut record = ByteRecord::new();
    while reader.read_byte_record(&mut record).map_err(|error| failed(&rows, error))? {
        meter.reset();
        let line = lines::of(&record, &reader) + behind;
        let bad = |bad| bad_at(&source.name, Place::Line(line), bad);
        let key = columns.key(&record).map_err(bad)?;
        let numbers = columns.numbers(&record).map_err(bad)?;
        rows.add(line, &key, &numbers)?;
    }
    if meter.unfinished() {
        notes.push(Note::NoFinalNewline { file: source.name.as_str().into() });
    }
    Ok(vec![rows.chunk])
}

/// Where each column is.
struct Columns {
    model: usize,
    task: usize,
    sample: usize,
    checkpoint: Option<usize>,
    n_trials: Option<usize>,
    n_correct: Option<usize>,
    score: Option<usize>,
    task_loss: Option<usize>,
}

impl Columns {
    fn new(file: &str, header: &ByteRecord) -> Result<Self> {
        let find = |column: &'static str| {
            let mut places =
                (0..header.len()).filter(|i| header[*i].trim_ascii() == column.as_bytes());
            match (places.next(), places.next()) {
                (_, Some(_)) => Err(Error::DuplicateColumn { file: file.into(), column }),
                (place, None) => Ok(place),
            }
        };
        let missing = |column| {
            let names: Vec<Cow<'_, str>> = header.iter().map(String::from_utf8_lossy).collect();
            let found = shown(&names.join(", "));
            Error::MissingColumn { file: file.into(), column, expected: EXPECTED_COLUMNS, found }
        };
        let text = |column| find(column)?.ok_or_else(|| missing(column));
        let columns = Self {
            model: text("model")?,
            task: text("task")?,
            sample: text("sample_id")?,
            checkpoint: find("checkpoint")?,
            n_trials: find("n_trials")?,
            n_correct: find("n_correct")?,
            score: find("score")?,
            task_loss: find("task_loss")?,
        };
        let has =
            (columns.n_trials.is_some(), columns.n_correct.is_some(), columns.score.is_some());
        match missing_answer_column(has.0, has.1, has.2) {
            Some(column) => Err(missing(column)),
            None => Ok(columns),
        }
    }

    fn key<'r>(&self, record: &'r ByteRecord) -> Result<Key<'r>, Bad> {
        let text = |field, column: usize| {
            let cell = record.get(column).unwrap_or_default();
            match std::str::from_utf8(cell) {
                Ok("") => Err(missing_key(field)),
                Ok(text) => Ok(Cow::Borrowed(text)),
                Err(_) => {
                    let found = quoted(&String::from_utf8_lossy(cell));
                    Err(Bad::new(field, found, "text in UTF-8", "save the file in UTF-8"))
                }
            }
        };
        Ok(Key {
            model: text("model", self.model)?,
            task: text("task", self.task)?,
            sample: text("sample_id", self.sample)?,
        })
    }

    fn numbers(&self, record: &ByteRecord) -> Result<Numbers, Bad> {
        let number = |field, column: Option<usize>| match column {
            Some(column) => parse(field, record.get(column).unwrap_or_default()),
            None => Ok(None),
        };
        Ok(Numbers {
            checkpoint: number("checkpoint", self.checkpoint)?,
            n_trials: number("n_trials", self.n_trials)?,
            n_correct: number("n_correct", self.n_correct)?,
            score: number("score", self.score)?,
            task_loss: number("task_loss", self.task_loss)?,
        })
    }
}

/// A cell's number. Spaces around it are allowed; what is not a number is never taken for one.
fn parse(field: &'static str, cell: &[u8]) -> Result<Option<Number>, Bad> {
    let cell = cell.trim_ascii();
    if cell.is_empty() {
        return Ok(None);
    }
    let text = String::from_utf8_lossy(cell);
    if let Ok(integer) = text.parse() {
        return Ok(Some(Number::Int(integer)));
    }
    text.parse().map(|float| Some(Number::Float(float))).map_err(|_| {
        Bad::new(field, quoted(&text), "a number", "leave the cell empty where there is none")
    })
}

fn csv_error(rows: &Rows<'_>, compression: Compression, behind: u64, error: ::csv::Error) -> Error {
    let line = error.position().map_or(1, ::csv::Position::line) + behind;
    match error.into_kind() {
        ErrorKind::Io(error) if error.to_string() == ROW_TOO_LONG => {
            let line = rows.chunk.rows + 2;
            let advice = "close the quotes, or keep only the columns that are needed";
            Error::Syntax { at: rows.at(line), message: ROW_TOO_LONG.into(), advice }
        }
        ErrorKind::Io(error) => read_error(rows.file, compression, error),
        ErrorKind::UnequalLengths { expected_len, len, .. } => {
            let message = format!("{len} cells where the header has {expected_len}").into();
            let advice = "quote cells that contain commas; if the row is cut, copy the file again";
            Error::Syntax { at: rows.at(line), message, advice }
        }
        other => {
            let message = shown(&format!("{other:?}"));
            Error::Syntax { at: rows.at(line), message, advice: "write the file anew as CSV" }
        }
    }
}
