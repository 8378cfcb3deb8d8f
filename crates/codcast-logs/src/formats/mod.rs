//! The formats, in the order in which they are tried: the first that recognises a file has it.
//!
//! A format is a row of [`FORMATS`] and a module with two functions: one looks at the beginning of a
//! file, one reads it. To add one, write the module, add the row, and put a real log under
//! `tests/logs/FORMAT/`.

mod bigcodebench;
mod companion;
mod evalplus;
mod every_eval_ever;
mod helm;
mod helm_table;
mod humaneval;
mod inspect;
mod lighteval;
mod livecodebench;
mod lm_eval;
mod names;
mod olmes;
mod openai_evals;
mod opencompass;
mod passes;
mod simple_evals;
mod tables;

use crate::error::Result;
use crate::json::{Outline, Value};
use crate::sink::Sink;
use crate::source::{Input, LogPath};

/// A format of logs.
#[derive(Clone, Copy)]
pub struct Format {
    /// As the summary names it.
    pub name: &'static str,
    /// What a file is to this format, by its content; `None`: not of this format.
    pub recognise: fn(&Probe<'_>) -> Option<Part>,
    /// What to remember of a [`Part::Index`] file: pruned to what `read` needs. Files of other parts
    /// never get here.
    pub index: fn(&mut Input<'_>) -> Result<Value>,
    /// Reads a [`Part::Samples`] file into the sink.
    ///
    /// A returned error means that the rest of the file could not be read: what the sink has of it is
    /// kept, and counts as partial. An error in one record goes to [`Sink::problem`], and reading goes
    /// on. An error before any [`Sink::score`] refuses the file.
    pub read: fn(Input<'_>, &Index, &mut Sink<'_>) -> Result<()>,
}

impl std::fmt::Debug for Format {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

/// What a file is to a format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Scores of samples: read by [`Format::read`] after all index files are known.
    Samples,
    /// Context for sample files, remembered by [`Format::index`].
    Index,
    /// Belongs to the format, and holds nothing that is needed; the reason goes to the summary.
    Known(&'static str),
}

/// The beginning of a file.
#[derive(Debug)]
pub struct Probe<'a> {
    /// Its name: for formats that split a log over files of fixed names.
    pub path: &'a LogPath,
    /// The first bytes, decompressed, at most 64 KB.
    pub head: &'a [u8],
    /// The keys of the first JSON value.
    pub outline: &'a Outline,
    /// For zip archives: the names of the members, at most 10,000. Archives that no format recognises
    /// are walked.
    pub members: &'a [String],
    /// Columns of generic tables that are called otherwise: ours, theirs.
    pub columns: &'a [(String, String)],
}

/// What was remembered of all index files, by path.
#[derive(Debug, Default)]
pub struct Index {
    files: std::collections::BTreeMap<LogPath, (&'static str, Value)>,
}

impl Index {
    /// The index file of that path.
    pub fn get(&self, path: &LogPath) -> Option<&Value> {
        self.files.get(path).map(|(_, value)| value)
    }

    /// The index files of a format in a folder (not below it), by path.
    pub fn in_folder<'a>(
        &'a self,
        format: &'static str,
        folder: &'a str,
    ) -> impl Iterator<Item = (&'a LogPath, &'a Value)> + 'a {
        self.files
            .iter()
            .filter(move |(path, (of, _))| *of == format && path.folder() == folder)
            .map(|(path, (_, value))| (path, value))
    }

    pub(crate) fn insert(&mut self, path: LogPath, format: &'static str, value: Value) {
        self.files.insert(path, (format, value));
    }

    pub(crate) fn merge(&mut self, other: Self) {
        self.files.extend(other.files);
    }
}

/// For formats without index files.
#[expect(clippy::unnecessary_wraps, reason = "the type of a format's function")]
pub(crate) fn no_index(_: &mut Input<'_>) -> Result<Value> {
    Ok(Value::Null)
}

/// Whether every line of this log stands for itself, so that its lines can be read apart: rows of a
/// table. In other formats places in the file mean something, or what is known of a run depends on all
/// of its records.
pub(crate) fn lines_stand_alone(format: &Format, probe: &Probe<'_>) -> bool {
    format.name == tables::FORMAT.name
        && probe.outline.root == crate::json::Root::Object
        && !probe.head.starts_with(b"PAR1")
}

/// How the reason begins for which a file of no known format is skipped.
pub const UNKNOWN_FORMAT: &str = "not a log of a known format";

/// Why a file of no known format is skipped; of one that looks like a table, what it lacks to be one of
/// samples.
pub(crate) fn unknown(probe: &Probe<'_>) -> std::borrow::Cow<'static, str> {
    match tables::unread(probe) {
        Some(why) => format!("{UNKNOWN_FORMAT}; {why}").into(),
        None => UNKNOWN_FORMAT.into(),
    }
}

/// All formats.
pub(crate) const FORMATS: &[Format] = &[
    inspect::ARCHIVE,
    inspect::JSON,
    lm_eval::FORMAT,
    lighteval::FORMAT,
    olmes::FORMAT,
    bigcodebench::FORMAT,
    evalplus::FORMAT,
    livecodebench::FORMAT,
    humaneval::FORMAT,
    openai_evals::FORMAT,
    simple_evals::FORMAT,
    helm::FORMAT,
    opencompass::FORMAT,
    every_eval_ever::FORMAT,
    tables::FORMAT,
];
