//! What the laws of the mean score are fitted to.

use crate::diagnostic::Diagnostic;
use crate::engines::Refusal;
use crate::passrate::{Target, TaskLadder};

/// The compute axis of one ladder: natural logarithm, zero at the rungs' geometric mean, so that
/// nothing depends on the unit of compute.
#[derive(Clone, Debug)]
pub(super) struct Axis {
    centre: f64,
    /// `[rung]`
    pub(super) x: Vec<f64>,
}

impl Axis {
    fn new(task: &TaskLadder) -> Self {
        let logs: Vec<f64> = task.rungs.iter().map(|rung| rung.compute.get().ln()).collect();
        let centre = logs.iter().sum::<f64>() / logs.len() as f64;
        Self { centre, x: logs.iter().map(|log| log - centre).collect() }
    }

    /// Where a target lies on it.
    pub(super) fn place(&self, target: &Target) -> f64 {
        target.compute.get().ln() - self.centre
    }
}

/// The rungs' mean scores against compute.
#[derive(Clone, Debug)]
pub(super) struct Points {
    pub(super) axis: Axis,
    /// `[rung]` in `[0, 1]`.
    pub(super) score: Vec<f64>,
    /// The score of guessing; 0 where unknown.
    pub(super) chance: f64,
}

impl Points {
    /// A refusal when there are fewer than `need` rungs or none ever scores.
    pub(super) fn of(task: &TaskLadder, need: usize) -> Result<Self, Refusal> {
        enough_rungs(task, need)?;
        if task.means.iter().all(|&mean| mean == 0.0) {
            return Err(vec![Diagnostic::AllZero]);
        }
        Ok(Self {
            axis: Axis::new(task),
            score: task.means.clone(),
            chance: task.chance.unwrap_or(0.0),
        })
    }
}

/// A refusal when there are fewer than `need` rungs.
pub(super) fn enough_rungs(task: &TaskLadder, need: usize) -> Result<(), Refusal> {
    let have = task.rungs.len();
    if have == 0 {
        Err(vec![task.absence()])
    } else if have < need {
        Err(vec![Diagnostic::TooFewRungs { have, need }])
    } else {
        Ok(())
    }
}

/// A rate of `n` counted answers, moved off 0 and 1 so that its double logarithm is finite: half an
/// answer is added to the right and to the wrong ones, `(k + 1/2) / (n + 1)`. A measured rate has no
/// count and is only kept [`MEASURED_EDGE`] away from the ends.
pub(super) fn add_half(rate: f64, n: Option<f64>) -> f64 {
    match n {
        Some(n) => (rate * n + 0.5) / (n + 1.0),
        None => rate.clamp(MEASURED_EDGE, 1.0 - MEASURED_EDGE),
    }
}

/// Scores are commonly stored with five decimals; this is below their resolution.
pub(super) const MEASURED_EDGE: f64 = 1e-6;

/// How many answers are behind each cell of [`TaskLadder::rates`], `[sample][rung]`; `None` for
/// measured scores. Scores that are all 0 or 1 are one answer each, however they were stored.
pub(super) fn answers(task: &TaskLadder) -> Option<Vec<f64>> {
    if let Some(trials) = &task.trials {
        return Some(trials.iter().map(|&n| f64::from(n)).collect());
    }
    let rates = task.rates.as_slice();
    let binary = !rates.is_empty() && rates.iter().all(|&rate| rate == 0.0 || rate == 1.0);
    binary.then(|| vec![1.0; rates.len()])
}

/// Right and total answers of each rung over some samples, `[rung]`, as a rate off 0 and 1.
pub(super) fn pooled_rates(
    task: &TaskLadder,
    answers: Option<&[f64]>,
    samples: &[usize],
) -> Vec<f64> {
    let rungs = task.rates.n_rungs();
    match answers {
        None => task.rates.means_of(samples).iter().map(|&mean| add_half(mean, None)).collect(),
        Some(counts) => {
            // Every sample weighs the same, as in the task's score; trials only set how far from
            // 0 and 1 the mean is kept.
            let means = task.rates.means_of(samples);
            (0..rungs)
                .map(|rung| {
                    let n = samples.iter().map(|&s| counts[s * rungs + rung]).sum();
                    add_half(means[rung], Some(n))
                })
                .collect()
        }
    }
}
