//! Tables of samples: one module a format. Every reader fills [`Chunk`]s.

pub(crate) mod arrow;
pub(crate) mod csv;
pub(crate) mod jsonl;
pub(crate) mod parquet;
mod text;

use crate::chunk::Chunk;
use crate::error::{At, Error, Place, Result};
use crate::manifest::Manifest;
use crate::note::Note;
use crate::row::Bad;
use crate::source::{Compression, Source};

/// What every answer needs.
pub(crate) const EXPECTED_COLUMNS: &str =
    "the columns model, task, sample_id, and either n_trials and n_correct, or score";

/// The shape of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Parquet,
    Csv(Compression),
    Jsonl(Compression),
}

impl Shape {
    /// File names of tables of samples and their shapes.
    pub(crate) const NAMES: [(&'static str, Self); 7] = [
        ("samples.parquet", Self::Parquet),
        ("samples.csv", Self::Csv(Compression::None)),
        ("samples.csv.gz", Self::Csv(Compression::Gzip)),
        ("samples.csv.zst", Self::Csv(Compression::Zstd)),
        ("samples.jsonl", Self::Jsonl(Compression::None)),
        ("samples.jsonl.gz", Self::Jsonl(Compression::Gzip)),
        ("samples.jsonl.zst", Self::Jsonl(Compression::Zstd)),
    ];

    /// What the chunks count.
    pub(crate) fn place(self) -> fn(u64) -> Place {
        match self {
            Self::Parquet => Place::Row,
            Self::Csv(_) | Self::Jsonl(_) => Place::Line,
        }
    }

    pub(crate) fn read(
        self,
        source: &Source,
        manifest: &Manifest,
        notes: &mut Vec<Note>,
    ) -> Result<Vec<Chunk>> {
        if source.len()? == 0 {
            let file = source.name.as_str().into();
            return Err(Error::Empty { file, expected: "a table of samples" });
        }
        let chunks = match self {
            Self::Parquet => parquet::read(source, manifest)?,
            Self::Csv(compression) => csv::read(source, compression, manifest, notes)?,
            Self::Jsonl(compression) => jsonl::read(source, compression, manifest, notes)?,
        };
        check_answers(&chunks, &source.name)?;
        Ok(chunks)
    }
}

/// A table without any row, or without any answer, is a mistake.
fn check_answers(chunks: &[Chunk], file: &str) -> Result<()> {
    let (rows, missing) = chunks.iter().fold((0, 0), |sum, c| (sum.0 + c.rows, sum.1 + c.missing));
    if rows == 0 {
        return Err(Error::Empty { file: file.into(), expected: "at least one row" });
    }
    if rows == missing {
        return Err(Error::NoAnswers { file: file.into(), rows });
    }
    Ok(())
}

/// The answer column that a table lacks, from which it has.
pub(crate) fn missing_answer_column(
    n_trials: bool,
    n_correct: bool,
    score: bool,
) -> Option<&'static str> {
    match (n_trials, n_correct) {
        (true, false) => Some("n_correct"),
        (false, true) => Some("n_trials"),
        (false, false) if !score => Some("score"),
        _ => None,
    }
}

/// Adds the place to a bad value.
pub(crate) fn bad_at(file: &str, place: Place, bad: Bad) -> Error {
    let Bad { field, found, expected, advice } = bad;
    Error::Value { at: At { file: file.into(), place }, field, found, expected, advice }
}

/// The error for a null or empty key.
pub(crate) fn missing_key(field: &'static str) -> Bad {
    Bad::new(field, "missing", "a text", "every row needs its model, task and sample_id")
}
