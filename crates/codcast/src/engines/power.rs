//! The two-parameter law of the score above chance.

use crate::config::Config;
use crate::diagnostic::Diagnostic;
use crate::engines::passrate::DoubleLog;
use crate::engines::points::{MEASURED_EDGE, Points};
use crate::engines::{Engine, EngineInfo, Fit, Refusal, per_task};
use crate::passrate::{Ladder, TaskLadder};

/// `-ln Q = A * C^-alpha` with `Q = (score - chance) / (1 - chance)`, by a straight line of
/// `ln(-ln Q)` against `ln C` through the rungs clearly above chance.
///
/// Source: "Revisiting the scaling properties of downstream metrics" (Apple 2025), two-parameter
/// form, as described in third-party notes. Differs from it in: where chance is 0 or unknown every
/// rung that scores at all counts as above it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Power;

const MIN_RUNGS: usize = 3;

/// How far above a positive chance level a rung must be to show anything: 5 points, as the source.
const CLEARLY_ABOVE: f64 = 0.05;

/// The rungs clearly above chance, and their score above it.
pub(super) struct AboveChance {
    /// Index of each kept rung.
    pub(super) rungs: Vec<usize>,
    /// Its `Q`, strictly inside (0, 1).
    pub(super) above: Vec<f64>,
}

impl AboveChance {
    /// `scores`: `[rung]`. A refusal with fewer than `need`.
    pub(super) fn of(scores: &[f64], chance: f64, need: usize) -> Result<Self, Refusal> {
        let least = if chance > 0.0 { chance + CLEARLY_ABOVE } else { 0.0 };
        let rungs: Vec<usize> = (0..scores.len()).filter(|&i| scores[i] > least).collect();
        if rungs.len() < need {
            let percent = (chance * 100.0).round() as u32;
            return Err(vec![Diagnostic::TooFewAboveChance { have: rungs.len(), need, percent }]);
        }
        let above = rungs
            .iter()
            .map(|&i| (scores[i] - chance) / (1.0 - chance))
            .map(|q| q.clamp(MEASURED_EDGE, 1.0 - MEASURED_EDGE))
            .collect();
        Ok(Self { rungs, above })
    }

    /// The kept entries of a `[rung]` list.
    pub(super) fn select(&self, values: &[f64]) -> Vec<f64> {
        self.rungs.iter().map(|&i| values[i]).collect()
    }
}

impl Engine for Power {
    fn info(&self) -> EngineInfo {
        EngineInfo {
            name: "power",
            summary: "-ln(score above chance) = A C^-alpha",
            source: "Apple 2025, two-parameter downstream law",
            needs: "3 rungs clearly above chance",
            min_rungs: MIN_RUNGS,
        }
    }

    fn fit(&self, ladder: &Ladder, _config: &Config) -> Vec<Result<Fit, Refusal>> {
        per_task(ladder, fit)
    }
}

fn fit(task: &TaskLadder) -> Result<Fit, Refusal> {
    let points = Points::of(task, MIN_RUNGS)?;
    let above = AboveChance::of(&points.score, points.chance, MIN_RUNGS)?;
    let line = DoubleLog::line(&above.select(&points.axis.x), &above.above).ok_or_else(|| {
        vec![Diagnostic::FitFailed { reason: "the rungs span no compute".to_owned() }]
    })?;
    Ok(Fit::new(DoubleLog { axis: points.axis, line, chance: points.chance }))
}
