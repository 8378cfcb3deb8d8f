//! Rows become batches.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_array::builder::{Float64Builder, Int32Builder, Int64Builder, StringBuilder};

use super::{AboutRun, AboutSeries, Row, bad, json, partials_schema};
use crate::error::Result;
use crate::partials::{Cell, RunScores};

/// Rows of a batch: enough for speed, few enough for engines that hold several.
const ROWS: usize = 1 << 16;

pub(super) struct Builders<'e> {
    /// Takes the batches.
    each: &'e mut dyn FnMut(RecordBatch) -> Result<()>,
    /// Whether it has taken any.
    any: bool,
    rows: usize,
    text: [StringBuilder; 4],
    small: [Int32Builder; 5],
    trials: Int64Builder,
    sum: Float64Builder,
}

impl<'e> Builders<'e> {
    pub(super) fn new(each: &'e mut dyn FnMut(RecordBatch) -> Result<()>) -> Self {
        Self {
            each,
            any: false,
            rows: 0,
            text: Default::default(),
            small: Default::default(),
            trials: Int64Builder::default(),
            sum: Float64Builder::default(),
        }
    }

    pub(super) fn push_runs(&mut self, runs: &[RunScores]) -> Result<()> {
        let mut n_of_file: BTreeMap<&str, usize> = BTreeMap::new();
        for scores in runs {
            let n = n_of_file.entry(&scores.file).or_default();
            self.push_run(scores, *n)?;
            *n += 1;
        }
        Ok(())
    }

    fn push_run(&mut self, scores: &RunScores, n: usize) -> Result<()> {
        let (file, task) = (Some(&*scores.file), Some(scores.run.task.as_str()));
        let base = Row { file, task, run: Some(n), ..Row::default() };
        let about = AboutRun {
            run: scores.run.clone(),
            hash: scores.hash.clone(),
            whole: scores.whole,
            checks: scores.checks,
        };
        self.push(&Row { kind: "run", about: Some(&json(&about)?), ..base.clone() })?;
        for (sample, id) in scores.samples.iter().enumerate() {
            let (sample, about) = (Some(sample), Some(&**id));
            self.push(&Row { kind: "sample", sample, about, ..base.clone() })?;
        }
        for (n, series) in scores.series.iter().enumerate() {
            let about = AboutSeries {
                name: series.name.clone(),
                graded: series.graded,
                measured: series.measured,
                lowest: series.lowest.is_finite().then_some(series.lowest),
                highest: series.highest.is_finite().then_some(series.highest),
                expected: series.expected,
            };
            let base = Row { series: Some(n), ..base.clone() };
            self.push(&Row { kind: "series", about: Some(&json(&about)?), ..base.clone() })?;
            for (sample, cell) in series.cells.iter().enumerate() {
                if *cell == Cell::default() {
                    continue;
                }
                self.push(&Row {
                    kind: "cell",
                    sample: Some(sample),
                    trials: Some(cell.trials.into()),
                    sum: Some(cell.sum),
                    errors: Some(cell.errors),
                    unscored: Some(cell.unscored),
                    ..base.clone()
                })?;
            }
        }
        Ok(())
    }

    pub(super) fn push(&mut self, row: &Row<'_>) -> Result<()> {
        let text = [Some(row.kind), row.file, row.task, row.about];
        for (builder, value) in self.text.iter_mut().zip(text) {
            builder.append_option(value);
        }
        let number = |n: Option<usize>| {
            n.map(i32::try_from).transpose().map_err(|_| bad("over 2^31 samples in a file"))
        };
        let small = [
            number(row.run)?,
            number(row.series)?,
            number(row.sample)?,
            row.errors.map(i32::from),
            row.unscored.map(i32::from),
        ];
        for (builder, value) in self.small.iter_mut().zip(small) {
            builder.append_option(value);
        }
        self.trials.append_option(row.trials.and_then(|n| i64::try_from(n).ok()));
        self.sum.append_option(row.sum);
        self.rows += 1;
        if self.rows == ROWS { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<()> {
        let [kind, file, task, about] = self.text.each_mut().map(StringBuilder::finish);
        let [run, series, sample, errors, unscored] =
            self.small.each_mut().map(Int32Builder::finish);
        let batch = RecordBatch::try_new(
            partials_schema(),
            vec![
                Arc::new(kind),
                Arc::new(file),
                Arc::new(task),
                Arc::new(run),
                Arc::new(series),
                Arc::new(sample),
                Arc::new(about),
                Arc::new(self.trials.finish()),
                Arc::new(self.sum.finish()),
                Arc::new(errors),
                Arc::new(unscored),
            ],
        );
        self.rows = 0;
        self.any = true;
        (self.each)(batch.map_err(|error| bad(&error.to_string()))?)
    }

    pub(super) fn finish(mut self) -> Result<()> {
        if self.rows > 0 || !self.any { self.flush() } else { Ok(()) }
    }
}
