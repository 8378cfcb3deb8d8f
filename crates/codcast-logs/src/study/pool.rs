//! The scores of one model on a task: those of the runs that count, summed.

use hashbrown::HashMap;

use crate::partials::{Cell, RunScores, mean_of};
use crate::record::MetricName;

/// One metric of some runs of one model.
#[derive(Debug, Default)]
pub(super) struct Pooled<'a> {
    /// In order of appearance.
    pub(super) ids: Vec<&'a str>,
    /// `[sample]`, as long as the ids.
    pub(super) cells: Vec<Cell>,
    /// Whether any score is a mean over an unknown number of repeats.
    pub(super) measured: bool,
    /// Whether any score is neither 0 nor 1.
    pub(super) graded: bool,
}

impl<'a> Pooled<'a> {
    /// Sums the repeats of each sample. `errors_as_wrong`: a repeat on which the harness failed is one
    /// more, with a score of 0.
    pub(super) fn of(runs: &[&'a RunScores], name: &MetricName, errors_as_wrong: bool) -> Self {
        let mut pooled = Self::default();
        let mut places: HashMap<&str, usize> = HashMap::new();
        let series = |run: &&'a RunScores| {
            run.series.iter().find(|series| series.name == *name).map(|series| (*run, series))
        };
        let found: Vec<_> = runs.iter().filter_map(series).collect();
        for (run, series) in &found {
            pooled.measured |= series.measured;
            pooled.graded |= series.graded;
            for (index, id) in run.samples.iter().enumerate() {
                let next = pooled.ids.len();
                // No run has a sample twice.
                let place = if found.len() == 1 { next } else { *places.entry(id).or_insert(next) };
                if place == next {
                    pooled.ids.push(id);
                    pooled.cells.push(Cell::default());
                }
                let Some(mut cell) = series.cells.get(index).copied() else { continue };
                if errors_as_wrong {
                    cell.trials = cell.trials.saturating_add(u32::from(cell.errors));
                }
                pooled.cells[place].add(cell);
            }
        }
        pooled
    }

    /// Mean over samples of the mean over repeats; `None` without scores.
    pub(super) fn mean(&self) -> Option<f64> {
        mean_of(&self.cells).map(|(mean, _)| mean)
    }
}
