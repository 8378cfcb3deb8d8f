//! What was read of some logs: counts per run, metric and sample. Partials of different files, days
//! and machines merge exactly.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use crate::error::Error;
use crate::record::{Expected, MetricName, Run};

/// Counts read from logs, before the choice of a metric.
#[derive(Debug, Default)]
pub struct Partials {
    /// Runs in the order of files and of each file.
    pub(crate) runs: Vec<RunScores>,
    /// Records and files that could not be read.
    pub(crate) problems: Vec<Error>,
    /// What the user should know: text, and the files it is about.
    pub(crate) notes: BTreeMap<String, Vec<Box<str>>>,
    /// Checks within records.
    pub(crate) checks: u64,
    /// Those that agreed.
    pub(crate) checks_passed: u64,
}

/// One run's scores.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct RunScores {
    pub(crate) run: Run,
    /// The file it is from.
    pub(crate) file: Box<str>,
    /// Whether all its records were read.
    pub(crate) whole: bool,
    /// Ids, in the order of the file.
    pub(crate) samples: Vec<Box<str>>,
    pub(crate) series: Vec<Series>,
}

/// One metric of a run.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Series {
    pub(crate) name: MetricName,
    /// `[sample]`; may be shorter than the run's samples: those behind have no score.
    pub(crate) cells: Vec<Cell>,
    /// Whether any score is neither 0 nor 1.
    pub(crate) graded: bool,
    /// Whether any score is a mean over an unknown number of repeats.
    pub(crate) measured: bool,
    pub(crate) lowest: f64,
    pub(crate) highest: f64,
    pub(crate) expected: Option<Expected>,
}

/// A sample's scores under one metric.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Cell {
    /// Sum of scores.
    pub(crate) sum: f64,
    /// Scores; none: missing.
    pub(crate) trials: u32,
    /// Repeats in which the harness failed.
    pub(crate) errors: u16,
    /// Repeats without a score.
    pub(crate) unscored: u16,
}

impl RunScores {
    pub(crate) fn new(run: Run, file: &str) -> Self {
        Self { run, file: file.into(), whole: true, samples: Vec::new(), series: Vec::new() }
    }
}

impl Series {
    pub(crate) fn new(name: MetricName) -> Self {
        Self {
            name,
            cells: Vec::new(),
            graded: false,
            measured: false,
            lowest: f64::INFINITY,
            highest: f64::NEG_INFINITY,
            expected: None,
        }
    }

    /// Mean over samples of the mean over repeats, and the number of samples; `None` without scores.
    pub(crate) fn mean(&self) -> Option<(f64, u64)> {
        let rates = self.cells.iter().filter(|cell| cell.trials > 0);
        let (sum, n) = rates
            .fold((0.0, 0_u64), |(sum, n), cell| (sum + cell.sum / f64::from(cell.trials), n + 1));
        (n > 0).then(|| (sum / n as f64, n))
    }
}

impl Partials {
    pub(crate) fn add_run(&mut self, scores: RunScores) {
        self.runs.push(scores);
    }

    pub(crate) fn add_problem(&mut self, error: Error) {
        self.problems.push(error);
    }

    pub(crate) fn add_note(&mut self, file: Box<str>, text: String) {
        let files = self.notes.entry(text).or_default();
        if files.last() != Some(&file) {
            files.push(file);
        }
    }
}

/// Ids longer than this are replaced by their hash.
const MAX_ID_BYTES: usize = 200;

/// An id as it is kept: itself, or the hash of a long one. Control characters are harmless here: what
/// shows ids escapes them.
pub(crate) fn sample_id(id: &str) -> Box<str> {
    if id.len() <= MAX_ID_BYTES {
        return id.into();
    }
    let digit = |nibble: u8| char::from_digit(nibble.into(), 16).unwrap_or_default();
    let hash = Sha256::digest(id.as_bytes());
    let hex = hash.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]);
    format!("sha256:{}", hex.collect::<String>()).into()
}
