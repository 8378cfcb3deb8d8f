//! The scores of one run: a cell a metric and sample.

use serde::{Deserialize, Serialize};

use crate::record::{Expected, MetricName, Run};

/// One run's scores.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct RunScores {
    pub(crate) run: Run,
    /// The file it is from.
    pub(crate) file: Box<str>,
    /// BLAKE3 hash of that file, or of the archive it is in.
    pub(crate) hash: String,
    /// Whether all its records were read.
    pub(crate) whole: bool,
    /// What the log states twice within it.
    pub(crate) checks: Checks,
    /// Ids, in the order of the file.
    #[serde(skip)]
    pub(crate) samples: Vec<Box<str>>,
    pub(crate) series: Vec<Series>,
}

/// Numbers that a log states beside the results that give them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Checks {
    pub(crate) compared: u64,
    pub(crate) agreed: u64,
}

/// One metric of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Series {
    pub(crate) name: MetricName,
    /// `[sample]`; may be shorter than the run's samples: those behind have no score.
    #[serde(skip)]
    pub(crate) cells: Vec<Cell>,
    /// Whether any score is neither 0 nor 1.
    pub(crate) graded: bool,
    /// Whether any score is a mean over an unknown number of repeats.
    pub(crate) measured: bool,
    /// The lowest and highest score; both 0 until there is one.
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

impl Cell {
    /// Adds other repeats of the sample.
    pub(crate) fn add(&mut self, other: Self) {
        self.trials = self.trials.saturating_add(other.trials);
        self.sum += other.sum;
        self.errors = self.errors.saturating_add(other.errors);
        self.unscored = self.unscored.saturating_add(other.unscored);
    }
}

impl RunScores {
    pub(crate) fn new(run: Run, file: &str) -> Self {
        Self {
            run,
            file: file.into(),
            hash: String::new(),
            whole: true,
            checks: Checks::default(),
            samples: Vec::new(),
            series: Vec::new(),
        }
    }

    /// Its name in the archive that the file is in; empty outside one.
    pub(crate) fn member(&self) -> &str {
        self.file.split_once("!/").map_or("", |(_, member)| member)
    }

    /// Scored repeats of the first metric.
    pub(crate) fn trials(&self) -> u64 {
        let cells = self.series.first().map_or(&[][..], |series| &series.cells);
        cells.iter().map(|cell| u64::from(cell.trials)).sum()
    }
}

impl Series {
    pub(crate) fn new(name: MetricName) -> Self {
        Self {
            name,
            cells: Vec::new(),
            graded: false,
            measured: false,
            lowest: 0.0,
            highest: 0.0,
            expected: None,
        }
    }

    /// Adds scores of a sample.
    pub(crate) fn add_cell(&mut self, sample: usize, cell: Cell) {
        if self.cells.len() <= sample {
            self.cells.resize(sample + 1, Cell::default());
        }
        self.cells[sample].add(cell);
    }

    /// Takes over the range and kind of scores that were summed elsewhere.
    pub(crate) fn widen(&mut self, from: &Self) {
        self.graded |= from.graded;
        self.measured |= from.measured;
        self.lowest = self.lowest.min(from.lowest);
        self.highest = self.highest.max(from.highest);
    }

    /// Mean over samples of the mean over repeats, and the number of samples; `None` without scores.
    pub(crate) fn mean(&self) -> Option<(f64, u64)> {
        mean_of(&self.cells)
    }
}

/// Mean over samples of the mean over repeats, and the number of samples with any; `None` where there is
/// none.
pub(crate) fn mean_of(cells: &[Cell]) -> Option<(f64, u64)> {
    let rates = cells.iter().filter(|cell| cell.trials > 0);
    let (sum, n) =
        rates.fold((0.0, 0_u64), |(sum, n), cell| (sum + cell.sum / f64::from(cell.trials), n + 1));
    (n > 0).then(|| (sum / n as f64, n))
}
