//! PassUntil's law, one sample at a time.

use crate::config::Config;
use crate::diagnostic::Diagnostic;
use crate::engines::passrate::DoubleLog;
use crate::engines::points::{Axis, Points, add_half, answers};
use crate::engines::{Curve, Engine, EngineInfo, Fit, Refusal, bounded, per_task};
use crate::passrate::{Ladder, Target, TaskLadder};

/// `rate_s(C) = exp(-c_s * C^-alpha_s)` for every sample `s`; the forecast is the mean over samples.
///
/// Source: Hu et al. 2023 (PassUntil), arXiv 2310.03262, instance-level law. Differs from it in:
/// compute in place of parameters; a fixed number of trials with the add-half rule in place of
/// sampling until a pass, so that a sample that never passed has a finite, low rate. The rule is
/// applied as if there were at least [`FEWEST_TRIALS`] trials.
#[derive(Clone, Copy, Debug, Default)]
pub struct PerItem;

const MIN_RUNGS: usize = 3;

/// The source's number of trials. With fewer, the added half would swamp the rate: at one trial a
/// sample that was never solved would count as a quarter solved, at every rung.
const FEWEST_TRIALS: f64 = 100.0;

struct MeanOfLines {
    axis: Axis,
    /// `[sample]` intercept and slope.
    lines: Vec<(f64, f64)>,
}

impl Curve for MeanOfLines {
    fn score(&self, at: &Target) -> Result<f64, Diagnostic> {
        let x = self.axis.place(at);
        let sum: f64 = self
            .lines
            .iter()
            .map(|(intercept, slope)| (-(intercept + slope * x).exp()).exp())
            .sum();
        bounded(sum / self.lines.len() as f64)
    }
}

impl Engine for PerItem {
    fn info(&self) -> EngineInfo {
        EngineInfo {
            name: "per-item",
            summary: "pass rate = exp(-c C^-alpha) for every sample, then the mean",
            source: "Hu et al. 2023 (PassUntil), arXiv 2310.03262",
            needs: "3 rungs with samples",
            min_rungs: MIN_RUNGS,
        }
    }

    fn fit(&self, ladder: &Ladder, _config: &Config) -> Vec<Result<Fit, Refusal>> {
        per_task(ladder, fit)
    }
}

fn fit(task: &TaskLadder) -> Result<Fit, Refusal> {
    let points = Points::of(task, MIN_RUNGS)?;
    if !task.has_samples() {
        return Err(vec![Diagnostic::NeedsSamples]);
    }
    let answers = answers(task);
    let lines: Option<Vec<(f64, f64)>> = task
        .rates
        .iter()
        .enumerate()
        .map(|(sample, rates)| {
            let rates: Vec<f64> = rates
                .iter()
                .enumerate()
                .map(|(rung, &rate)| {
                    let n = answers.as_ref().map_or(0.0, |n| n[sample * rates.len() + rung]);
                    add_half(rate, Some(n.max(FEWEST_TRIALS)))
                })
                .collect();
            DoubleLog::line(&points.axis.x, &rates)
        })
        .collect();
    let lines = lines.ok_or_else(|| {
        vec![Diagnostic::FitFailed { reason: "the rungs span no compute".to_owned() }]
    })?;
    Ok(Fit::new(MeanOfLines { axis: points.axis, lines }))
}
