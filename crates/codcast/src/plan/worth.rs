//! Is a task worth forecasting on?

use serde::Serialize;

use crate::diagnostic::Diagnostic;
use crate::engines::{Fit, Refusal};
use crate::monitor::task_diagnostics;
use crate::passrate::{Target, TaskLadder};

/// A score is said to be known when its noise, one standard deviation, is at most a point.
const KNOWN: f64 = 0.01;
/// An interval of this width or more, in score, says little.
const WIDE: f64 = 0.3;
/// With less than this share of predictable samples the forecast rests on guesses.
const SMALL_SHARE: f64 = 0.3;

/// One task as a thing to forecast.
#[derive(Clone, Debug, Serialize)]
pub struct Worth {
    /// The task.
    pub task: String,
    /// `worth_it`; or the first reason why not: `no_forecast`; `at_chance`: the largest rung is within
    /// noise of guessing; `uncertain`: the interval is 30 points wide, most samples are not
    /// predictable, or the ladder's own rungs were missed; `noisy`: the target's own score will be known to no better than a point.
    pub verdict: &'static str,
    /// Samples, if known.
    pub n_samples: Option<u64>,
    /// Forecast at the target, in `[0, 1]`.
    pub forecast: Option<f64>,
    /// Expected gain over the largest rung, in points.
    pub gain_points: Option<f64>,
    /// Width of the forecast's interval, in points.
    pub width_points: Option<f64>,
    /// Share of the samples whose scaling the engine trusts.
    pub predictable_share: Option<f64>,
    /// Standard deviation of the target's own score from its finite samples and generations, in
    /// points: no forecast can be judged more finely.
    pub noise_floor_points: Option<f64>,
    /// Samples with which that would be one point.
    pub samples_needed: Option<u64>,
    /// Beside the result.
    pub diagnostics: Vec<Diagnostic>,
}

/// Judges one task. `level`: nominal coverage of the interval.
pub(super) fn worth(
    task: &TaskLadder,
    fit: &Result<Fit, Refusal>,
    target: &Target,
    level: f64,
) -> Worth {
    let mut row = Worth {
        task: task.task.clone(),
        verdict: "no_forecast",
        n_samples: task.n_samples,
        forecast: None,
        gain_points: None,
        width_points: None,
        predictable_share: None,
        noise_floor_points: None,
        samples_needed: None,
        diagnostics: task_diagnostics(task, fit),
    };
    let Ok(fit) = fit else { return row };
    row.diagnostics.extend(fit.curve.diagnostics(target));
    let (Ok(score), Some(&top)) = (fit.curve.score(target), task.means.last()) else { return row };
    let interval = fit.curve.interval(target, level);
    let own = fit.curve.uncertainty(target).map(|parts| parts.sampling);
    let noise = own.or_else(|| binomial_noise(task, score));
    row.forecast = Some(score);
    row.gain_points = Some(100.0 * (score - top));
    row.width_points = interval.map(|i| 100.0 * (i.upper - i.lower));
    row.predictable_share = fit.predictable_share.or_else(|| fit.curve.predictable_share(target));
    row.noise_floor_points = noise.map(|noise| 100.0 * noise);
    row.samples_needed = noise
        .zip(task.n_samples)
        .map(|(noise, n)| (n as f64 * (noise / KNOWN).powi(2)).ceil().max(1.0) as u64);
    let chance = task.chance.unwrap_or(0.0);
    let missed = row.diagnostics.iter().any(|d| matches!(d, Diagnostic::RungsMissed { .. }));
    row.verdict = if top - chance <= 2.0 * noise.unwrap_or(0.0) {
        "at_chance"
    } else if missed
        || interval.is_some_and(|i| i.upper - i.lower >= WIDE)
        || row.predictable_share.is_some_and(|share| share < SMALL_SHARE)
    {
        "uncertain"
    } else if noise.is_some_and(|noise| noise > KNOWN) {
        "noisy"
    } else {
        "worth_it"
    };
    row
}

/// Of a mean over independent answers, one a sample, where the engine does not say.
fn binomial_noise(task: &TaskLadder, score: f64) -> Option<f64> {
    let n = task.n_samples.filter(|&n| n > 0)? as f64;
    Some((score * (1.0 - score) / n).sqrt())
}
