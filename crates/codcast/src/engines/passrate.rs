//! PassUntil's law on the set's mean pass rate.

use crate::config::Config;
use crate::diagnostic::Diagnostic;
use crate::engines::points::{Axis, Points, add_half, answers, pooled_rates};
use crate::engines::{Curve, Engine, EngineInfo, Fit, Refusal, bounded, per_task};
use crate::passrate::{Ladder, Target};
use crate::stats::linear_fit;

/// `rate(C) = exp(-c * C^-alpha)`: a straight line of `ln(-ln rate)` against `ln C`.
///
/// Source: Hu et al. 2023 (PassUntil), arXiv 2310.03262, task-level law. Differs from it in: compute
/// in place of parameters; a fixed number of trials with the add-half rule
/// ([`add_half`]) in place of sampling until a pass.
#[derive(Clone, Copy, Debug, Default)]
pub struct PassRate;

/// `exp(-exp(intercept + slope * x))` above `chance`.
pub(super) struct DoubleLog {
    pub(super) axis: Axis,
    pub(super) line: (f64, f64),
    pub(super) chance: f64,
}

impl DoubleLog {
    /// The line through the points `(x, ln(-ln rate))`; `None` with fewer than two different `x`.
    /// `rate`: strictly inside (0, 1), chance already taken off.
    pub(super) fn line(x: &[f64], rate: &[f64]) -> Option<(f64, f64)> {
        let y: Vec<f64> = rate.iter().map(|rate| (-rate.ln()).ln()).collect();
        linear_fit(x, &y)
    }
}

impl Curve for DoubleLog {
    fn score(&self, at: &Target) -> Result<f64, Diagnostic> {
        let (intercept, slope) = self.line;
        let above = (-(intercept + slope * self.axis.place(at)).exp()).exp();
        bounded(self.chance + (1.0 - self.chance) * above)
    }
}

const MIN_RUNGS: usize = 3;

impl Engine for PassRate {
    fn info(&self) -> EngineInfo {
        EngineInfo {
            name: "passrate",
            summary: "mean pass rate = exp(-c C^-alpha), chance ignored",
            source: "Hu et al. 2023 (PassUntil), arXiv 2310.03262",
            needs: "3 rungs",
            min_rungs: MIN_RUNGS,
        }
    }

    fn fit(&self, ladder: &Ladder, _config: &Config) -> Vec<Result<Fit, Refusal>> {
        per_task(ladder, |task| {
            let points = Points::of(task, MIN_RUNGS)?;
            let rates = if task.has_samples() {
                let everything: Vec<usize> = (0..task.samples.len()).collect();
                pooled_rates(task, answers(task).as_deref(), &everything)
            } else {
                let n = task.n_samples.map(|n| n as f64);
                points.score.iter().map(|&score| add_half(score, n)).collect()
            };
            let line = DoubleLog::line(&points.axis.x, &rates).ok_or_else(|| {
                vec![Diagnostic::FitFailed { reason: "the rungs span no compute".to_owned() }]
            })?;
            Ok(Fit::new(DoubleLog { axis: points.axis, line, chance: 0.0 }))
        })
    }
}
