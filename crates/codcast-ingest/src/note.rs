//! What a reader noticed and could live with.

use std::fmt;

use crate::error::At;

/// Something odd that did not stop the reading; [`fmt::Display`] says it in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// A key in `study.toml` that means nothing here.
    IgnoredKey {
        /// Where.
        at: At,
        /// The table, e.g. `model "a"`.
        table: Box<str>,
        /// Escaped.
        key: Box<str>,
    },
    /// A rung or anchor without rows.
    NoRowsForModel {
        /// Its name.
        model: String,
    },
    /// A task in `study.toml` that no row mentions.
    NoRowsForTask {
        /// Its name.
        task: String,
    },
    /// Rows without an answer.
    MissingAnswers {
        /// How many.
        rows: u64,
    },
    /// A text file whose last line does not end: it may be cut.
    NoFinalNewline {
        /// The file.
        file: Box<str>,
    },
}

codcast::error_codes!(Note {
    IgnoredKey => "ignored_key",
    NoRowsForModel => "no_rows_for_model",
    NoRowsForTask => "no_rows_for_task",
    MissingAnswers => "missing_answers",
    NoFinalNewline => "no_final_newline",
});

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::IgnoredKey { at, table, key } => {
                write!(f, "{at}, {table}: key \"{key}\" is not known and was ignored")
            }
            Self::NoRowsForModel { model } => {
                write!(f, "model {model:?} of study.toml has no results")
            }
            Self::NoRowsForTask { task } => write!(
                f,
                "task {task:?} of study.toml has no results: is it spelt as in the table of samples?"
            ),
            Self::MissingAnswers { rows } => {
                write!(f, "{rows} rows have neither counts nor a score and count as not answered")
            }
            Self::NoFinalNewline { file } => {
                write!(f, "{file}: the last line has no end: is the file complete?")
            }
        }
    }
}
