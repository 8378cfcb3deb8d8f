//! Scores of the rows of a batch, into the sums of samples.

use arrow_array::cast::AsArray;
use arrow_array::types::Float64Type;
use arrow_array::{Array, Float64Array, RecordBatch};
use arrow_schema::DataType;

use super::parquet::Table;
use super::roles::ValueColumns;
use crate::error::Result;
use crate::partials::{Cell, Series};

/// The scores of a batch.
pub(super) enum Scores {
    Each(Float64Array),
    /// Trials, right ones.
    Counts(Float64Array, Float64Array),
}

impl Scores {
    pub(super) fn of(table: &Table<'_>, batch: &RecordBatch) -> Result<Self> {
        let floats = |place: usize| -> Result<Float64Array> {
            let cast = table.cast(batch, place, &DataType::Float64)?;
            Ok(cast.as_primitive::<Float64Type>().clone())
        };
        Ok(match table.roles.value {
            ValueColumns::Score(place) => Self::Each(floats(place)?),
            ValueColumns::Counts(n, c) => Self::Counts(floats(n)?, floats(c)?),
        })
    }

    /// The scores where each row has one.
    pub(super) fn plain(&self) -> Option<&[f64]> {
        match self {
            Self::Each(scores) if scores.null_count() == 0 => {
                Some(&**scores.values()).filter(|all| all.iter().all(|score| score.is_finite()))
            }
            _ => None,
        }
    }
}

impl Series {
    /// Adds a score to a sample's sum.
    pub(super) fn add_score(&mut self, sample: usize, score: f64) {
        let cell = &mut self.cells[sample];
        cell.trials = cell.trials.saturating_add(1);
        cell.sum += score;
        self.graded |= score != 0.0 && score != 1.0;
        self.lowest = self.lowest.min(score);
        self.highest = self.highest.max(score);
    }

    /// Adds a row's score to a sample's sum; the error is what it has in place of one.
    pub(super) fn add_row(
        &mut self,
        sample: usize,
        scores: &Scores,
        row: usize,
    ) -> Result<(), String> {
        let cell = &mut self.cells[sample];
        let unscored = |cell: &mut Cell| cell.unscored = cell.unscored.saturating_add(1);
        match scores {
            Scores::Each(scores) => {
                let score = scores.value(row);
                if scores.is_null(row) || score.is_nan() {
                    unscored(cell);
                } else if score.is_infinite() {
                    return Err(score.to_string());
                } else {
                    self.add_score(sample, score);
                }
            }
            Scores::Counts(n, c) => {
                let (trials, correct) = (n.value(row), c.value(row));
                if n.is_null(row) && c.is_null(row) || trials == 0.0 {
                    unscored(cell);
                } else if n.is_null(row)
                    || c.is_null(row)
                    || trials.fract() != 0.0
                    || !(0.0..=f64::from(u32::MAX)).contains(&trials)
                    || !(0.0..=trials).contains(&correct)
                {
                    return Err(format!("{correct} of {trials}"));
                } else {
                    cell.trials = cell.trials.saturating_add(trials as u32);
                    cell.sum += correct;
                    self.graded |= correct.fract() != 0.0;
                }
            }
        }
        Ok(())
    }
}
