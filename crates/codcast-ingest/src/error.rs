//! What can be wrong with files: one variant a kind, each naming the place and what to do.

use std::fmt;

use crate::text::shown;

/// The result of reading or writing.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Where in a file: a line of text or a row of a table, both counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// Line of a text file; a CSV file's header is line 1.
    Line(u64),
    /// Row of a Parquet table.
    Row(u64),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(n) => write!(f, "line {n}"),
            Self::Row(n) => write!(f, "row {n}"),
        }
    }
}

/// A file and a place in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct At {
    /// The file, as it was given.
    pub file: Box<str>,
    /// Where in it.
    pub place: Place,
}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}", self.file, self.place)
    }
}

/// Input that cannot be read as a study, or output that cannot be written.
///
/// Text that comes from files is escaped and shortened before it is shown.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The folder is not there.
    #[error("{path}: no such folder; expected a study folder with study.toml and samples.parquet")]
    NoFolder {
        /// As given.
        path: Box<str>,
    },
    /// A file where a folder was expected.
    #[error("{path} is a file; name the study folder that holds study.toml and samples.parquet")]
    NotAFolder {
        /// As given.
        path: Box<str>,
    },
    /// `study.toml` is not there.
    #[error(
        "{folder}: no study.toml; expected one that lists the models with their roles and compute"
    )]
    NoStudyToml {
        /// The folder.
        folder: Box<str>,
    },
    /// No table of samples.
    #[error(
        "{folder}: no table of samples; expected one of samples.parquet, samples.csv, \
         samples.jsonl (the last two also with .gz or .zst)"
    )]
    NoSamples {
        /// The folder.
        folder: Box<str>,
    },
    /// Several tables of samples.
    #[error("{folder}: several tables of samples ({found}); keep one")]
    SeveralSamples {
        /// The folder.
        folder: Box<str>,
        /// Their names, comma-separated.
        found: Box<str>,
    },
    /// The system refused.
    #[error("cannot {action} {path}: {source}")]
    Io {
        /// `read` or `write`.
        action: &'static str,
        /// The file.
        path: Box<str>,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file of no bytes, or a table of no rows.
    #[error("{file} is empty; expected {expected}")]
    Empty {
        /// The file.
        file: Box<str>,
        /// What should be there.
        expected: &'static str,
    },
    /// A binary or compressed file that cannot be decoded.
    #[error("{file} is damaged or not {format} ({message}); copy it again or write it anew")]
    Damaged {
        /// The file.
        file: Box<str>,
        /// `a Parquet file`, `gzip data` or `Zstandard data`.
        format: &'static str,
        /// What the decoder said.
        message: Box<str>,
    },
    /// Text that does not parse.
    #[error("{at}: {message}; {advice}")]
    Syntax {
        /// Where.
        at: At,
        /// What the parser said.
        message: Box<str>,
        /// What to do.
        advice: &'static str,
    },
    /// A value in `study.toml` that is not what its key needs.
    #[error("{at}, {table}: {field} is {found}; expected {expected}")]
    Field {
        /// Where.
        at: At,
        /// The table, e.g. `model "a"`.
        table: Box<str>,
        /// The key.
        field: &'static str,
        /// What is there.
        found: Box<str>,
        /// What is needed.
        expected: &'static str,
    },
    /// A key in `study.toml` that looks like another one misspelt.
    #[error("{at}, {table}: unknown key {key:?}; did you mean {suggestion:?}?")]
    UnknownKey {
        /// Where.
        at: At,
        /// The table, e.g. `model "a"`.
        table: Box<str>,
        /// The key.
        key: Box<str>,
        /// The known key.
        suggestion: &'static str,
    },
    /// Two models, or two tasks, of one name in `study.toml`.
    #[error("{at}: {kind} {name} is listed already on {first}; names must be unique")]
    DuplicateName {
        /// Where the second one is.
        at: At,
        /// `model` or `task`.
        kind: &'static str,
        /// Quoted.
        name: Box<str>,
        /// Where the first one is.
        first: Place,
    },
    /// A table lacks a column.
    #[error("{file}: no column {column:?}; expected {expected}; there is: {found}")]
    MissingColumn {
        /// The file.
        file: Box<str>,
        /// The column.
        column: &'static str,
        /// What is needed.
        expected: &'static str,
        /// The columns there are, comma-separated.
        found: Box<str>,
    },
    /// A table has a column twice.
    #[error("{file}: column {column:?} is there twice; keep one")]
    DuplicateColumn {
        /// The file.
        file: Box<str>,
        /// The column.
        column: &'static str,
    },
    /// A column of a type that does not fit.
    #[error("{file}: column {column:?} has type {found}; expected {expected}: convert it")]
    ColumnType {
        /// The file.
        file: Box<str>,
        /// The column.
        column: &'static str,
        /// Its type.
        found: Box<str>,
        /// What is needed.
        expected: &'static str,
    },
    /// A value in a table that makes no sense.
    #[error("{at}: {field} is {found}; expected {expected}: {advice}")]
    Value {
        /// Where.
        at: At,
        /// The column.
        field: &'static str,
        /// What is there.
        found: Box<str>,
        /// What is needed.
        expected: &'static str,
        /// What to do.
        advice: &'static str,
    },
    /// A model with results that `study.toml` does not list.
    #[error(
        "{at}: model {model} is not in study.toml{}; add a [[models]] entry with its name and role \
         (role = \"ignore\" leaves it out), or remove its rows", 
        suggestion.as_ref().map_or_else(String::new, |s| format!(" (did you mean {s}?)"))
    )]
    UnknownModel {
        /// Where it is first.
        at: At,
        /// Quoted.
        model: Box<str>,
        /// A listed name that looks like it, quoted.
        suggestion: Option<Box<str>>,
    },
    /// A table in which no row has an answer.
    #[error("{file}: none of the {rows} rows has n_trials and n_correct, or score; expected {expected}", expected = crate::tables::EXPECTED_COLUMNS)]
    NoAnswers {
        /// The file.
        file: Box<str>,
        /// How many rows there are.
        rows: u64,
    },
    /// Two rows of one key.
    #[error(
        "{at}: the same model, checkpoint, task and sample as {first} ({key}); keep one row, or add \
         up n_trials and n_correct if they are repeats"
    )]
    DuplicateRow {
        /// The second row.
        at: At,
        /// The first row.
        first: Place,
        /// The key, quoted.
        key: Box<str>,
    },
    /// The study makes no sense as a whole.
    #[error(transparent)]
    Study(#[from] codcast::Error),
}

impl Error {
    pub(crate) fn read(path: &str, source: std::io::Error) -> Self {
        Self::Io { action: "read", path: path.into(), source }
    }

    pub(crate) fn write(path: &str, source: std::io::Error) -> Self {
        Self::Io { action: "write", path: path.into(), source }
    }

    pub(crate) fn damaged(file: &str, format: &'static str, message: &dyn fmt::Display) -> Self {
        Self::Damaged { file: file.into(), format, message: shown(&message.to_string()) }
    }
}

codcast::error_codes!(Error {
    NoFolder => "no_folder",
    NotAFolder => "not_a_folder",
    NoStudyToml => "no_study_toml",
    NoSamples => "no_samples",
    SeveralSamples => "several_samples",
    Io => "io",
    Empty => "empty_file",
    Damaged => "damaged_file",
    Syntax => "syntax",
    Field => "bad_field",
    UnknownKey => "unknown_key",
    DuplicateName => "duplicate_name",
    MissingColumn => "missing_column",
    DuplicateColumn => "duplicate_column",
    ColumnType => "column_type",
    Value => "bad_value",
    UnknownModel => "unknown_model",
    NoAnswers => "no_answers",
    DuplicateRow => "duplicate_row",
}, inner Study);
