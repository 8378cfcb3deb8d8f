//! What was read of some logs: counts per run, metric and sample. Partials of different files, days
//! and machines merge exactly.

mod scores;

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

pub(crate) use self::scores::{Cell, Checks, RunScores, Series, mean_of};
use crate::error::Error;
use crate::record::{Expected, MetricName, Run};
use crate::source::LogPath;

/// Counts read from logs, before the choice of a metric.
#[derive(Debug, Default)]
pub struct Partials {
    /// What became of each file.
    pub files: Vec<FileReport>,
    /// Records and files that could not be read.
    pub problems: Vec<Error>,
    /// Runs in the order of files and of each file.
    pub(crate) runs: Vec<RunScores>,
    /// What the user should know: text, and the files it is about.
    pub(crate) notes: BTreeMap<String, Vec<Box<str>>>,
}

/// A file and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileReport {
    /// As it was given; members of archives as `archive!/member`.
    pub path: LogPath,
    /// What became of it.
    pub fate: Fate,
    /// BLAKE3 hash of the file (of the archive, for a member), if it was read.
    pub blake3: Option<String>,
}

impl FileReport {
    pub(crate) fn new(path: &LogPath, fate: Fate) -> Self {
        Self { path: path.clone(), fate, blake3: None }
    }
}

/// What became of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// Samples were read.
    Read {
        /// The format's name.
        format: Cow<'static, str>,
        /// Over the runs in it.
        samples: u64,
        /// Scored repeats of the first metric of each run.
        trials: u64,
    },
    /// Samples were read until something could not be.
    Partial {
        /// The format's name.
        format: Cow<'static, str>,
        /// Over the runs in it.
        samples: u64,
        /// Scored repeats of the first metric of each run.
        trials: u64,
        /// Why it ended.
        reason: String,
    },
    /// Gave context for other files of this format.
    Context(Cow<'static, str>),
    /// Nothing in it is needed, for this reason.
    Skipped(Cow<'static, str>),
    /// It cannot be used, for this reason.
    Refused(String),
}

impl Partials {
    /// Adds what was read of other logs.
    pub fn merge(&mut self, other: Self) {
        let Self { files, problems, runs, notes } = other;
        self.files.extend(files);
        self.problems.extend(problems);
        self.runs.extend(runs);
        for (text, files) in notes {
            self.notes.entry(text).or_default().extend(files);
        }
    }

    /// Puts runs into an order that does not depend on how they came in.
    pub(crate) fn sort(&mut self) {
        self.runs.sort_by(crate::study::order);
    }

    /// Runs that were read.
    pub fn runs(&self) -> usize {
        self.runs.len()
    }

    /// What the user should know, a line each with the files it is about.
    pub(crate) fn note_lines(&self) -> impl Iterator<Item = String> {
        self.notes.iter().map(|(text, files)| match &files[..] {
            [] => text.clone(),
            [one] => format!("{}: {text}", crate::error::shown(one, 200)),
            [first, rest @ ..] => {
                let first = crate::error::shown(first, 200);
                format!("{first} and {} more: {text}", rest.len())
            }
        })
    }

    /// Numbers that logs state twice and that agree: within records, not the means of runs.
    pub fn checks(&self) -> u64 {
        self.runs.iter().map(|run| run.checks.agreed).sum()
    }

    /// What was read, for tests and for looking at: one view a run and metric.
    pub fn views(&self) -> impl Iterator<Item = View<'_>> {
        self.runs.iter().flat_map(|run| run.series.iter().map(move |series| View { run, series }))
    }

    /// What the user should know: texts, and the files each is about.
    pub fn notes(&self) -> impl Iterator<Item = (&str, &[Box<str>])> {
        self.notes.iter().map(|(text, files)| (text.as_str(), files.as_slice()))
    }

    pub(crate) fn add_note(&mut self, file: Box<str>, text: String) {
        let files = self.notes.entry(text).or_default();
        if files.last() != Some(&file) {
            files.push(file);
        }
    }
}

/// A metric of a run, to look at.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    run: &'a RunScores,
    series: &'a Series,
}

impl<'a> View<'a> {
    /// The run.
    pub fn run(&self) -> &'a Run {
        &self.run.run
    }

    /// The file it is from; members of archives as `archive!/member`.
    pub fn file(&self) -> &'a str {
        &self.run.file
    }

    /// The metric.
    pub fn name(&self) -> &'a MetricName {
        &self.series.name
    }

    /// Mean over samples of the mean over repeats; `None` without scores.
    pub fn mean(&self) -> Option<f64> {
        self.series.mean().map(|(mean, _)| mean)
    }

    /// What the harness logged as its mean.
    pub fn expected(&self) -> Option<Expected> {
        self.series.expected
    }

    /// Samples with what they scored: id, scored repeats, sum of scores, failed, unscored.
    pub fn samples(&self) -> impl Iterator<Item = (&'a str, u32, f64, u16, u16)> + 'a {
        let (cells, samples) = (&self.series.cells, &self.run.samples);
        cells
            .iter()
            .zip(samples)
            .map(|(cell, id)| (&**id, cell.trials, cell.sum, cell.errors, cell.unscored))
    }
}

/// Ids longer than this are replaced by their hash.
pub(crate) const MAX_ID_BYTES: usize = 200;

/// An id as it is kept: itself, or the hash of a long one. Control characters are harmless here: what
/// shows ids escapes them.
pub(crate) fn sample_id(id: &str) -> Box<str> {
    if id.len() <= MAX_ID_BYTES {
        return id.into();
    }
    format!("sha256:{}", hex(&Sha256::digest(id.as_bytes()))).into()
}

/// A name of a model or task as it is kept. No study takes names over 1,000 bytes, and a task's may get
/// the words for shots and versions behind it: of a long one the beginning and the hash.
pub(crate) fn short_name(name: &mut String) {
    if name.len() > MAX_ID_BYTES {
        let beginning: String = name.chars().take(40).collect();
        *name = format!("{beginning}… {}", sample_id(name));
    }
}

/// Bytes in hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut out = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        out.push(DIGITS[usize::from(byte >> 4)].into());
        out.push(DIGITS[usize::from(byte & 15)].into());
    }
    out
}
