//! JSONL tables of samples: one object a line; absent keys and nulls are missing values.

use std::borrow::Cow;
use std::fmt;
use std::io::{BufRead, BufReader};

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::text::{Key, MAX_ROW_BYTES, ROW_TOO_LONG, Rows, open, read_error};
use super::{bad_at, missing_key};
use crate::chunk::Chunk;
use crate::error::{Error, Place, Result};
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
    let mut reader = BufReader::with_capacity(1 << 16, reader);
    let mut rows = Rows::new(&source.name, manifest);
    let mut buffer = Vec::new();
    for line in 1.. {
        buffer.clear();
        meter.reset();
        let read = reader.read_until(b'\n', &mut buffer).map_err(|error| {
            if error.to_string() == ROW_TOO_LONG {
                too_long(&rows, line)
            } else {
                read_error(&source.name, compression, error)
            }
        })?;
        if read == 0 {
            break;
        }
        // The meter allows a little more, for what is buffered.
        if read as u64 > MAX_ROW_BYTES {
            return Err(too_long(&rows, line));
        }
        let mut text = buffer.trim_ascii();
        if line == 1 {
            text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
        }
        if text.is_empty() {
            continue;
        }
        if text[0] != b'{' {
            // An array would pass for an object with its values in order.
            let message = format!("not a JSON object: {}", quoted(&String::from_utf8_lossy(text)));
            let advice = "write one object a line";
            return Err(Error::Syntax { at: rows.at(line), message: message.into(), advice });
        }
        let row: Row<'_> =
            serde_json::from_slice(text).map_err(|e| syntax(&rows, line, text, &e))?;
        let bad = |bad| bad_at(&source.name, Place::Line(line), bad);
        let numbers = row.numbers().map_err(bad)?;
        rows.add(line, &row.into_key().map_err(bad)?, &numbers)?;
    }
    if meter.unfinished() {
        notes.push(Note::NoFinalNewline { file: source.name.as_str().into() });
    }
    Ok(vec![rows.chunk])
}

fn too_long(rows: &Rows<'_>, line: u64) -> Error {
    let advice = "write one object a line, with the needed keys only";
    Error::Syntax { at: rows.at(line), message: ROW_TOO_LONG.into(), advice }
}

/// Python writes NaN and Infinity, which are no JSON; they are named, as the likeliest mistake.
fn syntax(rows: &Rows<'_>, line: u64, text: &[u8], error: &serde_json::Error) -> Error {
    let from = error.column().saturating_sub(1).min(text.len());
    // The parser stops at a token, or just after its sign.
    let rest = (0..3).filter_map(|back| text.get(from.saturating_sub(back)..));
    let tokens: [&[u8]; 3] = [b"-Infinity", b"Infinity", b"NaN"];
    let token = tokens.iter().find(|token| rest.clone().any(|rest| rest.starts_with(token)));
    let at = rows.at(line);
    if let Some(token) = token {
        let message = format!("{} is not a score", String::from_utf8_lossy(token)).into();
        let advice = "write null, or leave out the row, where there was no answer";
        return Error::Syntax { at, message, advice };
    }
    let message = shown(&format!("not a JSON object: {error}"));
    let advice = "write one object a line; if the line is cut, copy the file again";
    Error::Syntax { at, message, advice }
}

/// A row's known keys.
#[derive(serde::Deserialize)]
struct Row<'a> {
    #[serde(borrow, default)]
    model: Cell<'a>,
    #[serde(borrow, default)]
    task: Cell<'a>,
    #[serde(borrow, default)]
    sample_id: Cell<'a>,
    #[serde(borrow, default)]
    checkpoint: Cell<'a>,
    #[serde(borrow, default)]
    n_trials: Cell<'a>,
    #[serde(borrow, default)]
    n_correct: Cell<'a>,
    #[serde(borrow, default)]
    score: Cell<'a>,
    #[serde(borrow, default)]
    task_loss: Cell<'a>,
}

impl<'a> Row<'a> {
    fn numbers(&self) -> Result<Numbers, Bad> {
        Ok(Numbers {
            checkpoint: self.checkpoint.number("checkpoint")?,
            n_trials: self.n_trials.number("n_trials")?,
            n_correct: self.n_correct.number("n_correct")?,
            score: self.score.number("score")?,
            task_loss: self.task_loss.number("task_loss")?,
        })
    }

    fn into_key(self) -> Result<Key<'a>, Bad> {
        Ok(Key {
            model: self.model.text("model")?,
            task: self.task.text("task")?,
            sample: self.sample_id.text("sample_id")?,
        })
    }
}

/// A JSON value as far as it matters.
#[derive(Default)]
enum Cell<'a> {
    #[default]
    Null,
    Number(Number),
    Text(Cow<'a, str>),
    Other(&'static str),
}

impl<'a> Cell<'a> {
    fn number(&self, field: &'static str) -> Result<Option<Number>, Bad> {
        let bad = |found: &str| {
            Bad::new(field, found, "a number or null", "write numbers without quotes")
        };
        match self {
            Self::Null => Ok(None),
            Self::Number(number) => Ok(Some(*number)),
            Self::Text(text) => Err(bad(&format!("the text {}", quoted(text)))),
            Self::Other(kind) => Err(bad(kind)),
        }
    }

    fn text(self, field: &'static str) -> Result<Cow<'a, str>, Bad> {
        match self {
            Self::Text(text) if !text.is_empty() => Ok(text),
            Self::Text(_) | Self::Null => Err(missing_key(field)),
            Self::Number(n) => {
                let found = format!("the number {n}");
                Err(Bad::new(field, found, "a text", "write names and ids in quotes"))
            }
            Self::Other(kind) => {
                Err(Bad::new(field, kind, "a text", "write names and ids in quotes"))
            }
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Cell<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(CellVisitor)
    }
}

struct CellVisitor;

impl<'de> Visitor<'de> for CellVisitor {
    type Value = Cell<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Cell::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
        Ok(Cell::Other(if value { "true" } else { "false" }))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
        Ok(Cell::Number(Number::Int(value)))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
        Ok(Cell::Number(i64::try_from(value).map_or(Number::Float(value as f64), Number::Int)))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Self::Value, E> {
        Ok(Cell::Number(Number::Float(value)))
    }

    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Self::Value, E> {
        Ok(Cell::Text(Cow::Borrowed(value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Self::Value, E> {
        Ok(Cell::Text(Cow::Owned(value.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Cell::Other("an array"))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        while items.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Cell::Other("an object"))
    }
}
